#!/usr/bin/env bash
# The old system boots from flash: its root is a squashfs in the partition that
# Malta's device tree calls "User FS".
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario boot-old

about "The old system boots from NOR flash"
is "$(on_device hostname)" old "the host name is old"
root=$(on_device "awk '\$2 == \"/\" { print \$1, \$3 }' /proc/mounts")
has "$root" '^/dev/root squashfs$' "the root is a squashfs"
has "$(on_device cat /proc/cmdline)" 'root=/dev/mtdblock1 ' "it is mtdblock1"
mtd=$(on_device "grep '^mtd1:' /proc/mtd")
has "$mtd" '"User FS"$' "mtdblock1 is the flash's User FS"
ram=$(system_ram)
shown "host name old, root $root on $mtd, $ram"

scenario_end
