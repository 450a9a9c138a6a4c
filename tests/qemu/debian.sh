# shellcheck shell=bash
# Debian's user space as the root of a new system. The harness configures what the
# packages' scripts would have configured. Sourced after lib.sh.
# shellcheck disable=SC2154 # top, rundir, images and debian_architecture are of lib.sh

if [ -n "${qemu_debian-}" ]; then
	return 0
fi
qemu_debian=1

# Nobody reads these on a router.
leave_out=(usr/share/doc usr/share/man usr/share/info usr/share/locale)

# unpack_debian PACKAGE...: unpacks these packages and the essential ones as $root,
# with a host name, users, and root's ssh key.
unpack_debian() {
	local debian

	debian=$("$top/ci/debian-root" "$debian_architecture" "$@")
	root=$rundir/root
	rm -rf "$root"
	cp -a "$debian" "$root"
	(cd "$root" && rm -r "${leave_out[@]}")
	cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
	sed 's,:/bin/bash$,:/bin/sh,' "$root/usr/share/base-passwd/passwd.master" >"$root/etc/passwd"
	echo new >"$root/etc/hostname"
	mkdir -p "$root/root/.ssh"
	cp "$images/ssh-key.pub" "$root/root/.ssh/authorized_keys"
	chmod 700 "$root/root" "$root/root/.ssh"
	chmod 600 "$root/root/.ssh/authorized_keys"
}
