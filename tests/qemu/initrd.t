#!/usr/bin/env bash
# An initrd beside a map file: the new system starts in the initrd, which finds the
# map file by its label, mounts it and switches to it.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# initrd_init: finds the map file by its label, so nobody has to know a number.
initrd_init() {
	cat <<-'EOF'
		#!/bin/sh
		mount -t proc proc /proc
		mount -t devtmpfs devtmpfs /dev
		exec </dev/console >/dev/console 2>&1
		echo "harness: the initrd is up"
		mtd=$(sed -n 's/^mtd\([0-9]*\):.*"rootfs"$/\1/p' /proc/mtd)
		mkdir /root.new
		mount -t squashfs "/dev/mtdblock$mtd" /root.new
		mount -t devtmpfs devtmpfs /root.new/dev
		umount /dev /proc
		exec switch_root /root.new /sbin/init
	EOF
}

pack_initrd() {
	rm -rf "${root:?}"/{lib,etc,usr}
	initrd_init >"$root/init"
	chmod +x "$root/init"
	(cd "$root" && find . | sort | cpio -o -H newc -R 0:0 --quiet) | gzip -n >"$made/initrd"
	rm -rf "$root"
}

scenario initrd
make_bundle initrd
unpack_root
pack_initrd
send_bundle initrd
mtd=$(map_file_mtd)
cmdline=$(console_words)

about "The new system starts in an initrd, with a map file beside it"
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --initrd initrd --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
has "$(first_line 'harness: the initrd is up')" '^harness: the initrd is up' "it came through the initrd"
mtd_holds rootfs "$(stat -L -c %s "$made/squashfs")" "$(sum_of "$made/squashfs")"
has "$(on_device "awk '\$2 == \"/\" { root = \$1 } END { print root }' /proc/mounts")" "^/dev/mtdblock$mtd\$" "its root is the map file"
shown "$(first_line 'harness: the initrd is up'); root /dev/mtdblock$mtd"
reboot_to_old

scenario_end
