#!/usr/bin/env bash
# kexec-try: a dry run changes nothing; a confirmed system stays when the time to
# confirm is over; another try starts from it; once its guard is killed, the watchdog
# brings the old system back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario try-confirmed
use_ssh

about "A dry run on the device says what would be done, and does nothing"
send_try "$images/bundles/try" -- --dry-run
is "$sent" 0 "the device can try it"
has "$said" 'kexec -l .*--map-file' "it prints the kexec command"
has "$said" 'watchdog: survives kexec' "it says that the watchdog survives kexec"
is "$(on_device cat /sys/kernel/kexec_loaded)" 0 "nothing is loaded"
shown "$(tail -n 1 <<<"$said")"

about "The new system is confirmed"
send_try "$images/bundles/try" --confirm true -- --confirm-within "$confirm_within"
is "$sent" 0 "send says that it is"
is "$(status_of)" "system: new, confirmed [0]" "and so does the device"
is "$(on_device kexec-try confirm)" "kexec-try: it was confirmed before" "to confirm twice does no harm"

about "It stays when the time for the confirmation is over"
until [ "$(on_device cut -d . -f 1 /proc/uptime)" -ge $((confirm_within + 40)) ]; do
	sleep 5 # on a busy host it takes longer than one connection may
done
is "$(on_device hostname)" new "the new system is still there"
if console_says "back to the old system"; then
	fail "guard gave it up"
fi

about "Another try starts from it, and is reverted"
send_try "$images/bundles/try" --confirm false -- --confirm-within "$confirm_within"
show_sent
is "$sent" 4 "send says that the old system is back"
goes_back

about "A confirmed system whose guard is killed goes back"
send_try "$images/bundles/try" --confirm true
is "$sent" 0 "the new system is confirmed"
set_mark
kill_guard
goes_back

scenario_end
