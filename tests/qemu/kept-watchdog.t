#!/usr/bin/env bash
# What keeps the watchdog running across kexec. A kernel hangs at its first
# instruction, before any driver. If the old system was booted with
# watchdog.stop_on_reboot=0, it comes back. With =1, the watchdog core stops the
# hardware and the board stays lost, unless nowayout=1 locks the hardware. A new
# system that comes up and does not feed the watchdog also ends in the old system,
# unless its driver stops the watchdog when it starts.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# kept NOWAYOUT STOP_ON_REBOOT: boots the old system anew with these parameters, and
# arms the watchdog.
kept() {
	about "nowayout=$1, stop_on_reboot=$2"
	boot_with "$watchdog_driver.nowayout=$1 watchdog.stop_on_reboot=$2"
	is "$(on_device cat /sys/module/watchdog/parameters/stop_on_reboot)" "$2" "the watchdog core has stop_on_reboot=$2"
	arm_watchdog
}

# leave_for BUNDLE
leave_for() {
	send_bundle "$1"
	run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$(mtd_root "$(map_file_mtd)")' vmlinux"
}

try_hung_kernel() {
	make_bundle hung-kernel
	hang_kernel_at "$(kernel_entry)"
	leave_for hung-kernel
	wait_for 'Bye \.\.\.' "$leave_timeout" || fail "the old kernel did not leave"
}

# try_unfed: the new system comes up, and never opens the watchdog.
try_unfed() {
	leave_for good
	expect_new_system
}

# stays_new: the new system outlives the watchdog's timeout.
stays_new() {
	on_device "sleep $((watchdog_seconds + 10))"
	is "$(on_device hostname)" new "the new system is still there: its driver stopped the watchdog"
	reboot_to_old
}

# goes_back: the old system comes back by itself.
goes_back() {
	wait_for_system old "$rollback_timeout" || fail "the old system did not come back within $rollback_timeout s"
	is "$(on_device hostname)" old "the watchdog brought the old system back"
}

scenario kept-watchdog

kept 0 0
try_hung_kernel
expect_rollback

kept 0 1
try_hung_kernel
expect_no_rollback

kept 1 1
try_hung_kernel
if [ -n "$watchdog_locks" ]; then
	expect_rollback
else
	expect_no_rollback
fi

kept 1 0
try_unfed
goes_back

kept 0 0
try_unfed
case $watchdog_wakes in
	leaves) goes_back ;;
	stops) stays_new ;;
esac

scenario_end
