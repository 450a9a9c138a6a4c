#!/usr/bin/env bash
# What a map file costs, compared to --initrd with the same bytes: the guest
# instructions and the peak anonymous memory of `kexec -l`, and the memory that the
# new system has left. The third in the comparison is a bare kexec_load() of the
# mapped file, the least that any program can spend. QEMU counts the instructions, so
# the speed of the host does not matter. The limits are those that --map-file was
# made to meet.
#
# FIGURES=file names where the figures go.
# shellcheck disable=SC2034 # the first are for lib.sh
# reads: tests/bench tests/qemu build/qemu/mips/inputs

# Room for a file of 32 MiB and its copies in user space and in the kernel
want_memory=256
# The old kernel keeps out of the region that the files go to. For each page of that
# region that it takes for its copy, it searches the whole image so far, and how many
# it takes is chance: a file of 32 MiB can then cost ten times as much, with either
# option.
want_cmdline="memmap=47M\$1M"
# At 16 MiB: where --map-file goes, and near where kexec puts an --initrd
address=$((16 << 20))
# At 8 MiB, below it: where the bare call puts the tree
tree_address=$((8 << 20))
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../qemu/lib.sh"

# All measurements are one command
ssh_timeout=600
bench=$top/tests/bench
work=$top/build/bench/$machine
figures=${FIGURES:-$work/figures}
sizes=(1 4 10 32)
# The lowest figure counts: what disturbs a run only adds to it
repeats=9

# The limits
anonymous_kib_max=8
ratio_permille_max=500
bare_permille_max=1100
# A copy of 1 MiB takes at least a load and a store for each 8 bytes. Fewer
# instructions mean that the count is wrong.
copy_instructions_min=262144

missed=0

# The same MiB on every host: neither zeros nor a file of the host.
make_mib() {
	awk 'BEGIN {
		for (x = 1; bytes < 1048576; bytes += 8) {
			x = (x * 16807) % 2147483647
			printf "%08x", x
		}
	}' >"$work/mib"
}

# The root of the new system, as large as that of a real router, once as a squashfs
# and once as an initramfs, both compressed as they would be shipped.
make_roots() {
	local root=$work/root

	rm -rf "$root"
	unsquashfs -no-progress -d "$root" "$images/squashfs" >"$work/roots.log"
	mkdir -p "$root/usr/lib"
	cp "$images/vmlinux" "$root/usr/lib/more-code"
	cp "$bench/init" "$root/init"
	chmod +x "$root/init"
	root_kib=$(du -k --apparent-size -s "$root" | cut -f 1)
	rm -f "$work/root.squashfs"
	mksquashfs "$root" "$work/root.squashfs" -all-root -reproducible \
		-no-progress -comp gzip -b 64K >>"$work/roots.log" 2>&1
	(cd "$root" && find . | sort | cpio -o -H newc --reproducible -R 0:0 --quiet) |
		gzip -9 -n >"$work/root.cpio.gz"
	rm -rf "$root"
}

kib_of() {
	echo $((($(stat -c %s "$1") + 1023) / 1024))
}

# send FILE...: into the bundle's place on the device.
send() {
	(cd "$work" && tar cf - "$@") | ssh_to_device "mkdir -p /run/bundle && tar -C /run -xf -"
}

# figure QUANTITY HOW WHICH: one of the figures.
figure() {
	awk -v key="$1 $2 $3" '$1 " " $2 " " $3 == key { print $4 }' "$figures"
}

# Two quantities, each without a file and for each size in two ways; the bare call,
# without a file and for each size; three sizes of the root; the RAM; and three
# figures of each of two new systems.
figures_complete() {
	local want=$((2 * (1 + 2 * ${#sizes[@]}) + 1 + ${#sizes[@]} + 3 + 1 + 2 * 3))

	is "$(grep -cE "^[a-z]+ [a-z-]+ [A-Za-z0-9]+ [0-9]+\$" "$figures")" "$want" "all $want figures were taken"
}

# least FILE: the lowest of each of the device's measurements, with microseconds
# converted to instructions.
least() {
	awk -v ns_per_instruction=$((1 << icount_shift)) '
		{ key = $1 " " $2 " " $3 }
		!(key in min) { order[n++] = key; min[key] = $4 }
		$4 < min[key] { min[key] = $4 }
		END {
			for (i = 0; i < n; i++) {
				number = min[order[i]]
				if (sub(/^cpu/, "instructions", order[i]))
					number = number * 1000 / ns_per_instruction
				printf "%s %.0f\n", order[i], number
			}
		}' "$1"
}

measure_loads() {
	build_tool bench/measure
	build_tool qemu/load-image
	send mib
	ssh_to_device "cat >/run/loads.sh" <"$bench/loads.sh"
	on_device "sh /run/loads.sh $repeats $address $tree_address ${sizes[*]}" >"$work/loads"
	least "$work/loads" >"$figures"
}

# free_memory HOW COMMAND-LINE OPTION...: the free memory of the new system as soon
# as it is up.
free_memory() {
	local how=$1 cmdline=$2

	shift 2
	run_kexec "kexec $* --dtb dtb --command-line '$cmdline' vmlinux"
	expect_new_system
	on_device "cat /proc/meminfo" >"$work/meminfo.$how"
	awk -v how="$how" '/^(MemTotal|MemFree|MemAvailable):/ {
		sub(":", "", $1); print "memory", how, $1, $2 }' "$work/meminfo.$how" >>"$figures"
}

# bar NUMBER MOST WHAT: NUMBER must be at most MOST. A limit that is exceeded does
# not end the test.
bar() {
	if [ "$1" -le "$2" ]; then
		pass "$3"
	else
		checks=$((checks + 1))
		missed=$((missed + 1))
		echo "not ok $checks - $3"
	fi
}

# added QUANTITY HOW MIB [NONE]: the increase over a load without a file.
added() {
	echo $(($(figure "$1" "$2" "$3") - $(figure "$1" "${4:-none}" 0)))
}

check_anonymous() {
	local map initrd smallest

	map=$(added anon map-file 32)
	initrd=$(added anon initrd 32)
	smallest=$(added anon map-file "${sizes[0]}")
	if [ "$initrd" -lt $((32 * 1024)) ]; then
		fail "an --initrd of 32 MiB adds $initrd KiB of anonymous memory, which cannot be: it holds a copy"
	fi
	bar $((map - smallest)) 0 "a map file of 32 MiB takes as much anonymous memory as one of ${sizes[0]} MiB"
	bar "$map" "$anonymous_kib_max" "and it is $map KiB, $anonymous_kib_max are the most: the copy of the device tree (--initrd: $initrd)"
}

# check_instructions MIB
check_instructions() {
	local map initrd bare permille

	map=$(($(added instructions map-file "$1") / $1))
	initrd=$(($(added instructions initrd "$1") / $1))
	bare=$(($(added instructions bare "$1" bare-none) / $1))
	if [ "$map" -lt "$copy_instructions_min" ] || [ "$bare" -lt "$copy_instructions_min" ]; then
		fail "a map file of $1 MiB adds $map instructions per MiB, and a bare kexec_load() $bare, which cannot be: the kernel copies it"
	fi
	# Rounded up, so that rounding does not hide an excess
	permille=$(((map * 1000 + initrd - 1) / initrd))
	bar "$permille" "$ratio_permille_max" "a map file of $1 MiB adds $map instructions per MiB, $permille thousandths of the $initrd that --initrd adds; $ratio_permille_max are the most"
	permille=$(((map * 1000 + bare - 1) / bare))
	bar "$permille" "$bare_permille_max" "and $permille thousandths of the $bare that a bare kexec_load() of the file adds; $bare_permille_max are the most"
}

mkdir -p "$work" "$(dirname "$figures")"
scenario bench
make_mib
make_roots

about "kexec -l with files of ${sizes[*]} MiB, by --map-file and by --initrd"
send_bundle good
measure_loads

about "The new system, its root of $root_kib KiB once in a map file and once as an initramfs"
console_args="console=ttyS0,115200"
{
	echo "root files KiB $root_kib"
	echo "root map-file KiB $(kib_of "$work/root.squashfs")"
	echo "root initramfs KiB $(kib_of "$work/root.cpio.gz")"
	echo "memory machine RAM $((memory * 1024))"
} >>"$figures"
ssh_to_device "cat >/run/bundle/root" <"$work/root.squashfs"
free_memory map-file "root=/dev/mtdblock$(map_file_mtd) rootfstype=squashfs $console_args" \
	--map-file "root@$address,label=rootfs"
reboot_to_old
send_bundle good
ssh_to_device "cat >/run/bundle/root" <"$work/root.cpio.gz"
free_memory initramfs "$console_args" --initrd root
reboot_to_old

about "The bars"
figures_complete
check_anonymous
for mib in "${sizes[@]}"; do
	check_instructions "$mib"
done
flash_unchanged
done_testing
if [ "$missed" != 0 ]; then
	exit 1
fi
