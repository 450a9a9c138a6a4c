#!/usr/bin/env bash
# A real distribution as the new system: Debian's user space, from its packages,
# in a map file. Its own init, shell, tools and ssh server run; the harness adds
# what configures them.
# shellcheck disable=SC2034 # want_memory is for lib.sh
want_memory=256
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# What is read by nobody on a router.
leave_out=(usr/share/doc usr/share/man usr/share/info usr/share/locale)

# inittab: as sysvinit reads it, to start and to leave as the other systems do.
inittab() {
	cat <<-'EOF'
		id:2:initdefault:
		si::sysinit:/etc/init.d/rcS
		l6:6:wait:/etc/init.d/rcK
		r6:6:wait:/sbin/reboot -d -f
	EOF
}

# unpack_debian ARCHITECTURE: as $root, configured.
unpack_debian() {
	local debian

	debian=$("$top/ci/debian-root" "$1")
	root=$rundir/root
	rm -rf "$root"
	cp -a "$debian" "$root"
	(cd "$root" && rm -r "${leave_out[@]}")
	cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
	sed 's,:/bin/bash$,:/bin/sh,' "$root/usr/share/base-passwd/passwd.master" >"$root/etc/passwd"
	echo new >"$root/etc/hostname"
	mkdir -p "$root/etc/init.d" "$root/root/.ssh"
	# rcS is there already, a link to where only dpkg would put a file
	cp --remove-destination "$top/tests/qemu/device/common/etc/init.d/"* "$root/etc/init.d/"
	# Debian's init mounts it first, to look for SELinux
	sed -i 's,mount -t sysfs sysfs /sys,mountpoint -q /sys || &,' "$root/etc/init.d/rcS"
	inittab >"$root/etc/inittab"
	cp "$images/ssh-key.pub" "$root/root/.ssh/authorized_keys"
	chmod 700 "$root/root" "$root/root/.ssh"
	chmod 600 "$root/root/.ssh/authorized_keys"
	(cd "$root" && find . -xdev -type f | sort | xargs -d '\n' sha256sum >"$rundir/contents")
	mv "$rundir/contents" "$root/etc/contents"
}

scenario debian-root
make_bundle debian
unpack_debian "$debian_architecture"
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
