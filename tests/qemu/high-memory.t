#!/usr/bin/env bash
# On a machine with more RAM than a 32-bit kernel maps permanently, images stay in
# the RAM that it maps. The old kernel keeps its copy there, where the code that
# moves the new kernel into place can reach it, and refuses a segment whose
# destination is elsewhere.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# meminfo NAME: a value of /proc/meminfo, in KiB.
meminfo() {
	on_device "awk '\$1 == \"$1:\" { print \$2 }' /proc/meminfo"
}

# refuses ADDRESS REASON
refuses() {
	local said status=0

	said=$(on_device "cd /run/bundle && kexec -l --map-file squashfs@$1 --dtb dtb vmlinux 2>&1") || status=$?
	has "$status" '^[1-9]' "a map file at $1 is refused"
	has "$said" "$2" "with the reason"
	shown "$said"
}

scenario high-memory
send_bundle good
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline=$(mtd_root "$mtd")
has "$(meminfo HighTotal)" '^[1-9]' "the machine has high memory"
shown "HighTotal $(meminfo HighTotal) KiB, LowTotal $(meminfo LowTotal) KiB"

about "The kernel takes an image into low memory, and no more than that"
low=$(meminfo LowFree)
high=$(meminfo HighFree)
on_device "cd /run/bundle && dd if=/dev/zero of=ballast bs=1M count=32 2>/dev/null && kexec -l --map-file ballast@96M --dtb dtb vmlinux"
low=$((low - $(meminfo LowFree)))
high=$((high - $(meminfo HighFree)))
has "$((low > 32 * 1024))" 1 "the image is in low memory: $low KiB less are free"
# the ballast itself is in /run, and kexec used some memory
has "$((high < 48 * 1024))" 1 "high memory is not used up: $high KiB less are free"
shown "an image of 32 MiB and a kernel: LowFree $low KiB less, HighFree $high KiB less"
on_device "kexec -u && rm /run/bundle/ballast"

about "What is to lie in high memory is refused, by kexec and by the kernel"
for address in 0x90000000 0xa0000000; do
	refuses "$address" 'ends above 0x[0-9a-f]+, the highest physical address within reach'
done
build_tool qemu/load-image
status=0
said=$(on_device "cd /run && ./load-image bundle/dtb@0x90000000 2>&1") || status=$?
is "$status" 1 "the kernel refuses a segment there"
has "$said" 'Cannot assign requested address' "with EADDRNOTAVAIL"

about "The new system starts in RAM, its root where kexec found room"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
has "$(reserved_nodes)" '^map-file@[0-9a-f]{1,7}/$' "it is in low memory"
shown "reserved: $(reserved_nodes)"
reboot_to_old

scenario_end
