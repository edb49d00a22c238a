# shellcheck shell=bash
# Library of the end-to-end tests, sourced by tests/e2e/NN-name, which runs in a guest (never on
# a host) with bash -u. What a test finds out goes to standard output, a line a finding:
#
#	ok NAME | not ok NAME - why | skip NAME - why
#
# Namespaces and processes made through this library go away when the test ends, and klb.ko is
# unloaded then, which must work. Head comments of a test tell the runner:
#
#	# timeout: SECONDS        (300; debug kernels get three times as much)
#	# kernels: 6.12 debug     (all)
#	# processors: 2           (1 on stock kernels: QEMU without KVM needs less than half the time)
#
# topo_basic makes
#
#	c  eth0 10.0.1.2  fd00:1::2   --  lb dev c   10.0.1.1  fd00:1::1     the client
#	e1 eth0 10.0.11.2 fd00:11::2  --  lb dev e1  10.0.11.1 fd00:11::1    endpoints
#	e2 eth0 10.0.12.2 fd00:12::2  --  lb dev e2  10.0.12.1 fd00:12::1
#	e3 eth0 10.0.13.2 fd00:13::2  --  lb dev e3  10.0.13.1 fd00:13::1
#
# all /24 and /64, lb forwarding, everyone's default route by lb. Addresses that belong to
# nobody and that c therefore sends to lb: $VIP4 = 10.100.0.1, $VIP6 = fd00:100::1.

set -u
export LC_ALL=C.UTF-8

if [ -z "${KLB_OUT:-}" ] || [ "$(hostname)" != klb-vm ]; then
	echo "not ok ${0##*/} - end-to-end tests run in a guest: use scripts/check ${0##*/}"
	exit 1
fi

E2E=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KLB_ROOT=${KLB_ROOT:-$(cd "$E2E/../.." && pwd)}
LBCTL=$KLB_ROOT/tools/lbctl/lbctl
LBAGENT=$KLB_ROOT/tools/lbagent/lbagent
PEER=$E2E/peer
# shellcheck disable=SC2034 # for tests
PYTHON="/usr/bin/python3 -I -S -B"
# Patience: what takes a second on a stock kernel takes several on one that checks itself.
KLB_SLOW=${KLB_SLOW:-1}
# Bits per second that tell bulk from a stall, which has one segment a time-out.
# shellcheck disable=SC2034 # for tests
E2E_BULK=$((1000000 / KLB_SLOW / KLB_SLOW))
TMP=$(mktemp -d /tmp/e2e.XXXXXX)

VIP4=10.100.0.1
VIP6=fd00:100::1
export LBCTL LBAGENT KLB_SLOW VIP4 VIP6 TMP

. "$E2E/findings.sh"

# With the first and the last clsact the kernel patches the path of received packets, and 6.12 with the
# first and the last filter, too (tcf_sw_enabled_key). Where another processor receives meanwhile, QEMU's
# TCG (7.2) goes on with the breakpoint that stood there for a moment: guests hung or died of it, at a
# jump that has nothing to do with klb. One of each stays, where nothing is sent, so that nothing is patched.
keep_patched() {
	tc qdisc show dev lo clsact | grep -q . && return
	tc qdisc add dev lo clsact && tc filter add dev lo ingress protocol 0x88b5 matchall action pass
}
[ "$(nproc)" = 1 ] || keep_patched || bail "no filter on lo"

# ---- namespaces

E2E_NS=()

# ns_add NAME...: namespaces with lo up.
ns_add() {
	local ns
	netns_add "$@"
	for ns in "$@"; do ip -n "$ns" link set lo up; done
}
netns_add() {
	E2E_NS+=("$@")
	ip -b - < <(printf 'netns add %s\n' "$@") || bail "cannot make namespaces $*"
}

# ip_batch NS [OPTION...]: commands for ip, a line each, in one go: to start a program takes longer here than
# what it does.
ip_batch() { ip "${@:2}" -n "$1" -b - || bail "cannot set up $1"; }

# in_ns NS CMD...
in_ns() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" -- "$@"
}

# set_in NS KEY=VALUE...: sysctl there.
set_in() { local ns=$1; shift; in_ns "$ns" sysctl -qw "$@"; }

# addr NS DEV ADDR/LEN[,ADDR/LEN...]: adds addresses, usable at once.
addr() { ip_batch "$1" < <(addr_lines "$2" "$3"); }
addr_lines() {
	local a
	for a in ${2//,/ }; do
		case $a in
		*:*) echo "addr add $a dev $1 nodad" ;;
		*) echo "addr add $a dev $1" ;;
		esac
	done
}

# link NS1:DEV1 NS2:DEV2 [ADDRS1 [ADDRS2]]: a veth pair, up at both ends.
link() {
	local ns1=${1%%:*} dev1=${1#*:} ns2=${2%%:*} dev2=${2#*:}
	ip_batch "$ns1" < <(
		echo "link add name $dev1 type veth peer name $dev2 netns $ns2"
		port_lines "$dev1" "${3:-}"
	)
	ip_batch "$ns2" < <(port_lines "$dev2" "${4:-}")
	wait_up "$ns1" "$ns2"
}
port_lines() { addr_lines "$1" "$2"; echo "link set $1 up"; }

# wait_up NS...: until all veth devices there pass packets.
wait_up() {
	local ns
	for ns in "$@"; do until_ok 5 all_up "$ns" || bail "devices in $ns do not come up"; done
}
all_up() {
	local links
	links=$(ip -n "$1" -br link show up type veth) && [[ ! $links =~ DOWN|UNKNOWN ]]
}

# default_via NS ADDR...: default routes of both families.
default_via() {
	local ns=$1 a
	shift
	for a in "$@"; do ip -n "$ns" route add default via "$a" || bail "no default route in $ns"; done
}

forwarding_on() {
	set_in "$1" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

topo_basic() {
	local ns links late=()
	local -A net=([c]=1 [e1]=11 [e2]=12 [e3]=13)
	netns_add c lb e1 e2 e3
	forwarding_on lb
	ip_batch lb < <(for ns in "${!net[@]}"; do
		# With equal numbers at both ends a link takes up to a second to come up.
		echo "link add name $ns index $((100 + net[$ns])) type veth peer name eth0 netns $ns"
		port_lines $ns 10.0.${net[$ns]}.1/24,fd00:${net[$ns]}::1/64
	done; echo "link set lo up")
	for ns in "${!net[@]}"; do
		links=$(ip_batch $ns -br < <(
			port_lines eth0 10.0.${net[$ns]}.2/24,fd00:${net[$ns]}::2/64
			echo "route add default via 10.0.${net[$ns]}.1"
			echo "route add default via fd00:${net[$ns]}::1"
			echo "link set lo up"
			echo "link show up type veth"
		)) || bail "$links"
		[[ ! $links =~ DOWN|UNKNOWN ]] || late+=("$ns")
	done
	wait_up lb "${late[@]}"
}

# topo_routers: c -- r -- lb -- q -- e1, so that there are routers on either side that have something to
# say; klb on both, and a klb device. All links can have any MTU.
topo_routers() {
	local ns
	ns_add c r lb q e1
	link c:eth0 r:c 10.0.1.2/24,fd00:1::2/64 10.0.1.1/24,fd00:1::1/64
	link r:lb lb:r 10.0.2.2/24,fd00:2::2/64 10.0.2.1/24,fd00:2::1/64
	link lb:q q:lb 10.0.21.1/24,fd00:21::1/64 10.0.21.2/24,fd00:21::2/64
	link q:e1 e1:eth0 10.0.11.1/24,fd00:11::1/64 10.0.11.2/24,fd00:11::2/64
	default_via c 10.0.1.1 fd00:1::1
	default_via r 10.0.2.1 fd00:2::1
	default_via q 10.0.21.1 fd00:21::1
	default_via e1 10.0.11.1 fd00:11::1
	for ns in r lb q; do forwarding_on $ns; done
	# What is tested is not how often a host answers.
	for ns in r lb q e1 c; do set_in $ns net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000; done
	ip_batch lb < <(
		echo "route add 10.0.1.0/24 via 10.0.2.2"
		echo "route add 10.0.11.0/24 via 10.0.21.2"
		echo "route add fd00:1::/64 via fd00:2::2"
		echo "route add fd00:11::/64 via fd00:21::2"
		echo "link add klb0 type klb"
		echo "link set klb0 up"
		echo "route add $VIP4/32 dev klb0"
		echo "route add $VIP6/128 dev klb0"
	)
	attach r q
}
# mtus MTU: of all its links. narrow c|e1 MTU4 MTU6: of the router's way to that host. forget: what was learnt.
mtus() {
	local at
	for at in c:eth0 r:c r:lb lb:r lb:q lb:klb0 q:lb q:e1 e1:eth0; do ip -n ${at%:*} link set ${at#*:} mtu "$1"; done
}
narrow() {
	local at=r subnet=1
	[ $1 = c ] || at=q subnet=11
	ip_batch $at < <(
		echo "route replace 10.0.$subnet.0/24 dev $1 mtu $2"
		echo "route replace fd00:$subnet::/64 dev $1 metric 256 mtu $3"
	)
}
forget() {
	local ns
	for ns in c e1 lb; do ip -n $ns route flush cache; ip -n $ns -6 route flush cache; done
}

# ---- processes

E2E_PIDS=() SPAWN_LOG=()

# spawn NS CMD...: in the background there; $SPAWNED is its pid, $(said PID) its output.
spawn() {
	local ns=$1
	shift
	behind nsenter --net="/run/netns/$ns" -- "$@"
}
behind() {
	local log=$TMP/spawn.${#E2E_PIDS[@]}
	"$@" >"$log" 2>&1 </dev/null &
	SPAWNED=$!
	E2E_PIDS+=("$SPAWNED")
	SPAWN_LOG[SPAWNED]=$log
}
said() { cat "${SPAWN_LOG[$1]}"; }

# stop PID: ends a process that spawn started and waits until it is gone.
stop() {
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# listens NS PROTO PORT: whether anybody does.
listens() {
	case $2 in
	sctp) in_ns "$1" cat /proc/net/sctp/eps | awk -v p="$3" '$6 == p { f = 1 } END { exit !f }' ;;
	*) [ -n "$(in_ns "$1" ss -Hln"${2:0:1}" "sport = :$3")" ] ;;
	esac
}

# serve NS NAME PROTO PORT...: a server that answers every line (tcp, sctp) or datagram (udp)
# with "NAME PEERADDR PEERPORT LINE"; see peer.c.
serve() {
	serve_soon "$@"
	served "$SPAWNED"
}

# serve_soon NS NAME PROTO PORT...: the same without waiting; `served $SPAWNED` waits.
serve_soon() { behind "$PEER" serve "$@"; }
served() {
	until_ok 60 [ -s "${SPAWN_LOG[$1]}" ]
	[ "$(said "$1")" = listening ] || bail "a server does not listen: $(said "$1")"
}

# serve_all PROTO PORT...: e1, e2 and e3 serve under their own names.
serve_all() {
	local e pids=()
	for e in e1 e2 e3; do
		serve_soon $e $e "$@"
		pids+=("$SPAWNED")
	done
	for e in "${pids[@]}"; do served "$e"; done
}

# ask NS PROTO ADDR PORT [OPTION...]: one exchange, prints the answer; peer.c has the
# options: --count N (connections), --text T, --sport P, --bind A, --timeout S, --lines N, --abort.
ask() { "$PEER" ask "$@"; }

# who NS PROTO ADDR PORT [OPTION...]: only the names of those who answered.
who() { ask "$@" --who; }

# hold ID NS PROTO ADDR PORT [OPTION...]: opens a connection and keeps it; talk with `say`.
declare -A HOLD_IN HOLD_OUT HOLD_PID
hold() {
	local id=$1 ns=$2 in out
	shift 2
	mkfifo "$TMP/$id.in" "$TMP/$id.out"
	"$PEER" ask "$ns" "$@" --hold \
		<"$TMP/$id.in" >"$TMP/$id.out" 2>"$TMP/$id.err" &
	HOLD_PID[$id]=$!
	E2E_PIDS+=("$!")
	exec {in}>"$TMP/$id.in" {out}<"$TMP/$id.out"
	HOLD_IN[$id]=$in HOLD_OUT[$id]=$out
}

# say ID TEXT [SECONDS]: sends a line on a held connection and prints the answer.
say() {
	local answer
	printf '%s\n' "$2" >&"${HOLD_IN[$1]}" || return 1
	IFS= read -r -t $((${3:-20} * KLB_SLOW)) -u "${HOLD_OUT[$1]}" answer || return 1
	printf '%s\n' "$answer"
}

# release ID: closes a held connection the normal way.
release() {
	local in=${HOLD_IN[$1]} out=${HOLD_OUT[$1]}
	exec {in}>&- {out}<&-
	wait "${HOLD_PID[$1]}" 2>/dev/null
	rm -f "$TMP/$1.in" "$TMP/$1.out"
	unset "HOLD_IN[$1]" "HOLD_OUT[$1]" "HOLD_PID[$1]"
}

# mute NS: no ABORT leaves it, so that nobody hears of the end of its SCTP associations, also not
# whoever sends to what is no more. unmute NS: they do again.
mute() {
	in_ns "$1" nft 'add table inet mute; add chain inet mute o { type filter hook output priority 0; sctp chunk abort exists drop; }' ||
		bail "cannot mute $1"
}
unmute() { in_ns "$1" nft delete table inet mute; }

# web NS NAME PORT [MIB]: nginx; /name answers NAME, /peer the client's address, /big is MIB long;
# what is PUT to /up is in $TMP/web.NS.PORT/root/up.
web() {
	local ns=$1 name=$2 port=$3 dir=$TMP/web.$1.$3
	mkdir -p "$dir/root"
	chmod 755 "$TMP" "$dir" "$dir/root"
	truncate -s "${4:-4}M" "$dir/root/big"
	cat >"$dir/conf" <<-CONF
		daemon off; master_process off; worker_processes 1; pid $dir/pid; user root;
		error_log stderr; events { worker_connections 1024; }
		http {
			access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p;
			fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
			server {
				listen 0.0.0.0:$port reuseport; listen [::]:$port reuseport;
				root $dir/root;
				location = /name { return 200 "$name\n"; }
				location = /up { dav_methods PUT; client_max_body_size 0; }
				location = /peer { return 200 "\$remote_addr\n"; }
			}
		}
	CONF
	spawn "$ns" /usr/sbin/nginx -c "$dir/conf" -p "$dir"
	until_ok 60 listens "$ns" tcp "$port" || bail "nginx does not come up in $ns"
}

# get NS URL [CURL OPTION...]
get() {
	local ns=$1 url=$2
	shift 2
	in_ns "$ns" curl -gsS --max-time $((10 * KLB_SLOW)) "$@" "$url"
}

# iperf_server NS PORT
iperf_server() {
	spawn "$1" iperf3 -s -p "$2"
	until_ok 60 listens "$1" tcp "$2" || bail "iperf3 does not come up in $1"
}

# iperf NS ADDR PORT [OPTION...]: prints bits per second received.
iperf() {
	local ns=$1 addr=$2 port=$3
	shift 3
	in_ns "$ns" iperf3 -J -c "$addr" -p "$port" "$@" |
		jq -e 'if .error then error(.error) else .end.sum_received.bits_per_second // .end.sum.bits_per_second | floor end'
}

# raw_start NS...: strange.py, which sends packets from eth0 of these to lb, byte by byte, and hears what comes there.
# raw COMMAND...: tells it to, and prints its answer.
raw_start() {
	local ns macs=()
	for ns in "$@"; do macs+=("$ns=$(ip -n lb -j link show dev "$ns" | jq -r '.[0].address')"); done
	mkfifo "$TMP/raw.in" "$TMP/raw.out"
	$PYTHON "$E2E/strange.py" "${macs[@]}" <"$TMP/raw.in" >"$TMP/raw.out" 2>"$TMP/raw.err" &
	E2E_PIDS+=("$!")
	exec {RAW_IN}>"$TMP/raw.in" {RAW_OUT}<"$TMP/raw.out"
	IFS= read -rt $((60 * KLB_SLOW)) -u "$RAW_OUT" || bail "strange.py does not start: $(cat "$TMP/raw.err")"
}
raw() {
	local answer
	echo "$*" >&"$RAW_IN"
	IFS= read -rt $((30 * KLB_SLOW)) -u "$RAW_OUT" answer || answer="no answer: $(cat "$TMP/raw.err")"
	echo "$answer"
}

# ---- klb

klb_loaded() { [ -d /sys/module/klb ]; }

# klb_load [PARAM=VALUE...]
# shellcheck disable=SC2120 # parameters are for those tests that have a use for them
klb_load() {
	[ -n "${KLB_KO:-}" ] || bail "there is no klb.ko"
	insmod "$KLB_KO" "$@" || bail "klb.ko does not load"
}

# klb_unload: namespaces that just went away may still hold filters for a moment.
klb_unload() { ! klb_loaded || until_ok 10 rmmod klb; }

# lbctl ARG...: in the balancer's namespace ($LB_NS, default lb).
lbctl() { "$LBCTL" -n "${LB_NS:-lb}" "$@"; }

# counter NAME: one counter, without the help of jq, which takes its time. counter_sum REGEX: the sum of those whose name matches.
counter() {
	local all
	all=$(lbctl -j stats)
	[[ $all =~ \"$1\":\ *([0-9]+) ]] || { echo "no counter $1" >&2; return 1; }
	echo "${BASH_REMATCH[1]}"
}
counter_sum() { lbctl -j stats | jq --arg r "$1" '[to_entries[] | select(.key | test($r)) | .value] | add // 0'; }

# attach DEV...: klb at the ingress of devices of lb.
attach() { printf 'dev attach %s ingress\n' "$@" | lbctl -b - || bail "cannot attach klb to $*"; }

# balance PROTO VIP:PORT [EADDR:EPORT...]: a service with its endpoints.
balance() {
	local key="$1 $2"
	shift 2
	{
		echo "service add $key"
		[ $# = 0 ] || printf "endpoint add $key %s\\n" "$@"
	} | lbctl -b - || bail "cannot add service $key"
}

# klb_basic [PARAM=VALUE...]: topology, module, klb at the ingress of all of lb's ports.
klb_basic() {
	klb_load "$@"
	topo_basic
	attach c e1 e2 e3
}

# ---- the end

e2e_cleanup() {
	local status=$? pid
	trap - EXIT
	for pid in "${E2E_PIDS[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${E2E_PIDS[@]}"; do
		until_ok 3 gone "$pid" || kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ ${#E2E_NS[@]} = 0 ] || ip -force -b - < <(printf 'netns del %s\n' "${E2E_NS[@]}") 2>/dev/null
	klb_unload || not_ok "${0##*/} unload" "klb.ko cannot be removed: $(rmmod klb 2>&1)"
	rm -rf "$TMP"
	[ "$E2E_FAILED" = 0 ] || status=1
	exit "$status"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
trap e2e_cleanup EXIT
trap 'exit 143' TERM INT HUP
