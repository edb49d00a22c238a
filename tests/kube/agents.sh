# shellcheck shell=bash
# lbagent on the nodes of nodes.sh, sourced after lib.sh.

declare -A AGENT

# agent_start NODE [LINE...]: lbagent there; LINEs are added to its configuration.
agent_start() {
	local node=$1
	shift
	{
		cat <<-YAML
			node: $node
			kubeconfig: ${AGENT_KUBECONFIG:-$KUBE/lbagent.conf}
			services: [$SVC4, "$SVC6"]
			pods: ${AGENT_PODS:-[10.244.0.0/16, "fd00:244::/32"]}
			devices:
			- {name: eth0, hooks: both}
			- {name: lo, hooks: both}
			- {ports-of: cni0}
			- {name: cni0, hooks: egress}
			- {name: "flannel*", hooks: both}
		YAML
		[ $# = 0 ] || printf '%s\n' "$@"
	} >"$TMP/$node.yaml"
	agent_again "$node"
}
agent_again() {
	spawn "$1" "$LBAGENT" -v -c "$TMP/$1.yaml"
	AGENT[$1]=$SPAWNED
}
agent_says() { said "${AGENT[$1]}" | grep -qF -- "$2"; }
agent_kill() {
	kill -KILL "${AGENT[$1]}"
	wait "${AGENT[$1]}" 2>/dev/null
}

# has NODE PROTO ADDR:PORT ENDPOINT...: whether klb there has that service, with exactly these endpoints (ADDR:PORT) that get new
# connections, in any order. has_service, has_none NODE PROTO ADDR:PORT: whether it has it at all, or does not.
has() {
	local got
	got=$("$LBCTL" -n "$1" -j service show "$2" "$3" 2>/dev/null |
		jq -r '.[0].endpoints[] | select(.state == "up") | if .addr | contains(":") then "[\(.addr)]:\(.port)" else "\(.addr):\(.port)" end') ||
		return 1
	[ "$(sort <<<"$got")" = "$(printf '%s\n' "${@:4}" | sort)" ]
}
has_service() { "$LBCTL" -n "$1" service show "$2" "$3" >/dev/null 2>&1; }
has_none() { ! "$LBCTL" -n "$1" service show "$2" "$3" >/dev/null 2>&1; }

# within SECONDS NAME CMD...: ok when CMD succeeds before so much time of this guest is over.
within() {
	local begin=${EPOCHREALTIME/./} name=$2 ms
	local end=$((begin + $1 * 1000000)) limit=$1
	shift 2
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/./}" -ge "$end" ]; then
			not_ok "$name" "not in $limit s: $*"
			said "${AGENT[n1]}" | tail -n 12 | sed 's/^/    | /'
			return
		fi
		nap 0.05
	done
	ms=$(((${EPOCHREALTIME/./} - begin) / 1000))
	ok "$name"
	echo "    # after $ms ms"
}

# ip_of SERVICE [FAMILY]: its ClusterIP.
ip_of() { kubectl get svc "$1" -o "jsonpath={.spec.clusterIPs[$((${2:-4} == 6))]}"; }
