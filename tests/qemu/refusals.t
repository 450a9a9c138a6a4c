#!/usr/bin/env bash
# What --map-file refuses on the device. Each refusal is one line that names the
# option and the reason, the exit status is not 0, and the kernel that was loaded
# before stays loaded.
# shellcheck disable=SC2034 # want_memory is for lib.sh: half of the RAM is more than a 32-bit kernel maps, where there is much
want_memory=128
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kexec=kexec

# without_checks: from here on, uses the kexec that tests/qemu/unprotected built.
without_checks() {
	ssh_to_device "cat >/run/kexec && chmod +x /run/kexec" <"$UNCHECKED_KEXEC"
	kexec=/run/kexec
	on_device "cd /run/bundle && $kexec -l --dtb dtb vmlinux"
}

# lets_pass REASON STATUS SAID: a kexec without checks loads (exit status 0), crashes
# (139), or fails for another reason (1, 253 or 255), and does not say REASON. If another part of kexec said it, this scenario would never notice that a
# check is gone.
lets_pass() {
	has "$2" '^(0|1|139|253|255)$' "kexec ran"
	if [ "$2" != 0 ] && grep -qE -- "$1" <<<"$3"; then
		fail "still refused: $3"
	fi
	pass "without the check for '$1': exit status $2, '${3##*$'\n'}'"
}

# not_upstream: removes from kexec's output the two lines that upstream's kexec may
# print about the tree that it makes without --dtb.
not_upstream() {
	grep -vE '^(Modified cmdline:|Unable to find /proc/device-tree/)'
}

# refuses REASON ARGUMENT...: with these arguments, kexec -l says $subject, the
# option or the file that is at fault, and then REASON.
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
	is "$(not_upstream <<<"$said" | wc -l)" 1 "kexec -l $*: one line"
	has "$said" "^$subject.*$reason" "kexec -l $*: the reason"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "the kernel loaded before is still loaded"
}

# send_tree NAME TYPE PATH PROPERTY VALUE...: sends dtb.NAME, the good blob with that
# property. TYPE is one of fdtput's.
send_tree() {
	local copy=$rundir/dtb.$1

	cp "$images/dtb" "$copy"
	fdtput -p -c "$copy" "$3"
	fdtput -t "$2" "$copy" "${@:3}"
	ssh_to_device "cat >/run/bundle/dtb.$1" <"$copy"
}

# send_tree_reserving ADDRESS BYTES: sends dtb.reserving, the good blob with that RAM
# in its memory reservation block, where it has no node.
send_tree_reserving() {
	dtc -q -I dtb -O dts "$images/dtb" | sed "s|^/dts-v1/;|&\n/memreserve/ $1 $2;|" |
		dtc -q -I dts -O dtb -o "$rundir/dtb.reserving" - ||
		fail "dtc failed"
	ssh_to_device "cat >/run/bundle/dtb.reserving" <"$rundir/dtb.reserving"
}

scenario refusals
send_bundle good

about "Bad --map-file options, each with one line and with the loaded kernel kept"
on_device "cd /run/bundle && kexec -l --dtb dtb vmlinux && : >empty"
is "$(on_device cat /sys/kernel/kexec_loaded)" 1 "a kernel is loaded"
if [ "$without" = checks ]; then
	without_checks
fi

subject='--map-file '

# The text of the option
refuses 'write FILE@ADDRESS' --map-file squashfs
refuses 'write FILE@ADDRESS' --map-file @100M
refuses '"" is not an address like 0x6400000, 100M or auto' --map-file squashfs@
refuses '"-1" is not an address' --map-file squashfs@-1
refuses '"104857600junk" is not an address' --map-file squashfs@104857600junk
refuses '0x10000000000000000 does not fit in 64 bits' --map-file squashfs@0x10000000000000000
refuses '17179869184G does not fit in 64 bits' --map-file squashfs@17179869184G
refuses '"lable=x" is unknown or repeated' --map-file squashfs@100M,lable=x
refuses '"label=b" is unknown or repeated' --map-file squashfs@100M,label=a,label=b
refuses '"no-reserve" is unknown or repeated' --map-file squashfs@100M,no-reserve,no-reserve
refuses '"root" is unknown or repeated' --map-file squashfs@100M,label=a,root --map-file dtb@auto,label=b,root
refuses 'the label is empty, or has blanks' --map-file squashfs@100M,label=
refuses 'the label is empty, or has blanks' --map-file "'squashfs@100M,label=a b'"
refuses 'or has blanks or unprintable characters' --map-file "squashfs@100M,label=caf$(printf '\303\251')"
refuses 'squashfs has the same label' --map-file squashfs@100M,label=a --map-file dtb@auto,label=a
refuses 'root needs label=NAME' --map-file squashfs@100M,root
refuses 'auto need the node that no-reserve leaves out' --map-file squashfs@auto,no-reserve
refuses 'label= and auto need the node' --map-file squashfs@100M,label=a,no-reserve
mapfile -t many < <(seq -f '--map-file dtb@%gM' 20 36)
refuses 'more than 16 files' "${many[@]}"

# Its place
refuses '0x6400001 is not page aligned; 0x6400000 is' --map-file squashfs@104857601
refuses '0x8800000-0x[0-9a-f]* is not System RAM, which /proc/iomem lists' --map-file squashfs@136M
refuses 'ends above 0x[0-9a-f]*, the highest physical address within reach' --map-file squashfs@0xffffffffffff0000
# A 32-bit kernel has no such address, a 64-bit one no such RAM
refuses 'within reach|is not System RAM' --map-file squashfs@0x106400000
refuses 'within reach|is not System RAM' --map-file squashfs@0x86400000
refuses 'overlaps the kernel at 0x100000-' --map-file squashfs@2M
refuses 'overlaps squashfs at 0x6400000-' --map-file squashfs@100M --map-file vmlinux@101M
send_tree_reserving 0x80000 0x10000
refuses 'overlaps a reservation in the device tree at 0x' --dtb dtb.reserving --map-file dtb@0x80000
send_tree reserved x /reserved-memory/someone@6410000 reg 6410000 1000
refuses 'overlaps a reservation in the device tree at 0x6410000-0x6410fff' --dtb dtb.reserved --map-file squashfs@100M
refuses 'begins like a device tree; put it above the real one, 0x[0-9a-f]*$' --dtb dtb --map-file dtb@0x80000,no-reserve

# Its size, and that of the image
on_device "cd /run/bundle && echo x >small && truncate -s 100M large && truncate -s 13M medium"
mapfile -t many < <(seq -f '--map-file small@%gM' 20 33)
refuses '14 files, but this image has room for 13' --dtb dtb "${many[@]}"
refuses '13 files, but this image has room for 12' --dtb dtb --initrd small "${many[@]:1}"
refuses '104857600 bytes are more than half of the RAM, which is [0-9]*$' --dtb dtb --map-file large@20M
# At most 1 MiB below the limit for one file; the kernel is larger than that
half=$(($(on_device "awk '\$1 == \"MemTotal:\" { print \$2 }' /proc/meminfo") / 2048))
on_device "cd /run/bundle && rm large && truncate -s ${half}M large"
refuses 'the image has [0-9]* bytes, more than half of the RAM, which is [0-9]*$' --dtb dtb --map-file large@16M
mapfile -t many < <(seq -f '--map-file small@%gM' 12 12 120)
refuses 'no free RAM for 13631488 bytes up to 0x' --dtb dtb "${many[@]}" --map-file medium@auto

# The file
refuses 'cannot open the file: No such file or directory' --map-file missing@100M
refuses 'not a regular file, or empty' --map-file empty@100M
refuses 'not a regular file, or empty' --map-file /dev@100M
# A writer has it open, or a kexec without checks would wait for one
on_device "mkfifo /run/bundle/fifo && { sleep 3600 <>/run/bundle/fifo >/dev/null 2>&1 & }"
refuses 'not a regular file, or empty' --map-file fifo@100M
refuses 'not a regular file, or empty' --map-file "${medium_devices[0]}@100M"
refuses 'not a regular file, or empty' --map-file "${medium_devices[-1]}@100M"
refuses 'not a regular file, or empty' --map-file /proc/version@100M
subject='Cannot read /sys/kernel/kexec_loaded: '
refuses 'No such device' --map-file /sys/kernel/kexec_loaded@100M
subject='--map-file '

# A root= in the command line would win
refuses 'root contradicts root= in the command line' --dtb dtb --map-file squashfs@auto,label=a,root --command-line "'console=ttyS0 root=/dev/mtdblock1'"
refuses 'root contradicts root= in the command line' --dtb dtb --map-file squashfs@auto,label=a,root --reuse-cmdline
send_tree root s /chosen bootargs 'root=/dev/mtdblock1 console=ttyS0'
refuses 'root contradicts root= in the command line' --dtb dtb.root --map-file squashfs@auto,label=a,root

# The device tree
subject='--map-file: '
send_tree cells x /reserved-memory '#size-cells' 2
refuses '#size-cells of / and /reserved-memory must be equal, and 1 or 2' --dtb dtb.cells --map-file squashfs@100M
subject=squashfs
refuses ' is not a device tree blob' --dtb squashfs
on_device "cd /run/bundle && head -c 1000 dtb >dtb.cut"
subject=dtb.cut
refuses ' is truncated: it has 1000 of [0-9]* bytes' --dtb dtb.cut
on_device "cd /run/bundle && { head -c 12 dtb; printf '\\177\\377\\377\\377'; tail -c +17 dtb; } >dtb.damaged"
subject=dtb.damaged
refuses ' is damaged: a part of it exceeds its [0-9]* bytes' --dtb dtb.damaged
shown "refused, and /sys/kernel/kexec_loaded is $(on_device cat /sys/kernel/kexec_loaded)"

scenario_end
