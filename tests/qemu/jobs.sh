# shellcheck shell=bash
# How many scenarios a host plays at a time. Sourced by what plays many of them.
# shellcheck disable=SC2154 # top is of those who source this

# shellcheck source=tests/qemu/machine.sh
. "$top/tests/qemu/machine.sh"

# host_keeps_time MACHINE: is the clock of that machine the host's?
host_keeps_time() (
	read_machine "$1"
	[ -z "$icount_shift" ]
)

# jobs_on MACHINE: how many scenarios to play at a time. A scenario mostly waits, for
# the watchdog or for a set time, and a clock that counts instructions stands still
# while the host is busy elsewhere. Where the clock is the host's, each scenario
# needs a CPU of the host: QEMU runs all CPUs of a machine in one thread.
jobs_on() {
	local cpus

	cpus=$(nproc)
	if host_keeps_time "$1"; then
		echo "$cpus"
	else
		echo $((cpus * 3))
	fi
}
