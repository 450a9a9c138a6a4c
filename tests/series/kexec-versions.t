#!/usr/bin/env bash
# One series serves every packager: the same patch files apply without fuzz to each
# kexec-tools that ci/sources names, down to that of Debian 12. The result builds for
# 32 and 64 bit MIPS of both byte orders without a new warning. For x86_64, arm64 and
# riscv64 it builds to the same code as without the series, except for what a named
# fix changes.
#
# For a version that needs another form of a patch, see backports.sh.
# reads: patches kexec-tools-plugin/kexec
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/series/backports.sh
. "$(dirname "$0")/backports.sh"

mips='mips-linux-gnu mipsel-linux-gnu mips64-linux-gnuabi64 mips64el-linux-gnuabi64'
others='x86_64-linux-gnu aarch64-linux-gnu riscv64-linux-gnu'

# other_code TARGET: the objects and programs that the series changes on an
# architecture other than MIPS, each with the reason.
other_code() {
	# "Say why a file cannot be read"; vmcore-dmesg has no such message.
	echo build/sbin/kexec
	echo kexec/kexec.o
	case $1 in
		aarch64-linux-gnu | riscv64-linux-gnu)
			# "Store property values": with their own length, no longer rounded
			# up to four bytes
			echo kexec/dt-ops.o
			;;
	esac
	case $1 in
		aarch64-linux-gnu)
			# "Do not overflow": the command line of /proc/device-tree fits its buffer.
			echo kexec/fs2dt.o
			;;
	esac
}

# The same object is compiled many times: for each version, with and without the
# series. ccache recognizes it by all that goes into it, and repeats its warnings.
# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

# --- one version ------------------------------------------------------------

# lay_version NAME VERSION: makes $work/VERSION, with the series.
lay_version() {
	unpack "$("$top/ci/fetch" "$1")" "$work/$2"
	cd "$work/$2"
	apply_version "$2"
	diff -r "$top/kexec-tools-plugin/kexec" kexec | grep -v '^Only in kexec' >"$work/diff" || true # none is what we want
	is "$(<"$work/diff")" "" "$2: the files that the series adds are those of kexec-tools-plugin/kexec/"
}

# --- builds -----------------------------------------------------------------

# build_here TARGET: builds all of kexec-tools in the current directory, as a
# packager does, but without the libraries that not every target has.
build_here() {
	./configure CC="ccache $1-gcc" --host="$1" --cache-file=config.cache \
		--without-zlib --without-lzma --without-zstd
	make -j"$(nproc)" CFLAGS="-O2 -Wall -Wextra"
}

# warnings_in LOG: without line numbers, which any change moves. A warning that
# occurs twice is printed twice.
warnings_in() {
	sed -n '/warning:/s/:[0-9]*:[0-9]*: /: /p' "$1" | sort
}

# code_here: the SHA-256 of each object and program. They contain neither line
# numbers nor dates, so they change only if the code or its data does.
code_here() {
	find . \( -name '*.o' -o -path './build/sbin/*' \) -type f -printf '%P\n' |
		sort | xargs sha256sum
}

# build_base: makes what `cached` keeps of a build without the series.
build_base() {
	unpack "$base" .
	build_here "$target" 2>&1 | tee "$out/build.log"
	warnings_in "$out/build.log" >"$out/warnings"
	code_here >"$out/code"
	cp config.cache "$out/"
}

# base_build VERSION: prints the directory of that, for $base and $target.
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

# build_version VERSION: builds the patched tree $work/VERSION for $target, and
# compares it with the same build without the series.
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
			is "$code" "$(other_code "$target" | sort)" \
				"$1 for $target: the code is the same, but for what has a reason"
			;;
	esac
}

# upstream_builds VERSION: does upstream build on this machine for $target?
upstream_builds() {
	case $target in
		riscv64-linux-gnu) [ -d "$work/$1/kexec/arch/riscv" ] ;; # younger than some
		x86_64-linux-gnu)
			# 2.0.25's purgatory says .arch i386 in 64-bit mode, and
			# .code32 only after that. Debian 13's assembler rejects the
			# first.
			[ "$1" != 2.0.25 ] || printf '.arch i386\n.code32\n' |
				"$target-gcc" -x assembler -c -o "$work/arch.o" - 2>/dev/null
			;;
	esac
}

# --- all of them ------------------------------------------------------------

rm -rf "$work"
mkdir -p "$work"
series_for "$top/patches" kexec-tools

# Apply all before anything is built: that is quick.
for entry in "${versions[@]}"; do
	read -r name version <<<"$entry"
	lay_version "$name" "$version"
done

for entry in "${versions[@]}"; do
	read -r name version <<<"$entry"
	base=$("$top/ci/fetch" "$name")
	for target in $mips $others; do
		if upstream_builds "$version"; then
			build_version "$version"
		else
			diag <<<"$version for $target: there is no upstream that builds here"
		fi
	done
done

done_testing
