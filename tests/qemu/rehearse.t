#!/usr/bin/env bash
# kexec-try rehearse: a kernel that only hangs replaces the old system, which comes
# back by itself, as often as asked. No shutdown script takes part: a script that
# only reboots would pass for the watchdog. Where the watchdog does not count, the
# old system does not come back, and `send` has an exit status for that.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario rehearse

about "A watchdog that is not of the watchdog core is not trusted"
on_device "mount -t tmpfs none /sys/class/watchdog"
send_as_typed "$images/bundles/try" -- --dry-run
is "$sent" 1 "a try is refused"
has "$said" 'unknown whether the watchdog survives kexec' "and the reason is told"
on_device "umount /sys/class/watchdog"

shutdown_without_kexec
on_device "kill -HUP 1"

about "Two rehearsals: kexec-try send root@device --rehearse --times 2"
send_try "" --rehearse --times 2
show_sent
is "$sent" 0 "send says that the device comes back"
is "$(grep -c 'the old system is back, by itself' <<<"$said")" 2 "twice"
is "$(since_mark | grep -c 'Bye \.\.\.')" 2 "two kernels were started"
is "$(status_of)" "system: old [0]" "and nothing is pending"

about "The same on a device whose watchdog is a file: nobody brings it back"
on_device "mv /dev/watchdog /dev/kept && : >/dev/watchdog"
send_try "" --rehearse --wait "$unguarded_timeout"
show_sent
is "$sent" 6 "send says so, with a status of its own"
has "$said" 'its watchdog does not bring the old system back' "and in words"
stays_lost
has "$(since_mark | awk 'NF { last = $0 } END { print last }')" 'Bye \.\.\.$' "the device hangs"

about "It is switched off and on"
push_reset
wait_for_system old "$boot_timeout" || fail "the old system did not come up"
is "$(on_device hostname)" old "the old system is there"

scenario_end
