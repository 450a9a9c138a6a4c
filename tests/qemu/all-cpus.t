#!/usr/bin/env bash
# The new system has every CPU that the old one has, and so does the next system that
# it starts: five kexecs in a row, each into RAM. They go from and to Linux 6.12 and
# 7.2, because a CPU that still runs the old kernel while the new one is copied over
# it does no harm if the two are the same.
# shellcheck disable=SC2034 # want_kernels is for tests/qemu/images
want_kernels="6.12 7.2"
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# try_from SYSTEM BUNDLE VERSION
try_from() {
	send_bundle "$2"
	run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux" "$1"
	expect_new_system
	kernel_is "$3"
	every_cpu_is_there
}

# every_cpu_is_there [NUMBER]: NUMBER CPUs are online; by default, all that the
# machine has.
every_cpu_is_there() {
	local all_cpus

	all_cpus=$(seq 0 $((${1:-$smp} - 1)) | xargs)
	is "$(online_cpus)" "$all_cpus" "all CPUs are online: $all_cpus"
	shown "host name $(on_device hostname), Linux $(on_device uname -r), CPUs $(online_cpus)"
}

scenario all-cpus
cmdline=$(mtd_root "$(map_file_mtd)")

about "The old system has every CPU of the machine: $smp"
every_cpu_is_there

about "The new system has them too, and so has the next that it starts, five times"
try_from old good-6.12 '^6\.12\.'
try_from new good-7.2 '^7\.2\.'
try_from new good-7.2 '^7\.2\.'
try_from new good-6.12 '^6\.12\.'
try_from new good-6.12 '^6\.12\.'

about "A reboot brings the old system back from its $medium"
reboot_to_old
every_cpu_is_there "$cpus_after_reset"

scenario_end
