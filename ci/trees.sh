# shellcheck shell=bash
# The git trees under build/tree/, for ci/tree and ci/patches. Sourced after
# ci/lib.sh, never run.

# Neither the developer's git configuration nor a git that calls us may change
# what is written: the series must come out the same everywhere.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# A directory there that is no git tree must not be taken for the checkout.
export GIT_CEILING_DIRECTORIES=${top:?source ci/lib.sh first}/build/tree

# for_trees FUNCTION ARG...: the command line of both scripts: help, or the
# names of trees. Run FUNCTION for each.
for_trees() {
	local function=$1 name
	shift
	if [ "${1:-}" = --help ]; then
		usage
		exit 0
	fi
	[ $# != 0 ] || set -- kexec-tools linux
	for name in "$@"; do
		series_of "$name" >/dev/null
	done
	for name in "$@"; do
		"$function" "$name"
	done
}

tree_of() {
	printf '%s\n' "$top/build/tree/$1"
}

series_of() {
	case $1 in
		kexec-tools) printf '%s\n' "$top/patches" ;;
		linux) printf '%s\n' "$top/kernel-patches" ;;
		*) die "no tree '$1'; there are: kexec-tools linux" ;;
	esac
}

# write_series TREE DIRECTORY: the commits of a tree since its base, as patches
# and a file `series`. No version of git and no count of objects may show.
write_series() {
	local file
	git -C "$1" format-patch -q -o "$2" --no-numbered --zero-commit \
		--no-signature --abbrev=12 base..HEAD
	{
		echo '# The patches in order. ci/patches wrote this from the commits of a git tree.'
		for file in "$2"/*.patch; do
			[ -e "$file" ] || continue # no commits, no patches
			if grep -q '^Subject: \[PATCH\] harness only:' "$file"; then
				echo '# only for the test harness'
			fi
			echo "${file##*/}"
		done
	} >"$2/series"
}

# same_series DIRECTORY DIRECTORY: do they hold the same patches in the same
# order? What else is in a directory does not matter.
same_series() {
	[ "$(series_id "$1")" = "$(series_id "$2")" ]
}

# unfinished TREE: is an am or a rebase half done?
unfinished() {
	[ -e "$1/.git/rebase-apply" ] || [ -e "$1/.git/rebase-merge" ]
}

# changed TREE: is there a change that is not committed?
changed() {
	[ -n "$(git -C "$1" status --porcelain --untracked-files=no)" ]
}
