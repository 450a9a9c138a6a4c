# shellcheck shell=bash
# Whether a failure is the network's, told by what apt said. Sourced, never run.

# unreachable LOG: did apt reach no archive at all?
unreachable() {
	! grep -qE '^(Hit|Get):[0-9]+ ' "$1" &&
		grep -qE '^(Err|Ign):[0-9]+ |^[EW]: Failed to fetch|Temporary failure|Could not (connect|resolve)' "$1"
}

# no_network WHAT: the end of a run that wanted WHAT.
no_network() {
	die "the network is down, or no archive answers: $1 cannot be fetched; once it is back, the same command goes on from here"
}
