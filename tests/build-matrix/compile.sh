# shellcheck shell=bash
# Compile configurations of the build matrix, and compare what the compilers say
# with and without the series. Sourced by matrix.t; works in the current kernel
# tree.

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

# compare NAME "VARIANT..." WITHOUT WITH: two directories of results.
compare() {
	local name variant

	for variant in $2; do
		name="$1 $variant"
		if [ -s "$4/$variant.not-allowed" ]; then
			echo "$name: Kconfig does not allow $(xargs <"$4/$variant.not-allowed")" | diag
		fi
		if grep -q " $variant\$" "$4/configs"; then
			compare_variant "$name" "$3/$variant" "$4/$variant"
			cat "$4/$variant.objects" >>"$work/compiled"
		else
			echo "$name: the same configuration as one before it" | diag
		fi
	done
}

# compare_variant NAME WITHOUT WITH: of one variant, without their suffixes.
compare_variant() {
	local failed

	failed=$(comm -13 "$2.failed" "$3.failed" | xargs)
	if [ -n "$failed" ]; then
		grep -E '(error|\*\*\*)' "$3.log" >"$work/new" || true # the log tells more
		fail "$1: does not compile: $failed" "$work/new"
	fi
	if [ -s "$3.failed" ]; then
		echo "$1: does not compile without the series either: $(xargs <"$3.failed")" | diag
	fi
	comm -13 "$2.warnings" "$3.warnings" >"$work/new"
	if [ -s "$work/new" ]; then
		fail "$1: new warnings" "$work/new"
	fi
	pass "$1: no new warning in $(sed 's,.*/,,' "$3.objects" | xargs)"
}
