# shellcheck shell=bash
# What a machine of the harness is: its file in machines/, its board's in boards/,
# and defaults for what the first does not set. Sourced.
# shellcheck disable=SC2154 # top is of those who source this

# Exit status of a scenario that the host or QEMU may have failed: EX_TEMPFAIL of
# sysexits.h
# shellcheck disable=SC2034 # for lib.sh and patiently
not_ours_status=75

# read_machine NAME: sets all of its variables.
# shellcheck disable=SC2034 # who sources this reads them
read_machine() {
	board=malta
	# one CPU, with the smallest pages
	smp=1
	page_size=4096
	# how many CPUs a reset brings back; empty: all
	cpus_after_reset=
	# The guest's clock counts instructions, 2^5 ns each, so that its watchdog
	# and its timeouts do not depend on the speed of the host. That makes the
	# board slow and the tests quick: each second that the guest waits (Malta's
	# kernel measures its clock for two at each boot, a hung kernel waits for the
	# watchdog) costs the host few instructions. Empty: the clock is the host's.
	icount_shift=5
	# the old system's kernel; the configuration of the crash kernel; that of
	# kernels of another version, if one made for other machines will do
	kernel_version=6.1
	crash_config=
	other_config=
	# words that every command line needs here
	machine_cmdline=
	# Debian's name of the architecture, if it has one
	debian_architecture=
	# scenarios that `make check` plays each time; that it plays unless they
	# passed before; that only `make check-all` plays; that only `make matrix`
	# plays
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

# root_kernel_beside VERSION: a version that knows `root`: this one, from 6.2 on.
root_kernel_beside() {
	case $1 in
		6.1) echo 7.2 ;;
		*) echo "$1" ;;
	esac
}

# console_words: words for a command line: the console, and what the machine needs.
console_words() {
	echo "console=ttyS0,115200${machine_cmdline:+ $machine_cmdline}"
}
