#!/usr/bin/env bash
# The device tree still names the RAM of an initrd that the boot loader left there. A
# new system without an initrd must not free that RAM: it now holds the map file, at
# the end of the RAM. Every byte of the file arrives.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario stale-initrd
ram=$(system_ram)
ram_end=$(low_ram_end)
initrd_end=$((16#$ram_end + 1 - 0x100000))
initrd_start=$((initrd_end - 0x100000))
make_bundle stale-initrd
own dtb
fdtput -p -t x "$made/dtb" /chosen linux,initrd-start "$(printf %x "$initrd_start")"
fdtput -p -t x "$made/dtb" /chosen linux,initrd-end "$(printf %x "$initrd_end")"
send_bundle stale-initrd
mtd=$(map_file_mtd)
cmdline=$(mtd_root "$mtd")

about "The new system starts with the map file where the initrd was"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
start=$(reserved_nodes)
start=$((16#$(sed -n 's|^map-file@\([0-9a-f]*\)/$|\1|p' <<<"$start")))
is "$((start < initrd_end && start + $(bundle_size) > initrd_start))" 1 "the map file covers the place of the initrd"
new_system_is_whole "$mtd" "$cmdline" "$ram"
is "$(on_device "ls /proc/device-tree/chosen | grep -c initrd || true")" 0 "the device tree names no initrd"
shown "the map file begins at $(printf '0x%x' "$start")"
reboot_to_old

scenario_end
