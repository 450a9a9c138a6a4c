#!/usr/bin/env bash
# bash completes the subcommands and options of kexec-try.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# completes WANTED WORD...: the last of these words, the one that is being typed.
completes() {
	COMP_WORDS=("${@:2}")
	COMP_CWORD=$(($# - 2))
	_kexec_try
	is "${COMPREPLY[*]}" "$1" "completes '${*:2}'"
}

program=$("$top/ci/build-kexec-try")
PATH=$program:$PATH
# shellcheck source=kexec-tools-plugin/kexec-try/kexec-try.bash
. "$top/kexec-tools-plugin/kexec-try/kexec-try.bash"
completes "pack plan" kexec-try p
completes "send" kexec-try se
completes "--rootfs" kexec-try pack --ro
completes "--confirm --confirm-timeout" kexec-try send bundle root@router --conf
completes "" kexec-try pack --no-such
completes "" kexec-try nothing --no-such
done_testing
