#!/usr/bin/env bash
# kexec decompresses a kernel that is compressed with gzip or xz. It does not
# decompress a map file: the same compressed kernel, given as a map file, arrives
# unchanged.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# start_from KERNEL [OPTION...]: the new system starts from a compressed kernel.
start_from() {
	local kernel=$1 mtd ram cmdline command

	shift
	send_bundle compressed
	mtd=$(map_file_mtd)
	ram=$(system_ram)
	cmdline="$(mtd_root "$mtd")"
	command="kexec --map-file squashfs@$map_address,label=rootfs${*:+ $*} --dtb dtb --command-line \"$cmdline\" $kernel"

	about "The new system starts from $kernel: $command"
	run_kexec "$command"
	expect_new_system
	new_system_is_whole "$mtd" "$cmdline" "$ram"
}

scenario compressed
start_from vmlinux.gz --map-file "vmlinux.gz@$((map_address + 0x1000000)),label=kernel"
mtd_holds kernel "$(stat -L -c %s "$bundle/bundle/vmlinux.gz")" "$(sum_of "$bundle/bundle/vmlinux.gz")"
shown "the MTD kernel has the SHA-256 of vmlinux.gz"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

start_from vmlinux.xz

scenario_end
