#!/usr/bin/env bash
# kexec-try: nobody confirms the new system, and the device goes back to the old
# one by itself.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario try-unconfirmed

about "A new system that is up and well, and that nobody confirms: kexec-try send new root@device -- --confirm-within $confirm_within"
start_try "$images/bundles/try"
goes_back
has "$(first_line 'kexec-try: not confirmed')" "not confirmed within $confirm_within s" "guard says so"
shown "$(first_line 'kexec-try: not confirmed')"

scenario_end
