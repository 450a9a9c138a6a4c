#!/usr/bin/env bash
# Buildroot applies the patches of the global patch directory in the order of the
# names, with patch -p1 -N and without a question, and requires Upstream: and a
# sign-off in each. Its -O2 build is for little endian here.
# reads: patches kernel-patches kexec-tools-plugin tests/packagers README.md
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

# apply_as_buildroot TREE PATCHES
apply_as_buildroot() {
	local file
	for file in "$2"/*.patch; do
		patch -g0 -p1 -E --no-backup-if-mismatch -t -N -d "$1" <"$file" || return
	done
}

# lacking PATTERN: the patches whose message has no such line.
lacking() {
	local file
	for file in "$work"/drop-in/patches/*/*.patch; do
		sed '/^---$/q' "$file" | grep -qE "$1" || printf '%s\n' "${file##*/}"
	done
}

begin_test buildroot
is "$(lacking '^Upstream: ')" "" "every patch says where upstream is"
is "$(lacking '^Signed-off-by: Packager <packager@example.org>$')" "" "every patch is signed off"
linux_part 6.12 "$work/linux"
logged "the kernel patches apply" "$work/linux.log" apply_as_buildroot "$work/linux" "$work/drop-in/patches/linux"
no_fuzz "$work/linux.log"
source=$("$top/ci/fetch" kexec-tools)
unpack "$source" "$work/upstream"
unpack "$source" "$work/kexec-tools"
logged "the patches of kexec-tools apply" "$work/tools.log" \
	apply_as_buildroot "$work/kexec-tools" "$work/drop-in/patches/kexec"
no_fuzz "$work/tools.log"
zlib=$("$top/ci/build-zlib" mipsel)
xz=$("$top/ci/build-xz" mipsel)
flags="-D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 -O2 -g0 -I$zlib/include -I$xz/include"
linker="-static -L$zlib/lib -L$xz/lib"
builds_without_new_warnings mipsel-linux-gnu-gcc "$flags" "$linker" \
	--host=mipsel-linux-gnu --target=mipsel-linux-gnu --with-zlib --with-lzma --without-zstd
builds_kexec_try "$work/drop-in/package/kexec-try/src" mipsel-linux-gnu-gcc "$flags" "$linker"
done_testing
