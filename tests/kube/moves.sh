# shellcheck shell=bash
# A Service whose only endpoint moves from pod to pod of n1, sourced after lib.sh and agents.sh.

# move_up: the Service and its slice, and who answers there.
move_up() {
	local pod
	for pod in p1a p1b; do serve $pod $pod tcp 8080; done
	# lbagent's role does not let it write.
	sed "s/token: .*/token: $(sed -n 's/.*token: //p' "$KUBE/guest.conf")/" "$KUBE/lbagent.conf" >"$TMP/admin.conf"
	kubectl apply -f - >/dev/null <<-YAML || bail "nothing to move"
		apiVersion: v1
		kind: List
		items:
		- apiVersion: v1
		  kind: Service
		  metadata: {name: move}
		  spec: {clusterIP: 10.96.0.10, ports: [{port: 80, targetPort: 8080}]}
		- apiVersion: discovery.k8s.io/v1
		  kind: EndpointSlice
		  metadata: {name: move-1, labels: {kubernetes.io/service-name: move}}
		  addressType: IPv4
		  ports: [{name: "", port: 8080, protocol: TCP}]
		  endpoints: [{addresses: [10.244.1.2]}]
	YAML
}

# moves COUNT PAUSE: what latency.py says of so many, as many seconds apart, is $MOVES, "median M p99 P max X lost L strays N".
moves() {
	in_ns n1 $PYTHON "$KLB_ROOT/tests/kube/latency.py" "$TMP/admin.conf" move-1 10.96.0.10 80 "$1" "$2" \
		p1b=10.244.1.3 p1a=10.244.1.2 >"$TMP/moves" 2>&1 || sed 's/^/    | /' "$TMP/moves"
	# shellcheck disable=SC2034 # for tests
	MOVES=$(tail -n 1 "$TMP/moves")
}

# cpu_ms NODE: processor time that its agent has had, with programs that it has started and that have ended.
cpu_ms() {
	local fields
	read -ra fields <"/proc/${AGENT[$1]}/stat"
	echo $(((fields[13] + fields[14] + fields[15] + fields[16]) * 10))
}
# kib NODE FIELD: of the agent's memory, VmRSS or VmHWM.
kib() { awk -v k="$2:" '$1 == k { print $2 }' "/proc/${AGENT[$1]}/status"; }
