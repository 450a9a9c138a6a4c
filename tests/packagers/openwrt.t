#!/usr/bin/env bash
# An OpenWrt packager runs the drop-in's `apply` on a tree with the target ath79, and
# runs it again. OpenWrt's build then applies patches/ in the order of the names with
# patch -p1, and compiles against musl: nothing is left to do by hand.
# reads: patches kernel-patches kexec-tools-plugin tests/packagers README.md
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

theirs=330-MIPS-kexec-Accept-command-line-parameters-from-users.patch
conversion=830-watchdog-ath79-convert-to-watchdog_device.patch

# lay_openwrt TREE: makes as much of an OpenWrt tree as the drop-in touches.
lay_openwrt() {
	local version
	mkdir -p "$1/target/linux/ath79" "$1/package/boot/kexec-tools"
	touch "$1/rules.mk"
	for version in 6.12 6.18; do
		mkdir -p "$1/target/linux/generic/pending-$version"
		echo 'a patch that stands in the way' >"$1/target/linux/generic/pending-$version/$theirs"
		echo '# CONFIG_MTD_PHRAM is not set' >"$1/target/linux/ath79/config-$version"
	done
	echo '# CONFIG_KERNEL_KEXEC is not set' >"$1/.config"
	mkdir -p "$1/target/linux/ath79/patches-6.18"
	echo 'a conversion of their own' >"$1/target/linux/ath79/patches-6.18/$conversion"
}

# driver_of_6_6 FILE: turns 6.1's ath79_wdt.c into that of 6.6, which Debian does not
# have: .remove returns nothing. The blob's hash shows that it is the same file.
driver_of_6_6() {
	sed -i -e 's/^static int ath79_wdt_remove/static void ath79_wdt_remove/' \
		-e '/^static void ath79_wdt_remove/,/^}/{/return 0;/d}' \
		-e 's/\.remove\t\t=/.remove_new\t=/' "$1"
}

# apply_as_openwrt TREE PATCHES: applies every file, in the order of the names.
apply_as_openwrt() {
	local file
	for file in "$2"/*; do
		patch -f -p1 -d "$1" <"$file" || return
	done
}

begin_test openwrt
tree=$work/openwrt
lay_openwrt "$tree"
logged "apply takes the tree" "$work/apply.log" as_readme openwrt 3 "TREE=$tree" TARGET=ath79
cp -R "$tree" "$work/first"
logged "apply takes it again" "$work/apply.log" as_readme openwrt 3 "TREE=$tree" TARGET=ath79
logged "the second time changes nothing" "$work/again.log" diff -r "$work/first" "$tree"
is "$(find "$tree" -name "$theirs")" "" "the patch that stands in the way is gone"
is "$(find "$tree/target/linux/generic" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" \
	"pending-6.12 pending-6.18" "no directory is made for a kernel that the tree has not"
is "$(find "$tree/target/linux/generic" -name '*ath79_wdt*' -printf '%P\n')" \
	"pending-6.12/871-watchdog-ath79_wdt-Convert-to-the-watchdog-core.patch" \
	"ath79's watchdog is left to the conversion of the tree, where it has one"
is "$(cat "$tree/target/linux/ath79/config-6.12")" "$(cat "$work/drop-in/kernel-config")" \
	"the target's kernel has what it needs, once"
has "$(cat "$tree/.config")" '^CONFIG_KERNEL_KEXEC=y$' "kexec is on in .config"
has "$("$work/drop-in/apply" "$work" ath79 2>&1 || true)" 'no OpenWrt tree' "another directory is refused"
mkdir -p "$work/old/target/linux/ath79" "$work/old/target/linux/generic/pending-5.15"
touch "$work/old/rules.mk" "$work/old/target/linux/ath79/config-5.15"
has "$("$work/drop-in/apply" "$work/old" ath79 2>&1 || true)" 'none of the kernels.*pending-6\.12' "so is a tree with other kernels"
is "$(find "$work/old" -type f | wc -l)" 2 "and nothing is written to it"

linux_part 6.12 "$work/linux"
logged "the kernel patches for 6.12 apply" "$work/linux.log" \
	apply_as_openwrt "$work/linux" "$tree/target/linux/generic/pending-6.12"
no_fuzz "$work/linux.log"

linux_part 6.1 "$work/linux-6.6"
driver=drivers/watchdog/ath79_wdt.c
for patch in "$work/drop-in/target/linux/generic/pending-6.6/"*-ath79_wdt-*; do
	driver_of_6_6 "$work/linux-6.6/$driver"
	has "$(git hash-object "$work/linux-6.6/$driver")" \
		"^$(sed -n "\\,a/$driver,{n;s/^index \([0-9a-f]*\).*/\1/p}" "$patch")" "the driver of Linux 6.6"
	logged "its patch applies" "$work/linux-6.6.log" patch -f -p1 -d "$work/linux-6.6" -i "$patch"
	no_fuzz "$work/linux-6.6.log"
done

source=$("$top/ci/fetch" kexec-tools)
unpack "$source" "$work/upstream"
unpack "$source" "$work/kexec-tools"
logged "the patches of kexec-tools apply" "$work/tools.log" \
	apply_as_openwrt "$work/kexec-tools" "$tree/package/boot/kexec-tools/patches"
no_fuzz "$work/tools.log"

musl=$("$top/ci/build-musl" mips)
flags="-Os -pipe -mips32r2 -mtune=24kc -fno-caller-saves -Wformat -Werror=format-security \
-fstack-protector -Wno-error=unused-but-set-variable -Wno-error=unused-result \
-ffunction-sections -fdata-sections"
linker="-static -Wl,-z,now -Wl,-z,relro -Wl,--gc-sections"
builds_without_new_warnings "$musl/bin/musl-gcc" "$flags" "$linker" \
	--host=mips-linux-gnu --target=mips-linux-gnu --with-zlib --without-lzma
# OpenWrt sets USE_MIPS16 for targets that can, ath79 and ramips among them
mips16="-mips16 -minterlink-mips16"
builds_kexec_try "$tree/package/boot/kexec-try/src" "$musl/bin/musl-gcc" "$flags $mips16" "$linker"

# What `send --tools` copies into the RAM of a device without kexec-try
logged "kexec-try is built for size alone" "$work/small.log" \
	make -C "$tree/package/boot/kexec-try/src" -j"$(nproc)" BUILD="$work/small" \
	CC="$musl/bin/musl-gcc" CFLAGS=-Os LDFLAGS=-static
mips-linux-gnu-strip "$work/small/kexec-try"
bytes=$(stat -c %s "$work/small/kexec-try")
[ "$bytes" -le $((128 * 1024)) ] || fail "kexec-try has $bytes bytes, and 128 KiB is the most"
pass "kexec-try, static, has $bytes bytes: at most 128 KiB"
done_testing
