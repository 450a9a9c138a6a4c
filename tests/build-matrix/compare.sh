# shellcheck shell=bash
# Compare what the compilers say with and without the series, as compile.sh kept
# it. Sourced by matrix.t and bad-patches.t.

# comparable WARNINGS: as they are with and without the series. What it touches
# (these names are in $work/touched) has other line numbers with it: they are left
# out, and a warning that stands there twice comes twice. One of another file is
# one at each of its lines, however often it stands there: sparse says what it does
# not like in an inline function of a header again for each call.
comparable() {
	awk -F: '
		NR == FNR { touched[$0]; next }
		$1 in touched { sub(/:[0-9]+: /, ": "); print; next }
		!($0 in told) { told[$0]; print }
	' "${work:?}/touched" "$1" | sort
}

# says_more WITHOUT WITH: is there a warning or a failure more in one directory
# of results than in the other? The warnings go to $work/new.
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

# compiles NAME WITHOUT WITH: all of it does. What compiles neither with nor
# without the series says nothing of the series: the matrix is to do without it.
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
