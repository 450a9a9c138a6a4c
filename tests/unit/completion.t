#!/usr/bin/env bash
# bash completes the subcommands and options of kexec-try, and whoever logs in while a
# try waits is told so.
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

# login STATE: what the profile says in a system that is in that state.
login() (
	# shellcheck disable=SC2317 # the profile calls it
	kexec-try() {
		case "$*" in
			"status --porcelain") printf 'system=new\nstate=%s\nleft=9\n' "$state" ;;
			status) printf 'the first line\nthe second\n' ;;
		esac
	}
	state=$1
	# shellcheck source=kexec-tools-plugin/kexec-try/init/kexec-try.profile
	. "$top/kexec-tools-plugin/kexec-try/init/kexec-try.profile"
)

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
has "$(login pending)" '^the first line$' "a login is told of a try that waits"
has "$(login pending)" 'kexec-try confirm keeps this system' "and what to do"
is "$(login confirmed)" "" "a login to a confirmed system is told nothing"
done_testing
