#!/usr/bin/env bash
# What is easily forgotten when something is added: each packager has a make target,
# a test and a README; each target is in make help; the recipes agree on the kernel's
# configuration; a release contains what it says, with right checksums.
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

work=$top/build/packagers/lists
rm -rf "$work"
mkdir -p "$work"
has "$(KERNEL=6.6.1 "$top/ci/drop-in" buildroot "$work/kernel" 2>&1 || true)" \
	'KERNEL=6\.6\.1 is not the number of a version, such as 6\.12' "a KERNEL= that names no series is refused"
VERSION=1.1 "$top/ci/drop-in" nix "$work/version" 2>/dev/null
is "$(grep '^VERSION' "$work/version/kexec-try/src/Makefile")" "VERSION ?= 1.1" "kexec-try has the release's version"
help=$(make -s -C "$top" help)
for packager in openwrt buildroot yocto debian nix; do
	[ -x "$top/tests/packagers/$packager.t" ] || fail "$packager has a test"
	[ -f "$top/ci/packagers/$packager/README" ] || fail "$packager has a README"
	has "$help" "make $packager OUT=" "make help tells of $packager"
done
targets=$(make -s -C "$top" -pn help 2>/dev/null | sed -n 's/^\.PHONY: //p' | xargs -n 1 | sort -u)
missing=
for target in $targets; do
	case $target in
		help | packages | kernel-of-check | unit-tests | unit-tests-of-all | fuzz-targets) ;; # steps of others
		*) grep -qE "make $target( |\$)" <<<"$help" || missing+=" $target" ;;
	esac
done
is "$missing" "" "make help tells of every target"
is "$(sed -n 's/^ *\([A-Z_]*\) = yes;$/CONFIG_\1=y/p' "$top/ci/packagers/nix/module.nix")" "$(fragment)" \
	"Nix's kernel has the configuration that the others have"
is "$(comm -23 <(sort "$top/ci/packagers/openwrt/kernel-config") <(fragment | sort))" "" \
	"so has OpenWrt's, as far as OpenWrt lacks it"

# A checkout of its own, because a release takes what is committed
mkdir "$work/checkout"
comm -23 <(git -C "$top" ls-files --cached --others --exclude-standard | sort -u) \
	<(git -C "$top" ls-files --deleted | sort -u) |
	tar -C "$top" --no-recursion --files-from=- -cf - | tar -C "$work/checkout" -xf -
git init -q "$work/checkout"
git -C "$work/checkout" add -A
git -C "$work/checkout" commit -q -m 'Everything: begin'
logged "make release" "$work/release.log" "$work/checkout/ci/release" 1.0
cp "$work/checkout/build/release/SHA256SUMS" "$work/first"
logged "make release, again" "$work/release.log" "$work/checkout/ci/release" 1.0
is "$(cat "$work/checkout/build/release/SHA256SUMS")" "$(cat "$work/first")" "the same commit makes the same bytes"
cd "$work/checkout/build/release"
logged "the checksum of the tarball" "$work/sums.log" sha256sum -c SHA256SUMS
tar -xf kexec-map-file-1.0.tar.xz
cd kexec-map-file-1.0
logged "the checksums of what is in it" "$work/sums.log" sha256sum -c --quiet SHA256SUMS
is "$(find drop-ins -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)" "buildroot debian nix openwrt yocto" "it has the drop-ins"
is "$(wc -l <patches/series)" "$(find patches -maxdepth 1 -name '*.patch' | wc -l)" "it has the series for kexec-tools"
has "$(cat NOTES)" '^- Everything: begin$' "its notes say what is new"
logged "kexec-try builds from it" "$work/try.log" make -C kexec-try -j"$(nproc)" all
echo >>"$work/checkout/README.md"
has "$("$work/checkout/ci/release" 1.0 2>&1 || true)" 'not committed' "changes that are not committed are refused"
done_testing
