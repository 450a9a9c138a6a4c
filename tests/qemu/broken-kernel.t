#!/usr/bin/env bash
# Broken systems: a kernel that hangs once it has a console, one that hangs in its
# first interrupt with all others masked, one that is damaged, and one that panics and
# reboots by itself. Each time, the old system comes back. kexec refuses a kernel of the
# other byte order.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario broken-kernel

make_bundle hangs-late
hang_kernel_at "$(symbol_address kernel_init)"
try_broken hangs-late "A kernel that hangs before its init" '.'
has "$(first_line 'Kernel command line:')" 'Kernel command line: root=' "it had a console"

make_bundle hangs-masked
hang_kernel_at "$(symbol_address plat_irq_dispatch)"
try_broken hangs-masked "A kernel that stays in its first interrupt" '.'
has "$(first_line 'Kernel command line:')" 'Kernel command line: root=' "it had a console"

make_bundle damaged
own vmlinux
noise $((1024 * 1024)) 2 | overwrite vmlinux "$(file_offset "$made/vmlinux" "$(symbol_address _text)")"
try_broken damaged "A kernel of which the first MiB is noise" 'Bye \.\.\.$'

# This one needs no watchdog
if [ "$without" != watchdog ]; then
	make_bundle restarts
	cut_root 4096
	more_words=panic=5 try_broken restarts "A kernel that panics, and starts the machine anew by itself" 'Rebooting in 5 seconds'
fi

about "A kernel of the other byte order is refused, and nothing is loaded"
make_bundle other-order
own vmlinux
# EI_DATA of the ELF header (Tool Interface Standard, ELF 1.2, 1-6): 1 is little
# endian, 2 is big endian
if [ "$(od -An -tx1 -j 5 -N 1 "$made/vmlinux")" = ' 01' ]; then
	printf '\2' | overwrite vmlinux 5
else
	printf '\1' | overwrite vmlinux 5
fi
send_bundle other-order
status=0
said=$(on_device "cd /run/bundle && kexec -l --map-file squashfs@$map_address,label=rootfs --dtb dtb vmlinux 2>&1") || status=$?
has "$status" '^[1-9]' "kexec refuses it: $said"
is "$(on_device cat /sys/kernel/kexec_loaded)" 0 "nothing is loaded"
shown "$said"

scenario_end
