#!/usr/bin/env bash
# What the new kernel finds: each file byte for byte at its address, and its
# reservation, its MTD and its root device in the device tree that is handed over.
# The rest of the tree stays, except what would override the file: nodes of an
# earlier kexec, another MTD marked as root, a stale initrd.
# reads: patches tests/segments
# sources: kexec-tools zlib xz
set -euo pipefail
# shellcheck source=tests/segments/lib.sh
. "$(dirname "$0")/lib.sh"

# node ADDRESS: the node of a file at that address.
node() {
	printf '/reserved-memory/map-file@%x\n' "$1"
}

addresses() {
	local text

	for text in 0x6400000 104857600 100M 100m 102400K 102400k; do
		loads "at $text" --map-file "f@$text" --dtb dtb
		is "$(place_of f)" 0x6400000 "$machine: it is there"
	done
	loads "a name with an @" --map-file me@home@100M --dtb dtb
	is "$(place_of me@home)" 0x6400000 "$machine: the last @ counts"
	is "$(property "$(node 0x6400000)" reg)" "6400000 c" "$machine: its own size is reserved"
	is "$(property "$(node 0x6400000)" compatible s)" none "$machine: no label, no MTD"
	loads "without a reservation" --map-file f@100M,no-reserve --dtb dtb
	is "$(property "$(node 0x6400000)" reg)" none "$machine: no-reserve leaves the tree alone"
}

# The size in the node: whole blocks of 4096 bytes.
labels() {
	local size rounded

	for size in 1 511 512 513 4096 4097; do
		head -c "$size" /dev/urandom >sized
		rounded=$(((size + 4095) / 4096 * 4096))
		loads "a label and $size bytes" --map-file sized@100M,label=rootfs --dtb dtb
		is "$(property "$(node 0x6400000)" reg)" "6400000 $(printf %x "$rounded")" "$machine: $size bytes are $rounded"
		is "$(property "$(node 0x6400000)" label s)" rootfs "$machine: its label"
		is "$(property "$(node 0x6400000)" compatible s)" phram "$machine: a phram"
	done
	loads "three MTDs" --map-file f@100M,label=a --map-file g@auto,label=b --map-file sized@90M,label=c --dtb dtb
	is "$(fdtget -l "$(handed_over)" /reserved-memory | xargs)" "map-file@6400000 map-file@7ffe000 map-file@5a00000" \
		"$machine: in the order of the options, as MTDs are numbered in that of the nodes"
}

automatic() {
	loads "auto" --map-file g@auto --dtb dtb
	is "$(place_of g)" 0x7ffe000 "$machine: the highest place"
	loads "auto twice" --map-file g@auto --map-file f@auto --dtb dtb
	is "$(place_of f)" 0x7ffd000 "$machine: below the first one"
	loads "auto beside one at the top" --map-file f@auto --map-file g@0x7ffe000 --dtb dtb
	is "$(place_of f)" 0x7ffd000 "$machine: those with an address come first"
	tree top <<-'EOF2'
		/memreserve/ 0x7fff800 0x100;
		/ { #address-cells = <1>; #size-cells = <1>;
		reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
			a { reg = <0x7000000 0xff0000 0x6000000 0x1>; };
			b { size = <0x1000>; }; }; };
	EOF2
	loads "auto below reservations" --map-file g@auto --dtb top
	is "$(place_of g)" 0x7ffd000 "$machine: the highest that nobody reserves"
	loads "auto with --mem-max" --map-file g@auto --mem-max 0x3ffffff --dtb dtb
	is "$(place_of g)" 0x3ffe000 "$machine: no higher than that"
	set_iomem "0-7ffffff" "90000000-9fffffff"
	loads "auto with high memory" --map-file g@auto --dtb dtb
	if [ "$bits" = 32 ]; then
		is "$(place_of g)" 0x7ffe000 "$machine: within reach of a 32-bit kernel"
	else
		is "$(place_of g)" 0x9fffe000 "$machine: a 64-bit kernel reaches all"
	fi
	set_iomem "0-7ffffff" "100000000-10fffffff"
	loads "auto with RAM that the tree cannot express" --map-file g@auto --dtb dtb
	is "$(place_of g)" 0x7ffe000 "$machine: the highest place that one cell holds"
	set_iomem "0-7ffffff"
}

roots() {
	loads "root" --map-file f@100M,label=rootfs,root --dtb flash-root --command-line console=ttyS0
	is "$(property "$(node 0x6400000)" linux,rootfs)" "" "$machine: the file is the root device"
	is "$(dtc -q -I dtb -O dts "$(handed_over)" | grep -c 'linux,rootfs')" 1 "$machine: nothing else is"
	set_running bootargs 'root=/dev/mtdblock2 console=ttyS0\0'
	loads "root, without --dtb" --map-file f@auto,label=rootfs,root
	is "$(property /chosen bootargs s)" " " "$machine: the root= of the running system is not copied"
	refuses 'root contradicts root=' --map-file f@auto,label=rootfs,root --reuse-cmdline --command-line root=x
	loads "a word that ends in root=" --map-file f@auto,label=rootfs,root --dtb dtb --command-line nfsroot=1.2.3.4
	set_running bootargs 'console=ttyS0\0'
}

earlier() {
	tree earlier <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges;
			map-file@7000000 { kexec,map-file; reg = <0x7000000 0x1000>; label = "rootfs"; };
			other@1000000 { reg = <0x1000000 0x1000>; };
			map-file@7800000 { kexec,map-file; reg = <0x7800000 0x1000>; }; }; };
	EOF2
	loads "nodes of an earlier kexec" --map-file f@112M,label=rootfs --dtb earlier
	is "$(fdtget -l "$(handed_over)" /reserved-memory | xargs)" "map-file@7000000 other@1000000" "$machine: they are gone, others are not"
	loads "the same without --map-file" --dtb earlier
	is "$(fdtget -l "$(handed_over)" /reserved-memory | wc -l)" 3 "$machine: they stay"
	tree no-ranges <<-'EOF2'
		/ { #address-cells = <2>; #size-cells = <2>; reserved-memory { }; };
	EOF2
	loads "a /reserved-memory with nothing in it" --map-file f@100M --dtb no-ranges
	is "$(property /reserved-memory ranges)" "" "$machine: ranges is added"
	is "$(property /reserved-memory '#size-cells' u)" 2 "$machine: the cells of the root, too"
	is "$(property "$(node 0x6400000)" reg)" "0 6400000 0 8" "$machine: a reservation of two cells each"
}

# The cases in which Linux finds no memory, and those in which it does.
memory() {
	local source

	loads "a tree without memory" --dtb dtb
	is "$(property /memory@0 reg)" "0 8000000" "$machine: that of the running system"
	loads "disabled memory" --dtb disabled-memory
	is "$(property /memory@0 reg)" "0 8000000" "$machine: Linux ignores the node, so it is completed"
	is "$(property /memory@0 status s)" okay "$machine: and enabled"
	for source in \
		'memory@0 { device_type = "memory"; reg = <0 0>; };' \
		'memory { reg = <0 0x1000000>; };' \
		'memory@0 { device_type = "memory"; reg = <0 0x1000000>; linux,usable-memory = <0 0>; };'; do
		tree t <<<"/ { #address-cells = <1>; #size-cells = <1>; $source };"
		loads "no memory: $source" --dtb t
		is "$(property /memory@0 reg)" "0 8000000" "$machine: that of the running system"
		is "$(property /memory@0 linux,usable-memory)" none "$machine: and nothing limits it"
	done
	tree t <<<'/ { #address-cells = <1>; #size-cells = <1>; memory@0 { device_type = "memory"; reg = <0 0x1000000>; }; };'
	loads "a tree with memory" --dtb t
	is "$(property /memory@0 reg)" "0 1000000" "$machine: it stays"
	tree t <<<'/ { #address-cells = <1>; #size-cells = <3>; memory@0 { device_type = "memory"; reg = <0 0 0 0x1000000>; }; };'
	loads "a tree with memory, and with cells that kexec could not write" --dtb t
	is "$(property /memory@0 reg)" "0 0 0 1000000" "$machine: it stays, too"
	set_iomem "0-fffffff" "20000000-2fffffff"
	tree t <<<'/ { #address-cells = <2>; #size-cells = <1>; };'
	loads "RAM in two pieces" --dtb t
	is "$(property /memory@0 reg)" "0 0 10000000 0 20000000 10000000" "$machine: both"
	set_iomem "0-fffffff" "90000000-26fffffff"
	tree t <<<'/ { #address-cells = <1>; #size-cells = <1>; };'
	loads "RAM on both sides of 4 GiB" --dtb t
	is "$(property /memory@0 reg)" "0 10000000 90000000 70000000" "$machine: what one cell holds"
	tree t <<<'/ { #address-cells = <2>; #size-cells = <1>; };'
	loads "more than 4 GiB in one piece" --dtb t
	is "$(property /memory@0 reg)" "0 0 10000000 0 90000000 ffff0000" "$machine: as much as one cell holds"
	set_iomem "0-7ffffff"
}

initrd() {
	loads "a stale initrd" --map-file f@auto,label=a --dtb stale-initrd
	is "$(property /chosen linux,initrd-start)" none "$machine: it is gone"
	is "$(property /chosen linux,initrd-end)" none "$machine: its end, too"
	loads "an initrd" --map-file f@auto,label=a --dtb stale-initrd --initrd g
	is "$(property /chosen linux,initrd-start)" "0 $(place_of g | cut -c 3-)" "$machine: the one that was given"
}

look_alike() {
	loads "a file like a device tree, above" --map-file dtb@100M,label=a --dtb flash-root
	is "$(place_of dtb)" 0x6400000 "$machine: it is there"
	is "$(property / model s)" "$(fdtget -t s flash-root / model)" "$machine: the real one is handed over"
}

make_trees() {
	tree flash-root <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>; model = "The real one";
		flash@1e000000 { partitions { partition@100000 { label = "rootfs"; linux,rootfs; }; }; }; };
	EOF2
	tree disabled-memory <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		memory@0 { device_type = "memory"; reg = <0 0x4000000>; status = "disabled"; }; };
	EOF2
	tree stale-initrd <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		chosen { linux,initrd-start = <0x7e00000>; linux,initrd-end = <0x7f00000>; }; };
	EOF2
}

for kind in mips mipsel mips64 mips64el; do
	on "$kind"
	cd "$work/files"
	printf 'one page' >f
	printf 'another page' >me@home
	head -c 8192 /dev/zero | tr '\0' x >g
	make_trees
	tree dtb <<<'/ { #address-cells = <1>; #size-cells = <1>; };'
	addresses
	labels
	automatic
	roots
	earlier
	memory
	initrd
	look_alike
done

done_testing
