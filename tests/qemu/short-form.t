#!/usr/bin/env bash
# The command without a number: `auto` finds the highest free RAM for the file, and
# `root` marks its MTD as the root device. Linux 6.2 and later knows that mark, so
# the command line has no root=. The command is the README's.
# reads: README.md
# shellcheck disable=SC2034 # want_kernels is for tests/qemu/images
want_kernels=root
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/readme.sh
. "$(dirname "${BASH_SOURCE[0]}")/readme.sh"

# file_is_on_top NODE: the region of NODE in /reserved-memory is the file's, in whole
# pages, and ends where the RAM ends.
file_is_on_top() {
	local reg addr size ram_end pages

	# Cells are big-endian: one of address, one of size
	reg=$(on_device "od -An -v -t x1 /proc/device-tree/reserved-memory/$1/reg" | tr -d ' \n')
	is "${#reg}" 16 "the region is one address and one size of 32 bits each"
	addr=$((16#${reg:0:8}))
	size=$((16#${reg:8:8}))
	ram_end=$(low_ram_end)
	pages=$(whole_pages "$(bundle_size)")
	is "$1" "map-file@$(printf %x "$addr")" "its name has its address"
	is "$(whole_pages "$size")" "$pages" "it has the pages of the file"
	is "$(printf '0x%x' $((addr + pages)))" "$(printf '0x%x' $((16#$ram_end + 1)))" "it ends where the RAM ends"
}

scenario short-form
send_bundle "good-$root_kernel"
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="console=ttyS0"
command=$(command_of README.md "kexec --map-file")

about "The new system starts in RAM, and nobody counted anything: $command"
run_kexec "$command"
expect_new_system
kernel_is "^${root_kernel/./\\.}\\."
new_system_is_whole "$mtd" "$cmdline" "$ram"
node=$(reserved_nodes)
file_is_on_top "${node%/}"
shown "reserved: $node, at the top of $ram"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
