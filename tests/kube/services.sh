# shellcheck shell=bash
# Services on the two nodes of nodes.sh, sourced after lib.sh and agents.sh: what everybody sees of them.
#
# A Service selects the Pods that have its name as a label: `kube_pod p1a web=,other=`, which has to serve 8080.

# cluster_up [LINE...]: klb and lbagent on both nodes, in zones z1 and z2, LINEs added to its configuration; everybody serves 8080 by TCP
# and UDP under its own name. `out` has routes to services by n1, and is the nodes' router, that answers nothing.
cluster_up() {
	local ns proto pids=()
	klb_load
	nodes_up
	for ns in "${PODS[@]}" "${NODES[@]}"; do
		for proto in tcp udp; do
			serve_soon $ns $ns $proto 8080
			pids+=("$SPAWNED")
		done
	done
	ip_batch out <<-LINES
		route add $SVC4 via $(node_ip 1)
		route add $SVC6 via $(node_ip 1 6)
	LINES
	for ns in n1 n2; do default_via $ns 192.168.0.100 fd00:c0::100; done
	api_link n1 n2
	kube_up --controllers
	kube_nodes z1 z2
	agent_start n1 "$@"
	agent_start n2 "$@"
	for ns in "${pids[@]}"; do served "$ns"; done
	for ns in n1 n2; do until_ok 30 agent_says $ns "in step with the apiserver" || bail "lbagent is not in step: $(said "${AGENT[$ns]}")"; done
}

# kube_svc NAME SPEC [LABELS]: a Service, new or changed; of port 80 for 8080 unless SPEC says otherwise.
kube_svc() {
	local ports='ports: [{port: 80, targetPort: 8080}], ' selector="selector: {$1: ''}, "
	[[ $2 != *ports:* ]] || ports=
	[[ $2 != *selector:* ]] || selector=
	kubectl apply -f - >/dev/null <<-YAML || bail "no Service $1"
		apiVersion: v1
		kind: Service
		metadata: {name: $1, labels: {${3:-}}}
		spec: {$selector$ports$2}
	YAML
}
# kube_patch NAME SPEC: some of it.
kube_patch() { kubectl patch svc "$1" --type=merge -p "spec: {$2}" >/dev/null || bail "cannot change $1"; }
# kube_ingress NAME ENTRY,...: the status that a load balancer's controller writes: `kube_ingress web '{ip: 172.30.0.1}'`
kube_ingress() {
	kubectl patch svc "$1" --subresource=status --type=merge -p "status: {loadBalancer: {ingress: [$2]}}" >/dev/null ||
		bail "no status for $1"
}

# both_protos NODEPORT: the same numbers for TCP and UDP.
both_protos() {
	echo "ports: [{name: t, port: 80, targetPort: 8080, nodePort: $1},
		{name: u, protocol: UDP, port: 80, targetPort: 8080, nodePort: $1}]"
}
# kube_svc_everywhere NAME NODEPORT LBIP [MORE]: a Service with a frontend of each kind, for TCP and UDP.
kube_svc_everywhere() {
	kube_svc $1 "type: LoadBalancer, $(both_protos $2)${4:+, $4}"
	kube_ingress $1 "{ip: $3}"
}

# kube_slice NAME SERVICE ENDPOINT,... [PORT [LABELS]]: one that no controller made; `endpoint_of POD [MORE]` writes an endpoint.
kube_slice() {
	kubectl apply -f - >/dev/null <<-YAML || bail "no EndpointSlice $1"
		apiVersion: discovery.k8s.io/v1
		kind: EndpointSlice
		metadata:
		  name: $1
		  labels: {kubernetes.io/service-name: $2, endpointslice.kubernetes.io/managed-by: klb.test${5:+, $5}}
		addressType: IPv4
		ports: [{name: "", port: ${4:-8080}, protocol: TCP}]
		endpoints: [$3]
	YAML
}
endpoint_of() { echo "{addresses: [$(pod_ip $1)], nodeName: n${1:1:1}${2:+, $2}}"; }

# both CMD...: on n1 and on n2: `both has tcp 10.96.0.9:80 10.244.1.2:8080`
both() { "$1" n1 "${@:2}" && "$1" n2 "${@:2}"; }
# follows CMD...: until it is so, else there is no point in going on.
follows() { until_ok 30 "$@" || bail "not so: $* ($(for ns in n1 n2; do on $ns service show; done 2>&1))"; }

# seen NS PROTO ADDR PORT [SECONDS]: who answers, and which address that sees, each once: "p1b@10.244.1.2 p2a@10.244.1.2"; refused when
# the kernel says so, silent when nothing comes.
seen() {
	ask "${@:1:4}" --count 20 --timeout "${5:-10}" 2>&1 |
		sed -E 's/^peer: .*refused$/refused/; s/^peer: .*(in progress|unavailable)$/silent/; t; s/^([^ ]+) ([^ ]+) .*/\1@\2/' |
		sort -u | xargs
}
# sees WANT NS PROTO ADDR PORT: whether it is that.
sees() { [ "$(seen "${@:2}")" = "$1" ]; }

# about SERVICE [FAMILY]: which one table asks, by its first port; its frontends are then
#
#	cluster		its ClusterIP
#	n1, n2		its NodePort there; lo: at the loopback address
#	lb, ext		the first address of its balancer, and of its externalIPs
#
# and AT[NAME]="ADDR PORT" makes another one.
declare -A AT
about() {
	local text port nodeport cluster lb ext
	text=$(kubectl get svc "$1" -o jsonpath="$FRONTENDS") || bail "no Service $1"
	IFS='|' read -r port nodeport cluster lb ext <<<"$text"
	ABOUT=$1${2:+ IPv$2}
	AT=([cluster]="$(of_family "${2:-4}" $cluster) $port" [lb]="$(of_family "${2:-4}" $lb) $port"
		[ext]="$(of_family "${2:-4}" $ext) $port" [n1]="$(node_ip 1 "${2:-4}") $nodeport"
		[n2]="$(node_ip 2 "${2:-4}") $nodeport")
	if [ "${2:-4}" = 6 ]; then AT[lo]=::1; else AT[lo]=127.0.0.1; fi
	AT[lo]+=" $nodeport"
}
FRONTENDS='{.spec.ports[0].port}|{.spec.ports[0].nodePort}|{.spec.clusterIPs[*]}'
FRONTENDS+='|{.status.loadBalancer.ingress[*].ip}|{.spec.externalIPs[*]}'
of_family() {
	local a
	for a in "${@:2}"; do
		case $1$a in 4*.*|6*:*) echo "$a"; return ;; esac
	done
}

# table PROTO... <<ROWS: a row is `FROM,... FRONTEND,... WANT`: all of these namespaces see WANT, as seen prints it, at all of
# these frontends of the Service that it is about. All is asked at once, a protocol after the other. table_soon: it may take some
# seconds until it is so, since something has just changed.
table() { TABLE_END=0 tables "$@"; }
table_soon() { TABLE_END=$((SECONDS + 20)) tables "$@"; }
tables() {
	local proto rows=() bad=() i
	mapfile -t rows
	for proto in "$@"; do
		until table_ask "$proto" || [ "$SECONDS" -ge $TABLE_END ]; do nap 0.2; done
		for i in "${!rows[@]}"; do table_row "$ABOUT $proto" "${rows[i]}" "${bad[i]}"; done
	done
}
# table_ask PROTO: what is wrong of each row becomes bad[]; whether none is.
table_ask() {
	local froms tos want from to i limit pids=() good=1
	for i in "${!rows[@]}"; do
		read -r froms tos want <<<"${rows[i]}"
		if [ "$want" = silent ]; then limit=3; else limit=; fi
		for from in ${froms//,/ }; do
			for to in ${tos//,/ }; do
				# shellcheck disable=SC2086 # address and port
				seen "$from" "$1" ${AT[$to]} $limit >"$TMP/row.$i.$from.$to" &
				pids+=($!)
			done
		done
	done
	wait "${pids[@]}"
	for i in "${!rows[@]}"; do
		read -r _ _ want <<<"${rows[i]}"
		bad[i]=
		for from in "$TMP/row.$i".*; do
			[ "$(<"$from")" = "$want" ] || bad[i]+="${bad[i]:+, }${from#"$TMP/row.$i."}: '$(<"$from")'"
			rm "$from"
		done
		[ -z "${bad[i]}" ] || good=
	done
	[ -n "$good" ]
}
# table_row NAME ROW WRONG
table_row() {
	local froms tos want
	read -r froms tos want <<<"$2"
	if [ -z "$3" ]; then ok "$1: $froms to $tos: $want"; else not_ok "$1: $froms to $tos: $want" "$3"; fi
}
