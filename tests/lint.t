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

# stamp_of SCRIPT: exists if it has passed as it is.
stamp_of() {
	local files

	mapfile -t files < <(with_sourced "$1" | sort -u)
	printf '%s/lint-%s\n' "$cache" "$({
		shellcheck --version
		echo "$1" "${check[@]}"
		cat "${files[@]}"
	} | short_hash)"
}

cd "$top"
mapfile -t all < <(scripts)
new=()
stamps=()
for script in "${all[@]}"; do
	stamp=$(stamp_of "$script")
	if [ ! -e "$stamp" ]; then
		new+=("$script")
		stamps+=("$stamp")
	fi
done
said=$(printf '%s\n' "${new[@]}" | xargs -r -n 8 -P "$(nproc)" "${check[@]}" 2>&1) || true # what it says counts
is "$said" "" "shellcheck has nothing to say of ${#all[@]} scripts"
for stamp in "${stamps[@]}"; do
	touch "$stamp"
done
done_testing
