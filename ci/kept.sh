# shellcheck shell=bash
# Tests that passed are not run again until something changes that they are made of.
# Sourced, after ci/lib.sh.
# shellcheck disable=SC2154 # top and cache are of ci/lib.sh

# with_sourced FILE: that file and those that it sources, which shellcheck has to be
# told, and those that these source.
with_sourced() {
	local file

	echo "$1"
	sed -n 's/^[[:space:]]*# shellcheck source=//p' "$top/$1" | while read -r file _; do
		if [ "$file" != /dev/null ]; then
			with_sourced "$file"
		fi
	done
}

# shell_of FILE: the same of a script. A machine or a board of the harness is data.
shell_of() {
	with_sourced "$1" | sed -E '\,^tests/qemu/(machines|boards)/,d'
}

# reads_of FILE: what else a test says that it reads, in lines `# reads: PATH...`.
reads_of() {
	sed -n 's/^# reads: //p' "$1" | xargs -r -n 1
}

# late_inputs: text that changes with what a test fetches by itself: it is complete
# only when the test has run.
late_inputs() {
	:
}

# kept_as NAME INPUTS: where a pass with these inputs is kept.
kept_as() {
	printf '%s/%s-%s\n' "$cache" "$1" "$({
		printf '%s\n' "$2"
		late_inputs
	} | short_hash)"
}

# unless_passed NAME COMMAND...: run a test that writes TAP, unless it passed before
# with the same text on standard input, and the same late_inputs. Then say so, and
# print what it printed. FRESH=yes in the environment runs it in any case. Without a
# plan it has not passed. It ends when this shell is ended. What it says is heard line
# by line: prove waits for the next line of a test that has said something on stderr.
unless_passed() {
	local kept inputs

	inputs=$(cat)
	kept=$(kept_as "$1" "$inputs")
	if [ -e "$kept" ] && [ "${FRESH-}" != yes ]; then
		echo "# kept: this passed earlier, and nothing has changed that it is made of"
		cat "$kept/log"
		return
	fi
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	rm -rf "$kept"
	setpriv --pdeathsig TERM -- "${@:2}" </dev/null | tee "$log"
	grep -q '^1\.\.[1-9]' "$log" || die "$1 ended without a plan"
	kept=$(kept_as "$1" "$inputs")
	keep_pass "$kept"
}

# keep_pass KEPT: of two that run the same, one is enough.
keep_pass() {
	local new

	new=$(mktemp -d "$1.XXXXXX")
	cp "$log" "$new/log"
	mv -T "$new" "$1" || rm -rf "$new"
}
