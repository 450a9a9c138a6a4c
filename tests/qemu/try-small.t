#!/usr/bin/env bash
# kexec-try on a router with little RAM: a root of 5 MiB and a kernel of 6 MiB are
# tried and confirmed in 40 MiB.
# shellcheck disable=SC2034 # want_memory is for lib.sh
want_memory=40
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario try-small
use_ssh
about "A root of $(stat -L -c %s "$images/squashfs") bytes and a kernel of $(stat -L -c %s "$images/vmlinux"), in $want_memory MiB"
shown "$(on_device "grep -E 'MemTotal|MemFree|MemAvail' /proc/meminfo; free" | tr '\n' ' ')"
pack small ""
send_try "$packed" --confirm true
show_sent
is "$sent" 0 "it is confirmed"
shown "$(on_device kexec-try status)"
reboot_to_old
scenario_end
