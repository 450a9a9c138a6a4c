#!/usr/bin/env bash
# A chain of ten systems: each runs from RAM and starts the next. None has less
# memory than the first, and at the end a reboot brings the old system back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

memory_total() {
	on_device "awk '/^MemTotal/ { print \$2 }' /proc/meminfo"
}

scenario chain
cmdline=$(mtd_root "$(map_file_mtd)")
system=old
first=
for i in 1 2 3 4 5 6 7 8 9 10; do
	about "System $i of the chain"
	send_bundle good
	run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux" "$system"
	expect_new_system
	system=new
	total=$(memory_total)
	first=${first:-$total}
	is "$total" "$first" "it has the memory that the first of them had, in KiB"
	is "$(reserved_nodes | wc -l)" 1 "one region is reserved"
done
shown "MemTotal $total kB in each"
reboot_to_old

scenario_end
