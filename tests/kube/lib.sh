# shellcheck shell=bash
# Library of the tests that have a Kubernetes control plane, sourced by tests/kube/NN-name, which runs
# in a guest that tests/vm/run --plane booted; all of tests/e2e/lib.sh and nodes.sh is there, too.
# Programs of the control plane run on the host, much faster than they would here, and so does kubectl:
# requests go through files of $KLB_OUT/plane, which the host has, too (tests/kube/desk.py).
#
#	kube_up [--controllers] [OPTION...]	a new control plane; OPTIONs are kube-apiserver's
#	plane VERB...				what happens to it: tests/kube/plane tells the verbs
#	kubectl ARG...				as administrator; `-f -` takes standard input
#
# $KUBE has the kubeconfigs (lbagent.conf, lbagent-cert.conf, guest.conf), ca.crt, and audit.log, in
# which each request of lbagent is. $API is host:port of the API server, as seen from here and from
# namespaces that api_link has linked.
#
# A Node is an object that nobody runs, a Pod one whose namespace stands beside it: here is no
# kubelet, so tests say what state pods are in, and the real controller makes EndpointSlices of that.

. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"
. "$E2E/nodes.sh"

KUBE=$KLB_OUT/plane
KUBE_ASKED=0

[ -d "$KUBE/requests" ] || bail "there is no control plane: use scripts/check ${0##*/}, or tests/vm/run --plane"

# plane VERB...: its output and status are those on the host. Nothing is started here unless there is
# an input, because that takes longer than the request.
plane() {
	local id text end word
	KUBE_ASKED=$((KUBE_ASKED + 1))
	id=$KUBE/requests/$BASHPID-$KUBE_ASKED-${EPOCHREALTIME/./}
	for word in "$@"; do
		case $word in -|-f-|*=-) cat >"$id.in" ;; esac
	done
	{ printf '%s\0' "$@"; printf '\4'; } >"$id.req"
	end=$((SECONDS + 900))
	until [ -s "$id.rc" ]; do
		[ "$SECONDS" -lt "$end" ] || { echo "plane: no answer to: $*" >&2; return 124; }
		nap 0.02
	done
	IFS= read -rd '' text <"$id.out"; printf '%s' "$text"
	IFS= read -rd '' text <"$id.err"; printf '%s' "$text" >&2
	IFS= read -r text <"$id.rc"
	return "$text"
}

kubectl() { plane kubectl "$@"; }

kube_up() {
	plane start "$@" || bail "the control plane does not start"
	API=$(sed -n 's|.*server: https://||p' "$KUBE/guest.conf")
}

# ---- ways to the API server

# api_link NS...: gives each a device api0, with 10.0.2.21 for the first and so on, from which the API server
# can be reached as from here. All are ports of a bridge with the guest's network card.
API_LINKS=0
api_link() {
	local ns
	[ -d /sys/class/net/host0 ] || ip_host <<-LINES
		link add host0 type bridge
		link set host0 up
		addr flush dev eth0
		link set eth0 master host0
		addr add 10.0.2.15/24 dev host0
	LINES
	for ns in "$@"; do
		ip_host <<-LINES
			link add api-$ns type veth peer name api0 netns $ns
			link set api-$ns master host0 up
		LINES
		ip_batch "$ns" <<-LINES
			addr add 10.0.2.$((21 + API_LINKS))/24 dev api0
			link set api0 up
		LINES
		API_LINKS=$((API_LINKS + 1))
	done
}
ip_host() { ip -b - || bail "cannot set up the way to the API server"; }

# api_cut NS: packets vanish both ways, and nobody is told. api_join NS: and pass again.
api_cut() { bridge link set dev "api-$1" state 0 || bail "cannot cut $1 off"; }
api_join() { bridge link set dev "api-$1" state 3 || bail "cannot join $1"; }

# api_get NS PATH [CURL OPTION...]: as lbagent does, with its token; the server's certificate is verified.
api_get() {
	local token
	token=$(sed -n 's/.*token: "\(.*\)"/\1/p' "$KUBE/lbagent.conf")
	get "$1" "https://$API$2" --cacert "$KUBE/ca.crt" -H "Authorization: Bearer $token" "${@:3}"
}

# asked VERB RESOURCE [CODE]: how often lbagent did: `asked list services`, `asked watch nodes 200`.
# A watch counts when its answer begins, all else when it is over.
asked() {
	local stage=ResponseComplete
	[ "$1" != watch ] || stage=ResponseStarted
	grep -c "\"stage\":\"$stage\".*\"verb\":\"$1\".*\"resource\":\"$2\".*\"code\":${3:-}" "$KUBE/audit.log"
}

# ---- objects

# node_add NAME IP[,IP] [ZONE [PODCIDRS]]: a Node, which is ready.
node_add() {
	kubectl create -f - >/dev/null <<-YAML || bail "no Node $1"
		apiVersion: v1
		kind: Node
		metadata:
		  name: $1
		  labels: {kubernetes.io/hostname: $1${3:+, topology.kubernetes.io/zone: $3}}
		spec: {${4:+podCIDR: "${4%%,*}", podCIDRs: [$(address_list "'%s'" "$4")]}}
	YAML
	status_of node "$1" "addresses: [$(address_list "{type: InternalIP, address: '%s'}" "$2")],
		conditions: [{type: Ready, status: 'True'}]"
}

# pod_add NAME NODE IP[,IP] LABELS [True|False]: a Pod that runs there, and is ready or not: `pod_add
# p1a n1 10.244.1.2 app=web,tier=front`. It stays until pod_gone, as a kubelet would keep it. The Node must be
# there, else the controller leaves it out.
pod_add() {
	kubectl create -f - >/dev/null <<-YAML || bail "no Pod $1"
		apiVersion: v1
		kind: Pod
		metadata:
		  name: $1
		  labels: {$(sed 's/=/: /g; s/,/, /g' <<<"$4")}
		  finalizers: [klb.test/kubelet]
		spec:
		  nodeName: $2
		  containers: [{name: c, image: none}]
	YAML
	pod_runs "$1" "$3" "${5:-True}"
}

# pod_runs NAME IP[,IP] [True|False]: the same for a Pod that the test has created itself.
pod_runs() {
	status_of pod "$1" "phase: Running, podIP: '${2%%,*}',
		podIPs: [$(address_list "{ip: '%s'}" "$2")], $(conditions "${3:-True}")"
}

pod_ready() { status_of pod "$1" "$(conditions "$2")"; }

# pod_phase NAME Succeeded|Failed: it ended by itself, or was evicted.
pod_phase() { status_of pod "$1" "phase: $2, $(conditions False)"; }

# pod_terminate NAME: it is being deleted; whether it still serves is for pod_ready to say.
pod_terminate() { kubectl delete pod "$1" --wait=false >/dev/null || bail "cannot delete Pod $1"; }

# pod_gone NAME: it is no more, whether it was being deleted or not.
pod_gone() {
	kubectl patch pod "$1" --type=merge -p '{"metadata":{"finalizers":null}}' >/dev/null &&
		kubectl delete pod "$1" --grace-period=0 --force >/dev/null 2>&1 ||
		bail "Pod $1 does not go"
}

conditions() { echo "conditions: [{type: Ready, status: '$1'}, {type: ContainersReady, status: '$1'}]"; }
address_list() {
	local text
	# shellcheck disable=SC2059,SC2086 # a format, and words
	text=$(printf "$1, " ${2//,/ })
	echo "${text%, }"
}
# status_of KIND NAME FIELDS: as a kubelet reports it; conditions and addresses merge by type. YAML has no tabs, and what begins with a
# brace is JSON.
status_of() {
	kubectl patch "$1" "$2" --subresource=status --type=strategic -p "status: {${3//$'\t'/ }}" >/dev/null ||
		bail "no status for $1 $2"
}

# kube_nodes [ZONE1 [ZONE2]]: Nodes for n1 and n2 of nodes.sh. kube_pod POD LABELS [True|False]: a
# Pod for one of its pods.
kube_nodes() {
	node_add n1 "$(node_ip 1),$(node_ip 1 6)" "${1:-}" 10.244.1.0/24,fd00:244:1::/64
	node_add n2 "$(node_ip 2),$(node_ip 2 6)" "${2:-}" 10.244.2.0/24,fd00:244:2::/64
}
kube_pod() { pod_add "$1" "n${1:1:1}" "$(pod_ip "$1"),$(pod_ip "$1" 6)" "$2" "${3:-True}"; }

# endpoints SERVICE: what its slices have, sorted, a line each: the address, then r, s and t for ready,
# serving and terminating, or a dash: "10.244.1.2 rs-".
endpoints() {
	kubectl get endpointslices -l "kubernetes.io/service-name=$1" -o go-template="$ENDPOINTS" | LC_ALL=C sort
}
ENDPOINTS='{{range .items}}{{range .endpoints}}{{index .addresses 0}} {{with .conditions}}'
ENDPOINTS+='{{if .ready}}r{{else}}-{{end}}{{if .serving}}s{{else}}-{{end}}{{if .terminating}}t{{else}}-{{end}}'
ENDPOINTS+='{{end}}{{"\n"}}{{end}}{{end}}'

# endpoints_are SERVICE LINE...: whether it has these, in any order.
endpoints_are() {
	[ "$(endpoints "$1")" = "$([ $# = 1 ] || printf '%s\n' "${@:2}" | LC_ALL=C sort)" ]
}

# ---- the end

kube_cleanup() {
	local status=$?
	trap - EXIT
	plane stop
	if [ -d /sys/class/net/host0 ]; then
		ip -b - <<-LINES
			link del host0
			addr add 10.0.2.15/24 dev eth0
		LINES
	fi
	(exit "$status")
	e2e_cleanup
}
trap kube_cleanup EXIT
