# shellcheck shell=bash
# What a machine of the harness is: its file in machines/, that of its board in
# boards/, and what holds where the first says nothing. Sourced.
# shellcheck disable=SC2154 # top is of those who source this

# How a scenario ends that the host or QEMU may have failed: EX_TEMPFAIL of sysexits.h
# shellcheck disable=SC2034 # for lib.sh and patiently
not_ours_status=75

# read_machine NAME: sets all of it.
# shellcheck disable=SC2034 # who sources this reads them
read_machine() {
	board=malta
	# one CPU, with the smallest pages
	smp=1
	page_size=4096
	# how many of them a reset brings back; empty: all
	cpus_after_reset=
	# The guest's clock counts instructions, 2^5 ns each, so that its watchdog and
	# its time-outs do not depend on how fast the host is. That is a slow board, and
	# a quick test: Malta's kernel looks at its clock for two seconds of the guest's
	# time at each boot, and a kernel that hangs counts them until the watchdog's
	# end. Empty: the clock is the host's.
	icount_shift=5
	# the old system's kernel; the configuration of the kernel for crashes, and that of
	# kernels of another version, where a kernel of other machines serves as one
	kernel_version=6.1
	crash_config=
	other_config=
	# what every command line has to say here
	machine_cmdline=
	# Debian's name of it, where it has one
	debian_architecture=
	# what `make check` plays: each time, and unless it passed; what only `make
	# check-all` plays, and only `make matrix`
	scenarios=
	scenarios_kept=
	scenarios_of_all=
	scenarios_of_matrix=
	# shellcheck source=tests/qemu/machines/mips
	. "$top/tests/qemu/machines/$1"
	# shellcheck source=tests/qemu/boards/malta
	. "$top/tests/qemu/boards/$board"
	root_kernel=$(root_kernel_beside "$kernel_version")
}

# root_kernel_beside VERSION: of a kernel that knows `root`: that one, from 6.2 on.
root_kernel_beside() {
	case $1 in
		6.1) echo 7.2 ;;
		*) echo "$1" ;;
	esac
}

# console_words: of a command line: the console, and what the machine needs.
console_words() {
	echo "console=ttyS0,115200${machine_cmdline:+ $machine_cmdline}"
}
