#!/usr/bin/env bash
# Every script of the project passes shellcheck, what runs on the device as
# POSIX sh.
# reads: .
# sources: -
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# Files that git tracks or would: shell by their first line or their directive.
scripts() {
	git ls-files --cached --others --exclude-standard |
		xargs awk 'FNR == 1 && (/^#!.*sh$/ || /^# shellcheck shell=/) { print FILENAME }'
}

cd "$top"
mapfile -t all < <(scripts)
# Not that nobody passes a function its arguments (SC2119, SC2120): of a file that is
# sourced, others do.
said=$(shellcheck -x -e SC2119,SC2120 "${all[@]}" 2>&1) || true # what it says counts
is "$said" "" "shellcheck has nothing to say of ${#all[@]} scripts"
done_testing
