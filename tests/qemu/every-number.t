#!/usr/bin/env bash
# The command with every number spelled out, for kernels before 5.18, or for a device
# tree that must not change: memmap= reserves the RAM, phram.phram= makes an MTD of
# it, and mtdparts= names its partition.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario every-number
send_bundle good
# phram needs a multiple of the new kernel's page size
size=$(whole_pages "$(bundle_size)")
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="mtdparts=phram0:$size(rootfs) phram.phram=phram0,$map_address,$size memmap=$size\$$map_address $(mtd_root "$mtd")"
command="kexec --map-file squashfs@$map_address --dtb dtb --command-line \"${cmdline//\$/\\\$}\" vmlinux"

about "The new system starts in RAM, every number spelled out: $command"
run_kexec "$command"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
