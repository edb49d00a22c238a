# shellcheck shell=bash
# shellcheck disable=SC2034 # variables for cases
# Library of the benchmark, sourced by tests/bench/cases/NAME, which runs in a guest under icount:
# every clock counts instructions there. Topology, namespaces and klb come from the end-to-end
# tests' library. pktgen hands packets to the receive path of a device of lb as a driver would;
# the namespace that they are for drops them at the ingress of its eth0, and counts.
#
# A case prints nothing but errors. Its figures go to $KLB_OUT/figures, a JSON object a line:
#	{"case": NAME, "packets": N, "usec": U}
# usec is also thousands of instructions. A figure is only given when all packets came out as
# they should: `try_out` looks at the first of them closely, `measure` counts the others.

# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

PACKETS=20000
NEW_FLOWS=50000
# The kernel itself sends something now and then: multicast reports, router solicitations.
STRAYS=20
WARM_UP=500
FIGURES=$KLB_OUT/figures
PKTGEN=/proc/net/pktgen

modprobe pktgen || bail "the kernel has no pktgen"

# ---- topology

# mac NS DEV
mac() { ip -j -n "$1" link show dev "$2" | jq -r '.[0].address'; }

# settle_neighbours: nobody asks for anybody's address while packets are counted.
settle_neighbours() {
	local i
	neighbour c eth0 10.0.1.2 fd00:1::2
	for i in 1 2 3; do neighbour e$i eth0 10.0.1$i.2 fd00:1$i::2; done
}
neighbour() {
	local ns=$1 dev=$2 a
	shift 2
	for a in "$@"; do
		ip -n lb neigh replace "$a" lladdr "$(mac "$ns" "$dev")" nud permanent dev "$ns" ||
			bail "cannot set the neighbour $a"
	done
}

# sinks: c and the endpoints drop all that comes in.
sinks() {
	local ns
	for ns in c e1 e2 e3; do
		tc -n $ns qdisc add dev eth0 clsact &&
			tc -n $ns filter add dev eth0 ingress prio 9 protocol all matchall action drop ||
			bail "no sink in $ns"
	done
}

topo_bench() {
	topo_basic
	settle_neighbours
	# Clients of the cases with many.
	ip -n lb route add 10.64.0.0/12 via 10.0.1.2
	ip -n lb -6 route add fd00:64::/32 via fd00:1::2
	sinks
}

# family 4|6: sets addresses of that family: the client's $C, the service's $V, the endpoints'
# ${E[1]} to ${E[3]}, for more flows than one clients $MANY or another one, $OTHER; V_ and E_ are
# as V and E, in brackets if it takes them.
PORTS=1024-51023
family() {
	FAMILY=$1
	if [ "$1" = 4 ]; then
		PROTOCOL=ip C=10.0.1.2 V=$VIP4 MANY=10.64.0.1-10.64.0.251 OTHER=10.65.0.1
		E=("" 10.0.11.2 10.0.12.2 10.0.13.2)
		V_=$V E_=("${E[@]}")
	else
		PROTOCOL=ipv6 C=fd00:1::2 V=$VIP6 MANY=fd00:64::1 OTHER=fd00:64::2
		E=("" fd00:11::2 fd00:12::2 fd00:13::2)
		V_=[$V] E_=("" "[${E[1]}]" "[${E[2]}]" "[${E[3]}]")
	fi
}

# ---- what arrives

# arrived PRIO NS...: how many packets the filters at PRIO have dropped.
arrived() {
	local prio=$1 ns
	shift
	for ns in "$@"; do tc -j -s -n "$ns" filter show dev eth0 ingress prio "$prio"; done |
		jq -s '[.[][] | .options.actions[]?.stats.packets] | add // 0'
}

# look_for FLOWER / look_away: filters before the sinks that count what looks as it should.
# In FLOWER {E} stands for the endpoint's address, {L} for lb's on the link to it.
look_for() {
	local ns e match
	for ns in "${SINKS[@]}"; do
		e=${E[0${ns//[a-z]/}]}
		match=${1//\{E\}/$e}
		match=${match//\{L\}/${e%2}1}
		# shellcheck disable=SC2086 # words
		tc -n "$ns" filter add dev eth0 ingress prio 1 protocol $PROTOCOL \
			flower $match action drop || bail "cannot look for $match in $ns"
	done
}
look_away() {
	local ns
	for ns in "${SINKS[@]}"; do tc -n "$ns" filter del dev eth0 ingress prio 1; done
}

# ---- pktgen

# path SOURCE SINK...: packets come from a namespace (into lb's device of that name) and go to
# others.
path() {
	SOURCE=$1
	shift
	SINKS=("$@")
}

# flow SADDR SPORT DADDR DPORT: what packets are sent. SPORT and, with IPv4, SADDR may be
# FIRST-LAST; then each packet has the next ones. (Numbers of addresses and of ports without a
# common divisor make the most flows.)
flow() {
	if [[ $1 = *:* ]]; then
		FLOW=("pkt_size 78" "src6 $1" "dst6 $3")
	else
		FLOW=("pkt_size 60" "src_min ${1%-*}" "src_max ${1#*-}" "dst_min $3" "dst_max $3")
	fi
	flow_ports "$2" "$4"
}
flow_ports() {
	local last=${1#*-}
	# pktgen itself never uses the last one of several.
	[[ $1 != *-* ]] || last=$((last + 1))
	FLOW+=("udp_src_min ${1%-*}" "udp_src_max $last" "udp_dst_min $2" "udp_dst_max $2")
}

# pg FILE COMMAND
pg() { in_ns lb sh -c "echo '$2' >$PKTGEN/$1" || bail "pktgen: $1: $2"; }

# generate COUNT: sends $FLOW; sets $USEC and $IDLE, the part of it that pktgen gave to others.
generate() {
	local command result
	pg kpktgend_0 rem_device_all
	pg kpktgend_0 "add_device $SOURCE"
	for command in "count $1" "delay 0" "xmit_mode netif_receive" \
		"src_mac $(mac "$SOURCE" eth0)" "dst_mac $(mac lb "$SOURCE")" "${FLOW[@]}"; do
		pg "$SOURCE" "$command"
	done
	# Without this a packet has a second user and is copied, as no driver's is.
	in_ns lb sh -c "echo 'flag !SHARED' >$PKTGEN/$SOURCE" 2>/dev/null || SHARED=true
	pg pgctrl start
	result=$(in_ns lb grep -A1 Result "$PKTGEN/$SOURCE")
	[[ $result =~ OK:\ ([0-9]+)\(c[0-9]+\+d([0-9]+)\)\ usec,\ $1\  ]] ||
		bail "pktgen on $SOURCE: $result"
	USEC=${BASH_REMATCH[1]} IDLE=${BASH_REMATCH[2]}
	pg kpktgend_0 rem_device_all
}

# ---- figures

# complain TEXT: the end, with what there is to see.
complain() {
	klb_loaded && { lbctl stats; lbctl conn show | head -5; lbctl net show; }
	in_ns lb cat /proc/net/softnet_stat
	bail "$*"
}

# try_out FLOWER: sends a few packets of $FLOW, all of which must match where they arrive.
# Also a warm-up.
try_out() {
	local n
	look_for "$1"
	generate $WARM_UP
	n=$(arrived 1 "${SINKS[@]}")
	[ "$n" = $WARM_UP ] || complain "of $WARM_UP packets $n came out as $1"
	look_away
}

# figure NAME COUNT: of what was generated last.
figure() {
	printf '{"case": "%s", "packets": %d, "usec": %d, "idle": %d, "shared": %s}\n' \
		"$1" "$2" "$USEC" "$IDLE" "${SHARED:-false}" >>"$FIGURES"
	echo "$1: $((USEC * 1000 / $2)) idle $((IDLE * 1000 / $2))"
}

# about GOT COUNT
about() { [ "$1" -ge "$2" ] && [ "$1" -le $(($2 + STRAYS)) ]; }

# measure NAME COUNT: sends packets of $FLOW, all of which must arrive, and gives the figure.
measure() {
	local n
	n=$(arrived 9 "${SINKS[@]}")
	generate "$2"
	n=$(($(arrived 9 "${SINKS[@]}") - n))
	about "$n" "$2" || complain "$1: of $2 packets $n came out"
	figure "$1" "$2"
}

# ---- klb

# moving COUNTER measure NAME COUNT: each packet must move that counter.
moving() {
	local counter=$1 n
	shift
	n=$(counter "$counter")
	"$@"
	n=$(($(counter "$counter") - n))
	about "$n" "$3" || complain "$2: $counter is $n higher after $3 packets"
}

# adding measure NAME COUNT: each packet must make a connection. (That of a service in all:
# guest time flies when the guest waits, and connections may be over soon.)
adding() {
	local n
	n=$(conns_total)
	"$@"
	n=$(($(conns_total) - n))
	[ $n = "$3" ] || complain "$2: $n connections more after $3 packets"
}
conns_total() { lbctl -j service show | jq '[.[].conns_total] | add'; }
