#!/usr/bin/env bash
# A kernel for crashes and a new system, each with a device tree of its own, are
# loaded side by side, the kernel for crashes first. A panic lands in the one,
# kexec -e in the other, and each finds the device tree that it was loaded with.
# shellcheck disable=SC2034 # want_cmdline is for lib.sh
want_cmdline="crashkernel=32M@64M"
# shellcheck source=tests/malta/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

flash_root="root=/dev/mtdblock1 rootfstype=squashfs console=ttyS0,115200"

load_crash_kernel() {
	on_device "cd /run/bundle && kexec -p --dtb dtb-crash --command-line '$flash_root' vmlinux-crash"
	is "$(on_device cat /sys/kernel/kexec_crash_loaded)" 1 "the kernel for crashes is loaded"
}

model_is() {
	is "$(on_device "tr -d '\\0' </proc/device-tree/model")" "$1" "its device tree is that of '$1'"
}

# Nothing answers once it has panicked.
panic() {
	set_mark
	timeout 20 ssh -F none -p "$ssh_port" -i "$images/ssh-key" -o BatchMode=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		root@127.0.0.1 'echo c >/proc/sysrq-trigger' </dev/null || true # it is gone
}

scenario crash
send_bundle crash
load_crash_kernel
on_device "cd /run/bundle && kexec -l --dtb dtb --command-line '$flash_root' vmlinux"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "and so is a new system, after it"

about "A panic: the kernel for crashes starts"
panic
if ! wait_for "harness: the system 'old' is up" "$boot_timeout"; then
	fail "the kernel for crashes did not come up"
fi
has "$(first_line 'Kernel command line:')" 'elfcorehdr=' "it was told where the old kernel's memory is"
model_is "Malta, after a panic"
shown "up, model 'Malta, after a panic'"

about "A reboot, and the same two once more"
reboot_to_old
send_bundle crash
load_crash_kernel
mtd=$(map_file_mtd)
cmdline="root=/dev/mtdblock$mtd rootfstype=squashfs console=ttyS0,115200"
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
model_is "Malta, tried from RAM"
shown "kexec -e: up, model 'Malta, tried from RAM'"
reboot_to_old

scenario_end
