#!/usr/bin/env bash
# The files of kexec-try know each other in one direction: host/ and device/ do not
# know each other, bundle/ knows neither, and there is no circle.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

cd "$top/kexec-tools-plugin/kexec-try"

# includes PART...: FILE HEADER, without their endings, for each of our headers that
# a file of these parts includes; a .c and its .h are one.
includes() {
	local part file header

	for part; do
		grep -o '^#include "[a-z-]*\.h"' "$part"/*.[ch]
	done | sed 's/:#include "/ /; s/"$//' |
		while read -r file header; do
			file=${file##*/}
			echo "${file%.*} ${header%.h}"
		done
}

# headers PART: those that it has, as includes has them.
headers() {
	local file

	for file in "$1"/*.h; do
		file=${file##*/}
		echo "${file%.h}"
	done
}

# strangers PART OTHER: headers of the other part that the first one includes.
strangers() {
	includes "$1" | cut -d ' ' -f 2 | sort -u | comm -12 - <(headers "$2" | sort)
}

for pair in "host device" "device host" "bundle host" "bundle device"; do
	read -r part other <<<"$pair"
	is "$(strangers "$part" "$other" | xargs)" "" "$part/ does not know $other/"
done
is "$(includes bundle host device | sort -u | tsort 2>&1 >/dev/null | xargs)" "" "there is no circle"
done_testing
