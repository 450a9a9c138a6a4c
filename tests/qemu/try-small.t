#!/usr/bin/env bash
# kexec-try on a router with little RAM: a root of 5 MiB and a kernel of 6 MiB are
# tried and confirmed in 40 MiB.
# shellcheck disable=SC2034 # want_memory is for lib.sh
want_memory=40
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# send_small: the same bundle each time.
send_small() {
	send_try "$packed" --confirm true
	show_sent
}

scenario try-small
use_ssh
pack small ""

about "A root of $(stat -L -c %s "$images/squashfs") bytes and a kernel of $(stat -L -c %s "$images/vmlinux"), where too little of $want_memory MiB is free"
on_device "dd if=/dev/zero of=/run/full bs=1024k count=8 2>/dev/null"
send_small
is "$sent" 1 "it is refused"
has "$said" 'MiB are free: stop services, or remove files from /run and /tmp' "with what is needed, and what there is"
if grep 'kexec-try: sent ' <<<"$said" >/dev/null; then
	fail "the bundle was sent"
fi
is "$(on_device hostname)" old "the old system is there"

about "With the RAM free"
on_device "rm /run/full"
send_small
is "$sent" 0 "the new system is confirmed"
is "$(status_of)" "system: new, confirmed [0]" "and so says the device"
reboot_to_old

scenario_end
