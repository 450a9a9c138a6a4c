#!/usr/bin/env bash
# A broken system: its init does nothing. The watchdog that the old system armed
# brings it back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario hung-init
make_bundle hung-init
other_init <<'EOF'
#!/bin/sh
echo "harness: this init hangs"
while :; do sleep 1000; done
EOF
try_broken hung-init "An init that hangs for ever" 'this init hangs'
scenario_end
