# shellcheck shell=bash
# Shared by the checks of the two patch series. Sourced.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=ci/lib.sh
. "$top/ci/lib.sh"
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# Where the test works, and whether a hunk may not apply with an offset.
work=$top/build/series/$(basename "$0" .t)
strict_offsets=yes

# checkpatch.pl is Linux's.
extract_checkpatch() {
	local name

	unpack_linux "$linux_source" tree
	for name in checkpatch.pl spelling.txt const_structs.checkpatch; do
		cp "tree/scripts/$name" "$out/"
	done
}

linux_source=$("$top/ci/fetch" linux)
checkpatch=$(cached checkpatch "$(source_id "$linux_source" | short_hash)" extract_checkpatch)

# well_made PATCH OPTION...: checks its author, that it has no sign-off, and
# checkpatch with OPTIONs.
well_made() {
	local patch=$1 name=${1##*/} said

	shift
	grep -qx 'From: kexec-map-file <kexec-map-file@invalid>' "$patch" ||
		fail "$name: the author is not the project"
	if grep -q '^Signed-off-by:' "$patch"; then
		fail "$name: has a sign-off, which only its sender may add"
	fi
	said=$(perl "$checkpatch/checkpatch.pl" --strict --no-tree --no-signoff \
		--quiet "$@" "$patch" 2>&1) || true # what it says counts
	is "$said" "" "$name: checkpatch.pl --strict has nothing to say"
}

# applies PATCH: to the current directory, without fuzz and, if the source is the one
# that the series was made for, without offset.
applies() {
	local name=${1##*/} log=$work/patch.log

	patch -p1 --fuzz=0 --no-backup-if-mismatch <"$1" >"$log" 2>&1 ||
		fail "$name: does not apply" "$log"
	if [ "$strict_offsets" = yes ] && grep -q offset "$log"; then
		fail "$name: applies with an offset" "$log"
	fi
	pass "$name: applies"
}

# is_cached NAME HASH: has cached() kept such a result?
is_cached() {
	# shellcheck disable=SC2154 # of ci/lib.sh
	[ -d "$cache/$1-$2" ]
}

# changed_files PATCH: those of its files that exist after it.
changed_files() {
	sed -n 's,^+++ b/,,p' "$1"
}
