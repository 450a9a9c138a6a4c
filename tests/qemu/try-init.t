#!/usr/bin/env bash
# kexec-try where init is procd (a stand-in, tests/qemu/procd), which feeds the
# watchdog from the start, whatever happens to the system. The old system's procd
# lends the watchdog to a try. In the new system, init=/usr/sbin/kexec-try, which
# `pack` adds, starts guard before init, even if the kernel mounts no /dev. A system
# that hangs there goes back; with another init= it never does. Once the system is
# confirmed, procd has the watchdog, and guard is gone.
# reads: tests/qemu/procd/procd tests/qemu/procd/ubus
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# pack_procd NAME WORDS: packs a root whose rcS starts procd, and then runs the commands
# on standard input.
pack_procd() {
	make_bundle "$1"
	unpack_root
	cp "$top/tests/qemu/procd/procd" "$root/sbin/"
	cp "$top/tests/qemu/procd/ubus" "$root/usr/bin/"
	# Like a system that does not start guard, and that mounts /dev if the kernel
	# has not
	sed -i -e '/^start_guard$/d' -e '/^mount_filesystems$/i [ -e /dev/watchdog ] || { mount -t devtmpfs dev /dev; echo "harness: the kernel mounted no /dev" >/dev/console; }' \
		"$root/etc/init.d/rcS"
	{
		sed '/^mount_filesystems$/q' "$root/etc/init.d/rcS"
		echo '/sbin/procd &'
		cat
		sed '1,/^mount_filesystems$/d' "$root/etc/init.d/rcS"
	} >"$rundir/rcS"
	cp "$rundir/rcS" "$root/etc/init.d/rcS"
	# init needs the console and null before /dev is mounted
	pack_root -p "/dev/console c 600 0 0 5 1" -p "/dev/null c 666 0 0 1 3"
	pack "$1" "$2" "$made"
}

# old_procd: starts the stand-in in the old system.
old_procd() {
	local file

	for file in procd ubus; do
		ssh_to_device "mkdir -p /run/kexec-try/bin; cd /run/kexec-try/bin && cat >$file && chmod +x $file" \
			<"$top/tests/qemu/procd/$file"
	done
	on_device "PATH=/run/kexec-try/bin:\$PATH procd >/dev/null 2>&1 </dev/null &"
	wait_for 'procd: - watchdog - yes' "$boot_timeout" || fail "the stand-in has no watchdog"
}

hangs='echo "harness: this system hangs before its guard" >/dev/console
while :; do sleep 1000; done'

scenario try-init

about "The old system's procd has the watchdog, and gives it to the try"
old_procd
pack_procd good "" </dev/null
has "$(<"$rundir/pack.log")" 'has procd: init=/usr/sbin/kexec-try is added' "pack sees procd, and has guard started first"
send_try "$packed" --confirm true
show_sent
is "$sent" 0 "the new system is confirmed"
has "$said" 'watchdog armed: ' "the try had the watchdog"
console_says 'procd: - watchdog - no' || fail "procd was there before guard"
console_says 'guard: the root file system is the one that was sent' || fail "guard did not look at the root"

about "procd has the watchdog of the confirmed system, and guard is gone"
wait_for 'guard: procd feeds the watchdog from here on' "$boot_timeout" || fail "guard did not hand it over"
is "$(status_of)" "system: new, confirmed [0]" "it is confirmed"
has "$(on_device kexec-try status)" '^watchdog: fed by procd$' "procd feeds it"
is "$(on_device "grep -lx kexec-try /proc/[0-9]*/comm | wc -l")" 0 "guard has ended"
reboot_to_old

about "A system that hangs once procd feeds the watchdog goes back, also where the kernel mounts no /dev"
pack_procd hangs "init=/usr/sbin/kexec-try devtmpfs.mount=0" <<<"$hangs"
send_try "$packed"
is "$sent" 4 "send says that the old system is back"
console_says 'harness: the kernel mounted no /dev' || fail "the kernel mounted /dev"
console_says 'guard: feeds ' || fail "guard had no watchdog before init"
console_says 'this system hangs before its guard' || fail "it broke elsewhere"
goes_back

about "With another init= procd feeds it for ever"
pack_procd fed init=/sbin/init <<<"$hangs"
raw_try --watchdog-timeout "$watchdog_seconds"
is "$sent" 0 "it is tried"
wait_for 'procd: has fed the watchdog for 75 s' "$rollback_timeout" || fail "the old system is back without a guard"
shown "$(first_line 'procd: has fed')"

scenario_end
