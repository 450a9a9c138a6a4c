# shellcheck shell=bash
# The kernels that a scenario starts beside the one that each machine has. It names
# them in a line of its own, such as `want_kernels="6.12 crash"`: a version, `crash`
# for the crash kernel, or `root` for a kernel that knows `root`, which is
# $root_kernel of the machine that was read. Sourced.
# shellcheck disable=SC2154 # root_kernel is of machine.sh

# kernels_wanted_by FILE...: the kernels that these scenarios, or scripts that play
# some, want; one a line.
kernels_wanted_by() {
	sed -n 's/^want_kernels=//p' "$@" | tr -d '"' | xargs -r -n 1 |
		sed "s/^root\$/$root_kernel/" | sort -u
}
