# shellcheck shell=bash
# Compile configurations of the build matrix, and keep what the compilers say.
# Sourced by matrix.t; works in the current kernel tree.

# Without ccache: a make asks the compiler about dozens of options.
kernel_make() {
	make -j"$(nproc)" ARCH=mips CROSS_COMPILE=mips-linux-gnu- "$@"
}

# warnings_in LOG: of gcc, the assembler, kernel-doc and sparse; without line
# numbers, which any change moves. One that stands there twice comes twice. What
# is said of the tools of scripts/ has nothing to do with the series.
warnings_in() {
	sed -nE '/ (warning|error):/I s/^([^: ]+):[0-9]+(:[0-9]+)?: /\1: /p' "$1" |
		grep -vE '^(builtin: |scripts/)' | sort || true # none is fine
}

# compile_variant DEFCONFIG VARIANT OBJECTS RESULTS: what that wants of the
# objects. RESULTS/objects are those that compiled, RESULTS/failed the others,
# RESULTS/not-allowed what Kconfig does not allow.
compile_variant() {
	local object results=$4 wanted=()

	configure "$1" "$2"
	not_allowed "$2" >"$results/not-allowed"
	for object in $3; do
		if is_wanted "$object"; then
			wanted+=("$object")
		fi
	done
	# Compiled each time, so that the same warnings come each time
	rm -f "${wanted[@]}" kernel/bounds.s arch/mips/kernel/asm-offsets.s \
		scripts/mod/devicetable-offsets.s scripts/mod/empty.o
	# Of what fails, there is no object.
	kernel_make --keep-going --output-sync W=1 C=2 CF=-fmax-warnings=unlimited \
		"${wanted[@]}" >"$results/log" 2>&1 || true
	warnings_in "$results/log" >"$results/warnings"
	for object in "${wanted[@]}"; do
		if [ ! -e "$object" ]; then
			echo "$object" >&4
		elif [ -e "${object%.o}.c" ] && ! grep -qx "  CHECK   ${object%.o}.c" "$results/log"; then
			echo "$object (sparse)" >&4
		else
			echo "$object" >&3
		fi
	done 3>"$results/objects" 4>"$results/failed"
}
