#!/usr/bin/env bash
# The Linux series: each patch is well made, applies without fuzz or offset, and
# leaves a tree in which all that the series touches compiles without a warning,
# so that bisection works: for Malta with one and with several CPUs, and for
# ath79, whose watchdog no emulator has.
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

made_for=6.1.192

# linux/kexec.h gives an image its struct kimage_arch where the architecture
# defines ARCH_HAS_KIMAGE_ARCH, as arm, arm64, powerpc, riscv and x86 do.
# checkpatch would have a Kconfig symbol for it, which no kernel looks at.
asked_for=DEFINE_ARCH_HAS

objects=()

kernel_make() {
	local config=$1

	shift
	make -C "$work/tree" -j"$(nproc)" O="$work/$config" ARCH=mips CROSS_COMPILE=mips-linux-gnu- CC="ccache mips-linux-gnu-gcc" "$@"
}

# configure NAME: from standard input.
configure() {
	mkdir -p "$work/$1"
	cat >"$work/$1.fragment"
	kernel_make "$1" KCONFIG_ALLCONFIG="$work/$1.fragment" allnoconfig >"$work/$1.log" 2>&1 ||
		fail "the configuration $1 cannot be made" "$work/$1.log"
	kernel_make "$1" prepare >"$work/$1.log" 2>&1 ||
		fail "the configuration $1 cannot be prepared" "$work/$1.log"
}

# compile CONFIG PATCH OBJECT...
compile() {
	local config=$1 name=$2 log=$work/$1.log

	shift 2
	kernel_make "$config" "$@" >"$log" 2>&1 ||
		fail "$name: does not compile for $config" "$log"
	if grep -q 'warning:' "$log"; then
		fail "$name: warnings for $config" "$log"
	fi
	pass "$name: compiles for $config: $*"
}

# Of boards that none of the configurations here has
elsewhere='cavium-octeon|loongson64'
# Of a kernel for several CPUs
smp_only='kernel/smp-mt'

# objects_without PATTERN: of those that the series touches so far.
objects_without() {
	printf '%s\n' "${objects[@]}" | grep -vE "$1|$elsewhere" | sort -u || true # none is fine
}

rm -rf "$work"
unpack "$linux_source" "$work/tree"
cd "$work/tree"
if [ "$(make -s kernelversion)" != "$made_for" ]; then
	strict_offsets=no # a later 6.1.y may have moved lines
fi

malta=$(cat "$top/tests/malta/linux/common.config" "$top/tests/malta/linux/mips.config")
configure malta <<<"$malta"
configure malta-smp <<-EOF
	$malta
	CONFIG_MIPS_MT_SMP=y
	CONFIG_RELOCATABLE=y
EOF
configure ath79 <<-EOF
	CONFIG_ATH79=y
	CONFIG_KEXEC=y
	CONFIG_WATCHDOG=y
	CONFIG_ATH79_WDT=y
EOF

for patch in $(series_files "$top/kernel-patches"); do
	name=${patch##*/}
	well_made "$patch" --ignore "$asked_for"
	applies "$patch"
	mapfile -t -O "${#objects[@]}" objects < <(changed_files "$patch" | sed -n 's/\.[cS]$/.o/p')
	mapfile -t on_malta < <(objects_without "ath79|$smp_only")
	mapfile -t on_malta_smp < <(objects_without ath79)
	mapfile -t on_ath79 < <(objects_without "malta|ib700|$smp_only")
	compile malta "$name" "${on_malta[@]}"
	compile malta-smp "$name" "${on_malta_smp[@]}"
	compile ath79 "$name" "${on_ath79[@]}"
done

done_testing
