# shellcheck shell=bash
# Bundles that a scenario makes for itself, each from the good one and just before it
# is tried. Most of them are broken. Sourced after lib.sh.
# shellcheck disable=SC2154 # rundir, images and cross are of lib.sh

if [ -n "${qemu_bundles-}" ]; then
	return 0
fi
qemu_bundles=1

# make_bundle NAME: makes a copy of the good bundle out of links. The functions here
# change the copy, $made, and send_bundle sends it by that name.
make_bundle() {
	made=$rundir/bundles/$1/bundle
	rm -rf "$made"
	mkdir -p "$made"
	cp -P "$images/bundles/good/bundle/"* "$made/"
}

# own FILE: replaces the link with a copy.
own() {
	local target

	target=$(readlink -f "$made/$1")
	rm "$made/$1"
	cp "$target" "$made/$1"
}

### The root file system

# cut_root BYTES
cut_root() {
	own squashfs
	truncate -s "$1" "$made/squashfs"
}

# overwrite FILE OFFSET: writes standard input into a file of the bundle.
overwrite() {
	dd of="$made/$1" conv=notrunc bs=64K oflag=seek_bytes seek="$2" status=none
}

# noise BYTES SEED: pseudorandom bytes, the same on every host.
noise() {
	perl -e 'srand($ARGV[1]); print pack("C*", map { int(rand(256)) } 1 .. $ARGV[0])' "$1" "$2"
}

# unpack_root: unpacks the good root file system as $root.
unpack_root() {
	root=$rundir/root
	rm -rf "$root"
	unsquashfs -no-progress -dest "$root" "$images/squashfs" >"$rundir/unsquashfs.log" 2>&1 ||
		fail "unsquashfs failed: $(tail -n 3 "$rundir/unsquashfs.log")"
}

# pack_root [OPTION...]: packs $root as the bundle's root file system.
pack_root() {
	rm "$made/squashfs"
	mksquashfs "$root" "$made/squashfs" -all-root -no-progress -comp gzip "$@" >"$rundir/mksquashfs.log" 2>&1 ||
		fail "mksquashfs failed: $(tail -n 3 "$rundir/mksquashfs.log")"
	rm -rf "$root"
}

# other_init: makes standard input, a script or a program, the root's /sbin/init. If
# it is empty, the root has no init at all.
other_init() {
	local init

	unpack_root
	init=$root/sbin/init
	rm "$init"
	cat >"$init"
	if [ -s "$init" ]; then
		chmod +x "$init"
	else
		# Nor any other that the kernel looks for
		rm -f "$init" "$root/bin/sh"
	fi
	pack_root
}

### The kernel

# symbol_address NAME: the address of a kernel symbol, as readelf writes addresses.
# System.map has those of a 32-bit kernel sign-extended to 64 bits.
symbol_address() {
	local digits=16

	if "${cross}readelf" -h "$images/vmlinux" | grep 'ELF32' >/dev/null; then
		digits=8
	fi
	awk -v name="$1" -v digits="$digits" '
		$3 == name { print "0x" substr($1, length($1) - digits + 1); exit }' "$images/System.map"
}

# file_offset FILE ADDRESS: where that virtual address is in an ELF file.
file_offset() {
	local type offset vaddr filesz

	"${cross}readelf" -lW "$1" |
		while read -r type offset vaddr _ filesz _; do
			if [ "$type" = LOAD ] && (($2 >= vaddr && $2 < vaddr + filesz)); then
				echo $(($2 - vaddr + offset))
			fi
		done
}

# endless_loop: "b ." and a nop, in the byte order of the machine.
endless_loop() {
	if "${cross}readelf" -h "$made/vmlinux" | grep 'little endian' >/dev/null; then
		printf '\xff\xff\x00\x10\0\0\0\0'
	else
		printf '\x10\x00\xff\xff\0\0\0\0'
	fi
}

# hang_kernel_at ADDRESS: makes the kernel loop at that virtual address.
hang_kernel_at() {
	local offset

	own vmlinux
	offset=$(file_offset "$made/vmlinux" "$1")
	[ -n "$offset" ] || fail "no segment of the kernel holds the address $1"
	endless_loop | overwrite vmlinux "$offset"
}

kernel_entry() {
	"${cross}readelf" -h "$images/vmlinux" | awk '/Entry point/ { print $NF }'
}

### The device tree

# compile_dtb: makes a blob of standard input, in place of the bundle's.
compile_dtb() {
	rm "$made/dtb"
	dtc -q -I dts -O dtb -o "$made/dtb" - ||
		fail "dtc failed"
}

# fdt_without_reservations: removes the bundle's memory reservation block.
fdt_without_reservations() {
	dtc -q -I dtb -O dts "$made/dtb" | sed '/^\/memreserve\//d' >"$rundir/dts"
	compile_dtb <"$rundir/dts"
}
