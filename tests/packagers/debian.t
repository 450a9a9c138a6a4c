#!/usr/bin/env bash
# quilt applies the patches to Debian's own source package of kexec-tools, after
# Debian's. dpkg-buildpackage makes source and binary packages of it and of
# kexec-try. lintian has no complaint about kexec-tools that it does not have about
# Debian's own package, and none about kexec-try.
# reads: patches kernel-patches kexec-tools-plugin tests/packagers README.md
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

export QUILT_PATCHES=debian/patches DEB_BUILD_OPTIONS=nocheck
export DEBFULLNAME=Packager DEBEMAIL=packager@example.org
# The mail address is the project's placeholder, and no bug report asked for the
# package: what lintian says of that is for whoever uploads it.
not_ours=bogus-mail-host,bogus-mail-host-in-debian-changelog,initial-upload-closes-no-bugs,root-in-contact,no-nmu-in-changelog,source-nmu-has-incorrect-version-number

# build_package TREE: with -d, because libraries that do not matter to lintian may
# have another name on this Debian.
build_package() (
	cd "$1"
	dpkg-buildpackage -us -uc -d
)

# remarks DIRECTORY: what lintian says, without version numbers.
remarks() (
	cd "$1"
	lintian --allow-root --suppress-tags "$not_ours" ./*.changes 2>/dev/null |
		sed -E 's/ \[[^]]*:[0-9]+\]//; s/[0-9.]+-[0-9]+[^ ]*//g' | sort -u || true # it fails when it speaks
)

for tool in quilt dh lintian dpkg-buildpackage; do
	wants "$tool"
done
begin_test debian
packed=$("$top/ci/fetch" debian-kexec-tools)
mkdir "$work/theirs" "$work/ours"
for directory in theirs ours; do
	unpack "$packed" "$work/$directory/kexec-tools"
	cp "$("$top/ci/fetch" kexec-tools-2.0.29)" "$work/$directory/"
done
tree=$work/ours/kexec-tools
logged "apply takes the source package" "$work/apply.log" as_readme debian 3 "TREE=$tree"
before=$(wc -l <"$tree/debian/patches/series")
logged "apply takes it again" "$work/apply.log" as_readme debian 3 "TREE=$tree"
is "$(wc -l <"$tree/debian/patches/series")" "$before" "the second time changes nothing"
cd "$tree"
logged "quilt applies the patches behind Debian's" "$work/quilt.log" quilt push -a
no_fuzz "$work/quilt.log"
cd "$top"
logged "Debian's package builds as it is" "$work/theirs.log" build_package "$work/theirs/kexec-tools"
logged "the patched package builds" "$work/ours.log" build_package "$tree"
is "$(comm -13 <(remarks "$work/theirs") <(remarks "$work/ours"))" "" "lintian says nothing more of it"
source=$(echo "$work"/drop-in/kexec-try/kexec-try-*/)
logged "kexec-try's package builds" "$work/kexec-try.log" build_package "$source"
is "$(remarks "$work/drop-in/kexec-try")" "" "lintian says nothing of it"

linux_part 6.12 "$work/linux"
mkdir -p "$work/linux/debian/patches/features/mips/kexec-map-file"
cp "$work"/drop-in/linux/patches/*.patch "$work/linux/debian/patches/features/mips/kexec-map-file/"
cp "$work/drop-in/linux/series" "$work/linux/debian/patches/series"
cd "$work/linux"
logged "quilt applies the kernel patches" "$work/linux.log" quilt push -a
no_fuzz "$work/linux.log"
done_testing
