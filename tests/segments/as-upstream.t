#!/usr/bin/env bash
# Without --map-file, kexec loads what upstream's kexec loads, segment by segment and
# byte by byte: with and without --dtb, --initrd, --reuse-cmdline and -p. The only
# differences are those that a named fix makes; they are listed here, each with its
# reason.
# reads: patches tests/segments
# sources: kexec-tools zlib xz
set -euo pipefail
# shellcheck source=tests/segments/lib.sh
. "$(dirname "$0")/lib.sh"

# without_padding DIRECTORY: cuts the legacy command line to the bytes in use, which
# is all that kexec passes since "mips: Take command lines of up to 4095 characters".
# Upstream passes 512, padded with zeros; the kernel fills its page with zeros
# anyway.
without_padding() {
	local segment

	for segment in "$1"/[0-9a-f]*; do
		if [ "$(head -c 6 "$segment" | tr -d '\0')" = 'kexec ' ]; then
			tr -d '\0' <"$segment" >"$segment.text"
			mv "$segment.text" "$segment"
			sed -i "s/^\(${segment##*/} [0-9a-f]*\) .*/\1 text/" "$1/segments"
		fi
	done
}

# load_both WHAT ARGUMENT...: loads with both; our image goes to $work/ours,
# upstream's to $image.
load_both() {
	local what=$1
	shift

	loads "$what" "$@"
	rm -rf "$work/ours"
	mv "$image" "$work/ours"
	kexec=$upstream loads "$what, upstream" "$@"
	without_padding "$work/ours"
	without_padding "$image"
}

# same WHAT ARGUMENT...: both load the same.
same() {
	load_both "$@"
	diff -r "$work/ours" "$image" >"$work/diff" 2>&1 || fail "$machine: $1: not what upstream loads" "$work/diff"
	pass "$machine: $1: as upstream"
}

# differs WHAT ARGUMENT...: a named fix changes this image.
differs() {
	load_both "$@"
	if diff -r "$work/ours" "$image" >/dev/null 2>&1; then
		fail "$machine: $1: no fix changes it"
	fi
	pass "$machine: $1: not as upstream"
}

for kind in mips mips64el; do
	on "$kind"
	upstream=$("$top/tests/segments/build" "$target" upstream)/kexec
	cd "$work/files"
	head -c 100000 /dev/zero | tr '\0' i >initrd
	tree dtb <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		memory@0 { device_type = "memory"; reg = <0 0x8000000>; };
		chosen { bootargs = "console=ttyS0"; }; };
	EOF2
	tree bare <<<'/ { #address-cells = <1>; #size-cells = <1>; };'
	tree stale <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		memory@0 { device_type = "memory"; reg = <0 0x8000000>; };
		chosen { linux,initrd-start = <0x7e00000>; linux,initrd-end = <0x7f00000>; }; };
	EOF2
	same "nothing"
	same "a command line" --command-line "console=ttyS0 quiet"
	same "--reuse-cmdline" --reuse-cmdline
	same "--append" --reuse-cmdline --append quiet
	same "--dtb" --dtb dtb
	same "--dtb and --initrd" --dtb dtb --initrd initrd
	same "--initrd" --initrd initrd --command-line quiet
	set_running bootargs 'root=/dev/mtdblock2 console=ttyS0\0'
	same "an old root=" --command-line quiet
	set_running bootargs 'console=ttyS0\0'
	set_iomem "0-7ffffff" "2000000-3ffffff=Crash kernel" "100000-5fffff=Kernel code" "600000-6fffff=Kernel data"
	same "-p" -p --command-line quiet
	set_iomem "0-7ffffff"
	# mips: Write the command line into the tree of --dtb
	differs "--dtb and a command line" --dtb dtb --command-line quiet
	# mips: Drop a stale initrd from the tree of --dtb
	differs "--dtb with a stale initrd" --dtb stale
	# mips: Add the memory to a tree of --dtb that has none
	differs "--dtb without memory" --dtb bare
done

done_testing
