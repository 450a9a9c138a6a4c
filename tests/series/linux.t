#!/usr/bin/env bash
# The Linux series: each patch is well made, applies without fuzz or offset, and
# leaves a tree in which all that the series touches compiles without a warning, so
# that bisection works. It compiles for Malta with one CPU and with several, and for
# ath79 and ramips, whose watchdogs no emulator has. What has compiled once is not
# compiled again until something that it depends on changes.
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

keep_log() {
	cp "$1" "$out/log"
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
		cached "compiles-$config" "$hash" keep_log "$log" >/dev/null
	fi
	pass "$name: compiles for $config: $*"
}

# Code for boards that none of the configurations here has
elsewhere='cavium-octeon|loongson64'
# Code for kernels with several CPUs
smp_only='kernel/smp-(mt|cps)'

# objects_without PATTERN: the objects that the series touches so far, without those
# of PATTERN and of other boards.
objects_without() {
	printf '%s\n' "${objects[@]}" | grep -vE "$1|$elsewhere" | sort -u || true # none is fine
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
	mapfile -t on_malta < <(objects_without "ath79|mt7621|$smp_only")
	mapfile -t on_malta_smp < <(objects_without 'ath79|mt7621')
	mapfile -t on_ath79 < <(objects_without "malta|ib700|mt7621|$smp_only")
	mapfile -t on_ramips < <(printf '%s\n' "${objects[@]}" | grep mt7621 || true) # none is fine
	compile malta "$name" "${on_malta[@]}"
	compile malta-smp "$name" "${on_malta_smp[@]}"
	compile ath79 "$name" "${on_ath79[@]}"
	[ ${#on_ramips[@]} = 0 ] || compile ramips "$name" "${on_ramips[@]}"
done

done_testing
