#!/usr/bin/env bash
# Command lines up to the 4095 characters that Linux accepts arrive whole, with --dtb
# and without. A longer one is refused in one line, also if only the root= of the
# running system makes it too long, and on a Loongson, whose kernel accepts 2041. The
# tree of --dtb keeps its own command line unless one is given.
# reads: patches tests/segments
# sources: kexec-tools zlib xz
set -euo pipefail
# shellcheck source=tests/segments/lib.sh
. "$(dirname "$0")/lib.sh"

# words LENGTH [FIRST]
words() {
	head -c "$1" < <(printf '%s' "${2-}" && yes 'x=0123456789' | tr '\n' ' ')
}

bootargs() {
	property /chosen bootargs s
}

arrive() {
	local length line

	for length in 1 505 506 613 2000 4095; do
		line=$(words "$length" | tr ' ' _)
		loads "$length characters, --dtb" --dtb own --command-line "$line"
		is "$(bootargs)" "$line" "$machine: they arrive"
		loads "$length characters" --command-line "$line"
		is "$(bootargs)" "$line " "$machine: they arrive, with the blank of fs2dt"
		if [ "$length" -lt 4095 ]; then
			set_running bootargs 'console=x root=/dev/a b\0'
			if [ $((length + 12)) -lt 4096 ]; then
				loads "$length characters and an old root=" --command-line "$line"
				is "$(bootargs)" "$line root=/dev/a " "$machine: both arrive"
			fi
			set_running bootargs 'console=x\0'
		fi
	done
	line=$(words 4096)
	refuses 'command line exceeds 4095 characters' --dtb own --command-line "$line"
	refuses 'command line exceeds 4095 characters' --command-line "$line"
	set_running bootargs 'root=/dev/a b\0'
	refuses 'command line, with any root= taken over, exceeds 4095 characters' --command-line "${line:1}"
	loads "4095 characters with a root= of their own" --command-line "$(words 4095 'root=/dev/b ')"
	set_running bootargs 'console=x\0'
}

# loongson_kexec_prepare() of Linux copies 2048 bytes, including "kexec ".
loongson() {
	local line

	line=$(words 2042)
	echo "cpu model : ICT Loongson-3 V0.4" >"$work/root/proc/cpuinfo"
	loads "2041 characters on a Loongson" --dtb own --command-line "${line:1}"
	refuses 'command line exceeds 2041 characters' --dtb own --command-line "$line"
	echo "cpu model : MIPS 24Kc" >"$work/root/proc/cpuinfo"
}

own_bootargs() {
	loads "none given" --dtb own
	is "$(bootargs)" "console=ttyS0 root=/dev/mtdblock1" "$machine: the tree's own stay"
	loads "an empty one" --dtb own --command-line ''
	is "$(bootargs)" "" "$machine: they are cleared"
	is "$(property /chosen bootargs)" "0" "$machine: the terminator is all that there is"
	loads "--reuse-cmdline" --dtb own --reuse-cmdline
	is "$(bootargs)" "console=ttyS0" "$machine: that of the running system"
	loads "--reuse-cmdline and --append" --dtb own --reuse-cmdline --append quiet
	is "$(bootargs)" "console=ttyS0 quiet" "$machine: both"
	set_iomem "0-7ffffff" "2000000-3ffffff=Crash kernel" "100000-5fffff=Kernel code" "600000-6fffff=Kernel data"
	loads "none given, -p" -p --dtb own
	has "$(bootargs)" '^console=ttyS0 root=/dev/mtdblock1 mem=32768K@32768K elfcorehdr=[0-9]+K$' \
		"$machine: the tree's own, and what a crash kernel needs"
	loads "one given, -p" -p --dtb own --command-line quiet
	has "$(bootargs)" '^quiet mem=32768K@32768K elfcorehdr=[0-9]+K$' "$machine: it, and what a crash kernel needs"
	set_iomem "0-7ffffff"
}

for kind in mips mips64el; do
	on "$kind"
	cd "$work/files"
	tree own <<-'EOF2'
		/ { #address-cells = <1>; #size-cells = <1>;
		memory@0 { device_type = "memory"; reg = <0 0x8000000>; };
		chosen { bootargs = "console=ttyS0 root=/dev/mtdblock1"; }; };
	EOF2
	arrive
	loongson
	own_bootargs
done

done_testing
