#!/bin/sh
# Runs on the device: what `kexec -l` costs with files of several sizes, by
# --map-file and by --initrd. Prints lines of four words: the quantity (cpu in
# microseconds, anonymous in KiB), how, the file's MiB, the number.
#
# Usage: loads.sh REPEATS ADDRESS MIB...
set -eu

repeats=$1
address=$2
shift 2
cd /run/bundle

# The file is new each time, as one that has just arrived is: the kernel spends
# more on its first reader than on later ones. kexec does not care that all of
# its MiBs are the same.
fresh_file() {
	rm -f ../file
	made=0
	while [ "$made" -lt "$1" ]; do
		cat ../mib
		made=$((made + 1))
	done >../file
}

# measured QUANTITY HOW MIB OPTION...
measured() {
	quantity=$1
	how=$2
	mib=$3
	shift 3
	number=$(../measure "$quantity" kexec -l --dtb dtb "$@" vmlinux)
	if [ "$(cat /sys/kernel/kexec_loaded)" != 1 ]; then
		echo "kexec -l has loaded nothing: $*" >&2
		exit 1
	fi
	kexec -u
	echo "$quantity $how $mib $number"
}

# all_sizes QUANTITY MIB...
all_sizes() {
	what=$1
	shift
	measured "$what" none 0
	for size in "$@"; do
		fresh_file "$size"
		measured "$what" map-file "$size" --map-file "../file@$address"
		fresh_file "$size"
		measured "$what" initrd "$size" --initrd ../file
	done
}

# Once for nothing: it brings kexec from flash into memory
measured cpu none 0 >/dev/null
round=0
while [ "$round" -lt "$repeats" ]; do
	all_sizes cpu "$@"
	round=$((round + 1))
done
all_sizes anon "$@"
rm -f ../file
