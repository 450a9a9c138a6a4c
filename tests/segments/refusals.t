#!/usr/bin/env bash
# Whatever is wrong with a --map-file, kexec says so in one line that names the
# option and the reason, and loads nothing. Tried with 32 bit big endian and 64 bit
# little endian.
# reads: patches tests/segments
# sources: kexec-tools zlib xz
set -euo pipefail
# shellcheck source=tests/segments/lib.sh
. "$(dirname "$0")/lib.sh"

bad_words() {
	refuses '^--map-file f: write FILE@ADDRESS$' --map-file f
	refuses '^--map-file @100M: write FILE@ADDRESS$' --map-file @100M
	refuses '^--map-file f@: "" is not an address like' --map-file f@
	refuses '"-1" is not an address' --map-file f@-1
	refuses '" 1" is not an address' --map-file "f@ 1"
	refuses '"0x" is not an address' --map-file f@0x
	refuses '"0x-1" is not an address' --map-file f@0x-1
	refuses '"100Mi" is not an address' --map-file f@100Mi
	refuses '"100junk" is not an address' --map-file f@100junk
	refuses '"AUTO" is not an address' --map-file f@AUTO
	refuses '0x10000000000000000 does not fit in 64 bits' --map-file f@0x10000000000000000
	refuses '17179869184G does not fit in 64 bits' --map-file f@17179869184G
	refuses '"lable=x" is unknown or repeated' --map-file f@100M,lable=x
	refuses '"" is unknown or repeated' --map-file f@100M,
	refuses '"label=b" is unknown or repeated' --map-file f@100M,label=a,label=b
	refuses '"no-reserve" is unknown or repeated' --map-file f@100M,no-reserve,no-reserve
	refuses '"root" is unknown or repeated' --map-file f@100M,label=a,root,root
	refuses '"root" is unknown or repeated' --map-file f@100M,label=a,root --map-file g@auto,label=b,root
	refuses 'the label is empty, or has blanks' --map-file f@100M,label=
	refuses 'the label is empty, or has blanks' --map-file 'f@100M,label=a b'
	refuses 'the label is empty, or has blanks' --map-file $'f@100M,label=a\e[31m'
	refuses '^--map-file g@auto,label=a: f has the same label$' --map-file f@100M,label=a --map-file g@auto,label=a
	refuses 'root needs label=NAME' --map-file f@100M,root
	refuses 'label= and auto need the node' --map-file f@100M,label=a,no-reserve
	refuses 'label= and auto need the node' --map-file f@auto,no-reserve
}

bad_files() {
	refuses 'cannot open the file: No such file or directory' --map-file missing@100M
	refuses 'not a regular file, or empty' --map-file empty@100M
	refuses 'not a regular file, or empty' --map-file .@100M
	refuses 'not a regular file, or empty' --map-file fifo@100M
	refuses 'not a regular file, or empty' --map-file /dev/zero@100M
	refuses '67108865 bytes are more than half of the RAM, which is 67108864' --map-file large@1M
	refuses '67108865 bytes are more than half' --map-file large@auto
	refuses 'the image has 67[0-9]{6} bytes, more than half of the RAM, which is 67108864' --map-file half@32M --dtb reserved
	refuses '^Cannot read empty: the file is empty$' --dtb empty
	refuses '^Cannot read empty: the file is empty$' --dtb dtb --initrd empty
}

bad_places() {
	local many=() i

	refuses '0x6400001 is not page aligned; 0x6400000 is' --map-file f@104857601
	refuses '0x8000000-0x8000fff is not System RAM' --map-file f@128M --dtb dtb
	refuses '0x7fff000-0x8000fff is not System RAM' --map-file g@0x7fff000 --dtb dtb
	refuses '(is not System RAM|ends above 0x1fffffff)' --map-file f@0x86400000 --dtb dtb
	refuses '(is not System RAM|ends above 0x1fffffff)' --map-file f@0xfffffffffffff000 --dtb dtb
	refuses 'overlaps the kernel at 0x100000-0x118fff$' --map-file f@1M --dtb dtb
	refuses 'overlaps the kernel at 0x100000-0x118fff$' --map-file g@0xff000 --dtb dtb
	refuses '0x6401000-0x6401fff overlaps g at 0x6400000-0x6401fff$' --map-file g@100M --map-file f@0x6401000 --dtb dtb
	refuses 'overlaps a reservation in the device tree at 0x3000000-0x30fffff$' --map-file f@48M --dtb dtb
	refuses 'overlaps a reservation in the device tree at 0x5000000-0x50007ff$' --map-file g@0x4fff000 --dtb dtb
	for ((i = 0; i < 14; i++)); do
		many+=(--map-file "f@$((16 + i))M")
	done
	refuses '14 files, but this image has room for 13$' "${many[@]}" --dtb dtb
	refuses '13 files, but this image has room for 12$' "${many[@]:2}" --dtb dtb --initrd g
	refuses 'more than 16 files' "${many[@]}" "${many[@]}"
	refuses 'no free RAM for 8192 bytes up to 0x' --map-file g@auto --dtb full
	refuses '(is not System RAM|ends above 0x3ffffff)' --map-file f@64M --mem-max 0x3ffffff --dtb dtb
}

bad_trees() {
	refuses 'begins like a device tree; put it above the real one, 0x119000$' --map-file dtb@0x80000 --dtb dtb
	refuses 'root contradicts root= in the command line' --map-file f@auto,label=a,root --dtb dtb --command-line 'console=ttyS0 root=/dev/sda'
	refuses 'root contradicts root= in the command line' --map-file f@auto,label=a,root --dtb own-root
	refuses '#address-cells of / and /reserved-memory must be equal, and 1 or 2' --map-file f@auto --dtb other-cells
	refuses 'three-cells: #address-cells and #size-cells of / must be 1 or 2' --map-file f@auto --dtb three-cells
	refuses 'short is truncated: it has 100 of [0-9]+ bytes' --dtb short
	refuses 'g is not a device tree blob' --dtb g
	refuses 'f is not a device tree blob' --dtb f
	refuses 'old is not a device tree blob, or older than version 17$' --dtb old
	for bad in blocks reserve-map names; do
		refuses "$bad is damaged: a part of it exceeds its [0-9]+ bytes" --dtb "$bad" --command-line 'console=ttyS0'
	done
}

# with_word OFFSET BYTES: the tree, with these 4 bytes there, as printf %b takes them.
with_word() {
	head -c "$1" dtb
	printf %b "$2"
	tail -c "+$(($1 + 5))" dtb
}

other_ways() {
	set_iomem "0-7ffffff" "2000000-3ffffff=Crash kernel" "100000-5fffff=Kernel code" "600000-6fffff=Kernel data"
	refuses 'not possible with --load-panic' -p --map-file f@100M --dtb dtb
	set_iomem "0-7ffffff"
}

for kind in mips mips64el; do
	on "$kind"
	cd "$work/files"
	printf 'one page' >f
	head -c 8192 /dev/zero | tr '\0' x >g
	: >empty
	truncate -s $((64 << 20)) half
	truncate -s $(((64 << 20) + 1)) large
	mkfifo fifo
	tree dtb <<-'EOF2'
		/memreserve/ 0x3000000 0x100000;
		/ { #address-cells = <1>; #size-cells = <1>;
		reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
			a { size = <0x1000>; };
			b { reg = <0x5000000 0x800>; }; }; };
	EOF2
	tree reserved <<-'EOF2'
		/memreserve/ 0 0x100000;
		/ { #address-cells = <1>; #size-cells = <1>; };
	EOF2
	tree full <<-'EOF2'
		/memreserve/ 0 0x100000;
		/memreserve/ 0x119000 0x7ee7000;
		/ { #address-cells = <1>; #size-cells = <1>; };
	EOF2
	tree own-root <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>; chosen { bootargs = "root=/dev/mtdblock2"; }; };
	EOF2
	tree other-cells <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>; reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges; }; };
	EOF2
	tree three-cells <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <3>; };
	EOF2
	head -c 100 dtb >short
	dtc -q -I dtb -O dtb -V 16 -o old dtb
	# In its header: the size of the structure block, and where the reserve map is
	with_word 36 '\0\1\0\0' >blocks
	end=$((($(stat -c %s dtb) & ~7) - 8))
	with_word 16 "$(printf '\\0\\0\\x%x\\x%x' $((end >> 8)) $((end & 255)))" >reserve-map
	# The name of the first property of /
	with_word $((0x$(od -An -tx4 --endian=big -j 8 -N 4 dtb | tr -d ' ') + 16)) '\x60\0\0\0' >names
	bad_words
	bad_files
	bad_places
	bad_trees
	other_ways
done

done_testing
