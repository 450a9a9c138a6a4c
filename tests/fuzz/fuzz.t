#!/usr/bin/env bash
# Whatever the options, /proc/iomem and the device tree say, kexec loads an image
# that keeps the contract of --map-file, or refuses with a line. Whatever a bundle
# holds, kexec-try accepts only a valid one. Neither touches memory that is not its
# own: libFuzzer runs on both, with ASan and UBSan.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

seconds=60

# Inputs to try: for kexec so many, however long they take; for bundles what even a
# slow host does in $seconds. And the coverage that so many inputs reach once they get
# past the first checks: for bundles 201 to 214, and at most 135 when a seed is missing.
# A fast host reaches more.
declare -A inputs_min=([kexec]=500 [bundle]=10000)
declare -A coverage_min=([kexec]=700 [bundle]=170)

# number LINE KEY
number() {
	sed -n "s/.* $2=\([0-9]*\).*/\1/p" <<<"$1"
}

said=$top/build/fuzz/fuzz.log
mkdir -p "${said%/*}"
status=0
"$top/tests/fuzz/run" "$seconds" "${inputs_min[kexec]}" >"$said" 2>&1 || status=$?

for target in kexec bundle; do
	line=$(grep "^fuzz-$target: " "$said") ||
		fail "fuzz-$target finds nothing" "$said"
	inputs=$(number "$line" inputs)
	coverage=$(number "$line" coverage)
	diag <<<"$line"
	if [ "${inputs:-0}" -lt "${inputs_min[$target]}" ]; then
		fail "fuzz-$target tries ${inputs_min[$target]} inputs: it tried ${inputs:-none}" "$said"
	fi
	if [ "${coverage:-0}" -lt "${coverage_min[$target]}" ]; then
		fail "fuzz-$target reaches ${coverage_min[$target]} places: it reached ${coverage:-none}" "$said"
	fi
	pass "fuzz-$target finds nothing in $inputs inputs"
done
is "$status" 0 "exit status"
done_testing
