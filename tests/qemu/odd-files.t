#!/usr/bin/env bash
# kexec takes regular files only. It refuses a device node of the flash or the disk.
# A copy of that device's content, in a file whose name has an @, arrives in the new
# system byte for byte.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario odd-files
send_bundle good
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="$(mtd_root "$mtd")"
root="--map-file squashfs@$map_address,label=rootfs"

about "Devices of the $medium are refused: ${medium_devices[*]}"
for device in "${medium_devices[@]}"; do
	status=0
	said=$(on_device "cd /run/bundle && kexec -l $root --map-file $device@auto,label=copy --dtb dtb vmlinux 2>&1") || status=$?
	has "$status" '^[1-9]' "$device is refused"
	has "$said" "^--map-file $device@auto,label=copy: not a regular file" "with the reason"
	shown "$said"
done

about "A copy of it, $medium@home, arrives"
on_device "cat ${medium_devices[0]} >/run/bundle/$medium@home"
size=$(on_device "wc -c </run/bundle/$medium@home")
sum=$(on_device "sha256sum <${medium_devices[0]}" | cut -d ' ' -f 1)
run_kexec "kexec $root --map-file $medium@home@auto,label=copy --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
mtd_holds copy "$size" "$sum"
shown "$size bytes, SHA-256 $sum"
reboot_to_old

scenario_end
