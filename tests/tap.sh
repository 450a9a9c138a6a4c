# shellcheck shell=bash
# What every test written in shell shares: a few words of TAP. Sourced.

checks=0

pass() {
	checks=$((checks + 1))
	echo "ok $checks - $1"
}

# Lines for a person to read, on standard input.
diag() {
	sed 's/^/# /'
}

# fail WHY [FILE]: ends the test; the last lines of FILE tell more.
fail() {
	checks=$((checks + 1))
	echo "not ok $checks - $1"
	if [ -s "${2-}" ]; then
		{
			tail -n 40 "$2"
			echo "All of it: $2"
		} | diag >&2
	fi
	exit 1
}

# is GOT WANT WHAT
is() {
	if [ "$1" != "$2" ]; then
		fail "$3: got '$1', want '$2'"
	fi
	pass "$3"
}

# has TEXT PATTERN WHAT
has() {
	if ! grep -qE -- "$2" <<<"$1"; then
		fail "$3: no '$2' in '$1'"
	fi
	pass "$3"
}

# The plan comes last: a test that ends early has none, and prove says so.
done_testing() {
	echo "1..$checks"
}
