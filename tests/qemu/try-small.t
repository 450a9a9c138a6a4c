#!/usr/bin/env bash
# kexec-try on a router with little RAM: in 40 MiB, a root of 5 MiB and a kernel of 6
# MiB, which `pack` compresses, are tried and confirmed. If too little RAM is free,
# nothing is sent. The same kernel takes more RAM uncompressed, which `send` counts for a
# device whose kexec has no zlib.
# shellcheck disable=SC2034 # want_memory and want_kernels are for lib.sh and images
want_memory=40
want_kernels=7.2
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

mib=$((1024 * 1024))

# at_least FILE MIB
at_least() {
	local bytes

	bytes=$(stat -L -c %s "$1")
	[ "$bytes" -ge $(($2 * mib)) ] || fail "${1##*/} has $bytes bytes, less than $2 MiB"
	shown "${1##*/}: $bytes bytes"
}

# too_large: the bundle is refused for want of RAM; $needs is how many MiB it takes.
too_large() {
	send_try "$packed"
	show_sent
	is "$sent" 1 "it is refused"
	has "$said" 'MiB are free: stop services, or remove files from /run and /tmp' "with what is needed, and what there is"
	nothing_was_sent
	is "$(on_device hostname)" old "the old system is there"
	needs=$(sed -n 's/.*loading it take \([0-9]*\) MiB.*/\1/p' <<<"$said")
}

scenario try-small
use_ssh

about "A root of 5 MiB and a kernel of 6 MiB, where too little of $want_memory MiB is free"
at_least "$images/squashfs" 5
make_bundle small
# Random bytes at its end, as the harness's kernels are smaller. pack and kexec take
# them as part of the file.
rm "$made/vmlinux"
{ cat "$images/vmlinux-7.2" && head -c 256K /dev/urandom; } >"$made/vmlinux"
at_least "$made/vmlinux" 6
pack plain "" "$made" --plain
on_device "dd if=/dev/zero of=/run/full bs=1024k count=8 2>/dev/null"
too_large
has "$said" 'a kernel compressed with gzip takes less' "and what helps"
plain=$needs

about "The same kernel, compressed"
pack small "" "$made"
too_large
is "$(grep -c 'reads no gzip' <<<"$said" || true)" 0 "the device reads it"
[ "$needs" -lt "$plain" ] || fail "it takes $needs MiB, and $plain if not compressed"
shown "it takes $needs MiB, and $plain if not compressed"
compressed=$needs

about "A kexec without zlib"
# `send` looks for zlib in this file, and finds a script.
tools=/run/kexec-try/bin
on_device "umask 077; mkdir -p $tools && printf '#!/bin/sh\nexec %s \"\$@\"\n' \$(command -v kexec) >$tools/kexec && chmod +x $tools/kexec"
too_large
has "$said" 'reads no gzip: sending the kernel uncompressed' "it is said"
[ "$needs" -gt "$compressed" ] || fail "it takes $needs MiB, and $compressed compressed"
on_device "rm -r $tools"

about "With the RAM free"
on_device "rm /run/full"
send_try "$packed" --confirm true
show_sent
is "$sent" 0 "the new system is confirmed"
is "$(status_of)" "system: new, confirmed [0]" "and so says the device"
reboot_to_old

scenario_end
