#!/usr/bin/env bash
# Every script of the project passes shellcheck, what runs on the device as
# POSIX sh. A script is not checked again until it changes, or one that it sources.
# reads: .
# sources: -
set -euo pipefail
# shellcheck source=ci/lib.sh
. "$(dirname "$0")/../ci/lib.sh"
# shellcheck source=ci/kept.sh
. "$top/ci/kept.sh"
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# Not that nobody passes a function its arguments (SC2119, SC2120): of a file that is
# sourced, others do.
check=(shellcheck -x -e "SC2119,SC2120")

# Files that git tracks or would: shell by their first line or their directive.
scripts() {
	git ls-files --cached --others --exclude-standard |
		xargs awk 'FNR == 1 && (/^#!.*sh$/ || /^# shellcheck shell=/) { print FILENAME }'
}

# passed_as SCRIPT: exists if it has passed as it is.
passed_as() {
	local files

	mapfile -t files < <(with_sourced "$1" | sort -u)
	kept_as lint "$version ${check[*]} $1 $(cat "${files[@]}")"
}

cd "$top"
mapfile -t all < <(scripts)
version=$(shellcheck --version)
new=()
passes=()
for script in "${all[@]}"; do
	kept=$(passed_as "$script")
	if [ ! -e "$kept" ] || [ "${FRESH-}" = yes ]; then
		new+=("$script")
		passes+=("$kept")
	fi
done
status=0
said=$(printf '%s\n' "${new[@]}" | xargs -r -n 8 -P "$(nproc)" "${check[@]}" 2>&1) || status=$?
is "$said" "" "shellcheck has nothing to say of ${#all[@]} scripts"
is "$status" 0 "and does not fail"
for kept in "${passes[@]}"; do
	touch "$kept"
done
done_testing
