#!/usr/bin/env bash
# Beside NAND flash, the MTD of the new root has number 0, because phram probes
# before NAND. kexec-try tells the new kernel that number, without counting the
# device's own MTDs. It skips nandsim because that is a virtual device; a unit test
# (test_mtd_number) shows that it skips a real NAND chip, too. A second file in RAM
# is the MTD that OpenWrt's mount_root is to take in place of rootfs_data in flash.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# types: the type of each MTD of the device, in order.
types() {
	on_device "cat /sys/class/mtd/mtd[0-9]/type" | xargs
}

scenario try-nand

about "The old system has one MTD, of NAND flash"
is "$(types)" nand "it is the first"
shown "$(on_device cat /proc/mtd | tail -n 1)"

about "A new system with its root by number: kexec-try send new root@device --confirm true -- --numbers"
send_try "$images/bundles/try" --confirm true -- --numbers
is "$sent" 0 "send says that it is confirmed"
has "$said" 'root=/dev/mtdblock0 ' "its kernel was told of number 0"
is "$(types)" "ram nand" "which is phram's, and NAND comes after it"
has "$(on_device kexec-try status)" 'root: mtd0 "rootfs", in RAM' "the root is the one that was sent"
shown "$(on_device cat /proc/mtd | tail -n +2)"

about "The same for OpenWrt, which is to write to RAM: kexec-try pack --overlay ram"
reboot_to_old
pack overlay "" "" --overlay ram
send_try "$packed" --confirm true
is "$sent" 0 "send says that it is confirmed"
is "$(types)" "ram ram nand" "there are two MTDs in RAM, and NAND comes after them"
has "$(on_device kexec-try status)" 'root: mtd[01] "rootfs", in RAM' "the root is the one that was sent"
is "$(on_device "sed -n '/rootfs_data\"/s/.* //p' /proc/mtd")" '"ram_rootfs_data"' "mount_root finds the other, by the name that it looks for"
has "$(on_device cat /proc/cmdline)" ' fstools_overlay_name=ram_rootfs_data' "or by the one that the command line says"
shown "$(on_device cat /proc/mtd | tail -n +2)"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
