# shellcheck shell=bash
# One series serves several versions. Where a version needs another form of a patch,
# backports/VERSION/ beside the series has it, under the name of the patch that it
# replaces. A backport must be needed, and must change the same lines as the patch.
# backports/different lists those that cannot, one a line, as VERSION/PATCH and the
# reason. Sourced by the tests of the series, after lib.sh.

# shellcheck source=ci/packagers/lib.sh
. "${top:?source lib.sh first}/ci/packagers/lib.sh"

# Set by series_for: the directory of the series, and a line NAME VERSION for each
# source of ci/sources that it is for.
series=
versions=()

# series_for DIRECTORY SOURCE: takes the series for each source of ci/sources whose
# name is SOURCE or begins with SOURCE-.
series_for() {
	local name rest

	series=$1
	while read -r name rest; do
		case $name in
			"$2" | "$2"-*) versions+=("$name $(version_of "$name")") ;;
		esac
	done <"${top:?source lib.sh first}/ci/sources"
	check_places
	pass "each backport is for a version and a patch that exist"
}

# below FILE: its path in the project.
below() {
	printf '%s\n' "${1#"$top"/}"
}

# changed_lines PATCH: the lines that it adds and removes, below the name of their
# file, without context and line numbers.
changed_lines() {
	awk '
		left + right > 0 {
			if (/^-/) left--
			else if (/^\+/) right--
			else if (!/^\\/) { left--; right-- }
			if (/^[-+]/) print
			next
		}
		/^--- / || /^\+\+\+ / { print }
		/^@@ / {
			left = split($2, from, ",") == 2 ? from[2] : 1
			right = split($3, to, ",") == 2 ? to[2] : 1
		}
	' "$1"
}

# reason_to_differ VERSION/PATCH: from backports/different.
reason_to_differ() {
	[ -e "$series/backports/different" ] || return 0
	sed -n "s,^$1[[:space:]]\{1\,\},,p" "$series/backports/different"
}

# is_placed FILE: its version and its patch exist. A version that only OpenWrt has is
# not in ci/sources: nothing is applied to it.
is_placed() {
	local name=${1##*/} dir=${1%/*}

	{ printf '%s\n' "${versions[@]}" && openwrt_linux; } | grep -E "(^| )${dir##*/}\$" >/dev/null ||
		fail "$(below "$1"): ci/sources has no source of that version"
	series_files "$series" | grep "/$name\$" >/dev/null ||
		fail "$(below "$1"): the series has no patch of that name"
}

# is_needed VERSION BACKPORT ORIGINAL: the original does not apply to the current
# directory.
is_needed() {
	if patch -p1 --fuzz=0 --dry-run --force <"$3" >/dev/null 2>&1; then
		fail "$1: the backport of ${2##*/} is superfluous: the patch itself applies"
	fi
}

# has_same_effect VERSION BACKPORT ORIGINAL
has_same_effect() {
	local name=${2##*/} reason list

	list=$(below "$series/backports/different")
	reason=$(reason_to_differ "$1/$name")
	if diff -u --label patch --label backport <(changed_lines "$3") <(changed_lines "$2") >"${work:?source lib.sh first}/diff"; then
		[ -z "$reason" ] ||
			fail "$1: the backport of $name changes the same lines: $list need not name it"
	else
		[ -n "$reason" ] ||
			fail "$1: the backport of $name changes other lines, and $list gives no reason" "$work/diff"
	fi
}

# check_list: each line of backports/different names a backport.
check_list() {
	local name reason list

	[ -e "$series/backports/different" ] || return 0
	list=$(below "$series/backports/different")
	while read -r name reason; do
		case $name in '' | '#'*) continue ;; esac
		[ -e "$series/backports/$name" ] ||
			fail "$list names $name, which is missing"
		[ -n "$reason" ] ||
			fail "$list gives no reason for $name"
	done <"$series/backports/different"
}

# check_places: no backport is obsolete.
check_places() {
	local file

	for file in "$series/backports"/*/*; do
		[ ! -e "$file" ] || is_placed "$file"
	done
	check_list
}

# apply_to VERSION PATCH: applies it to the current directory; an offset is allowed.
apply_to() {
	if patch -p1 --fuzz=0 --no-backup-if-mismatch <"$2" >"$work/patch.log" 2>&1; then
		return
	fi
	{
		find . -name '*.rej' -exec cat {} +
		echo "These hunks need lines around them that all versions have, or"
		echo "$(below "$series")/backports/$1/${2##*/}."
	} >>"$work/patch.log"
	fail "$1: ${2##*/} does not apply" "$work/patch.log"
}

# apply_version VERSION: applies the series in its form for VERSION.
apply_version() {
	local patch form

	for patch in $(series_files "$series"); do
		form=$(form_for "$1" "$patch")
		if [ "$form" != "$patch" ]; then
			is_needed "$1" "$form" "$patch"
			has_same_effect "$1" "$form" "$patch"
		fi
		apply_to "$1" "$form"
	done
	pass "$1: the series applies without fuzz"
}

# apply_parts: applies the series to each version, of which only the files that it
# touches are unpacked. Needs ci/trees.sh.
apply_parts() {
	local entry name version patches part

	for entry in "${versions[@]}"; do
		read -r name version <<<"$entry"
		patches=$(series_files "$series" "$version")
		mapfile -t patches <<<"$patches"
		part=$(part_of "$name" "${patches[@]}")
		cp -R "$part" "$work/$version"
		cd "$work/$version" || exit
		apply_version "$version"
	done
}
