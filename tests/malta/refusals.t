#!/usr/bin/env bash
# What --map-file refuses, on the device: each refusal is one line that names
# the option and the reason, the exit status is not 0, and the kernel that was
# loaded before stays loaded.
# shellcheck source=tests/malta/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# refuses REASON ARGUMENT...: with the arguments, kexec -l says REASON.
refuses() {
	local reason=$1 said status=0

	shift
	said=$(on_device "cd /run/bundle && kexec -l $* vmlinux 2>&1") || status=$?
	if [ "$status" = 0 ]; then
		fail "kexec -l $* should be refused"
	fi
	is "$(wc -l <<<"$said")" 1 "kexec -l $*: one line"
	has "$said" "$reason" "kexec -l $*: the reason"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "the kernel loaded before is still loaded"
}

scenario refusals
send_bundle good

about "Bad --map-file options, each with one line and with the loaded kernel kept"
on_device "cd /run/bundle && kexec -l --dtb dtb vmlinux && : >empty"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "a kernel is loaded"

refuses 'no address; write FILE@ADDRESS' --map-file squashfs
refuses '"104857600junk" is not an address' --map-file squashfs@104857600junk
refuses 'the nearest that are: 0x6400000 and 0x6401000' --map-file squashfs@104857601
refuses 'is not all System RAM, which is 0x0-0x7ffefff' --map-file squashfs@1G
refuses 'does not fit in 64 bits' --map-file squashfs@0x10000000000000000
refuses 'cannot open the file: No such file or directory' --map-file missing@100M
refuses 'the file is empty' --map-file empty@100M
refuses 'not a regular file' --map-file /dev@100M
refuses 'overlaps the kernel at 0x100000-' --map-file squashfs@2M
refuses 'overlaps squashfs at 0x6400000-' --map-file squashfs@100M --map-file vmlinux@101M
refuses 'unknown option "lable=x"' --map-file squashfs@100M,lable=x
refuses 'begins like a device tree and lies below the real one' --dtb dtb --map-file dtb@0x80000,no-reserve
refuses 'squashfs is not a device tree blob' --dtb squashfs --map-file squashfs@100M
refuses '/memreserve/' --dtb dtb --map-file dtb@0x80000
on_device "cd /run/bundle && echo x >small"
mapfile -t many < <(seq -f '--map-file small@%gM' 20 33)
refuses 'the image would have 17 segments, the kernel takes 16; map 1 less' --dtb dtb "${many[@]}"
on_device "dd if=/dev/zero of=/run/bundle/big bs=1M count=60 2>/dev/null"
refuses 'bytes in all, the kernel takes [0-9]* .half of its RAM.; map [0-9]* bytes less' --dtb dtb --map-file big@20M
shown "refused, and /sys/kernel/kexec_loaded is $(on_device cat /sys/kernel/kexec_loaded)"

scenario_end
