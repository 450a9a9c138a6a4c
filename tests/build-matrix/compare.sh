# shellcheck shell=bash
# Compare what the compilers say with and without the series, as compile.sh kept
# it. Sourced by matrix.t.

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
			cat "$4/$variant.objects" >>"${work:?}/compiled"
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
