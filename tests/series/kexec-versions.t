#!/usr/bin/env bash
# One series serves every packager: the same patch files apply without fuzz to
# each kexec-tools that ci/sources names, down to that of Debian 12. The result
# builds there for 32 and 64 bit MIPS of both byte orders without a new warning,
# and for x86_64 and arm64 to the very code that it is without the series.
#
# Where a version needs another form of a patch, patches/backports/VERSION/ has
# it, under the name of the patch in whose place it stands. It must be needed,
# and change the same lines; patches/backports/different names, one a line, those
# that cannot, as VERSION/PATCH and the reason.
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"

mips='mips-linux-gnu mipsel-linux-gnu mips64-linux-gnuabi64 mips64el-linux-gnuabi64'
others='x86_64-linux-gnu aarch64-linux-gnu'

# other_code TARGET: the objects and programs that the series changes on an
# architecture that is not MIPS. Each has its reason here.
other_code() {
	case $1 in
		aarch64-linux-gnu)
			# What is held by both programs: dtb_set_property() stores a value
			# with its own length, no longer rounded up to four bytes.
			echo build/sbin/kexec
			echo kexec/dt-ops.o
			;;
	esac
}

# The same object is compiled many times: each version, with and without the
# series. ccache knows it by all that goes into it and repeats its warnings.
# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

backports=$top/patches/backports
patches=$(series_files "$top/patches")

# NAME and VERSION of each kexec-tools in ci/sources
mapfile -t versions < <(awk '$1 ~ /^kexec-tools(-|$)/ { print $1, $2 }' "$top/ci/sources")

# --- backports --------------------------------------------------------------

# changed_lines PATCH: the lines it adds and removes, below the name of their
# file; neither the lines around them nor where they are.
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

# reason_to_differ VERSION/PATCH: from patches/backports/different.
reason_to_differ() {
	[ -e "$backports/different" ] || return 0
	sed -n "s,^$1[[:space:]]\{1\,\},,p" "$backports/different"
}

# is_placed FILE: a backport is found by the name of its version and its patch.
is_placed() {
	local name=${1##*/} dir=${1%/*}

	printf '%s\n' "${versions[@]}" | grep " ${dir##*/}\$" >/dev/null ||
		fail "${1#"$top"/}: ci/sources has no kexec-tools of that version"
	grep "/$name\$" <<<"$patches" >/dev/null ||
		fail "${1#"$top"/}: the series has no patch of that name"
}

# is_needed VERSION BACKPORT ORIGINAL: in the current directory.
is_needed() {
	if patch -p1 --fuzz=0 --dry-run --force <"$3" >/dev/null 2>&1; then
		fail "$1: the backport of ${2##*/} is superfluous: the patch itself applies"
	fi
}

# has_same_effect VERSION BACKPORT ORIGINAL
has_same_effect() {
	local name=${2##*/} reason

	reason=$(reason_to_differ "$1/$name")
	if diff -u --label patch --label backport <(changed_lines "$3") <(changed_lines "$2") >"$work/diff"; then
		[ -z "$reason" ] ||
			fail "$1: the backport of $name changes the same lines: patches/backports/different need not name it"
	else
		[ -n "$reason" ] ||
			fail "$1: the backport of $name changes other lines, and patches/backports/different gives no reason" "$work/diff"
	fi
}

# check_list: each line of patches/backports/different names a backport.
check_list() {
	local name reason

	[ -e "$backports/different" ] || return 0
	while read -r name reason; do
		case $name in '' | '#'*) continue ;; esac
		[ -e "$backports/$name" ] ||
			fail "patches/backports/different names $name, which is missing"
		[ -n "$reason" ] ||
			fail "patches/backports/different gives no reason for $name"
	done <"$backports/different"
}

# check_places: no backport is left over.
check_places() {
	local file

	for file in "$backports"/*/*; do
		[ ! -e "$file" ] || is_placed "$file"
	done
	check_list
}

# --- one version ------------------------------------------------------------

# apply_to VERSION PATCH: to the current directory; an offset is no fault.
apply_to() {
	if patch -p1 --fuzz=0 --no-backup-if-mismatch <"$2" >"$work/patch.log" 2>&1; then
		return
	fi
	{
		find . -name '*.rej' -exec cat {} +
		echo "These hunks need lines around them that all versions have, or"
		echo "patches/backports/$1/${2##*/}."
	} >>"$work/patch.log"
	fail "$1: ${2##*/} does not apply" "$work/patch.log"
}

# apply_version VERSION: the series, in the form for VERSION.
apply_version() {
	local patch backport

	for patch in $patches; do
		backport=$backports/$1/${patch##*/}
		if [ -e "$backport" ]; then
			is_needed "$1" "$backport" "$patch"
			has_same_effect "$1" "$backport" "$patch"
			patch=$backport
		fi
		apply_to "$1" "$patch"
	done
	pass "$1: the series applies without fuzz"
	diff -r "$top/kexec-tools-plugin" . | grep -v '^Only in \.' >"$work/diff" || true # none is what we want
	is "$(<"$work/diff")" "" "$1: the files that the series adds are those of kexec-tools-plugin/"
}

# --- builds -----------------------------------------------------------------

# build_here TARGET: kexec-tools in the current directory, all of it, as a
# packager does, but for the libraries that are not there for every target.
build_here() {
	./configure CC="ccache $1-gcc" --host="$1" --cache-file=config.cache \
		--without-zlib --without-lzma --without-zstd
	make -j"$(nproc)" CFLAGS="-O2 -Wall -Wextra"
}

# warnings_in LOG: without line numbers, which any change moves; one that
# stands there twice comes twice.
warnings_in() {
	sed -n '/warning:/s/:[0-9]*:[0-9]*: /: /p' "$1" | sort
}

# code_here: the SHA-256 of each object and program. They hold neither line
# numbers nor dates: not a byte changes unless the code or its data does.
code_here() {
	find . \( -name '*.o' -o -path './build/sbin/*' \) -type f -printf '%P\n' |
		sort | xargs sha256sum
}

# build_base: what `cached` keeps of a build without the series.
build_base() {
	unpack "$base" .
	build_here "$target" 2>&1 | tee "$out/build.log"
	warnings_in "$out/build.log" >"$out/warnings"
	code_here >"$out/code"
	cp config.cache "$out/"
}

# base_build VERSION: the directory of that, for $base and $target.
base_build() {
	local compiler key

	compiler=$("$target-gcc" --version) ||
		fail "no $target-gcc on this machine; ci/install-packages installs it"
	key=$({
		printf '%s\n' "$target" "$compiler"
		source_id "$base"
		cat "$top/tests/series/${0##*/}" "$top/ci/lib.sh"
	} | short_hash)
	cached "kexec-base-$1-$target" "$key" build_base
}

# build_version VERSION: the patched tree $work/VERSION for $target, compared
# with the same build without the series.
build_version() {
	local without code log=$work/$1-$target.log

	without=$(base_build "$1")
	rm -rf "$work/tree"
	cp -a "$work/$1" "$work/tree"
	cd "$work/tree"
	cp "$without/config.cache" .
	build_here "$target" >"$log" 2>&1 ||
		fail "$1 for $target: does not build" "$log"
	is "$(comm -13 "$without/warnings" <(warnings_in "$log"))" "" \
		"$1 for $target: builds without a new warning"
	case " $others " in
		*" $target "*)
			code=$(code_here | sort - | comm -3 <(sort "$without/code") - |
				awk '{ print $2 }' | sort -u)
			is "$code" "$(other_code "$target")" \
				"$1 for $target: the code is the same, but for what has a reason"
			;;
	esac
}

# --- all of them ------------------------------------------------------------

rm -rf "$work"
mkdir -p "$work"
check_places
pass "each backport is for a version and a patch that exist"

# What applies, before anything is built: that is quick to know.
for entry in "${versions[@]}"; do
	read -r name version <<<"$entry"
	base=$("$top/ci/fetch" "$name")
	unpack "$base" "$work/$version"
	cd "$work/$version"
	apply_version "$version"
done

for entry in "${versions[@]}"; do
	read -r name version <<<"$entry"
	base=$("$top/ci/fetch" "$name")
	for target in $mips $others; do
		build_version "$version"
	done
done

done_testing
