#!/usr/bin/env bash
# A broken system: its root file system is cut in half, so the new kernel panics and
# stays there. The watchdog that the old system armed brings it back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario cut-root
make_bundle cut-root
cut_root $(($(stat -c %s "$images/squashfs") / 2))
try_broken cut-root "A root filesystem cut in half" 'end Kernel panic - not syncing: VFS: Unable to mount root'
scenario_end
