#!/usr/bin/env bash
# kexec-try, and new kernels that write to RAM outside their segments: one
# that unpacks itself, one that moves itself to a random address, and one whose
# command line names an initrd. Each time, the root in RAM lies there. Nobody can
# confirm such a system, the console says what is wrong, and the old system comes
# back. The same root with the same kernels is confirmed where nothing overwrites it.
# shellcheck disable=SC2034 # for tests/qemu/images
want_kernels=crash
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# pack_parts NAME KERNEL MIB [START END]: packs KERNEL of the images, the good root
# with MIB MiB behind it that belong to no file, and the good device tree. START and
# END reserve RAM in that tree, so that `auto` does not use it.
pack_parts() {
	make_bundle "$1"
	ln -sf "$images/$2" "$made/vmlinux"
	own squashfs
	truncate -s "+${3}M" "$made/squashfs"
	if [ $# = 5 ]; then
		own dtb
		fdtput -c "$made/dtb" /reserved-memory
		fdtput -t u "$made/dtb" /reserved-memory "#address-cells" 1
		fdtput -t u "$made/dtb" /reserved-memory "#size-cells" 1
		fdtput "$made/dtb" /reserved-memory ranges
		fdtput -p -t u "$made/dtb" "/reserved-memory/taken@$(printf %x "$4")" reg "$4" $(($5 - $4))
	fi
	pack "$1" "" "$made"
}

# end_of FILE: the physical end of the kernel's only LOAD segment, rounded up to 64
# KiB.
end_of() {
	local start size

	read -r start size <<<"$("${cross}readelf" -lW "$1" | awk '$1 == "LOAD" { print $4, $6; exit }')"
	echo $((((start & 0x1fffffff) + size + 0xffff) & ~0xffff))
}

# change_manifest SED: edits the manifest, as a user with an editor might.
change_manifest() {
	sed -i "$1" "$packed/manifest"
}

scenario try-overwritten
ram_end=$((16#$(low_ram_end) + 1))
damaged='not the one that was sent, or damaged: / is mtd[0-9]+ "rootfs", in RAM'

about "A kernel that moves itself, away from its root"
pack_parts moves vmlinux-crash 0
confirmed_as_sent "$packed"

# A vmlinuz does not tell its version, and this one holds the same kernel
version=$(grep '^linux ' "$packed/manifest")

# It moves by its own size or more, and by no more than 16 MiB beyond that
about "The same, and the only RAM for the root is right behind it"
end=$(end_of "$images/vmlinux-crash")
pack_parts moves-over vmlinux-crash 18 $((end + (26 << 20))) "$ram_end"
not_confirmed "$packed" "$damaged|Kernel panic - not syncing: VFS: Unable to mount root fs"

about "The same, and it is told to stay where it is"
change_manifest "s/^append .*/& nokaslr/"
confirmed_as_sent "$packed"

about "A kernel that unpacks itself, away from its root"
pack_parts unpacks vmlinuz-crash 0
change_manifest "s/^linux unknown/$version/"
confirmed_as_sent "$packed"

about "The same, and the only RAM for the root is where it unpacks itself"
end=$(end_of "$images/vmlinuz-crash")
pack_parts unpacks-over vmlinuz-crash 0 "$end" "$ram_end"
change_manifest "s/^linux unknown/$version/"
not_confirmed "$packed" "$damaged|Kernel panic - not syncing: VFS: Unable to mount root fs"

about "Somebody adds an initrd to the command line of a bundle: the RAM in which the root ends"
pack_parts frees vmlinux 1
start=$(printf %x $(((ram_end - (512 << 10) & ~0xffff) | 0x80000000)))
[[ $cross != *64* ]] || start=ffffffff$start
change_manifest "s/^append .*/& rd_start=0x$start rd_size=0x10000/"
not_confirmed "$packed" "$damaged"

scenario_end
