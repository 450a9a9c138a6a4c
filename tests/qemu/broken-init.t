#!/usr/bin/env bash
# Broken systems: an init that is missing, one that exits, one that crashes, and one
# that uses up all memory. Each time, the watchdog that the old system armed brings
# it back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

crashing_program() {
	"${cross}gcc" -static -nostdlib -x c -o "$rundir/crash" - <<-'EOF'
		void __start(void)
		{
			*(volatile int *)0 = 0;
		}
	EOF
	cat "$rundir/crash"
}

scenario broken-init

make_bundle no-init
: | other_init
try_broken no-init "No init in the root filesystem" 'Kernel panic - not syncing: (No working init found|Requested init)'

make_bundle init-ends
other_init <<-'EOF'
	#!/bin/sh
	exit 3
EOF
try_broken init-ends "An init that ends" 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000300'

make_bundle init-crashes
crashing_program | other_init
try_broken init-crashes "An init that crashes" 'Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b'

# The kernel panics because nothing is left to kill, or finds no memory and falls
# silent until the watchdog resets the machine, or kills dd and falls silent. Linux
# 6.1 and 6.12 have done either of the first two, 6.12 on two CPUs the third.
# mem=128M, because using up a gigabyte would take longer than the watchdog's
# timeout.
make_bundle init-eats
other_init <<-'EOF'
	#!/bin/sh
	mount -t tmpfs -o size=100% tmpfs /run
	while :; do
		dd if=/dev/zero of=/run/eaten-$((n += 16)) bs=1M count=16 2>/dev/null
		echo "$n MiB eaten"
	done
EOF
more_words=mem=128M try_broken init-eats "An init that eats all memory" 'Kernel panic - not syncing: System is deadlocked on memory|(80|96|112) MiB eaten|Out of memory: Killed process'

scenario_end
