#!/usr/bin/env bash
# Files of every kind arrive in the new system byte for byte: a regular one, an
# MTD's character device and the block device over it, which are read or mapped
# whole, a file of /proc, which tells no size, one of sysfs, which tells a wrong
# one, and one with an @ in its name. --debug shows where each of them goes.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What old and new system call them, and the names of the files on the old one.
declare -A file=(
	[chardev]=/dev/mtd1
	[blockdev]=/dev/mtdblock1
	[proc]=/proc/version
	[sysfs]=/sys/class/mtd/mtd1/name
	[at]=me@home
)
declare -A size sum

# on_old_system LABEL: keep what the file holds.
on_old_system() {
	size[$1]=$(on_device "cd /run/bundle && wc -c <'${file[$1]}'")
	sum[$1]=$(on_device "cd /run/bundle && sha256sum <'${file[$1]}'" | cut -d ' ' -f 1)
	options+=" --map-file '${file[$1]}@auto,label=$1'"
}

# plan_has PATTERN WHAT
plan_has() {
	has "$plan" "$1" "the plan shows $2"
}

scenario odd-files
send_bundle good
mtd=$(map_file_mtd)
ram=$(system_ram)
on_device "echo 'there is no place like it' >/run/bundle/me@home"
options="--map-file squashfs@$map_address,label=rootfs"
for label in "${!file[@]}"; do
	on_old_system "$label"
done
cmdline="$(mtd_root "$mtd")"

about "What kexec -l --debug says of $options"
plan=$(on_device "cd /run/bundle && kexec -l --debug $options --dtb dtb vmlinux 2>&1 | sed -n '/^The image, by physical address/,\$p'; kexec -u")
plan_has '0x0010000[0-9a-f]-0x[0-9a-f]+ +[0-9]+  kernel +vmlinux$' "the kernel"
plan_has "0x06400000-0x0[0-9a-f]+ +[0-9]+  map file +squashfs\$" "the file with an address"
plan_has ' map file +/dev/mtd1$' "the character device"
plan_has ' device tree +dtb$' "the device tree"
plan_has ' command line$' "the command line"
plan_has ' free$' "free RAM"
diag <<<"$plan"

about "All of them arrive"
run_kexec "kexec $options --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
for label in "${!file[@]}"; do
	mtd_holds "$label" "${size[$label]}" "${sum[$label]}"
	shown "${file[$label]}: ${size[$label]} bytes, SHA-256 ${sum[$label]}"
done
reboot_to_old

scenario_end
