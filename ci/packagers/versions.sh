# shellcheck shell=bash
# The versions that packagers have. Sourced, never run.

# openwrt_linux: of Linux, for OpenWrt's MIPS targets.
openwrt_linux() {
	printf '%s\n' 6.6 6.12 6.18
}
