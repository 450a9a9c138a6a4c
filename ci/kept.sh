# shellcheck shell=bash
# Tests that passed are not run again until something changes that they are made of.
# Sourced, after ci/lib.sh.
# shellcheck disable=SC2154 # top and cache are of ci/lib.sh

# How a test ends that the host was too busy for: EX_TEMPFAIL of sysexits.h
host_busy_status=75

# shell_of FILE: that script and those that it sources, which shellcheck has to be
# told, and those that these source. A machine or a board of the harness is data.
shell_of() {
	local file

	echo "$1"
	sed -n 's/^[[:space:]]*# shellcheck source=//p' "$top/$1" | while read -r file _; do
		case $file in
			/dev/null | tests/qemu/machines/* | tests/qemu/boards/*) ;;
			*) shell_of "$file" ;;
		esac
	done
}

# reads_of FILE: what else a test says that it reads, in lines `# reads: PATH...`.
reads_of() {
	sed -n 's/^# reads: //p' "$1" | xargs -r -n 1
}

# unless_passed NAME COMMAND...: run a test that writes TAP, unless it passed before
# with the same text on standard input. Then say so, and print what it printed.
# FRESH=yes in the environment runs it in any case. Without a plan it has not passed.
unless_passed() {
	local kept status

	kept=$cache/$1-$(short_hash)
	if [ -e "$kept" ] && [ "${FRESH-}" != yes ]; then
		echo "# kept: this passed earlier, and nothing has changed that it is made of"
		cat "$kept/log"
		return
	fi
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	rm -rf "$kept"
	run_on_busy_host "${@:2}"
	cat "$log"
	[ "$status" = 0 ] || exit "$status"
	grep -q '^1\.\.[1-9]' "$log" || die "$1 ended without a plan"
	keep_pass "$kept"
}

# run_on_busy_host COMMAND...: to $log, with its exit status in $status. When the host
# was too busy, twice more at the most. It ends when this shell is ended.
run_on_busy_host() {
	local again

	for again in 1 2 no; do
		status=0
		setpriv --pdeathsig TERM -- "$@" </dev/null >"$log" || status=$?
		if [ "$status" != "$host_busy_status" ] || [ "$again" = no ]; then
			return
		fi
		sed 's/^/# /' "$log"
		echo "# The host was too busy for this. It runs again ($again of 2)"
	done
}

# keep_pass KEPT: of two that run the same, one is enough.
keep_pass() {
	local new

	new=$(mktemp -d "$1.XXXXXX")
	cp "$log" "$new/log"
	mv -T "$new" "$1" || rm -rf "$new"
}
