#!/usr/bin/env bash
# What --map-file refuses, on the device: each refusal is one line that names
# the option and the reason, the exit status is not 0, and the kernel that was
# loaded before stays loaded.
# shellcheck disable=SC2034 # want_memory is for lib.sh: half of the RAM is more than a 32-bit kernel maps, where there is much
want_memory=128
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kexec=kexec

# without_checks: what tests/qemu/unprotected made is the kexec from here on.
without_checks() {
	ssh_to_device "cat >/run/kexec && chmod +x /run/kexec" <"$UNCHECKED_KEXEC"
	kexec=/run/kexec
	on_device "cd /run/bundle && $kexec -l --dtb dtb vmlinux"
}

# lets_pass REASON STATUS SAID: a kexec without checks loads, or fails at something
# else (1, 253 and 255 are its own ways to); REASON is not what it says. Nor may
# another part of it, or this scenario would never notice that a check is gone.
lets_pass() {
	has "$2" '^(0|1|253|255)$' "kexec ran"
	if [ "$2" != 0 ] && grep -qE -- "$1" <<<"$3"; then
		fail "still refused: $3"
	fi
	pass "without the check for '$1': exit status $2, '${3##*$'\n'}'"
}

# refuses REASON ARGUMENT...: with the arguments, kexec -l says REASON.
refuses() {
	local reason=$1 said status=0

	shift
	said=$(on_device "cd /run/bundle && $kexec -l $* vmlinux 2>&1") || status=$?
	if [ "$without" = checks ]; then
		lets_pass "$reason" "$status" "$said"
		return
	fi
	if [ "$status" = 0 ]; then
		fail "kexec -l $* should be refused"
	fi
	is "$(wc -l <<<"$said")" 1 "kexec -l $*: one line"
	has "$said" "$reason" "kexec -l $*: the reason"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "the kernel loaded before is still loaded"
}

# ram_range: the RAM, which is in one piece, as kexec writes it.
ram_range() {
	local range

	range=$(system_ram)
	range=${range%% *}
	printf '0x%x-0x%x\n' "0x${range%-*}" "0x${range#*-}"
}

# send_dtb NAME REG...: dtb.NAME, which is the good blob with such a memory node.
send_dtb() {
	local copy=$rundir/dtb.$1

	cp "$images/dtb" "$copy"
	fdtput -c "$copy" /memory@0
	fdtput -t s "$copy" /memory@0 device_type memory
	fdtput "$copy" /memory@0 reg "${@:2}"
	ssh_to_device "cat >/run/bundle/dtb.$1" <"$copy"
}

scenario refusals
send_bundle good

about "Bad --map-file options, each with one line and with the loaded kernel kept"
on_device "cd /run/bundle && kexec -l --dtb dtb vmlinux && : >empty"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "a kernel is loaded"
if [ "$without" = checks ]; then
	without_checks
fi

# The text of the option
refuses 'no address; write FILE@ADDRESS' --map-file squashfs
refuses 'no file name before the @' --map-file @100M
refuses 'no address after the last @' --map-file squashfs@
refuses '"-1" is not an address' --map-file squashfs@-1
refuses '"104857600junk" is not an address' --map-file squashfs@104857600junk
refuses 'does not fit in 64 bits' --map-file squashfs@0x10000000000000000
refuses 'unknown option "lable=x"' --map-file squashfs@100M,lable=x
refuses 'label= is given twice' --map-file squashfs@100M,label=a,label=b
refuses 'label= is empty' --map-file squashfs@100M,label=
refuses 'root needs label=NAME' --map-file squashfs@100M,root
refuses 'squashfs has the same label' --map-file squashfs@100M,label=a --map-file dtb@auto,label=a
refuses 'auto and no-reserve exclude each other' --map-file squashfs@auto,no-reserve

# Its place
refuses "the nearest that are: 0x6400000 and $(printf '0x%x' $((104857600 + page_size)))" --map-file squashfs@104857601
refuses "is not all System RAM, which is $(ram_range)" --map-file squashfs@1G
refuses 'is not all System RAM' --map-file squashfs@0x106400000
refuses 'is a virtual address, in KSEG0; the physical one is 0x6400000' --map-file squashfs@0x86400000
refuses 'is a virtual address, in KSEG1; the physical one is 0x6400000' --map-file squashfs@0xa6400000
refuses 'is a virtual address, in XKPHYS; the physical one is 0x6400000' --map-file squashfs@0x9800000006400000
refuses 'overlaps the kernel at 0x100000-' --map-file squashfs@2M
refuses 'overlaps squashfs at 0x6400000-' --map-file squashfs@100M --map-file vmlinux@101M
refuses 'there is no room below 0x80000 for the [0-9]* bytes of the real one' --dtb dtb --map-file dtb@0x80000,no-reserve
refuses 'which the device tree reserves ./memreserve/.' --dtb dtb --map-file dtb@0x80000
on_device "cd /run/bundle && echo x >small"
mapfile -t many < <(seq -f '--map-file small@%gM' 20 33)
refuses 'the image would have 17 segments, the kernel takes 16; map 1 less' --dtb dtb "${many[@]}"
on_device "dd if=/dev/zero of=/run/bundle/big bs=1M count=60 2>/dev/null"
refuses 'bytes in all, the kernel takes [0-9]* .half of its RAM.; map [0-9]* bytes less' --dtb dtb --map-file big@20M
on_device "cd /run/bundle && rm big && dd if=/dev/zero of=initrd bs=1M count=13 2>/dev/null"
mapfile -t many < <(seq -f '--map-file small@%gM' 12 12 120)
refuses 'no room is left for the 13631488 bytes of the initrd' --dtb dtb "${many[@]}" --initrd initrd

# The file
refuses 'cannot open the file: No such file or directory' --map-file missing@100M
refuses 'the file is empty' --map-file empty@100M
refuses 'not a regular file but a directory' --map-file /dev@100M
on_device "mkfifo /run/bundle/fifo"
refuses 'not a regular file but a FIFO' --map-file fifo@100M
refuses 'a device without a size' --map-file /dev/zero@100M
refuses 'cannot read the file' --map-file /proc/self/mem@100M

# The device tree
refuses 'this is no device tree blob' --dtb squashfs --map-file squashfs@100M
on_device "cd /run/bundle && head -c 1000 dtb >dtb.cut"
refuses 'the blob is cut: it has 1000 bytes' --dtb dtb.cut --map-file squashfs@100M
on_device "cd /run/bundle && { head -c 200 dtb; head -c 200 /dev/zero | tr '\\0' '\\377'; tail -c +401 dtb; } >dtb.damaged"
refuses 'the blob is damaged' --dtb dtb.damaged --map-file squashfs@100M
send_dtb more 0 $((256 << 20))
refuses 'memory@0 has RAM at 0x8000000-0xfffffff, where this system knows of none' --dtb dtb.more
send_dtb elsewhere 0 $((16 << 20)) $((256 << 20)) $((64 << 20))
refuses 'memory@0 has RAM at 0x10000000-0x13ffffff, where this system knows of none' --dtb dtb.elsewhere --map-file squashfs@100M
# The old kernel keeps the last page for itself, and says a page less than this
send_dtb all 0 $((128 << 20))
on_device "cd /run/bundle && $kexec -l --dtb dtb.all vmlinux"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "a tree with all RAM in it is taken"

# Other ways to load
refuses 'not with --kexec-file-syscall' -s --map-file squashfs@100M
shown "refused, and /sys/kernel/kexec_loaded is $(on_device cat /sys/kernel/kexec_loaded)"

scenario_end
