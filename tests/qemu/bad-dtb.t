#!/usr/bin/env bash
# The kernel itself refuses a device tree that it cannot hand over: the load fails, a
# line in the kernel log says why, and the image loaded before stays. load-image
# bypasses kexec-tools, which would check first. A segment that does not begin with
# the magic number, or is shorter than a header, does not count as a device tree.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# refuses PATTERN ADDRESS FILE: the kernel refuses FILE as a segment at ADDRESS, and
# its log says PATTERN.
refuses() {
	local said status=0

	said=$(on_device "cd /run && ./load-image page@0x1000000 $3@$2 2>&1") || status=$?
	is "$status" 1 "$3 at $2 is refused"
	has "$said" 'kexec_load: Invalid argument' "with EINVAL"
	said=$(on_device "dmesg | grep 'kexec: ' | tail -n 1")
	has "$said" "$1" "and a line in the kernel log"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "the image loaded before is still loaded"
	shown "$3 at $2: ${said#*] }"
}

# takes FILE
takes() {
	on_device "cd /run && ./load-image page@0x1000000 $1@0x2000000"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "$1 is taken"
}

scenario bad-dtb
send_bundle good
build_tool qemu/load-image
on_device "cd /run && head -c 4096 /dev/zero >page && cp bundle/dtb dtb &&
	head -c 1000 dtb >cut &&
	head -c 39 dtb >header-cut &&
	{ head -c 4 dtb; printf '\\177\\377\\377\\377'; tail -c +9 dtb; } >too-large &&
	{ head -c 4 dtb; head -c 100 page; } >magic-only &&
	{ head -c 24 dtb; printf '\\0\\0\\1\\0'; tail -c +29 dtb; } >other-version &&
	{ cat page; cat dtb; } >magic-inside"

about "Images with a device tree that cannot be handed over"
takes dtb
refuses 'the device tree at 0x2000000 is truncated: 1000 of its [0-9]+ bytes' 0x2000000 cut
refuses 'the device tree at 0x2000000 is truncated: [0-9]+ of its 2147483647 bytes|bad header' 0x2000000 too-large
refuses 'the device tree at 0x2000000 has a bad header' 0x2000000 magic-only
refuses 'the device tree at 0x2000000 has a bad header' 0x2000000 other-version
takes header-cut
takes magic-inside

scenario_end
