# shellcheck shell=bash
# Sourced by the scripts of tests/suite: where things are, and which versions.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../kube/common.sh"

SUITE=$ROOT/tests/suite

# pinned MODULE FILE: the version of it that a go.mod asks for, without the v.
pinned() { sed -n "s|^\(require\)\?[[:space:]]*$1 v||p" "$2" | sed 's/ .*//'; }
kubelet_version() { pinned k8s.io/kubernetes "$SUITE/kubelet/go.mod"; }
coredns_version() { pinned github.com/coredns/coredns "$SUITE/coredns/go.mod"; }
