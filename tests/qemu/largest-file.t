#!/usr/bin/env bash
# The largest image there can be: Linux takes up to half of the RAM, and kexec says
# what the limit is. A map file of one page more is refused; the largest one arrives
# byte for byte. RAM has no room for all of it beside the kernel's copy, so most of
# it is compressed in the root file system of a first new system, which loads it from
# there.
# shellcheck disable=SC2034 # want_memory is for lib.sh: half of the RAM is more than a 32-bit kernel maps, where there is much
want_memory=128
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

most=$((44 * 1024 * 1024))
too_large=$((100 * 1024 * 1024))

# load FILE...: prints what kexec says, if it refuses.
load() {
	local file options=

	for file; do
		options+=" --map-file $file@auto,label=${file##*/}"
	done
	on_device "cd /run/bundle && kexec -l$options --dtb dtb --command-line '$cmdline' vmlinux 2>&1"
}

# refused PATTERN FILE...
refused() {
	local status=0

	said=$(load "${@:2}") || status=$?
	has "$status" "^[1-9]" "${*:2}: refused"
	has "$said" "$1" "with the numbers"
	shown "$said"
}

content() {
	head -c "$1" < <(yes 'not all of it is the same')
}

# make_rest BYTES: makes a file of that size on the device.
make_rest() {
	on_device "yes 'not all of it is the same' | head -c $1 >/run/bundle/rest"
}

scenario largest-file
make_bundle largest
unpack_root
content "$most" >"$root/most"
pack_root
send_bundle largest
cmdline=$(mtd_root "$(map_file_mtd)")
too_much='more than half of the RAM, which is [0-9]+$'

about "A file that is too large for itself"
on_device "truncate -s $too_large /run/bundle/large"
refused "$too_large bytes are $too_much" large

about "A first new system has a file of $most bytes in its root filesystem"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
send_bundle largest
ssh_timeout=600

about "kexec says how much is too much beside it"
rest=$((16 * 1024 * 1024))
on_device "truncate -s $rest /run/bundle/rest"
refused "the image has [0-9]+ bytes, $too_much" squashfs rest /most
read -r image half < <(sed -n 's/.* has \([0-9]*\) bytes, .* is \([0-9]*\)$/\1 \2/p' <<<"$said")
rest=$(((rest - image + half) / page_size * page_size))
make_rest $((rest + page_size))
refused "the image has [0-9]+ bytes, $too_much" squashfs rest /most

about "The next new system gets $rest bytes beside it, and half of the RAM in all"
make_rest "$rest"
load squashfs rest /most
set_mark
ssh_to_device reboot </dev/null || [ $? = 255 ]
expect_new_system
mtd_holds most "$most" "$(content "$most" | sha256sum | cut -d ' ' -f 1)"
mtd_holds rest "$rest" "$(content "$rest" | sha256sum | cut -d ' ' -f 1)"
reboot_to_old

scenario_end
