#!/usr/bin/env bash
# kexec-try: a new system that never answers goes back, and `send` says so. Either
# its init hangs before there is a guard, or its kernel hangs at its first
# instruction.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

# send_broken NAME LAST-WORDS: tries the bundle that was just made.
send_broken() {
	local last

	pack "$1" "" "$made"
	send_try "$packed" --confirm true
	is "$sent" 4 "send says that the old system is back"
	goes_back
	last=$(last_words)
	has "$last" "$2" "it broke where it should"
	shown "last words: '$last'; then $(tail -n 1 <<<"$said")"
}

scenario try-hangs

about "A new system whose init hangs: kexec-try send hung-init root@device"
make_bundle hung-init
other_init <<'EOF'
#!/bin/sh
echo "harness: this init hangs"
while :; do sleep 1000; done
EOF
send_broken hung-init 'this init hangs'

about "One whose kernel hangs at its first instruction: kexec-try send hung-kernel root@device"
make_bundle hung-kernel
hang_kernel_at "$(kernel_entry)"
send_broken hung-kernel 'Bye \.\.\.$'

scenario_end
