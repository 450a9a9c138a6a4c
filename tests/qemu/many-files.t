#!/usr/bin/env bash
# Twelve map files in one image: the root file system and eleven others, among them
# files of one byte, of one page, and of a byte less and more than a page. In the new
# system each is an MTD that holds the file byte for byte, and zeros up to a
# multiple of 4096 bytes.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

sizes=(1 4095 4096 4097 8192 16383 16384 16385 65536 1048576 3000001)

scenario many-files
send_bundle good
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline=$(mtd_root "$mtd")
options="--map-file squashfs@auto,label=rootfs"
on_device "cd /run/bundle && yes 'not all of it is the same' | head -c 3000001 >text"
for size in "${sizes[@]}"; do
	on_device "cd /run/bundle && tail -c $size text >file-$size"
	options+=" --map-file file-$size@auto,label=file-$size"
done
sums=$(on_device "cd /run/bundle && sha256sum file-*")

about "The new system starts with 12 map files"
run_kexec "kexec $options --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
for size in "${sizes[@]}"; do
	mtd_holds "file-$size" "$size" "$(awk -v name="file-$size" '$2 == name { print $1 }' <<<"$sums")"
done
shown "1 to 3000001 bytes, each as it was sent"
reboot_to_old

scenario_end
