#!/usr/bin/env bash
# Whatever the text of the options and the bytes of a device tree or a bundle are,
# the code behind --map-file decides as its models do, kexec-try takes no bundle
# that is none, and neither touches memory that is not its own: a minute of
# libFuzzer on each, with ASan, LeakSanitizer and UBSan.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

seconds=60

# What even a slow host does in that time, and a part of what is reached by
# inputs that get past the first checks: less means that little was tried.
inputs_min=10000
declare -A coverage_min=([map-file]=400 [dt]=430 [bundle]=280)

# number LINE KEY
number() {
	sed -n "s/.* $2=\([0-9]*\).*/\1/p" <<<"$1"
}

said=$top/build/fuzz/fuzz.log
mkdir -p "${said%/*}"
status=0
"$top/tests/fuzz/run" "$seconds" >"$said" 2>&1 || status=$?

for target in map-file dt bundle; do
	line=$(grep "^fuzz-$target: " "$said") ||
		fail "fuzz-$target finds nothing" "$said"
	inputs=$(number "$line" inputs)
	coverage=$(number "$line" coverage)
	diag <<<"$line"
	if [ "${inputs:-0}" -lt "$inputs_min" ]; then
		fail "fuzz-$target tries $inputs_min inputs: it tried ${inputs:-none}" "$said"
	fi
	if [ "${coverage:-0}" -lt "${coverage_min[$target]}" ]; then
		fail "fuzz-$target reaches ${coverage_min[$target]} places: it reached ${coverage:-none}" "$said"
	fi
	pass "fuzz-$target finds nothing in $seconds seconds"
done
is "$status" 0 "exit status"
done_testing
