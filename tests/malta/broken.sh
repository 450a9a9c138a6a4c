# shellcheck shell=bash
# New systems that are broken, each made from the good bundle just before it is
# tried. Sourced by scenarios, after lib.sh.
# shellcheck disable=SC2154 # rundir, images and cross are of lib.sh

if [ -n "${malta_broken-}" ]; then
	return 0
fi
malta_broken=1

# broken_bundle NAME: a copy of the good bundle, its files links; from now on the
# one that the functions here change, and that send_bundle sends by that name.
broken_bundle() {
	broken=$rundir/bundles/$1/bundle
	rm -rf "$broken"
	mkdir -p "$broken"
	cp -P "$images/bundles/good/bundle/"* "$broken/"
}

# own FILE: a copy of its own in place of the link.
own() {
	local target

	target=$(readlink -f "$broken/$1")
	rm "$broken/$1"
	cp "$target" "$broken/$1"
}

### The root filesystem

# cut_root BYTES
cut_root() {
	own squashfs
	truncate -s "$1" "$broken/squashfs"
}

# overwrite FILE OFFSET: of the bundle, with standard input.
overwrite() {
	dd of="$broken/$1" conv=notrunc bs=64K oflag=seek_bytes seek="$2" status=none
}

# noise BYTES SEED: the same on every machine that runs this.
noise() {
	perl -e 'srand($ARGV[1]); print pack("C*", map { int(rand(256)) } 1 .. $ARGV[0])' "$1" "$2"
}

# other_init: standard input, a script or a program, as the root's /sbin/init; no
# init at all when it is empty.
other_init() {
	local root=$rundir/root init

	rm -rf "$root"
	unsquashfs -no-progress -dest "$root" "$images/squashfs" >"$rundir/unsquashfs.log" 2>&1 ||
		fail "unsquashfs failed: $(tail -n 3 "$rundir/unsquashfs.log")"
	init=$root/sbin/init
	rm "$init"
	cat >"$init"
	if [ -s "$init" ]; then
		chmod +x "$init"
	else
		# Nor any other that the kernel looks for
		rm -f "$init" "$root/bin/sh"
	fi
	rm "$broken/squashfs"
	mksquashfs "$root" "$broken/squashfs" -all-root -no-progress -comp gzip >"$rundir/mksquashfs.log" 2>&1 ||
		fail "mksquashfs failed: $(tail -n 3 "$rundir/mksquashfs.log")"
	rm -rf "$root"
}

### The kernel

# symbol_address NAME: of the kernel, as readelf writes addresses.
symbol_address() {
	awk -v name="$1" '$3 == name { print "0x" $1 }' "$images/System.map"
}

# file_offset FILE ADDRESS: where the byte at that virtual address is in an ELF
# file.
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
	if "${cross}readelf" -h "$broken/vmlinux" | grep 'little endian' >/dev/null; then
		printf '\xff\xff\x00\x10\0\0\0\0'
	else
		printf '\x10\x00\xff\xff\0\0\0\0'
	fi
}

# hang_kernel_at ADDRESS: the kernel stays for ever at that virtual address.
hang_kernel_at() {
	local offset

	own vmlinux
	offset=$(file_offset "$broken/vmlinux" "$1")
	[ -n "$offset" ] || fail "no segment of the kernel holds the address $1"
	endless_loop | overwrite vmlinux "$offset"
}

kernel_entry() {
	"${cross}readelf" -h "$images/vmlinux" | awk '/Entry point/ { print $NF }'
}

### The device tree

# compile_dtb: from standard input, in place of the bundle's.
compile_dtb() {
	rm "$broken/dtb"
	dtc -q -I dts -O dtb -o "$broken/dtb" - ||
		fail "dtc failed"
}
