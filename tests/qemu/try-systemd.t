#!/usr/bin/env bash
# kexec-try where init is systemd: Debian 12 with OpenSSH, a logind session for each
# login, and kexec-try's unit, word for word. The unit guards the new system; systemd
# replaces a guard that is killed. Another try leaves the system by systemd's own
# shutdown, which waits for nothing. A system that nobody confirms goes back.
# reads: kexec-tools-plugin/kexec-try/init/kexec-try.service
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"
# shellcheck source=tests/qemu/debian.sh
. "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# add_user NAME NUMBER: adds a user, and a group of that name.
add_user() {
	echo "$1:*:$2:$2::/nonexistent:/usr/sbin/nologin" >>"$root/etc/passwd"
	echo "$1:*:$2:" >>"$root/etc/group"
}

# enable UNIT...: as systemctl enable does.
enable() {
	local unit file wants

	for unit; do
		for file in "$root"/{etc,usr/lib}/systemd/system/"$unit"; do
			[ -e "$file" ] || continue
			wants=$root/etc/systemd/system/$(sed -n 's/^WantedBy=//p' "$file").wants
			mkdir -p "$wants"
			ln -s "${file#"$root"}" "$wants/$unit"
			break
		done
	done
}

# pam: each login is a logind session.
pam() {
	local kind

	cd "$root/etc/pam.d"
	for kind in auth account password; do
		echo "$kind required pam_unix.so" >common-$kind
	done
	cat >common-session <<-'EOF'
		session required pam_unix.so
		session optional pam_systemd.so
	EOF
	echo "session required pam_unix.so" >common-session-noninteractive
}

# up_unit: a unit that tells the harness that the system is up.
up_unit() {
	cat <<-'EOF'
		[Unit]
		After=ssh.service systemd-networkd.service systemd-logind.service

		[Service]
		Type=oneshot
		ExecStart=/bin/echo "harness: the system 'new' is up"
		StandardOutput=tty

		[Install]
		WantedBy=multi-user.target
	EOF
}

# network: the address in QEMU's user network.
network() {
	cat <<-'EOF'
		[Match]
		Type=ether

		[Network]
		Address=10.0.2.15/24
	EOF
}

# mounts: tmpfs for what is written to, besides /run.
mounts() {
	cat <<-'EOF'
		tmpfs /var tmpfs mode=755
		tmpfs /tmp tmpfs mode=1777
	EOF
}

# systemd_root: makes $root of Debian with systemd.
systemd_root() {
	unpack_debian systemd-sysv libpam-systemd dbus udev openssh-server
	add_user sshd 100
	add_user messagebus 101
	add_user systemd-network 102
	add_user systemd-journal 103
	(pam)
	ln -s ../proc/self/mounts "$root/etc/mtab"
	mkdir "$root/srv"
	mounts >"$root/etc/fstab"
	# Empty: systemd makes a new one at each boot
	: >"$root/etc/machine-id"
	network >"$root/etc/systemd/network/harness.network"
	cp "$root/usr/share/openssh/sshd_config" "$root/etc/ssh/"
	ssh-keygen -q -t ed25519 -N '' -C harness -f "$root/etc/ssh/ssh_host_ed25519_key"
	unsquashfs -no-progress -force -dest "$root" "$images/squashfs" \
		usr/sbin/kexec usr/sbin/kexec-try >"$rundir/unsquashfs.log" 2>&1
	up_unit >"$root/etc/systemd/system/harness-up.service"
	cp "$top/kexec-tools-plugin/kexec-try/init/kexec-try.service" "$root/etc/systemd/system/"
	enable ssh.service systemd-networkd.service harness-up.service kexec-try.service
}

# console_time PATTERN: the time of the kernel's first such line, in seconds since
# the boot.
console_time() {
	since_mark | grep -aoE "\[ *[0-9]+\.[0-9]+\] $1" | sed -n '1s/^\[ *\([0-9]*\)\..*/\1/p'
}

# left_quickly: the last system took little time to go down, by its own clock.
# systemd waits 90 s for what does not end.
left_quickly() {
	local begin end

	begin=$(console_time 'kexec-try: the system goes down')
	end=$(console_time 'kexec_core: Starting new kernel')
	if [ -z "$begin" ] || [ -z "$end" ]; then
		fail "the last system was not left by kexec"
	fi
	if [ "$((end - begin))" -gt "$leave_within" ]; then
		fail "systemd took $((end - begin)) s to go down: $(since_mark | grep -aoE 'Job [^ ]*/stop running' | sort -u | xargs)"
	fi
	pass "systemd goes down by kexec at once"
	shown "it took $((end - begin)) s"
}

# Seconds of the guest's clock: a shutdown takes 5.
leave_within=30
# guard reads the whole root before anybody can confirm the system, and was done 114
# s after the boot.
confirm_within=180
# Seconds of the host's clock: on a busy host, Debian took more than 5 minutes to
# boot.
send_timeout=1800

scenario try-systemd
make_bundle systemd
systemd_root
pack_root
pack systemd "" "$made"

about "Debian with systemd, a root filesystem of $(stat -c %s "$packed/rootfs.squashfs") bytes, is tried and confirmed"
send_try "$packed" --confirm true -- --confirm-within "$confirm_within"
show_sent
is "$sent" 0 "send says that it is confirmed"
is "$(on_device hostname)" new "the new system is up"
has "$(on_device cat /etc/debian_version)" '^12\.' "it is Debian 12"
is "$(on_device cat /proc/1/comm)" systemd "systemd is its init"
is "$(on_device systemctl is-system-running --wait)" running "no unit has failed"
has "$(on_device cat /proc/self/cgroup)" '/session-[a-z0-9]+\.scope$' "who logs in has a session of logind's"
is "$(status_of)" "system: new, confirmed [0]" "it is confirmed"
is "$(on_device systemctl is-active kexec-try)" active "the unit runs"
has "$(on_device kexec-try status)" '^watchdog: .*fed by guard' "and feeds the watchdog"
shown "$(on_device systemctl --version | head -n 1); $(on_device kexec-try status | xargs)"

about "When its guard is killed, systemd starts another one, and the system stays"
set_mark
on_device "systemctl kill --signal=KILL kexec-try" >/dev/null
wait_for 'guard: goes on, this system is confirmed' "$boot_timeout" || fail "no other guard goes on"
is "$(status_of)" "system: new, confirmed [0]" "it is confirmed as before"
has "$(on_device kexec-try status)" '^watchdog: .*fed by guard' "and that guard feeds the watchdog"

about "The next try leaves it by systemctl kexec; in that, with init=/usr/sbin/kexec-try, guard is there before systemd"
pack first init=/usr/sbin/kexec-try "$made"
send_try "$packed" --confirm true -- --confirm-within "$confirm_within"
show_sent
left_quickly
is "$sent" 0 "send says that the next system is confirmed"
is "$(on_device systemctl is-system-running --wait)" running "no unit has failed"
is "$(on_device systemctl is-active kexec-try)" inactive "the unit has nothing to do"
is "$(on_device pgrep -c -x kexec-try)" 1 "there is one guard"
has "$(on_device kexec-try status)" '^watchdog: .*fed by guard' "which feeds the watchdog"

about "When that is killed, the watchdog brings the old system back"
set_mark
on_device "pkill -KILL -x kexec-try" >/dev/null || shown "pkill ended with $?"
goes_back
if console_says 'kexec-try: .*by a reset'; then
	fail "a guard reset it"
fi

about "A new system that nobody confirms goes back"
pack systemd "" "$made"
send_try "$packed" -- --confirm-within "$confirm_within"
is "$sent" 3 "send says that it waits to be confirmed"
is "$(on_device systemctl is-active kexec-try)" active "the unit runs"
goes_back
has "$(first_line 'kexec-try: not confirmed')" "not confirmed within $confirm_within s" "guard says so"
shown "$(first_line 'kexec-try: not confirmed')"

scenario_end
