#!/usr/bin/env bash
# A broken system: its kernel loops at its first instruction. The watchdog that the
# old system armed brings it back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario hung-kernel
make_bundle hung-kernel
hang_kernel_at "$(kernel_entry)"
try_broken hung-kernel "A kernel that hangs before it has a console" 'Bye \.\.\.$'
scenario_end
