# shellcheck shell=bash
# Compares the compilers' output with and without the series, as compile.sh kept it.
# Sourced by matrix.t and bad-patches.t.

# comparable WARNINGS: in a form that can be compared. Files that the series touches
# (their names are in $work/touched) have other line numbers with it, so these are
# removed; a warning that occurs twice is kept twice. A warning in another file
# counts once per line: sparse repeats a complaint about an inline function of a
# header for each call.
comparable() {
	awk -F: '
		NR == FNR { touched[$0]; next }
		$1 in touched { sub(/:[0-9]+: /, ": "); print; next }
		!($0 in told) { told[$0]; print }
	' "${work:?}/touched" "$1" | sort
}

# says_more WITHOUT WITH: does the second directory of results have a warning or a
# failure that the first has not? New warnings go to $work/new.
says_more() {
	comm -13 <(comparable "$1/warnings") <(comparable "$2/warnings") >"${work:?}/new"
	[ -s "$work/new" ] || [ -n "$(comm -13 "$1/failed" "$2/failed")" ]
}

# compare NAME WITHOUT WITH
compare() {
	if [ -s "$3/not-allowed" ]; then
		echo "$1: Kconfig does not allow $(xargs <"$3/not-allowed")" | diag
	fi
	compiles "$@"
	if says_more "$2" "$3"; then
		fail "$1: new warnings" "$work/new"
	fi
	pass "$1: no new warning in $(sed 's,.*/,,' "$3/objects" | xargs)"
	cat "$3/objects" >>"$work/compiled"
}

# compiles NAME WITHOUT WITH: everything compiles. What compiles neither with nor
# without the series says nothing about the series: the matrix should leave it out.
compiles() {
	local blame=

	if grep 'error: too many errors' "$3/log" >/dev/null; then
		fail "$1: sparse cannot read this kernel" "$3/log"
	fi
	if [ -s "$3/failed" ]; then
		if [ -z "$(comm -13 "$2/failed" "$3/failed")" ]; then
			blame=', nor does it without the series'
		fi
		grep -E '(error|\*\*\*)' "$3/log" >"$work/new" || true # the log tells more
		fail "$1: does not compile: $(xargs <"$3/failed")$blame" "$work/new"
	fi
}
