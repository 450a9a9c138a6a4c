# shellcheck shell=bash
# What a scenario wants beside the images that each machine has: kernels that it
# starts, in a line `want_kernels="6.12 crash"` of its own: those of a version, the one
# for crashes, or `root`, one that knows that: $root_kernel of the machine that was read.
# Sourced.
# shellcheck disable=SC2154 # root_kernel is of machine.sh

# kernels_wanted_by FILE...: scenarios, or scripts that play some; one word a line.
kernels_wanted_by() {
	sed -n 's/^want_kernels=//p' "$@" | tr -d '"' | xargs -r -n 1 |
		sed "s/^root\$/$root_kernel/" | sort -u
}
