# shellcheck shell=bash
# Types what the READMEs show, word for word, and compares the output. Sourced after
# lib.sh; lay_desk also needs try.sh.
# shellcheck disable=SC2034,SC2154 # sent is for the scenarios; rundir, images and
# machine are of lib.sh

# code_of FILE: the lines of its code blocks, with a fence at the end of each block.
# Lines that end in a backslash are joined.
code_of() {
	awk '/^```/ { code = !code } code && !/^```./ || /^```$/' "$top/$1" | sed -e ':more' -e '/\\$/N; s/ *\\\n */ /; t more'
}

# command_of FILE BEGIN: the first command in FILE that begins so.
command_of() {
	code_of "$1" | sed -n "s/^\(\$ \)\{0,1\}\($2 .*\)/\2/p" | sed -n 1p
}

# answer_of FILE COMMAND: the output shown below COMMAND.
answer_of() {
	code_of "$1" | awk -v command="$2" '
		/^```/ { below = 0 }
		/^\$ / { below = substr($0, 3) == command; next }
		below && NF'
}

# alike: makes all numbers, sums, versions and runs of spaces the same.
alike() {
	sed -E 's/[0-9a-f]{8,}/#/g; s/[0-9]+/#/g; s/ +/ /g'
}

# lay_desk DIRECTORY: makes $desk, the directory of a user who follows the README:
# the files of DIRECTORY, the device as `router`, and kexec-try in PATH.
lay_desk() {
	desk=$rundir/desk
	mkdir -p "$desk/bin"
	ln -sf "$1/vmlinux" "$desk/vmlinux"
	ln -sf "$1/dtb" "$desk/board.dtb"
	ln -sf "$1/squashfs" "$desk/rootfs.squashfs"
	ln -sf "$images/kexec-try" "$desk/bin/kexec-try"
	use_ssh
	printf '#!/bin/sh\nexec %s -o HostName=127.0.0.1 "$@"\n' \
		"${KEXEC_TRY_SSH/#ssh/$(command -v ssh)}" >"$desk/bin/ssh"
	chmod +x "$desk/bin/ssh"
}

# type_at_desk COMMAND: runs COMMAND with this machine's console in it. $said is its
# output, $sent its exit status.
type_at_desk() {
	local command=${1/console=ttyS0,115200/"'$(console_words)'"}

	set_mark
	sent=0
	said=$(cd "$desk" && env -u KEXEC_TRY_SSH PATH="$desk/bin:$PATH" \
		timeout $((2 * send_timeout)) bash -c "$command" 2>&1) || sent=$?
}

# says_as FILE COMMAND: the command printed each line that FILE shows below it, apart
# from numbers; if not, its output is shown. Only on the machine mips, which the
# READMEs show.
says_as() {
	local missing

	[ "$machine" = mips ] || return 0
	missing=$(comm -23 <(answer_of "$1" "$2" | alike | sort -u) <(alike <<<"$said" | sort -u))
	[ -z "$missing" ] || diag <<<"$said"
	is "$missing" "" "$1 shows what it says"
}
