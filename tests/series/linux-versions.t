#!/usr/bin/env bash
# One series serves every packager: the same patch files apply without fuzz to each
# Linux that ci/sources names. Only the files that they touch are unpacked; `make
# build-matrix` shows that they compile there. For a version that needs another form
# of a patch, see backports.sh.
# reads: kernel-patches
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/series/backports.sh
. "$(dirname "$0")/backports.sh"
# shellcheck source=ci/trees.sh
. "$top/ci/trees.sh"

rm -rf "$work"
mkdir -p "$work"
series_for "${KERNEL_SERIES:-$top/kernel-patches}" linux
apply_parts
done_testing
