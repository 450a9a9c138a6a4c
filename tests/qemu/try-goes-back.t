#!/usr/bin/env bash
# kexec-try: a new system that is not confirmed goes back by itself, whatever the
# reason: nobody confirms it in time; it has lost its network; it is not well, at
# once or later; its guard is killed; the operator reverts it. No other try starts
# while one is pending.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario try-goes-back
good=$images/bundles/try

about "Nobody confirms the new system; a second try from it is refused"
# Long enough for a slow guest to receive a whole bundle
long=$((3 * confirm_within))
start_try "$good" "$long"
has "$(status_of)" '^system: new, pending, [0-9]+ s left to confirm it \[3\]$' "it waits for that"
diag <<<"$(on_device kexec-try status || true)"
send_try "$good"
is "$sent" 1 "a second try is refused"
has "$said" 'there is a try already' "and the reason is told"
set_mark
# A guest's clock may be slower than the host's: on mips-vpe2-6.12, half as fast
wait_for 'not confirmed within' $((2 * long + rollback_timeout)) || fail "guard does not end the try"
goes_back

about "The new system comes up without its network"
pack no-network harness.no_network
send_try "$packed" --confirm true -- --confirm-within 20
is "$sent" 4 "send says that the old system is back"
if ! console_says "the system 'new' has lost its network"; then
	fail "the new system had its network"
fi
has "$(first_line 'kexec-try: not confirmed')" 'not confirmed within 20 s' "nobody could confirm it"
show_sent
goes_back

about "The new system is not well from the beginning"
pack sick "harness.health harness.sick"
send_try "$packed" --confirm true
is "$sent" 4 "send says that the old system is back"
has "$(first_line 'kexec-try: the health')" 'exited with 1: back to the old system' "the health command says so"
goes_back

about "The new system gets sick after a while"
pack healthy harness.health
start_try "$packed"
set_mark
on_device "touch /run/sick"
goes_back
has "$(first_line 'kexec-try: the health')" 'exited with 1: back to the old system' "the health command says so"

about "guard is killed"
start_try "$good"
set_mark
kill_guard
is "$(status_of)" "system: new, going-back: guard has ended [4]" "that is told"
has "$(on_device "kexec-try confirm 2>&1" || true)" 'cannot be confirmed' "nobody can confirm it"
goes_back

about "guard is killed, and init starts another one"
start_try "$good"
set_mark
on_device "killall -9 kexec-try; kexec-try guard >/run/guard.log 2>&1 &"
goes_back
has "$(first_line 'kexec-try: an earlier')" 'ended without a confirmation: back to the old system, by a reset' "it knows of the other"

about "The operator reverts it"
start_try "$good"
set_mark
is "$(on_device kexec-try revert)" "kexec-try: back to the old system, now" "revert says so"
goes_back

scenario_end
