# shellcheck shell=bash
# Two Kubernetes nodes for the end-to-end tests, each a namespace with klb of its own; sourced after lib.sh.
#
#	out eth0 192.168.0.100 --.                 the network between the nodes: bridge br0 in sw, no routes to pods
#	n1  eth0 192.168.0.11  --+-- sw
#	n2  eth0 192.168.0.12  --'
#
# In node nI, as flannel (vxlan) and the CNI plugin bridge leave it, and with fd00: addresses likewise:
#
#	cni0 10.244.I.1/24 -- ports pIa, pIb: pods pIa eth0 10.244.I.2, pIb eth0 10.244.I.3, MTU 1450
#	flannel.1 10.244.I.0, vxlan 1 port 8472, nolearning; one FDB and neighbour entry for the other node
#	klb0 with routes to the service addresses $SVC4 and $SVC6, from the address of cni0, which every pod can answer
#
# Bridges show netfilter what they pass, as kube-proxy and many network plugins want it (br_netfilter).
#
# Load balancer addresses $LBIP4 and $LBIP6 are nobody's, and routed to n1 by all.

SVC4=10.96.0.0/16 SVC6=fd00:96::/112
LBIP4=172.30.0.1 LBIP6=fd00:30::1
NODES=(n1 n2)
PODS=(p1a p1b p2a p2b)

# node_ip I, pod_ip POD: and with 6 as second argument the IPv6 address.
node_ip() { if [ "${2:-4}" = 6 ]; then echo "fd00:c0::1$1"; else echo "192.168.0.1$1"; fi; }
pod_ip() {
	local i=${1:1:1} k
	case $1 in *a) k=2 ;; *) k=3 ;; esac
	if [ "${2:-4}" = 6 ]; then echo "fd00:244:$i::$k"; else echo "10.244.$i.$k"; fi
}

# flannel I J: the overlay's device in node I, with a way to node J.
flannel() {
	local i=$1 j=$2
	cat <<-LINES
		link add flannel.1 type vxlan id 1 dev eth0 local 192.168.0.1$i dstport 8472 nolearning
		link set flannel.1 address 02:00:00:00:00:0$i mtu 1450 up
		addr add 10.244.$i.0/32 dev flannel.1
		neigh add 10.244.$j.0 lladdr 02:00:00:00:00:0$j dev flannel.1 nud permanent
		route add 10.244.$j.0/24 via 10.244.$j.0 dev flannel.1 onlink
		link add flannel-v6.1 type vxlan id 1 dev eth0 local fd00:c0::1$i dstport 8472 nolearning udp6zerocsumrx
		link set flannel-v6.1 address 02:00:00:00:06:0$i mtu 1430 up
		addr add fd00:244:$i::/128 dev flannel-v6.1 nodad
		neigh add fd00:244:$j:: lladdr 02:00:00:00:06:0$j dev flannel-v6.1 nud permanent
		route add fd00:244:$j::/64 via fd00:244:$j:: dev flannel-v6.1 onlink
	LINES
}
fdb() {
	in_ns "n$1" bridge -b - <<-LINES || bail "no FDB in n$1"
		fdb add 02:00:00:00:00:0$2 dev flannel.1 dst 192.168.0.1$2 self permanent
		fdb add 02:00:00:00:06:0$2 dev flannel-v6.1 dst fd00:c0::1$2 self permanent
	LINES
}

# pod I NAME: a pod's veth pair, the host's end a port of cni0 as the CNI plugin bridge makes it.
pod() {
	local ns=n$1 name=$2
	ip_batch "$ns" <<-LINES
		link add $name type veth peer name eth0 netns $name
		link set $name master cni0 up
	LINES
	ip_batch "$name" <<-LINES
		link set lo up
		addr add $(pod_ip "$name")/24 dev eth0
		addr add $(pod_ip "$name" 6)/64 dev eth0 nodad
		link set eth0 mtu 1430 up
		route add default via 10.244.$1.1
		route add default via fd00:244:$1::1
	LINES
}

# nodes_up: all of the above but klb.
nodes_up() {
	local ns i j
	modprobe -q br_netfilter
	netns_add sw out n1 n2 "${PODS[@]}"
	ip -n sw link add br0 type bridge || bail "no bridge"
	ip -n sw link set br0 up
	for ns in out n1 n2; do
		ip_batch sw <<-LINES
			link add $ns type veth peer name eth0 netns $ns
			link set $ns master br0 up
		LINES
	done
	ip_batch out <<-LINES
		link set lo up
		addr add 192.168.0.100/24 dev eth0
		addr add fd00:c0::100/64 dev eth0 nodad
		link set eth0 up
		route add $LBIP4/32 via 192.168.0.11
		route add $LBIP6/128 via fd00:c0::11
	LINES
	for i in 1 2; do
		j=$((3 - i))
		forwarding_on n$i
		ip_batch n$i <<-LINES
			link set lo up
			addr add 192.168.0.1$i/24 dev eth0
			addr add fd00:c0::1$i/64 dev eth0 nodad
			link set eth0 up
			link add cni0 type bridge
			addr add 10.244.$i.1/24 dev cni0
			addr add fd00:244:$i::1/64 dev cni0 nodad
			link set cni0 mtu 1430 up
			$(flannel $i $j)
		LINES
		fdb $i $j
		pod $i p${i}a
		pod $i p${i}b
	done
	wait_up sw out n1 n2 "${PODS[@]}"
}

# node_klb NODE...: klb on every device that packets of services come in by, and, for replies of the node's own processes, go out by.
node_klb() {
	local ns i
	for ns in "$@"; do
		i=${ns#n}
		ip_batch "$ns" <<-LINES
			link add klb0 type klb
			link set klb0 up
			route add $SVC4 dev klb0 src 10.244.$i.1
			route add $SVC6 dev klb0 src fd00:244:$i::1
		LINES
		LB_NS=$ns lbctl -b - <<-LINES || bail "cannot attach klb in $ns"
			dev attach eth0 both
			dev attach lo both
			dev attach cni0 egress
			dev attach flannel.1 both
			dev attach flannel-v6.1 both
			dev attach p${i}a ingress
			dev attach p${i}b ingress
		LINES
	done
}

# on NODE lbctl-arguments; everywhere: a batch from standard input on all nodes
on() { LB_NS=$1 lbctl "${@:2}"; }
everywhere() {
	local batch ns
	batch=$(cat)
	for ns in "${NODES[@]}"; do LB_NS=$ns lbctl -b - <<<"$batch" || bail "$ns refuses: $batch"; done
}

# service PROTO ADDR:PORT OPTIONS ENDPOINT...: one on all nodes; OPTIONS may be empty.
service() {
	local key="$1 $2" options=$3
	shift 3
	{
		echo "service add $key $options"
		printf "endpoint add $key %s\\n" "$@"
	} | everywhere
}
