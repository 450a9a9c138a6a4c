#!/usr/bin/env bash
# The unit tests run at least 90 of 100 lines of kexec-try. Which they do not, the
# table says.
# reads: kexec-tools-plugin tests/unit
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

build=$top/build/coverage
log=$build.log

# measure DIRECTORY LEAST: of kexec-tools-plugin; LEAST of 100 lines are run.
measure() {
	local code=$top/kexec-tools-plugin/$1 least=$2 status=0 files file

	gcovr --root "$code" --object-directory "$build" --fail-under-line "$least" "$build" >"$log" 2>&1 ||
		status=$?
	diag <"$log"
	# A file without a function, which is a table, has nothing to run.
	files=$(cd "$code" && find . -name '*.c' -printf '%P\n' | sort | xargs grep -lx '}' | xargs)
	for file in $files; do
		grep -E "^$file( |\$)" "$log" >/dev/null || fail "gcovr says nothing of $file" "$log"
	done
	pass "all of $files is measured"
	is "$status" 0 "at least $least of 100 lines of $1 are run"
}

# From nothing, because gcov adds to the counts that it finds.
rm -rf "$build"
mkdir -p "$build"
make --no-print-directory -s -C "$top/tests/unit" BUILD="$build" INSTRUMENT="--coverage -O0" >"$log" 2>&1 ||
	fail "the unit tests cannot be built for gcov" "$log"
for source in "$top"/tests/unit/test-*.c; do
	name=$(basename "$source" .c)
	"$build/$name" >"$log" 2>&1 || fail "$name fails" "$log"
done
measure kexec-try 90
done_testing
