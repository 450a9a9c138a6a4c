#!/usr/bin/env bash
# Broken systems: an init that is missing, that ends, that crashes, and one that
# eats all memory. The watchdog armed by the old system brings that back,
# each time.
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

# The kernel panics when nothing is left to kill, or finds no memory and says nothing
# more until the watchdog ends it, or kills dd and says no more: 6.1 and 6.12 were
# seen to do either of the first two, 6.12 on two CPUs the third. To eat a
# gigabyte would take longer than the watchdog's time.
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
