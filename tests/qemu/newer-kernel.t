#!/usr/bin/env bash
# The old system starts a new one with Linux 7.2. That one, its root in RAM, starts
# the next in the same way: with Linux 6.1, from the device tree that it runs with
# (no --dtb), and with the root at another address. Nothing of the first root may be
# left in that device tree. A last system learns its root from the device tree alone.
# shellcheck disable=SC2034 # want_kernels is for tests/qemu/images
want_kernels="6.1 7.2"
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario newer-kernel
send_bundle good-7.2
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="$(mtd_root "$mtd")"

command="kexec --map-file squashfs@100M,label=rootfs --dtb dtb --command-line \"$cmdline\" vmlinux"
about "A newer kernel starts in RAM: $command"
kernel_is "^${kernel_version/./\\.}\\."
run_kexec "$command"
expect_new_system
kernel_is '^7\.2\.'
new_system_is_whole "$mtd" "$cmdline" "$ram"
is "$(reserved_nodes)" "map-file@6400000/" "the root's memory is reserved"
shown "uname -r: $kernel; reserved: $(reserved_nodes)"

send_bundle good-6.1
command="kexec --map-file squashfs@80M,label=rootfs --command-line \"$cmdline\" vmlinux"
about "From there the older kernel, with its root elsewhere: $command"
run_kexec "$command" new
expect_new_system
kernel_is '^6\.1\.'
# kexec-tools puts a space after the bootargs when it makes the device tree
new_system_is_whole "$mtd" "$cmdline " "$ram"
is "$(reserved_nodes)" "map-file@5000000/" "only the new root's memory is reserved"
shown "uname -r: $kernel; reserved: $(reserved_nodes)"

send_bundle good-7.2
cmdline="console=ttyS0"
command="kexec --map-file squashfs@auto,label=rootfs,root --command-line \"$cmdline\" vmlinux"
about "And the newer one, told its root by the device tree alone, not by the root= of the system that runs: $command"
has "$(on_device "tr -d '\\0' </proc/device-tree/chosen/bootargs")" 'root=' "the running system's device tree has a root="
on_device "cd /run/bundle && kexec -l vmlinux"
status=0
said=$(on_device "cd /run/bundle && kexec -l --map-file squashfs@auto,label=rootfs,root --reuse-cmdline vmlinux 2>&1") || status=$?
has "$status" '^[1-9]' "with --reuse-cmdline, which has that root=, it is refused"
has "$said" ': root contradicts root= in the command line$' "with the reason"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "and the kernel loaded before is still loaded"
run_kexec "$command" new
expect_new_system
kernel_is '^7\.2\.'
new_system_is_whole "$mtd" "$cmdline " "$ram"

about "A reboot brings the old system back from its $medium"
reboot_to_old
kernel_is "^${kernel_version/./\\.}\\."
shown "host name old"

scenario_end
