# shellcheck shell=bash
# klb and kube-proxy by turns on the nodes of nodes.sh, sourced after lib.sh and agents.sh. PROXY is klb, nftables or ipvs. AGENT[NODE] is the
# pid of the one or the other, PROXY_BEGIN[NODE] when it was started, in microseconds.

declare -A PROXY_BEGIN

# proxies_world: what kube-proxy wants of nodes: a router behind a default route, bridges that show it what goes from pod to pod, and
# modules. The router, gw, sends back what it does not know.
proxies_world() {
	local ns i
	modprobe -a ip_vs ip_vs_rr sctp || bail "the kernel has no IPVS"
	netns_add gw
	ip_batch sw <<-LINES
		link add gw type veth peer name eth0 netns gw
		link set gw master br0 up
	LINES
	ip_batch gw <<-LINES
		link set lo up
		addr add 192.168.0.1/24 dev eth0
		addr add fd00:c0::1/64 dev eth0 nodad
		link set eth0 up
		route add unreachable default
		route add unreachable ::/0
	LINES
	wait_up sw gw
	for i in 1 2; do
		ip_batch gw <<-LINES
			route add 10.244.$i.0/24 via 192.168.0.1$i
			route add fd00:244:$i::/64 via fd00:c0::1$i
		LINES
		ip_batch n$i <<-LINES
			route add default via 192.168.0.1
			route add default via fd00:c0::1
		LINES
		# as flannel tells the plugin: a pod may reach itself
		ip_batch n$i <<-LINES
			link set p${i}a type bridge_slave hairpin on
			link set p${i}b type bridge_slave hairpin on
		LINES
		set_in n$i net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	done
	forwarding_on gw
	# What is compared is not how often a host answers.
	for ns in n1 n2 gw; do
		set_in $ns net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.conf.all.send_redirects=0 \
			net.ipv4.conf.eth0.send_redirects=0
	done
}

# proxy_start PROXY NODE...
proxy_start() {
	local proxy=$1 node
	shift
	for node in "$@"; do
		# shellcheck disable=SC2034 # for tests
		PROXY_BEGIN[$node]=${EPOCHREALTIME/./}
		if [ "$proxy" = klb ]; then
			agent_start "$node"
		else
			spawn "$node" "$KUBE/bin/kube-proxy" --kubeconfig="$KUBE/guest.conf" --hostname-override="$node" \
				--proxy-mode="$proxy" --conntrack-max-per-core=0 --cluster-cidr=10.244.0.0/16,fd00:244::/32 \
				--nodeport-addresses=0.0.0.0/0,::/0
			AGENT[$node]=$SPAWNED
		fi
	done
}

# proxy_metric NODE NAME: of each address family a line.
proxy_metric() { get "$1" http://127.0.0.1:10249/metrics | awk -v n="kubeproxy_$2" '{ sub(/\{.*\}/, "", $1) } $1 == n { printf "%.6f\n", $2 }'; }

# proxy_synced PROXY NODE...: whether a first round has ended in all; klb does both families in one.
proxy_synced() {
	local node want=2
	[ "$1" != klb ] || want=1
	shift
	for node in "$@"; do
		[ "$(proxy_metric "$node" sync_proxy_rules_last_timestamp_seconds | grep -c '^[1-9]')" = $want ] || return 1
	done
}

# proxy_sweep NODE: what kube-proxy cannot take away itself: of ipvs mode, chains that its own rules still refer to (1.37.2, iptables-nft).
proxy_sweep() {
	in_ns "$1" sh -c 'nft flush ruleset && ipset destroy && ipvsadm -C' || return
	! ip -n "$1" link show kube-ipvs0 >/dev/null 2>&1 || ip -n "$1" link del kube-ipvs0
}

# proxy_stop PROXY NODE...: and takes away what it left.
proxy_stop() {
	local proxy=$1 node
	shift
	for node in "$@"; do
		stop "${AGENT[$node]}"
		if [ "$proxy" = klb ]; then
			in_ns "$node" "$LBAGENT" -c "$TMP/$node.yaml" --cleanup || bail "klb is not taken away"
		else
			in_ns "$node" "$KUBE/bin/kube-proxy" --cleanup >"$TMP/cleanup" 2>&1 || proxy_sweep "$node" ||
				bail "$proxy is not taken away: $(cat "$TMP/cleanup")"
		fi
	done
}
