#!/usr/bin/env bash
# The command without a number: `auto` finds the highest free RAM for the file,
# `root` marks the MTD that it becomes as the root device, which Linux 7.2
# knows, and so the command line says nothing of a root.
# shellcheck disable=SC2034 # want_kernels is for tests/qemu/images
want_kernels=7.2
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# low_ram_end: the last address of the RAM that the kernel maps at all times: a 64-bit
# one maps all, and for one of 32 bit HIGHMEM_START and what follows is high.
low_ram_end() {
	local range start end last

	while read -r range _; do
		start=${range%-*}
		end=${range#*-}
		if [[ $cross == *64* ]] || ((16#$start < 0x20000000)); then
			last=$end
		fi
	done < <(system_ram)
	echo "$last"
}

# file_is_on_top NODE: the region of the node NODE of /reserved-memory is the
# file's, in whole pages, and ends where the RAM does.
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

# whole_pages BYTES
whole_pages() {
	echo $((($1 + page_size - 1) / page_size * page_size))
}

scenario short-form
send_bundle good-7.2
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="console=ttyS0"
command="kexec --map-file squashfs@auto,label=rootfs,root --dtb dtb --command-line \"$cmdline\" vmlinux"

about "The new system starts in RAM, and nobody counted anything: $command"
run_kexec "$command"
expect_new_system
kernel_is '^7\.2\.'
new_system_is_whole "$mtd" "$cmdline" "$ram"
node=$(reserved_nodes)
file_is_on_top "${node%/}"
shown "reserved: $node, at the top of $ram"

about "A reboot brings the old system back from flash"
reboot_to_old
shown "host name old"

scenario_end
