#!/usr/bin/env bash
# The checks of backports fail where they must. The example is a series of one patch
# for one file, of which version 2 needs another form.
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/series/backports.sh
. "$(dirname "$0")/backports.sh"

# patch_from BEFORE AFTER: a patch of the file `colours`, one word a line.
patch_from() {
	diff -u --label a/colours --label b/colours <(xargs -n 1 <<<"$1") <(xargs -n 1 <<<"$2") || true # they differ
}

# begin_series: a series without a fault: the patch for version 1, and a form for
# version 2.
begin_series() {
	rm -rf "$work"
	mkdir -p "$work/series/backports/2"
	echo p.patch >"$work/series/series"
	patch_from 'red green blue' 'red GREEN blue' >"$work/series/p.patch"
	patch_from 'pink green white' 'pink GREEN white' >"$work/series/backports/2/p.patch"
	series=$work/series
	versions=('toy 1' 'toy-2 2')
}

# apply_all: applies the series to both versions.
apply_all() {
	check_places
	rm -rf "$work/1" "$work/2"
	mkdir "$work/1" "$work/2"
	xargs -n 1 <<<'red green blue' >"$work/1/colours"
	xargs -n 1 <<<'pink green white' >"$work/2/colours"
	cd "$work/1"
	apply_version 1
	cd "$work/2"
	apply_version 2
}

# fails_with PATTERN WHAT
fails_with() {
	local said status=0

	said=$(apply_all 2>&1) || status=$?
	[ "$status" != 0 ] || fail "$2: the check says nothing"
	has "$said" "^not ok .*$1" "$2"
}

begin_series
said=$(apply_all)
is "$(grep -c '^ok ' <<<"$said")" 2 "a backport that is needed and changes the same lines"
is "$(cat "$work/1/colours" "$work/2/colours" | xargs)" 'red GREEN blue pink GREEN white' "each version has its form"

begin_series
mkdir "$series/backports/1"
cp "$series/p.patch" "$series/backports/1/"
fails_with 'superfluous' "a backport to a version that takes the patch itself"

begin_series
patch_from 'pink green white' 'pink GREY white' >"$series/backports/2/p.patch"
fails_with 'changes other lines' "a backport that does something else"

echo '2/p.patch no green here' >"$series/backports/different"
said=$(apply_all)
is "$(grep -c '^ok ' <<<"$said")" 2 "a backport that does something else, with a reason"

begin_series
echo '2/p.patch no reason' >"$series/backports/different"
fails_with 'need not name it' "a reason that nothing needs"

begin_series
echo '2/q.patch a reason' >"$series/backports/different"
fails_with 'names 2/q.patch, which is missing' "a reason for a backport that is not there"

begin_series
mv "$series/backports/2" "$series/backports/3"
fails_with 'no source of that version' "a backport to a version that is not there"

begin_series
mv "$series/backports/2/p.patch" "$series/backports/2/q.patch"
fails_with 'no patch of that name' "a backport of a patch that is not there"

begin_series
rm "$series/backports/2/p.patch"
fails_with '2: p.patch does not apply' "a backport that is missing"

done_testing
