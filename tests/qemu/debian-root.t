#!/usr/bin/env bash
# A real distribution as the new system: Debian's user space, made from its packages,
# in a map file. Debian's own init, shell, tools and ssh server run; the harness adds
# their configuration.
# shellcheck disable=SC2034 # want_memory is for lib.sh
want_memory=256
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"
# shellcheck source=tests/qemu/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# inittab: sysvinit's, to start and shut down as the other systems do.
inittab() {
	cat <<-'EOF'
		id:2:initdefault:
		si::sysinit:/etc/init.d/rcS
		l6:6:wait:/etc/init.d/rcK
		r6:6:wait:/sbin/reboot -d -f
	EOF
}

# sysv_root: makes $root of Debian with its SysV init.
sysv_root() {
	unpack_debian dash dropbear-bin net-tools sysvinit-core
	mkdir -p "$root/etc/init.d"
	# rcS is already there, as a link to a file that only dpkg would create
	cp --remove-destination "$top/tests/qemu/device/common/etc/init.d/"* "$root/etc/init.d/"
	# Debian's init has already mounted it, to look for SELinux
	sed -i 's,mount -t sysfs sysfs /sys,mountpoint -q /sys || &,' "$root/etc/init.d/rcS"
	inittab >"$root/etc/inittab"
	(cd "$root" && find . -xdev -type f | sort | xargs -d '\n' sha256sum >"$rundir/contents")
	mv "$rundir/contents" "$root/etc/contents"
}

scenario debian-root
make_bundle debian
sysv_root
pack_root
send_bundle debian
mtd=$(map_file_mtd)
ram=$(system_ram)
cmdline=$(mtd_root "$mtd")

about "Debian starts in RAM, a root filesystem of $(bundle_size) bytes"
run_kexec "kexec --map-file squashfs@auto,label=rootfs --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
new_system_is_whole "$mtd" "$cmdline" "$ram"
has "$(on_device cat /etc/debian_version)" '^12\.' "it is Debian 12"
is "$(on_device dpkg --print-architecture)" "$debian_architecture" "dpkg says that it is $debian_architecture"
has "$(on_device readlink /proc/1/exe)" '^(/usr)?/sbin/init$' "its init runs"
has "$(on_device /sbin/init --version 2>&1)" 'SysV init' "which is Debian's"
shown "Debian $(on_device cat /etc/debian_version), $(on_device bash --version | head -n 1)"
reboot_to_old

scenario_end
