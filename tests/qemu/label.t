#!/usr/bin/env bash
# The short form: the address is the only number. The option reserves the region in
# the device tree and makes it an MTD named by label=. The watchdog that the old
# system armed runs on across kexec; the new system feeds it, and is still there
# after its timeout.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario label
# The board's longer timeout, as nothing here hangs with its interrupts masked:
# with 1 GiB of RAM, a kernel takes 7 s of its clock to start
watchdog_seconds=$watchdog_seconds_of_host
send_bundle good
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline="$(mtd_root "$mtd") harness.feed"
command="kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line \"$cmdline\" vmlinux"

about "The new system starts in RAM, no number but the address: $command"
arm_watchdog
run_kexec "$command"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"

about "The new system feeds the watchdog that the old one armed, and outlives its $watchdog_seconds s"
on_device "sleep $((watchdog_seconds + 10))"
is "$(on_device hostname)" new "the new system is still there"
shown "up for $(on_device "cut -d ' ' -f 1 /proc/uptime") s, host name new"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
