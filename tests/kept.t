#!/usr/bin/env bash
# A test that says what it reads is run once, and again when something of that
# changes; one that fails, or ends without a plan, is run each time, and so is one
# that says nothing. When the host or QEMU is to blame for it, it is run twice more.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

work=$top/build/kept
toy=build/kept/toy.t
export XDG_CACHE_HOME=$work/cache
unset FRESH KEXEC_TOOLS LINUX KERNEL_SERIES MACHINE

# lay_toy READS LAST: a test that counts its runs and ends with the line LAST.
lay_toy() {
	printf '#!/bin/sh\n%s\necho run >>%s\necho "ok 1"\n%s\n' "$1" "$work/runs" "$2" >"$work/toy.t"
	chmod +x "$work/toy.t"
	: >"$work/runs"
}

# runs WANTED WHAT: how often it has run, after one more call.
runs() {
	"$top/ci/run-test" "$toy" >"$work/said" 2>&1 || true # one of them fails
	is "$(wc -l <"$work/runs")" "$1" "$2"
}

rm -rf "$work"
mkdir -p "$work"
echo one >"$work/data"
mkdir -p "$XDG_CACHE_HOME/kexec-map-file/source-toy-1"
echo 1 >"$XDG_CACHE_HOME/kexec-map-file/source-toy-1/toy.sha256"

lay_toy "# reads: build/kept/data" "echo 1..1"
runs 1 "a test runs"
runs 1 "it passed, and is not run again"
has "$(<"$work/said")" '^# kept: ' "that is said"
has "$(<"$work/said")" '^ok 1' "what it printed then is printed"
FRESH=yes runs 2 "FRESH=yes runs it"
LINUX=/tree runs 3 "so does a source of the user's"
echo two >"$work/data"
runs 4 "a file that it reads changes: it runs"
runs 4 "once"
echo 2 >"$XDG_CACHE_HOME/kexec-map-file/source-toy-1/toy.sha256"
runs 5 "another source: it runs"

fetched=$XDG_CACHE_HOME/kexec-map-file/source-xz-5.4.1-1
lay_toy "# reads: build/kept/data
# sources: xz" "mkdir -p $fetched; [ -e $fetched/sum.sha256 ] || echo 1 >$fetched/sum.sha256; echo 1..1"
runs 1 "a test that names its source, and fetches it"
runs 1 "it passed, and is not run again"
echo 3 >"$XDG_CACHE_HOME/kexec-map-file/source-toy-1/toy.sha256"
runs 1 "nor for another source that it does not name"
echo 2 >"$fetched/sum.sha256"
runs 2 "but for its own"
lay_toy "# reads: build/kept/data" "echo 1..1; exit 1"
runs 1 "a test that fails"
runs 2 "is run again"
lay_toy "# reads: build/kept/data" ""
runs 1 "a test without a plan"
runs 2 "is run again"

# patiently WANTED WHAT: as runs, for a test for which the host may be to blame.
patiently() {
	"$top/tests/qemu/patiently" "${@:3}" "$top/$toy" >"$work/said" 2>&1 || true # one of them fails
	is "$(wc -l <"$work/runs")" "$1" "$2"
}

lay_toy "" "[ \$(wc -l <$work/runs) -ge 3 ] || exit 75; echo 1..1"
patiently 3 "a test for which the host is to blame is run twice more"
is "$(grep -c '^ok 1' "$work/said")" 1 "only the last run counts"
has "$(<"$work/said")" '^# The host or QEMU is to blame' "that is said"
lay_toy "" "exit 75"
patiently 3 "but not more often"
lay_toy "" "[ \$(wc -l <$work/runs) -ge 2 ] || exit 75; echo 1..1"
patiently 2 "the demo, which somebody watches, is run again, too" --live
is "$(grep -c '^ok 1' "$work/said")" 2 "and all that it says is seen"

# A toy in place of QEMU: it answers on its monitor, until it is stopped.
cat >"$work/monitor.sh" <<'TOY'
rm -f "$1/monitor.in" "$1/monitor.out"
mkfifo "$1/monitor.in" "$1/monitor.out"
exec 3<>"$1/monitor.in" 4<>"$1/monitor.out"
while read -r _ <&3; do
	echo "VM status: running" >&4
done
TOY
# stands_still SIGNAL SECONDS: does the harness say of a QEMU that got it, and has so
# long to answer, that it stands still? On stderr the shell tells of what it killed.
stands_still() {
	bash -c '. "$0/tests/qemu/lib.sh"
		rundir=$1 end_timeout=$3
		sh "$rundir/monitor.sh" "$rundir" &
		qemu_pid=$!
		until [ -p "$rundir/monitor.out" ]; do sleep 0.1; done
		kill -"$2" "$qemu_pid"
		said=no
		qemu_stands_still && said=yes
		kill -KILL "$qemu_pid"
		echo "$said"' "$top" "$work" "$1" "$2" 2>/dev/null
}

is "$(stands_still CONT 60)" no "a QEMU that answers does not stand still"
is "$(stands_still STOP 1)" yes "one that does not answer stands still"

lay_toy "" "echo 1..1"
runs 1 "a test that does not say what it reads"
runs 2 "is run each time"
done_testing
