#!/usr/bin/env bash
# The root file system was made without padding, as by mksquashfs -nopad. Its size is
# not a multiple of 512, the sector size of a block device, and it ends in the first
# half of the 1024 bytes that squashfs reads at once. The new system reads it to its
# last byte.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# used_bytes: the size that the squashfs' superblock has, little endian at offset 40.
used_bytes() {
	od -An -t u8 --endian=little -j 40 -N 8 "$made/squashfs" | tr -d ' '
}

# odd_sectors: does the squashfs end in the first half of 1024 bytes, within a
# sector?
odd_sectors() {
	local last=$(($(used_bytes) % 1024))

	((last > 0 && last < 512))
}

# pack_without_padding: adds noise until the size is odd in that way, and cuts the
# padding off.
pack_without_padding() {
	local i

	for i in 1 2 3 4 5 6 7 8; do
		unpack_root
		noise $((i * 150)) "$i" >"$root/etc/noise"
		pack_root
		if odd_sectors; then
			break
		fi
	done
	truncate -s "$(used_bytes)" "$made/squashfs"
}

scenario unpadded-root
make_bundle unpadded-root
pack_without_padding
send_bundle unpadded-root
size=$(bundle_size)
is "$((size % 1024 > 0 && size % 1024 < 512))" 1 "the file ends within the first half of 1024 bytes: $size"
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline=$(mtd_root "$mtd")

about "The new system starts from it"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
mtd_holds rootfs "$size" "$(sum_of "$made/squashfs")"
shown "$size bytes, $(on_device "cat /sys/class/mtd/mtd$mtd/size") in the MTD"
reboot_to_old

scenario_end
