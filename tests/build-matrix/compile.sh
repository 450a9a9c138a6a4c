# shellcheck shell=bash
# Compiles configurations of the build matrix, and keeps the compilers' output.
# Sourced by matrix.t; works in the current kernel tree.

# Without ccache: make asks the compiler about dozens of options each time.
kernel_make() {
	make -j"$(nproc)" ARCH=mips CROSS_COMPILE=mips-linux-gnu- "$@"
}

# warnings_in LOG: those of gcc, the assembler, kernel-doc and sparse, as file, line
# and text. Warnings about the tools of scripts/ have nothing to do with the series.
warnings_in() {
	sed -nE '/ (warning|error):/I s,^(\./)?([^: ]+:[0-9]+)(:[0-9]+)?: ,\2: ,p' "$1" |
		grep -vE '^(builtin:|scripts/)' || true # none is fine
}

# compile_variant SPARSE DEFCONFIG VARIANT OBJECTS RESULTS: compiles those of the
# objects that the configuration wants. SPARSE is the value for make's C=.
# RESULTS/objects lists those that compiled and that sparse checked, RESULTS/failed
# the others, RESULTS/not-allowed the options that Kconfig does not allow.
compile_variant() {
	local object sparse=$1 results=$5 wanted=()

	configure "$2" "$3"
	not_allowed "$3" >"$results/not-allowed"
	for object in $4; do
		if is_wanted "$object"; then
			wanted+=("$object")
		fi
	done
	# Always compile them, so that the same warnings come each time
	rm -f "${wanted[@]}" kernel/bounds.s arch/mips/kernel/asm-offsets.s \
		scripts/mod/devicetable-offsets.s scripts/mod/empty.o
	# What fails leaves no object.
	kernel_make --keep-going --output-sync W=1 C="$sparse" CF=-fmax-warnings=unlimited \
		"${wanted[@]}" >"$results/log" 2>&1 || true
	warnings_in "$results/log" >"$results/warnings"
	for object in "${wanted[@]}"; do
		if [ ! -e "$object" ]; then
			echo "$object" >&4
		elif [ "$sparse" != 0 ] && [ -e "${object%.o}.c" ] &&
			! grep -qx "  CHECK   ${object%.o}.c" "$results/log"; then
			echo "$object (sparse)" >&4
		else
			echo "$object" >&3
		fi
	done 3>"$results/objects" 4>"$results/failed"
}
