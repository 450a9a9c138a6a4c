#!/usr/bin/env bash
# A broken system: its init never does anything.
# The watchdog armed by the old system brings that back from flash.
# shellcheck source=tests/malta/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scenario hung-init
try_broken hung-init "An init that hangs for ever" 'this init hangs'
scenario_end
