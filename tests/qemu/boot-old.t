#!/usr/bin/env bash
# The old system boots from where it lives: its root is a squashfs on Malta in the
# flash's partition that the device tree calls "User FS", on Boston on the disk.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario boot-old

about "The old system boots from its $medium"
is "$(on_device hostname)" old "the host name is old"
root=$(on_device "awk '\$2 == \"/\" { print \$1, \$3 }' /proc/mounts")
has "$root" '^/dev/root squashfs$' "the root is a squashfs"
has "$(on_device cat /proc/cmdline)" "root=$old_root " "it is $old_root"
if [ "$medium" = flash ]; then
	has "$(on_device "grep '^mtd1:' /proc/mtd")" '"User FS"$' "mtdblock1 is the flash's User FS"
fi
ram=$(system_ram)
shown "host name old, root $root on $old_root, $ram"

scenario_end
