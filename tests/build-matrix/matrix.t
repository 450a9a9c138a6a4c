#!/usr/bin/env bash
# The Linux series does no harm on boards that no test runs: all that it touches
# compiles for each of them, with and without what it depends on, and without any new
# warning from gcc with W=1 or from sparse. The same patch files apply without fuzz
# to later kernels, and compile there.
#
# Usage: tests/build-matrix/matrix.t [DEFCONFIG...]   (all of them, unless named)
# KERNEL_SERIES=, in the environment, is a directory with another series than
# kernel-patches. The matrix takes an hour or two on two cores. Results for a tree
# are kept, so what the compilers say without the series is asked once.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/series/lib.sh
. "$here/../series/lib.sh"
# shellcheck source=tests/series/backports.sh
. "$here/../series/backports.sh"
# shellcheck source=ci/trees.sh
. "$top/ci/trees.sh"
# shellcheck source=tests/build-matrix/configurations.sh
. "$here/configurations.sh"
# shellcheck source=tests/build-matrix/objects.sh
. "$here/objects.sh"
# shellcheck source=tests/build-matrix/compile.sh
. "$here/compile.sh"
# shellcheck source=tests/build-matrix/compare.sh
. "$here/compare.sh"

only=("$@")
kernels='linux-6.1 linux-6.12 linux' # of ci/sources

# is_asked_for DEFCONFIG: is it on the command line, or is the command line empty?
is_asked_for() {
	[ ${#only[@]} = 0 ] || printf '%s\n' "${only[@]}" | grep -x -- "$1" >/dev/null
}

# unpack_part SOURCE: all Makefiles and Kconfig files of Linux, and the code that is
# compiled here, with its headers. If something is missing, Kconfig or the compiler
# fails.
unpack_part() {
	local leave_out=(
		--exclude='*/arch/[!m]*/*.[chS]' --exclude='*/arch/m[!i]*/*.[chS]'
		--exclude='*/arch/mi[!p]*/*.[chS]' --exclude='*/arch/*/boot/dts/*.dts*'
		--exclude='*/drivers/[!w]*/*.[chS]' --exclude='*/sound/*.[chS]'
		--exclude='*/Documentation/[!K]*'
		--exclude='*/tools/testing' --exclude='*/tools/perf'
	)

	if [ -d "$1" ]; then
		tar -C "$1" "${leave_out[@]}" --exclude='*.o' --exclude=./.config --exclude=./.git -cf - . |
			tar -C "$out" --no-same-owner -xf -
	else
		tar -C "$out" --no-same-owner --strip-components=1 "${leave_out[@]}" -xf "$1"
	fi
}

# part_for KERNEL: prints the directory with that part of it.
part_for() {
	local source

	source=$("$top/ci/fetch" "$1")
	cached "part-$1-mips" "$({
		source_id "$source"
		declare -f unpack_part
	} | short_hash)" unpack_part "$source"
}

# lay_tree KERNEL with|without: $work/KERNEL-with has the series,
# $work/KERNEL-without only its patches for the harness.
lay_tree() {
	local tree=$work/$1-$2 version patches patch

	[ ! -e "$tree" ] || return 0
	version=$(version_of "$1")
	patches=$(series_files "$series" "$version")
	rm -rf "$tree.new"
	cp -a "$(part_for "$1")" "$tree.new"
	cd "$tree.new"
	for patch in $patches; do
		if [ "$2" = with ] || harness_only "$patch"; then
			apply_to "$version" "$patch"
		fi
	done
	cd "$work"
	mv "$tree.new" "$tree"
}

# compile_one KERNEL with|without DEFCONFIG VARIANT OBJECTS: makes what `cached`
# keeps.
compile_one() {
	lay_tree "$1" "$2"
	cd "$work/$1-$2"
	compile_variant "$(sparse_of "$1")" "${@:3}" "$out"
}

# diffs_of PATCH: the patch without its message, which the compiler does not see.
diffs_of() {
	sed -nE '/^(diff --git|---) /,$p' "$1"
}

# results_of, with the same arguments: prints the directory of the results.
results_of() {
	local key version patches patch

	version=$(version_of "$1")
	patches=$(series_files "$series" "$version")
	key=$({
		echo "$@" "$compiler"
		sparse_of "$1"
		options_of "$4"
		part_for "$1"
		for patch in $patches; do
			if [ "$2" = with ] || harness_only "$patch"; then
				diffs_of "$patch"
			fi
		done
		cat "$here/compile.sh" "$here/objects.sh"
	} | short_hash)
	cached "warnings-$1-$3-$4-$2" "$key" compile_one "$@"
}

# touched_files_of KERNEL: the files that the series touches.
touched_files_of() {
	series_files "$series" "$(version_of "$1")" | xargs sed -n 's,^+++ b/,,p'
}

# check_defconfig KERNEL DEFCONFIG VARIANT...: compiles the objects that the series
# changes and, in the first variant, those that include what it changes.
check_defconfig() {
	local kernel=$1 defconfig=$2 variant objects with without=

	cd "$(part_for "$kernel")"
	objects=$(changed_code <"$work/touched" | cat - <(included_by <"$work/touched") | sort -u)
	for variant in "${@:3}"; do
		with=$(results_of "$kernel" with "$defconfig" "$variant" "$objects")
		# Warnings of the first variant without the series cover most of
		# those of the other variants.
		if [ -z "$without" ] || says_more "$without" "$with"; then
			without=$(results_of "$kernel" without "$defconfig" "$variant" "$objects")
		fi
		compare "$kernel, $defconfig $variant" "$without" "$with"
		objects=$(changed_code <"$work/touched")
	done
}

# check_kernel KERNEL
check_kernel() {
	local line

	touched_files_of "$1" >"$work/touched"
	while read -ra line <&3; do
		if is_asked_for "${line[0]}"; then
			check_defconfig "$1" "${line[@]}"
		fi
	done 3< <(matrix_of "$1")
}

for tool in mips-linux-gnu-gcc sparse; do
	command -v "$tool" >/dev/null ||
		fail "no $tool on this machine; ci/install-packages installs it"
done
compiler="$(mips-linux-gnu-gcc --version) $(sparse --version)"
rm -rf "$work"
mkdir -p "$work"
series_for "${KERNEL_SERIES:-$top/kernel-patches}" linux
apply_parts # before anything is compiled: that is quick to know
for kernel in $kernels; do
	check_kernel "$kernel"
done
if [ ${#only[@]} = 0 ]; then
	is "$(comm -13 <(sort -u "$work/compiled") <(touched_files_of linux-6.1 | changed_code) | xargs)" "" \
		"some configuration compiles each object that the series changes"
fi
done_testing
