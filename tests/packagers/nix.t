#!/usr/bin/env bash
# Nix evaluates the overlay and the module: every patch is in the list, in order, and
# applies with patch -p1 as in stdenv. In place of the real Nixpkgs stands one whose
# packages only return their arguments.
# reads: patches kernel-patches kexec-tools-plugin tests/packagers README.md
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

# evaluate EXPRESSION: its value, as words.
evaluate() {
	NIX_STATE_DIR=$work/state NIX_LOG_DIR=$work/state NIX_STORE_DIR=$work/store NIX_CONFIG='build-users-group =' HOME=$work \
		nix-instantiate --eval --strict --json --expr "$1" | tr -d '[]"' | tr ',' '\n'
}

# apply_list TREE PATCH...
apply_list() {
	local file
	for file in "${@:2}"; do
		patch -p1 -d "$1" <"$file" || return
	done
}

wants nix-instantiate
begin_test nix
here=$work/drop-in
stub='rec { lib = { licenses.gpl2Only = 1; platforms.linux = 1; kernel.yes = true; };
	dtc = 1; elfutils = 1; zlib = 1; stdenv = { cc.targetPrefix = ""; mkDerivation = a: a; };
	callPackage = f: a: import f { inherit lib stdenv dtc elfutils zlib; };
	kexec-tools.overrideAttrs = f: f { patches = [ ]; }; }'
got=$(evaluate "map toString ((import $here/overlay.nix) ($stub) ($stub)).kexec-tools.patches") ||
	fail "the overlay evaluates"
mapfile -t patches <<<"$got"
is "${patches[*]##*/}" "$(shipped "$top/patches" | sed 's,.*/,,' | xargs)" "the overlay adds every patch, in order"
is "$(evaluate "((import $here/overlay.nix) ($stub) ($stub)).kexec-try.pname")" kexec-try "the overlay has kexec-try"
got=$(evaluate "map (p: toString p.patch) (builtins.filter (p: p.patch != null)
	(import $here/module.nix { lib = ($stub).lib; pkgs = ($stub) // { kexec-try = 1; }; }).boot.kernelPatches)") ||
	fail "the module evaluates"
mapfile -t kernel <<<"$got"
is "${kernel[*]##*/}" "$(shipped "$top/kernel-patches" 6.12 | sed 's,.*/,,' | xargs)" "the module adds every kernel patch, in order"
linux_part 6.12 "$work/linux"
logged "the kernel patches apply" "$work/linux.log" apply_list "$work/linux" "${kernel[@]}"
no_fuzz "$work/linux.log"
source=$("$top/ci/fetch" kexec-tools)
unpack "$source" "$work/upstream"
unpack "$source" "$work/kexec-tools"
logged "the patches of kexec-tools apply" "$work/tools.log" apply_list "$work/kexec-tools" "${patches[@]}"
no_fuzz "$work/tools.log"
zlib=$("$top/ci/build-zlib" mips)
xz=$("$top/ci/build-xz" mips)
flags="-O2 -fno-strict-overflow -Wformat -Wformat-security -I$zlib/include -I$xz/include"
linker="-static -L$zlib/lib -L$xz/lib"
builds_without_new_warnings mips-linux-gnu-gcc "$flags" "$linker" \
	--host=mips-linux-gnu --with-zlib --without-lzma --without-zstd
builds_kexec_try "$here/kexec-try/src" mips-linux-gnu-gcc "$flags" "$linker"
done_testing
