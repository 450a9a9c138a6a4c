#!/usr/bin/env bash
# The network goes down before a source is fetched: one line says so. Once it is
# back, the same command continues; after that, it needs no network.
set -euo pipefail
# shellcheck source=tests/packagers/lib.sh
. "$(dirname "$0")/lib.sh"

work=$top/build/packagers/network
rm -rf "$work"
mkdir -p "$work"
export XDG_CACHE_HOME=$work/cache
nowhere=(env http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9)

# fetch WORD...: leaves its exit status in $status.
fetch() {
	status=0
	"$@" "$top/ci/fetch" kexec-tools >"$work/out" 2>"$work/err" || status=$?
}

fetch "${nowhere[@]}"
is "$status" 1 "without a network, a source that is not there yet cannot be had"
is "$(grep -c 'error:' "$work/err")" 1 "one line says what is wrong"
has "$(grep 'error:' "$work/err")" 'network is down.*kexec-tools 2\.0\.32.*goes on from here' "it says that the network is down, and what to do"
is "$(find "$work/cache/kexec-map-file/tmp" -mindepth 1 | wc -l)" 0 "nothing half done is left"
fetch env
is "$status" 0 "once it is back, the same command fetches it"
first=$(cat "$work/out")
fetch "${nowhere[@]}"
is "$status $(cat "$work/out")" "0 $first" "what is there needs no network"
done_testing
