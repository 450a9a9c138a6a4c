#!/usr/bin/env bash
# kexec-try, from the files to a confirmed system in two commands: `pack`, then
# `send` with a rehearsal first, and a health command on this side. No number is
# typed.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

scenario try-send
use_ssh
ram=$(system_ram)

about "A kernel, a device tree and a root filesystem become a bundle: kexec-try pack -o new --kernel vmlinux --dtb dtb --rootfs squashfs --append console=ttyS0,115200"
pack new ""
shown "$(sed "s,$packed,new," "$rundir/pack.log")"

about "The device tries it: kexec-try send new root@device --rehearse --confirm 'ssh root@\$KEXEC_TRY_HOST hostname | grep -qx new'"
send_as_typed "$packed" --rehearse --confirm "$(health_command)"
shown "$(grep -E 'by itself|kexec -l |armed|is up|root:|is confirmed' <<<"$said")"
is "$sent" 0 "send says that the new system is confirmed"
is "$(status_of)" "system: new, confirmed [0]" "and so does the device"
tried_system_is_whole "$ram"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
