#!/bin/sh
# Runs on the device: measures what `kexec -l` costs with files of several sizes,
# with --map-file and with --initrd, and what a bare kexec_load() of the mapped file
# costs. Prints lines of four words: the quantity (cpu in microseconds, anon in KiB),
# how, the file's MiB, the number.
#
# Usage: loads.sh REPEATS ADDRESS TREE_ADDRESS MIB...   (addresses in bytes)
set -eu

repeats=$1
address=$2
tree_address=$3
shift 3
cd /run/bundle

# The file is new each time, like one that has just arrived: the kernel spends more
# on its first reader than on later ones. kexec does not care that all of its MiBs
# are the same.
fresh_file() {
	rm -f ../file
	made=0
	while [ "$made" -lt "$1" ]; do
		cat ../mib
		made=$((made + 1))
	done >../file
}

# measured QUANTITY HOW MIB COMMAND...: COMMAND loads an image.
measured() {
	quantity=$1
	how=$2
	mib=$3
	shift 3
	number=$(../measure "$quantity" "$@")
	if [ "$(cat /sys/kernel/kexec_loaded)" != 1 ]; then
		echo "this has loaded nothing: $*" >&2
		exit 1
	fi
	kexec -u
	echo "$quantity $how $mib $number"
}

# kexec_load QUANTITY HOW MIB OPTION...: kexec -l with these options.
kexec_load() {
	load=$1
	by=$2
	file_mib=$3
	shift 3
	measured "$load" "$by" "$file_mib" kexec -l --dtb dtb "$@" vmlinux
}

# all_sizes QUANTITY MIB...
all_sizes() {
	what=$1
	shift
	kexec_load "$what" none 0
	for size in "$@"; do
		fresh_file "$size"
		kexec_load "$what" map-file "$size" --map-file "../file@$address"
		fresh_file "$size"
		kexec_load "$what" initrd "$size" --initrd ../file
	done
}

# bare_sizes MIB...: the system call alone, with a tree, and with a tree and a file.
bare_sizes() {
	measured cpu bare-none 0 ../load-image "dtb@$tree_address"
	for size in "$@"; do
		fresh_file "$size"
		measured cpu bare "$size" ../load-image "dtb@$tree_address" "../file@$address"
	done
}

# Not counted: the first run reads kexec from flash
kexec_load cpu none 0 >/dev/null
round=0
while [ "$round" -lt "$repeats" ]; do
	all_sizes cpu "$@"
	bare_sizes "$@"
	round=$((round + 1))
done
all_sizes anon "$@"
rm -f ../file
