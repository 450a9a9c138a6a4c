#!/usr/bin/env bash
# The kexec-tools series: each patch is well made, applies without fuzz or
# offset to 2.0.32, and builds for MIPS of 32 and 64 bit, arm64, riscv64 and x86_64
# without a new warning, so that bisection works. The files that the series adds are
# those of kexec-tools-plugin/kexec/, and `make dist` packs them.
# reads: patches kexec-tools-plugin/kexec
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"

targets='mips-linux-gnu mips64-linux-gnuabi64 aarch64-linux-gnu riscv64-linux-gnu x86_64-linux-gnu'

# checkpatch types about things that only the kernel has: u32, strscpy(), __printf(),
# MAINTAINERS, and a history with the commits of Fixes:.
kernel_only=PREFER_KERNEL_TYPES,STRCPY,STRNCPY,PREFER_DEFINED_ATTRIBUTE_MACRO,FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID

# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

# configure TARGET: the tree for it, in the directory of that name.
configure() {
	cp -a "$work/tree" "$work/$1"
	cd "$work/$1"
	./configure CC="ccache $1-gcc" --host="$1" --without-zlib --without-lzma --without-zstd \
		>"$work/configure.log" 2>&1 ||
		fail "kexec-tools cannot be configured for $1" "$work/configure.log"
}

# compile TARGET WHAT: builds what WHAT has touched, and keeps its warnings without
# line numbers, which any change moves.
compile() {
	cd "$work/$1"
	make -j"$(nproc)" CFLAGS="-O2 -Wall -Wextra" build/sbin/kexec >"$work/make.log" 2>&1 ||
		fail "$2: does not build for $1" "$work/make.log"
	sed -n '/warning:/s/:[0-9]*:[0-9]*: /: /p' "$work/make.log" | sort -u >"$work/warnings"
}

# step PATCH: applies the patch to each tree, and builds each.
step() {
	local target new=

	for target in $targets; do
		cd "$work/$target"
		patch -p1 --fuzz=0 --no-backup-if-mismatch -s <"$1"
		compile "$target" "${1##*/}"
		new+=$(comm -13 "$work/base-warnings-$target" "$work/warnings")
	done
	is "$new" "" "${1##*/}: builds without a new warning for $targets"
}

base=$("$top/ci/fetch" kexec-tools)
rm -rf "$work"
unpack "$base" "$work/tree"
for target in $targets; do
	configure "$target"
	compile "$target" "the base"
	mv "$work/warnings" "$work/base-warnings-$target"
done
pass "the base builds"

cd "$work/tree"
added=()
for patch in $(series_files "$top/patches"); do
	well_made "$patch" --ignore "$kernel_only"
	cd "$work/tree"
	applies "$patch"
	step "$patch"
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

make -C "$work/mips-linux-gnu" dist >"$work/make.log" 2>&1 || fail "make dist fails" "$work/make.log"
tar -tzf "$work"/mips-linux-gnu/kexec-tools-*.tar.gz >"$work/packed"
for file in "${added[@]}"; do
	if ! grep -q "/$file\$" "$work/packed"; then
		fail "make dist leaves out $file" "$work/packed"
	fi
done
pass "make dist packs the files that the series adds"

cd "$work/tree"
is "$(groff -man -Tascii -ww -z kexec/kexec.8 2>&1 | grep -v ":87: warning: .*escape character" || true)" "" \
	"the manual page has no new fault"

done_testing
