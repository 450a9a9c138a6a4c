# shellcheck shell=bash
# Compare what the compilers say with and without the series, as compile.sh kept
# it. Sourced by matrix.t.

# says_more WITHOUT WITH: is there a warning or a failure more in one directory
# of results than in the other? What is more goes to $work/new and $work/failed.
says_more() {
	comm -13 "$1/warnings" "$2/warnings" >"${work:?}/new"
	comm -13 "$1/failed" "$2/failed" >"$work/failed"
	[ -s "$work/new" ] || [ -s "$work/failed" ]
}

# compare NAME WITHOUT WITH
compare() {
	if [ -s "$3/not-allowed" ]; then
		echo "$1: Kconfig does not allow $(xargs <"$3/not-allowed")" | diag
	fi
	if says_more "$2" "$3"; then
		if [ -s "$work/failed" ]; then
			grep -E '(error|\*\*\*)' "$3/log" >"$work/new" || true # the log tells more
			fail "$1: does not compile: $(xargs <"$work/failed")" "$work/new"
		fi
		fail "$1: new warnings" "$work/new"
	fi
	if [ -s "$3/failed" ]; then
		echo "$1: does not compile without the series either: $(xargs <"$3/failed")" | diag
	fi
	pass "$1: no new warning in $(sed 's,.*/,,' "$3/objects" | xargs)"
	cat "$3/objects" >>"$work/compiled"
}
