#!/usr/bin/env bash
# kexec-try and the board. `send` does not send a bundle for another board, or for
# more RAM than there is; the device refuses it, too. `pack` removes from the bundle's
# device tree whatever would override the trial. A router whose tree marks
# its flash as the root, and names an initrd of the last boot, comes up with its root
# in RAM, intact.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# pack_tree NAME COMMAND: packs the good parts, after COMMAND has changed their
# device tree, whose file is its argument.
pack_tree() {
	make_bundle "$1"
	own dtb
	"$2" "$made/dtb"
	pack "$1" "" "$made"
}

other_board() {
	fdtput -t s "$1" / compatible example,other-board mti,other
}

# from LAST MIB: the address MIB MiB behind the end of a range whose last byte is at
# LAST. A negative MIB lies before the end.
from() {
	printf %x $((16#$1 + 1 + ($2 << 20)))
}

# One MiB more than the machine has
more_ram() {
	fdtput -p -t s "$1" /memory@0 device_type memory
	fdtput -t x "$1" /memory@0 reg 0 "$(from "$ram_end" 1)"
}

# A tree as boot loaders leave it in the field. The initrd is in the last MiB but
# one of the RAM, where `auto` puts the root.
as_in_the_field() {
	fdtput -p -t s "$1" /chosen bootargs-override "console=ttyS0,115200"
	fdtput -t x "$1" /chosen linux,initrd-start "$(from "$low_end" -2)"
	fdtput -t x "$1" /chosen linux,initrd-end "$(from "$low_end" -1)"
	fdtput -p "$1" /flash/partition@0 linux,rootfs
}

scenario try-board
ram=$(system_ram)
ram_end=$(sed -n '$s/^[0-9a-f]*-\([0-9a-f]*\) .*/\1/p' <<<"$ram")
low_end=$(low_ram_end)

about "A bundle for another board"
pack_tree other-board other_board
send_try "$packed"
is "$sent" 1 "send refuses"
has "$said" "is for 'example,other-board mti,other', and this board is '$(fdtget "$images/dtb" / compatible)'" "and says why"
has "$said" "other-board if that is right" "and what would lift it"
nothing_was_sent
raw_try --confirm-within "$confirm_within"
refused "is for 'example,other-board"

about "One for more RAM than there is"
pack_tree more-ram more_ram
send_try "$packed"
refused 'the bundle.s device tree has RAM up to 0x[0-9a-f]+, and this board up to 0x'

about "The tree of a router: bootargs-override, a stale initrd, flash marked as the root"
pack_tree router as_in_the_field
diag <"$rundir/pack.log"
is "$(grep -c 'is not in the bundle' "$rundir/pack.log")" 4 "pack takes out all of them"
send_try "$packed" --confirm true
show_sent
is "$sent" 0 "the new system is confirmed"
tried_system_is_whole "$ram"
reboot_to_old

scenario_end
