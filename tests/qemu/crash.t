#!/usr/bin/env bash
# A crash kernel and a new system, each with its own device tree, are loaded side by
# side, the crash kernel first. A panic starts the crash kernel, kexec -e the new
# system, and each finds the device tree that it was loaded with.
# shellcheck disable=SC2034 # these are for tests/qemu/images and lib.sh
want_kernels=crash
want_cmdline="crashkernel=32M@64M"
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

load_crash_kernel() {
	on_device "cd /run/bundle && kexec -p --dtb dtb-crash --command-line '$flash_root nokaslr' vmlinux-crash"
	is "$(on_device cat /sys/kernel/kexec_crash_loaded)" 1 "the kernel for crashes is loaded"
}

# The device panics and does not answer, so the status of ssh says nothing.
panic() {
	set_mark
	ssh_timeout=20 ssh_to_device 'echo c >/proc/sysrq-trigger' </dev/null || true # it is gone
}

scenario crash
flash_root=$(old_root_words)
send_bundle crash
load_crash_kernel
on_device "cd /run/bundle && kexec -l --dtb dtb --command-line '$flash_root' vmlinux"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "and so is a new system, after it"

status=0
said=$(on_device "cd /run/bundle && kexec -p --map-file squashfs@$map_address --dtb dtb-crash vmlinux-crash 2>&1") || status=$?
has "$status" '^[1-9]' "a map file beside a kernel for crashes is refused"
is "$said" "--map-file squashfs@$map_address: not possible with --load-panic" "with the reason"
is "$(on_device cat /sys/kernel/kexec_crash_loaded /sys/kernel/kexec_loaded | xargs)" "1 1" "both are still loaded"

about "A panic: the kernel for crashes starts"
arm_watchdog
panic
if ! wait_for 'Kernel command line: .*elfcorehdr=' "$boot_timeout"; then
	fail "the kernel for crashes did not start"
fi
has "$(first_line 'MIPS: machine is')" "$board_name, after a panic\$" "its device tree is the one that it was loaded with"
shown "$(first_line 'MIPS: machine is'); $(first_line 'Kernel command line:')"

# On QEMU's Malta the crash kernel gets no further than mem_init()
about "The watchdog brings the old system back"
expect_rollback

about "The same two once more, and kexec -e"
send_bundle crash
load_crash_kernel
mtd=$(map_file_mtd)
cmdline="$(mtd_root "$mtd")"
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
is "$(on_device "tr -d '\\0' </proc/device-tree/model")" "$board_name, tried from RAM" "its device tree is the one that it was loaded with"
shown "kexec -e: up, model '$board_name, tried from RAM'"
reboot_to_old

scenario_end
