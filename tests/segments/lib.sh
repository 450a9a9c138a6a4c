# shellcheck shell=bash
# For tests that look at the image that kexec would load. They run a kexec for each
# kind of MIPS under qemu-user, with files of the test in place of /proc, and with a
# kexec_load() that writes the segments to files. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=ci/lib.sh
. "$top/ci/lib.sh"
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

work=$top/build/segments/$(basename "$0" .t)
ram=$((128 << 20))

# machine: qemu-user's name; target: the compiler's; bits: of a long
machine=
target=
bits=
kexec=
image=$work/image

# on MACHINE: what follows runs on that kind of MIPS.
on() {
	machine=$1
	case $1 in
		mips) target=mips-linux-gnu bits=32 ;;
		mipsel) target=mipsel-linux-gnu bits=32 ;;
		mips64) target=mips64-linux-gnuabi64 bits=64 ;;
		mips64el) target=mips64el-linux-gnuabi64 bits=64 ;;
		*) die "no machine '$1'" ;;
	esac
	kexec=$("$top/tests/segments/build" "$target")/kexec
	cd "$top"
	rm -rf "$work"
	mkdir -p "$work/files" "$work/root/proc/device-tree/chosen"
	make_kernel
	set_iomem "0-7ffffff"
	echo "console=ttyS0" >"$work/root/proc/cmdline"
	echo "cpu model : MIPS 24Kc" >"$work/root/proc/cpuinfo"
	set_running bootargs 'console=ttyS0\0'
	set_running stdout-path 'none\0'
}

# make_kernel: makes files/vmlinux, with one segment at 1 MiB and 64 KiB of bss.
make_kernel() {
	local start=0x80100000

	if [ "$bits" = 64 ]; then
		start=0xffffffff80100000
	fi
	cat >"$work/kernel.lds" <<-EOF2
		ENTRY(start)
		PHDRS { load PT_LOAD; }
		SECTIONS {
			. = $start;
			.text : { *(.text) } :load
			.bss : { *(.bss) } :load
			/DISCARD/ : { *(*) }
		}
	EOF2
	cat >"$work/kernel.s" <<-'EOF2'
		.globl start
		.text
		start: b start
		.space 0x8000, 0x5a
		.bss
		.space 0x10000
	EOF2
	"$target-gcc" -c -o "$work/kernel.o" "$work/kernel.s"
	"$target-ld" -T "$work/kernel.lds" -o "$work/files/vmlinux" "$work/kernel.o"
}

# set_iomem RANGE[=NAME]...: writes /proc/iomem; a range without NAME is System RAM.
set_iomem() {
	local range name

	for range; do
		name="System RAM"
		if [[ $range == *=* ]]; then
			name=${range#*=}
		fi
		range=${range%%=*}
		printf '%08x-%08x : %s\n' "0x${range%-*}" "0x${range#*-}" "$name"
	done >"$work/root/proc/iomem"
}

# set_running PROPERTY TEXT: sets it in /chosen of the running system's device tree.
set_running() {
	# shellcheck disable=SC2059 # TEXT is a format: it may have \0
	printf "$2" >"$work/root/proc/device-tree/chosen/$1"
}

# tree NAME: makes the blob files/NAME from the device tree source on standard input.
tree() {
	{
		echo '/dts-v1/;'
		cat
	} | dtc -q -I dts -O dtb -o "$work/files/$1" -
}

# run_kexec ARGUMENT...: runs kexec -l ARGUMENT... vmlinux in files/. Sets $said to
# its stderr, and $status. Removes an earlier image first.
run_kexec() {
	rm -rf "$image"
	mkdir -p "$image"
	status=0
	(cd "$work/files" &&
		KEXEC_IMAGE=$image KEXEC_RAM=$ram KEXEC_ROOT=$work/root timeout 60 "qemu-$machine" -L "$work/root" \
			"$kexec" -l "$@" vmlinux) >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
	said=$(grep -v '^Modified cmdline:' "$work/stderr" || true) # fs2dt says that of every image
}

# loads WHAT ARGUMENT...
loads() {
	local what=$1

	shift
	run_kexec "$@"
	if [ "$status" != 0 ] || [ ! -e "$image/segments" ]; then
		fail "$machine: $what: kexec -l $* should load: status $status, '$said'"
	fi
	pass "$machine: $what"
}

# refuses REASON ARGUMENT...: kexec refuses in one line, and loads nothing.
refuses() {
	local reason=$1

	shift
	run_kexec "$@"
	if [ "$status" = 0 ] || [ -e "$image/segments" ]; then
		fail "$machine: kexec -l $* should be refused"
	fi
	if [ "$(wc -l <<<"$said")" != 1 ] || ! grep -qE -- "$reason" <<<"$said"; then
		fail "$machine: kexec -l $*: no line '$reason' in '$said'"
	fi
	pass "$machine: refused: $* ($reason)"
}

# place_of FILE: the address of the segment that begins with the bytes of FILE.
place_of() {
	local segment size

	size=$(stat -c %s "$work/files/$1")
	for segment in "$image"/[0-9a-f]*; do
		if cmp -s -n "$size" "$segment" "$work/files/$1"; then
			echo "0x${segment##*/}"
			return
		fi
	done
	echo none
}

# handed_over: the file that holds the device tree, found as the kernel finds it.
handed_over() {
	local address

	while read -r address _; do
		if [ "$(head -c 4 "$image/$address" | od -An -t x1 | tr -d ' ')" = d00dfeed ]; then
			echo "$image/$address"
			return
		fi
	done < <(sed 1d "$image/segments")
	fail "$machine: no device tree in the image"
}

# property NODE NAME [TYPE]: from the device tree that is handed over.
property() {
	fdtget -t "${3:-x}" "$(handed_over)" "$1" "$2" 2>/dev/null || echo none
}
