# shellcheck shell=bash
# Compile configurations of the build matrix, and keep what the compilers say.
# Sourced by matrix.t; works in the current kernel tree.

kernel_make() {
	make -j"$(nproc)" ARCH=mips CROSS_COMPILE=mips-linux-gnu- \
		CC="ccache mips-linux-gnu-gcc" HOSTCC="ccache gcc" "$@"
}

checks_of_make=(W=1 C=2 CF=-fmax-warnings=unlimited)

# warnings_in LOG: of gcc, the assembler, kernel-doc and sparse; without line
# numbers, which any change moves. One that stands there twice comes twice.
warnings_in() {
	sed -nE '/ (warning|error):/I s/^([^: ]+):[0-9]+(:[0-9]+)?: /\1: /p' "$1" |
		grep -v '^builtin: ' | sort || true # none is fine
}

# compile_variant VARIANT OBJECTS RESULTS: what .config wants of the objects.
# RESULTS/VARIANT.objects are those that compiled, .failed the others.
compile_variant() {
	local object results=$3/$1 wanted=()

	for object in $2; do
		if is_wanted "$object"; then
			wanted+=("$object")
		fi
	done
	# Compiled each time, so that the same warnings come each time; and after
	# what they need, as make takes these targets one by one when both are named.
	rm -f "${wanted[@]}"
	kernel_make "${checks_of_make[@]}" prepare || true # then no object compiles
	# Of what fails, there is no object.
	kernel_make "${checks_of_make[@]}" --keep-going --output-sync \
		"${wanted[@]}" >"$results.log" 2>&1 || true
	warnings_in "$results.log" >"$results.warnings"
	for object in "${wanted[@]}"; do
		if [ ! -e "$object" ]; then
			echo "$object" >&4
		elif [ -e "${object%.o}.c" ] && ! grep -qx "  CHECK   ${object%.o}.c" "$results.log"; then
			echo "$object (sparse)" >&4
		else
			echo "$object" >&3
		fi
	done 3>"$results.objects" 4>"$results.failed"
}

# compile_defconfig "DEFCONFIG VARIANT..." CODE INCLUDERS RESULTS: the objects
# that the series changes, and, in the full variant, those that include what it
# changes. A variant that comes to the same as one before it is left out.
compile_defconfig() {
	local results=$4 variant objects same

	: >"$results/configs"
	kernel_make "${1%% *}_defconfig"
	cp .config "$results/defconfig"
	for variant in ${1#* }; do
		cp "$results/defconfig" .config
		configure "$variant"
		not_allowed "$variant" >"$results/$variant.not-allowed"
		same=$(sha256sum <.config)
		if grep -F "$same" "$results/configs" >/dev/null; then
			continue
		fi
		echo "$same $variant" >>"$results/configs"
		objects=$2
		if [ "$variant" = full ]; then
			objects=$(printf '%s\n' "$2" "$3" | sort -u)
		fi
		compile_variant "$variant" "$objects" "$results"
	done
}
