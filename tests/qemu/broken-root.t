#!/usr/bin/env bash
# Broken systems: a root filesystem that is damaged, none at all, and one of a
# type that the new kernel does not know. The watchdog armed by the old system
# brings that back, each time.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario broken-root

# The superblock stays, so that it is mounted, and nothing else does
make_bundle damaged-root
own squashfs
noise $(($(stat -L -c %s "$images/squashfs") - 4096)) 1 | overwrite squashfs 4096
try_broken damaged-root "A root filesystem of noise behind its first page" 'Kernel panic - not syncing'

make_bundle no-root
root_mtd=9 try_broken no-root "A root device that is not there" 'end Kernel panic - not syncing: VFS: Unable to mount root'

# An ext2 superblock's magic number where ext2 has it, in a file of zeros
make_bundle other-root
rm "$made/squashfs"
truncate -s 1M "$made/squashfs"
printf '\x53\xef' | overwrite squashfs 1080
try_broken other-root "A root filesystem of another type" 'end Kernel panic - not syncing: VFS: Unable to mount root'

scenario_end
