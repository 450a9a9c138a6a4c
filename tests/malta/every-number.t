#!/usr/bin/env bash
# The command with every number spelled out, for kernels before 5.18 or a device
# tree that must stay as it is: memmap= reserves the RAM, phram.phram= makes an
# MTD of it, mtdparts= names its partition.
# shellcheck source=tests/malta/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario every-number
send_bundle good
size=$(bundle_size)
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="mtdparts=phram0:$size(rootfs) phram.phram=phram0,$map_address,$size memmap=$size\$$map_address root=/dev/mtdblock$mtd rootfstype=squashfs console=ttyS0,115200"
command="kexec --map-file squashfs@$map_address --dtb dtb --command-line \"${cmdline//\$/\\\$}\" vmlinux"

about "The new system starts in RAM, every number spelled out: $command"
run_kexec "$command"
expect_new_system
is "$(on_device cat /proc/cmdline)" "$cmdline" "the command line is the one given"
has "$(on_device "grep '^mtd$mtd:' /proc/mtd")" '"rootfs"$' "the MTD is called rootfs"
want=$(sum_of "$bundle/bundle/squashfs")
is "$(on_device "sha256sum </dev/mtd$mtd" | cut -d ' ' -f 1)" "$want" "the MTD holds the file, byte for byte"
model=$(on_device "tr -d '\\0' </proc/device-tree/model")
is "$model" "$(fdtget "$bundle/bundle/dtb" / model)" "the device tree is the bundle's"
is "$(system_ram)" "$ram" "all RAM is there"
is "$(on_device "cd / && sha256sum -c /etc/contents | grep -vc ': OK\$'" || [ $? = 1 ])" 0 "every file of the root filesystem reads well"
shown "host name new, model '$model', root mtd$mtd with SHA-256 $want as the file has, $ram, /proc/cmdline as given"

about "A reboot brings the old system back from flash"
reboot_to_old
shown "host name old"

scenario_end
