# shellcheck shell=bash
# The configurations of the build matrix: boards, and what is switched on and off for
# each. Sourced by matrix.t; works in the current kernel tree.

# matrix_of KERNEL: what to compile, as a defconfig and its variants, see options_of.
# 32r2, 32r2el, 64r6 and 64r6el are the generic kernel. Later kernels have the same
# code in another tree, so the boards that differ most are enough.
matrix_of() {
	local defconfig

	case $1 in
		linux-6.1)
			for defconfig in malta 32r2 32r2el 64r6 64r6el bmips_stb bcm63xx cavium_octeon loongson3 xway; do
				echo "$defconfig full no-kexec up"
			done
			for defconfig in ath79 rt305x omega2p pic32mzda; do # one CPU each
				echo "$defconfig full no-kexec no-dump"
			done
			;;
		*)
			for defconfig in malta ath79 omega2p xway cavium_octeon loongson3; do
				echo "$defconfig full"
			done
			;;
	esac
}

# sparse_of KERNEL: the value for make's C=: 2 for sparse, 0 for none. Debian 12's
# sparse does not understand 7.2's headers: it gives up or crashes.
sparse_of() {
	case $1 in
		linux) echo 0 ;;
		*) echo 2 ;;
	esac
}

# options_of VARIANT: what to set in a defconfig, as far as Kconfig allows it.
# Without modules there is much less to configure, and as much to compile.
options_of() {
	case $1 in
		full) printf 'CONFIG_%s\n' KEXEC=y CRASH_DUMP=y SMP=y ;;
		no-kexec) printf 'CONFIG_%s\n' KEXEC=n CRASH_DUMP=y SMP=y ;;
		no-dump) printf 'CONFIG_%s\n' KEXEC=y CRASH_DUMP=n SMP=y ;;
		up) printf 'CONFIG_%s\n' KEXEC=y CRASH_DUMP=n SMP=n ;;
	esac
	printf 'CONFIG_%s\n' WERROR=n MODULES=n
	where_there_is_one
	if [ "$1" = up ]; then # what would select SMP
		printf 'CONFIG_%s\n' MIPS_MT_SMP=n MIPS_CPS=n NUMA=n
	fi
}

# where_there_is_one: options that only some boards have, for code that the series
# touches.
where_there_is_one() {
	printf 'CONFIG_%s\n' WATCHDOG=y ATH79_WDT=y MT7621_WDT=y IB700_WDT=y HIGHMEM=y \
		MIPS_MT_SMP=y RELOCATABLE=y
}

# is_set SYMBOL: in .config.
is_set() {
	grep -qE "^$1=[ym]\$" .config
}

# configure DEFCONFIG VARIANT: writes .config.
configure() {
	local option set=()

	if [ ! -e "config-$1" ]; then
		kernel_make "$1_defconfig"
		cp .config "config-$1"
	fi
	cp "config-$1" .config
	for option in $(options_of "$2"); do
		set+=(--set-val "${option%=*}" "${option#*=}")
	done
	scripts/config "${set[@]}"
	kernel_make olddefconfig
}

# not_allowed VARIANT: those of its options that .config does not have.
not_allowed() {
	local option

	for option in $(comm -23 <(options_of "$1" | sort) <(where_there_is_one | sort)); do
		case $option in
			*=n) if is_set "${option%=*}"; then echo "$option"; fi ;;
			*) if ! is_set "${option%=*}"; then echo "$option"; fi ;;
		esac
	done
}
