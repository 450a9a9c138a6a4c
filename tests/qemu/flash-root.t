#!/usr/bin/env bash
# The device tree marks a flash partition as the root device, as that of many routers
# does, and the flash is probed after the map file, as SPI flash is. With `root`, the
# map file is the root device all the same.
# shellcheck disable=SC2034 # want_kernels is for tests/qemu/images
want_kernels=7.2
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# mark_flash: marks the old system's partition as the root device. A clock that no
# driver provides delays the flash until all other drivers have probed.
mark_flash() {
	fdtput "$made/dtb" "$flash_root_node" linux,rootfs
	fdtput -c "$made/dtb" /clock-without-driver
	fdtput -t s "$made/dtb" /clock-without-driver compatible example,no-driver
	fdtput -t x "$made/dtb" /clock-without-driver '#clock-cells' 0
	fdtput -t x "$made/dtb" /clock-without-driver phandle 99
	fdtput -t x "$made/dtb" "$flash_node" clocks 99
}

scenario flash-root
make_bundle flash-root
rm "$made/vmlinux"
ln -s "$images/vmlinux-7.2" "$made/vmlinux"
own dtb
mark_flash
send_bundle flash-root
ram=$(system_ram)
cmdline=$(console_words)

about "The new system starts with a device tree that marks its own root and one in flash"
run_kexec "kexec --map-file squashfs@auto,label=rootfs,root --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
kernel_is '^7\.2\.'
has "$(on_device "sed -n 2p /proc/mtd")" '^mtd0:.*"rootfs"$' "the map file was found before the flash"
new_system_is_whole 0 "$cmdline" "$ram"
is "$(on_device "find /proc/device-tree/ -name linux,rootfs | grep -v /reserved-memory/ | wc -l")" 0 "no partition of the flash is marked"
reboot_to_old

scenario_end
