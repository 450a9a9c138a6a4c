#!/usr/bin/env bash
# Broken systems: a root file system that is damaged, one that is missing, and one of
# a type that the new kernel does not know. Each time, the watchdog that the old
# system armed brings it back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario broken-root

# The superblock is intact, so the kernel mounts it; all else is noise
make_bundle damaged-root
own squashfs
noise $(($(stat -L -c %s "$images/squashfs") - 4096)) 1 | overwrite squashfs 4096
try_broken damaged-root "A root filesystem of noise behind its first page" 'Kernel panic - not syncing'

make_bundle no-root
root_mtd=9 try_broken no-root "A root device that is not there" 'end Kernel panic - not syncing: VFS: Unable to mount root'

# A file of zeros with ext2's magic number where its superblock would have it
make_bundle other-root
rm "$made/squashfs"
truncate -s 1M "$made/squashfs"
printf '\x53\xef' | overwrite squashfs 1080
try_broken other-root "A root filesystem of another type" 'end Kernel panic - not syncing: VFS: Unable to mount root'

scenario_end
