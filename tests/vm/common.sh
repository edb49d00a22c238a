# shellcheck shell=bash
# Sourced by the scripts that build and boot things: where they live, how they are cached.
#
# Everything built lies below $KLB_CACHE, outside the tree, in directories whose name holds a
# hash of all that went into them. An entry is made under another name and renamed when it is
# complete, so a directory that exists is whole, and nothing in it changes afterwards.

# shellcheck disable=SC2034 # for those who source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
KLB_CACHE=${KLB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/klb}
export KLB_CACHE
mkdir -p "$KLB_CACHE/lock"
KLB_CACHE=$(cd "$KLB_CACHE" && pwd -P)

KERNELS="6.1 6.12 debug kcsan"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# hash_of: short content hash of standard input.
hash_of() { sha256sum | cut -c1-16; }

# locked NAME CMD...: one at a time among all users of the cache. The lock goes away with the
# process, so nothing is left behind by one that was killed. Descriptor 9 is closed for CMD's
# own children by whoever starts daemons; nobody here does.
locked() {
	local name=$1 status=0
	shift
	exec 9>"$KLB_CACHE/lock/$name"
	flock 9
	"$@" || status=$?
	exec 9>&-
	return "$status"
}

# cached DIR CMD...: leaves DIR filled by `CMD... TMPDIR`, doing the work at most once. CMD is a
# program, not a function: bash ignores `set -e` in functions called where a failure is handled.
cached() {
	local dir=$1
	shift
	[ -d "$dir" ] || locked "$(printf '%s' "$dir" | hash_of)" fill "$dir" "$@"
}

fill() {
	local dir=$1 tmp=$1.tmp.$$
	shift
	[ -d "$dir" ] && return
	rm -rf "$tmp"
	mkdir -p "$tmp"
	if "$@" "$tmp"; then
		mv -T "$tmp" "$dir"
	else
		rm -rf "$tmp"
		return 1
	fi
}

# prune DIR KEEP: removes all but the KEEP newest entries of a cache directory.
prune() {
	find "$1" -mindepth 1 -maxdepth 1 -type d ! -name '*.tmp.*' ! -name '*.part' -printf '%T@ %p\n' |
		sort -rn | tail -n +"$(($2 + 1))" | cut -d' ' -f2- | xargs -r -d '\n' rm -rf
}

# stock_meta KERNEL: the headers metapackage of a Debian kernel line.
stock_meta() {
	case $1 in
	6.1) echo linux-headers-amd64 ;;
	6.12) echo linux-headers-6.12-amd64 ;;
	*) die "no stock kernel called $1" ;;
	esac
}

# stock_release KERNEL: release (6.1.0-56-amd64) that the installed headers of the line belong to.
stock_release() {
	local meta
	meta=$(stock_meta "$1")
	dpkg-query -W -f '${Depends}' "$meta" 2>/dev/null |
		grep -oE 'linux-headers-6\.[^ ,]*' | head -1 | sed 's/^linux-headers-//' | grep . ||
		die "$meta is not installed; run scripts/deps build"
}

# stock_version KERNEL: Debian version of the same package.
stock_version() { dpkg-query -W -f '${Version}' "linux-headers-$(stock_release "$1")"; }

# need_kernel NAME: dies unless it is a kernel we know.
need_kernel() {
	case " $KERNELS " in
	*" $1 "*) ;;
	*) die "unknown kernel '$1'; known: $KERNELS" ;;
	esac
}
