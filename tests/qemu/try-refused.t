#!/usr/bin/env bash
# kexec-try run refuses, on the device and before it does anything: a bundle with a
# flipped bit, one for the other byte order, one that is cut off in transit, a device
# without a watchdog, a device with a kernel loaded, and two tries at once. It
# reports all that is missing at once. What it can check without a bundle is reported
# before one is sent.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# flip_bit FILE OFFSET
flip_bit() {
	local byte

	byte=$(od -An -t u1 -j "$2" -N 1 "$packed/$1")
	printf '%b' "\\x$(printf %x $((byte ^ 16)))" |
		dd of="$packed/$1" conv=notrunc bs=1 seek="$2" status=none
}

other_endian() {
	sed -i -e 's/^endian big$/endian LITTLE/' -e 's/^endian little$/endian big/' \
		-e 's/LITTLE/little/' "$packed/manifest"
}

scenario try-refused

about "A bit of the root filesystem has flipped"
pack flipped ""
flip_bit rootfs.squashfs 100000
raw_try
refused 'rootfs.squashfs.*SHA-256'

about "send sees that before it sends anything"
send_try "$packed"
refused 'rootfs.squashfs.*SHA-256'

about "A bundle for the other byte order, and no watchdog: both are told"
pack other ""
other_endian
on_device "mv /dev/watchdog /dev/kept"
raw_try
refused 'the bundle is (big|little) endian, this device (big|little) endian'
refused 'no /dev/watchdog to bring the old system back'
on_device "mv /dev/kept /dev/watchdog"

about "A device without a watchdog gets no bundle"
pack good ""
on_device "mv /dev/watchdog /dev/kept"
send_try "$packed"
refused 'root@127.0.0.1: no /dev/watchdog to bring the old system back'
nothing_was_sent
on_device "mv /dev/kept /dev/watchdog"

about "Without kexec -e in /etc, a try is warned of"
shutdown_without_kexec
raw_try --dry-run
is "$sent" 0 "the device can try it"
has "$said" 'warning: no file in /etc runs kexec -e' "with a warning"
on_device "umount /etc/inittab && rm /run/inittab"

about "The watchdog is held by a program of which nobody knows how to take it"
on_device "sh -c 'echo \$\$ >/run/feeder; exec 3>/dev/watchdog; while printf . >&3; do sleep 1; done' >/dev/null 2>&1 &"
raw_try --dry-run
is "$sent" 1 "it is refused"
has "$said" 'is held by (sh|sleep) \([0-9]+\)' "and the holder is named"
# From here on nobody feeds the watchdog
set_mark
on_device "kill \$(cat /run/feeder)"
wait_for_system old "$rollback_timeout" || fail "the old system did not come back"

about "The stream is cut"
sent=0
said=$( (cd "$packed" && tar cf - . | head -c 2000000) | ssh_to_device "kexec-try run -" 2>&1) || sent=$?
refused 'whole'

about "Another kernel is loaded"
on_device "cd /run && rm -rf b && mkdir b"
(cd "$packed" && tar cf - vmlinux) | ssh_to_device "tar -C /run/b -xf -"
on_device "kexec -l /run/b/vmlinux"
raw_try
is "$sent" 1 "it is refused"
has "$said" 'another kernel is loaded already; kexec -u unloads it' "and the reason is told"
on_device "kexec -u; rm -r /run/b"

about "Two tries at once: the stream of the first one stands still, and is cut then"
stand_still() {
	until [ -e "$rundir/cut" ] || ! kill -0 $$ 2>/dev/null; do
		sleep 1
	done
}
{ (cd "$packed" && tar cf - . | head -c 100000 || true) && stand_still; } |
	ssh_to_device "kexec-try run -" >"$rundir/first.log" 2>&1 &
first=$!
is "$(on_device "while ! kexec-try status | grep preparing; do sleep 1; done")" \
	"system: old, preparing" "status tells of the first one"
raw_try
is "$sent" 1 "the second one is refused"
has "$said" 'another try is already in progress in this system' "and the reason is told"
touch "$rundir/cut"
wait "$first" || true # it is cut, and refused
is "$(on_device "while kexec-try status | grep preparing >/dev/null; do sleep 1; done; kexec-try status | sed -n 1p")" \
	"system: old" "when the first one is cut, nothing is pending"

scenario_end
