#!/usr/bin/env bash
# The largest map file that there can be: kexec says how much the kernel takes in
# all. A file of one page more is refused; one that is just as large arrives, byte
# for byte. RAM has no room for it beside the kernel's copy, so it lies compressed
# in the root filesystem of a first new system, which loads it from there.
# shellcheck disable=SC2034 # want_memory is for lib.sh: half of the RAM is more than a 32-bit kernel maps, where there is much
want_memory=128
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

too_large=$((100 * 1024 * 1024))

# load FILE: says what kexec says, if it refuses.
load() {
	on_device "cd /run/bundle && kexec -l --map-file squashfs@auto,label=rootfs --map-file $1@auto,label=large --dtb dtb --command-line '$cmdline' vmlinux 2>&1"
}

# refused FILE WHAT
refused() {
	local status=0

	said=$(load "$1") || status=$?
	has "$status" "^[1-9]" "$2 is refused"
}

content() {
	head -c "$1" < <(yes 'not all of it is the same')
}

scenario largest-file
make_bundle large
send_bundle large
cmdline=$(mtd_root "$(map_file_mtd)")

about "kexec says how much is too much"
on_device "truncate -s $too_large /run/bundle/large"
refused large "a file of 100 MiB"
has "$said" 'map [0-9]+ bytes less' "and says by how much it is too large"
shown "$said"
size=$((too_large - $(sed -n 's/.*map \([0-9]*\) bytes less.*/\1/p' <<<"$said")))
unpack_root
content "$size" >"$root/large"
pack_root
send_bundle large
on_device "truncate -s $((size + page_size)) /run/bundle/more"
refused more "a file of one page more than that"
on_device "rm /run/bundle/more"

about "A first new system has a file of $size bytes in its root filesystem"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
send_bundle large

about "The next new system gets that file"
ssh_timeout=600
load /large
set_mark
ssh_to_device reboot </dev/null || [ $? = 255 ]
expect_new_system
mtd_holds large "$size" "$(content "$size" | sha256sum | cut -d ' ' -f 1)"
reboot_to_old

scenario_end
