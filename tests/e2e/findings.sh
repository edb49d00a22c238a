# shellcheck shell=bash
# What a test finds out, a line a finding, and how it waits: sourced by lib.sh, and by tests that run on the host.
# Wants $TMP, a directory, and $KLB_SLOW.

E2E_FAILED=0

ok() { echo "ok $1"; at; }
skip() { echo "skip $1 - ${2:-}"; at; }
not_ok() {
	E2E_FAILED=$((E2E_FAILED + 1))
	echo "not ok $1${2:+ - $2}"
	at
}
# at: when, for the log: where the time goes.
at() { local ms=$(((${EPOCHREALTIME/./} - E2E_BEGIN) / 1000)); echo "    # at $((ms / 1000)).$((ms % 1000 / 100)) s"; }
E2E_BEGIN=${EPOCHREALTIME/./}

# check NAME CMD...: ok when CMD succeeds; what it said otherwise goes to the log.
check() {
	local name=$1 said status=0
	shift
	said=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then ok "$name"; else
		not_ok "$name" "status $status of: $*"
		printf '%s\n' "$said" | sed 's/^/    | /'
	fi
}

# refute NAME CMD...: ok when CMD fails.
refute() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		not_ok "$name" "succeeded, and should not have: $*"
		printf '%s\n' "$said" | sed 's/^/    | /'
	else ok "$name"; fi
}

# fails_with STATUS NAME CMD...: ok when CMD's exit status is STATUS.
fails_with() {
	local want=$1 name=$2 status=0
	shift 2
	"$@" >"$TMP/said" 2>&1 || status=$?
	eq "$status" "$want" "$name"
	[ "$status" = "$want" ] || sed 's/^/    | /' "$TMP/said"
}

# eq GOT WANT NAME
eq() { if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "got '$1', want '$2'"; fi; }
# ne GOT UNWANTED NAME
ne() { if [ "$1" != "$2" ]; then ok "$3"; else not_ok "$3" "got '$1'"; fi; }
# ge GOT LEAST NAME / le GOT MOST NAME: whole numbers
ge() { if [ "$1" -ge "$2" ]; then ok "$3"; else not_ok "$3" "got '$1', want at least $2"; fi; }
le() { if [ "$1" -le "$2" ]; then ok "$3"; else not_ok "$3" "got '$1', want at most $2"; fi; }
# like GOT REGEX NAME
like() { if [[ $1 =~ $2 ]]; then ok "$3"; else not_ok "$3" "got '$1', want /$2/"; fi; }

# bail WHY: the rest of the test makes no sense.
bail() { not_ok "${0##*/}" "$*"; exit 1; }

# until_ok SECONDS CMD...: tries CMD until it succeeds or the time (times KLB_SLOW) is over.
until_ok() {
	local end=$((SECONDS + $1 * KLB_SLOW + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		nap 0.1
	done
}

# nap SECONDS: sleeps without starting a program, by waiting for a pipe that nobody writes to.
exec {E2E_NAP}<> <(:)
nap() { read -rt "$1" -u "$E2E_NAP" || true; }
