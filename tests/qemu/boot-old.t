#!/usr/bin/env bash
# The old system boots from its place in flash or on a disk. Its root is a squashfs
# there.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario boot-old

about "The old system boots from its $medium"
is "$(on_device hostname)" old "the host name is old"
root=$(on_device "awk '\$2 == \"/\" { print \$1, \$3 }' /proc/mounts")
has "$root" '^/dev/root squashfs$' "the root is a squashfs"
has "$(on_device cat /proc/cmdline)" "root=$old_root " "it is $old_root"
if [ -n "$old_root_mtd" ]; then
	has "$(on_device "grep '^mtd${old_root#/dev/mtdblock}:' /proc/mtd")" "\"$old_root_mtd\"\$" "which is the $medium's $old_root_mtd"
fi
ram=$(system_ram)
shown "host name old, root $root on $old_root, $ram"

scenario_end
