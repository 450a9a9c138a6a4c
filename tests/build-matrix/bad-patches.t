#!/usr/bin/env bash
# The build matrix notices a bad patch at the end of the series: one that only gcc
# with W=1 warns about, one that only sparse warns about, and one that does not
# compile for one board without SMP. It tells new warnings from old ones.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/series/lib.sh
. "$here/../series/lib.sh"
# shellcheck source=ci/trees.sh
. "$top/ci/trees.sh"
# shellcheck source=tests/build-matrix/compare.sh
. "$here/compare.sh"

# lay_files: the files that the series touches, with the series, from the kernel that
# the matrix compiles first and for all boards.
lay_files() {
	local patches part

	patches=$(series_files "$top/kernel-patches" 6.1)
	mapfile -t patches <<<"$patches"
	part=$(part_of linux-6.1 "${patches[@]}")
	cp -R "$part" "$work/tree"
	cd "$work/tree"
	apply_series "$top/kernel-patches" 6.1
}

# bad_series NAME FILE SED-SCRIPT: the series with another patch that edits FILE.
bad_series() {
	cp -R "$top/kernel-patches" "$work/$1"
	echo 9999-bad.patch >>"$work/$1/series"
	if diff -u --label "a/$2" --label "b/$2" "$2" <(sed "$3" "$2") >"$work/$1/9999-bad.patch"; then
		fail "$1: $2 has no line that the bad patch could change"
	fi
}

# is_noticed NAME DEFCONFIG VARIANT PATTERN: the matrix fails in that configuration,
# and says PATTERN.
is_noticed() {
	local log=$work/$1.log

	if KERNEL_SERIES=$work/$1 "$here/matrix.t" "$2" >"$log" 2>&1; then
		fail "$1: the build matrix says nothing" "$log"
	fi
	has "$(grep '^not ok' "$log" || tail -n 1 "$log")" "linux-6.1, $2 $3: " "$1: fails for $2 $3"
	has "$(<"$log")" "$4" "$1: says why"
	grep -E "$4" "$log" | diag
}

# is_new WARNING ANSWER WHAT: is it new compared to those in $work/without?
is_new() {
	local answer=no

	cat "$work/without/warnings" - >"$work/with/warnings" <<<"$1"
	if says_more "$work/without" "$work/with"; then
		answer=yes
	fi
	is "$answer" "$2" "$3"
}

# tells_new_ones: the series touches touched.c, but not other.h.
tells_new_ones() {
	mkdir "$work/without" "$work/with"
	touch "$work/without/failed" "$work/with/failed"
	echo touched.c >"$work/touched"
	printf '%s\n' 'touched.c:10: warning: bad' 'other.h:10: warning: bad' >"$work/without/warnings"
	is_new 'touched.c:20: warning: bad' yes "a warning once more in what the series touches is new"
	is_new 'touched.c:20: warning: worse' yes "another warning in it is new"
	is_new 'other.h:10: warning: bad' no "one of the same line of another file is not"
	is_new 'other.h:20: warning: bad' yes "one of another line of that file is"
	is_new 'other.h:10: warning: worse' yes "another one of that line is"
	sed -i s/10/11/ "$work/without/warnings"
	echo 'touched.c:12: warning: bad' >"$work/with/warnings"
	is "$(says_more "$work/without" "$work/with" && cat "$work/new")" "" "a line that moved is not new"
}

rm -rf "$work"
mkdir -p "$work"
tells_new_ones
lay_files

bad_series gcc arch/mips/kernel/machine_kexec.c \
	's/^\tkexec_image_info(kimage);/\tdo { int nobody_reads; nobody_reads = 1; } while (0);\n&/'
bad_series sparse arch/mips/kernel/machine_kexec.c \
	's/^\(void (\*_machine_kexec_shutdown)(void) = \)NULL;/\10;/'
bad_series board arch/mips/include/asm/kexec.h \
	's/^\tunsigned long secondary_args.*/#ifdef CONFIG_SMP\n&\n#endif/'

is_noticed gcc malta full 'machine_kexec.c: warning: .*nobody_reads'
is_noticed sparse malta full 'machine_kexec.c: warning: Using plain integer as NULL pointer'
is_noticed board cavium_octeon up 'setup.c:.* error: .*secondary_args'

done_testing
