#!/usr/bin/env bash
# devtool makes commits of a recipe's patches with git am, and OE's checks require an
# Upstream-Status in each. The layer names every patch that it contains, in order.
# Built as OE does: -O2 with its hardening, 64 bit.
# reads: patches kernel-patches kexec-tools-plugin tests/packagers README.md
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

# patches_of FILE DIRECTORY: the patches that a recipe names, in its order.
patches_of() {
	sed -n 's,^SRC_URI:append:mipsarch = " file://\(.*\.patch\)"$,\1,p' "$1" | sed "s,^,$2/,"
}

# am TREE PATCH...
am() {
	git init -q "$1"
	git -C "$1" add -A -f
	git -C "$1" commit -q -m base
	git -C "$1" am --whitespace=nowarn "${@:2}"
}

# takes WHAT TREE RECIPE DIRECTORY
takes() {
	local files
	mapfile -t files < <(patches_of "$3" "$4")
	is "$(printf '%s\n' "${files[@]}")" "$(printf '%s\n' "$4"/*.patch)" "$1: the recipe names what the layer holds"
	logged "$1: git am takes ${#files[@]} patches" "$work/$1.log" am "$2" "${files[@]}"
	is "$(grep -LE '^Upstream-Status: (Pending|Submitted|Backport|Inappropriate)' "${files[@]}" || true)" "" \
		"$1: each has an Upstream-Status"
}

begin_test yocto
layer=$work/drop-in
linux_part 6.12 "$work/linux"
takes linux "$work/linux" "$layer/recipes-kernel/linux/kexec-map-file.inc" "$layer/recipes-kernel/linux/files"
source=$("$top/ci/fetch" kexec-tools)
unpack "$source" "$work/upstream"
unpack "$source" "$work/kexec-tools"
takes kexec-tools "$work/kexec-tools" "$layer/recipes-kernel/kexec/kexec-tools_%.bbappend" \
	"$layer/recipes-kernel/kexec/kexec-tools"
is "$(sed -n 's/.*COPYING;md5=\(.*\)"$/\1/p' "$layer"/recipes-kernel/kexec/kexec-try_*.bb)" \
	"$(md5sum <"$layer/recipes-kernel/kexec/kexec-try/src/COPYING" | cut -d' ' -f1)" "the license is the one that the recipe knows"
zlib=$("$top/ci/build-zlib" mips64el)
xz=$("$top/ci/build-xz" mips64el)
flags="-O2 -pipe -g -feliminate-unused-debug-types -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
-Wformat -Wformat-security -Werror=format-security -I$zlib/include -I$xz/include"
linker="-static -Wl,-O1 -Wl,--hash-style=gnu -Wl,-z,relro,-z,now -L$zlib/lib -L$xz/lib"
builds_without_new_warnings mips64el-linux-gnuabi64-gcc "$flags" "$linker" \
	--host=mips64el-linux-gnuabi64 --target=mips64el-linux-gnuabi64 --with-zlib --without-zstd
builds_kexec_try "$layer/recipes-kernel/kexec/kexec-try/src" mips64el-linux-gnuabi64-gcc "$flags" "$linker"
done_testing
