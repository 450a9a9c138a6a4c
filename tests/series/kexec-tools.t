#!/usr/bin/env bash
# The kexec-tools series: each patch is well made, applies without fuzz or
# offset to 2.0.32, and builds for MIPS without a new warning, so that bisection
# works. The files that the series adds are those of kexec-tools-plugin/kexec/.
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"

cross=mips-linux-gnu-

# Of checkpatch's types, these speak of things that only the kernel has: u32,
# __printf(), MAINTAINERS and its history, which has none of the commits of Fixes:.
kernel_only=PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID

compile() {
	make -j"$(nproc)" CFLAGS="-O2 -Wall -Wextra" build/sbin/kexec >"$work/make.log" 2>&1 ||
		fail "$1: does not build" "$work/make.log"
	# Without the line numbers, which any change moves. A patch compiles only
	# what it touches, so that only new lines can be told from old ones.
	grep 'warning:' "$work/make.log" | sed -E 's/:[0-9]+:[0-9]+:/:/' | sort -u >"$work/warnings" || true # none is fine
}

base=$("$top/ci/fetch" kexec-tools)
rm -rf "$work"
unpack "$base" "$work/tree"
cd "$work/tree"
./configure --host="${cross%-}" --without-zlib --without-lzma --without-zstd >"$work/configure.log" 2>&1 ||
	fail "kexec-tools cannot be configured" "$work/configure.log"
compile "the base"
mv "$work/warnings" "$work/base-warnings"
pass "the base builds"

added=()
for patch in $(series_files "$top/patches"); do
	name=${patch##*/}
	well_made "$patch" --ignore "$kernel_only"
	applies "$patch"
	compile "$name"
	is "$(comm -13 "$work/base-warnings" "$work/warnings")" "" "$name: builds without a new warning"
	mapfile -t -O "${#added[@]}" added < <(sed -n '/^--- \/dev\/null$/{n;s,^+++ b/,,p}' "$patch")
done

is "$(printf '%s\n' "${added[@]}" | sort)" \
	"$(cd "$top/kexec-tools-plugin" && find kexec -type f | sort)" \
	"kexec-tools-plugin/kexec/ holds the files that the series adds"
for file in "${added[@]}"; do
	diff -u "$top/kexec-tools-plugin/$file" "$file" >"$work/diff" ||
		fail "$file is not the same in kexec-tools-plugin/ and in the series" "$work/diff"
	pass "$file is the same in both"
done
is "$(groff -man -Tascii -ww -z kexec/kexec.8 2>&1 | grep -v ":87: warning: escape character ignored" || true)" "" \
	"the manual page has no new fault"

done_testing
