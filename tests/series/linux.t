#!/usr/bin/env bash
# The Linux series: each patch is well made, applies without fuzz or offset, and
# leaves a tree in which all that the series touches compiles without a warning, so
# that bisection works. It compiles for Malta with one CPU and with several, and for
# ath79 and ramips, whose watchdogs no emulator has. A patch that changes nothing of a
# configuration is not compiled for it, and what has compiled once is not compiled again
# until something that it depends on changes.
# reads: kernel-patches tests/qemu/linux
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

made_for=7.2.13

# linux/kexec.h gives an image its struct kimage_arch if the architecture defines
# ARCH_HAS_KIMAGE_ARCH, as arm, arm64, powerpc, riscv and x86 do. checkpatch wants a
# Kconfig symbol instead, which no kernel looks at. It also calls the commits of
# Fixes: unknown, because the tarball has no history.
asked_for=DEFINE_ARCH_HAS,UNKNOWN_COMMIT_ID

objects=()
applied=()

kernel_make() {
	local config=$1

	shift
	make -C "$work/tree" -j"$(nproc)" O="$work/$config" ARCH=mips CROSS_COMPILE=mips-linux-gnu- CC="ccache mips-linux-gnu-gcc" "$@"
}

# configuration NAME: prints its fragment.
configuration() {
	case $1 in
		malta | malta-smp)
			cat "$top/tests/qemu/linux/common.config" "$top/tests/qemu/linux/mips.config"
			;;
		ath79)
			printf '%s\n' CONFIG_ATH79=y CONFIG_KEXEC=y CONFIG_WATCHDOG=y CONFIG_ATH79_WDT=y
			;;
		ramips)
			printf '%s\n' CONFIG_RALINK=y CONFIG_SOC_MT7620=y CONFIG_WATCHDOG=y CONFIG_MT7621_WDT=y
			;;
	esac
	if [ "$1" = malta-smp ]; then
		printf '%s\n' CONFIG_MIPS_MT_SMP=y CONFIG_MIPS_CPS=y CONFIG_RELOCATABLE=y
	fi
}

# configure NAME: unless it is done already.
configure() {
	[ ! -e "$work/$1/.config" ] || return 0
	mkdir -p "$work/$1"
	configuration "$1" >"$work/$1.fragment"
	kernel_make "$1" KCONFIG_ALLCONFIG="$work/$1.fragment" allnoconfig >"$work/$1.log" 2>&1 ||
		fail "the configuration $1 cannot be made" "$work/$1.log"
	kernel_make "$1" prepare >"$work/$1.log" 2>&1 ||
		fail "the configuration $1 cannot be prepared" "$work/$1.log"
}

# made_from CONFIG OBJECT...: a hash of everything that the objects depend on.
made_from() {
	{
		source_id "$linux_source"
		mips-linux-gnu-gcc --version
		cat "$top/tests/series/linux.t" "${applied[@]}"
		configuration "$1"
		echo "$*"
	} | short_hash
}

# compile CONFIG PATCH OBJECT...
compile() {
	local config=$1 name=$2 log=$work/$1.log hash

	hash=$(made_from "$config" "${@:3}")
	shift 2
	if ! is_cached "compiles-$config" "$hash"; then
		configure "$config"
		kernel_make "$config" "$@" >"$log" 2>&1 ||
			fail "$name: does not compile for $config" "$log"
		if grep -q 'warning:' "$log"; then
			fail "$name: warnings for $config" "$log"
		fi
		mkdir "$cache/compiles-$config-$hash"
	fi
	pass "$name: compiles for $config: $*"
}

# Code for boards that none of the configurations here has
elsewhere='cavium-octeon|loongson64'
# Code for kernels with several CPUs
smp_only='kernel/smp-(mt|cps)\.'

# not_of CONFIG: a pattern of the files that it does not compile.
not_of() {
	case $1 in
		malta) echo "ath79|mt7621|$smp_only|$elsewhere" ;;
		malta-smp) echo "ath79|mt7621|$elsewhere" ;;
		ath79) echo "malta|ib700|mt7621|$smp_only|$elsewhere" ;;
		ramips) echo "^arch/|^kernel/|^include/|ath79|ib700" ;; # its watchdog alone
	esac
}

# compile_for CONFIG PATCH: all objects of CONFIG that the series touches so far, if
# PATCH changes a file that CONFIG compiles, or that may be included there.
compile_for() {
	local others of_config

	others=$(not_of "$1")
	if ! changed_files "$2" | grep -qvE "$others"; then
		return
	fi
	mapfile -t of_config < <(printf '%s\n' "${objects[@]}" | grep -vE "$others" | sort -u || true) # none is fine
	[ ${#of_config[@]} = 0 ] || compile "$1" "${2##*/}" "${of_config[@]}"
}

rm -rf "$work"
unpack_linux "$linux_source" "$work/tree"
cd "$work/tree"
if [ "$(make -s kernelversion)" != "$made_for" ]; then
	strict_offsets=no # a later 7.2.y may have moved lines
fi

for patch in $(series_files "$top/kernel-patches"); do
	name=${patch##*/}
	well_made "$patch" --ignore "$asked_for"
	applies "$patch"
	applied+=("$patch")
	mapfile -t -O "${#objects[@]}" objects < <(changed_files "$patch" | sed -n 's/\.[cS]$/.o/p')
	for config in malta malta-smp ath79 ramips; do
		compile_for "$config" "$patch"
	done
done

done_testing
