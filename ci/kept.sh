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
# It ends when this shell is ended. With patient=yes, a test that the host was too
# busy for runs again.
unless_passed() {
	local kept status=0

	kept=$cache/$1-$(short_hash)
	if [ -e "$kept" ] && [ "${FRESH-}" != yes ]; then
		echo "# kept: this passed earlier, and nothing has changed that it is made of"
		cat "$kept/log"
		return
	fi
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	rm -rf "$kept"
	if [ "${patient-}" = yes ]; then
		run_patiently "${@:2}"
	else
		# line by line: prove waits for those who speak on stderr alone
		setpriv --pdeathsig TERM -- "${@:2}" </dev/null | tee "$log" || status=$?
	fi
	[ "$status" = 0 ] || exit "$status"
	grep -q '^1\.\.[1-9]' "$log" || die "$1 ended without a plan"
	keep_pass "$kept"
}

# run_patiently COMMAND...: to $log, with its exit status in $status; only the last
# run is told as it is. When the host was too busy, there are two more at the most.
run_patiently() {
	local again

	for again in 1 2 no; do
		status=0
		setpriv --pdeathsig TERM -- "$@" </dev/null >"$log" || status=$?
		if [ "$status" != "$host_busy_status" ] || [ "$again" = no ]; then
			break
		fi
		sed 's/^/# /' "$log"
		echo "# The host was too busy for this. It runs again ($again of 2)"
	done
	cat "$log"
}

# keep_pass KEPT: of two that run the same, one is enough.
keep_pass() {
	local new

	new=$(mktemp -d "$1.XXXXXX")
	cp "$log" "$new/log"
	mv -T "$new" "$1" || rm -rf "$new"
}
