# shellcheck shell=bash
# What a scenario wants beside the images that each machine has: kernels that it
# starts, in a line `want_kernels="6.12 crash"` of its own: those of a version, or
# the one for crashes. Sourced.

# kernels_wanted_by FILE...: scenarios, or scripts that play some; one word a line.
kernels_wanted_by() {
	sed -n 's/^want_kernels=//p' "$@" | tr -d '"' | xargs -r -n 1 | sort -u
}
