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
			if harness_only "$file"; then
				echo '# only for the test harness'
			fi
			echo "${file##*/}"
		done
	} >"$2/series"
}

# harness_only PATCH: is it one that is not meant for upstream?
harness_only() {
	grep -q '^Subject: \[PATCH\] harness only:' "$1"
}

# upstream_files NAME: the paths of the patches that are meant for upstream.
upstream_files() {
	local files file
	files=$(series_files "$(series_of "$1")")
	for file in $files; do
		if ! harness_only "$file"; then
			printf '%s\n' "$file"
		fi
	done
}

# touched_files PATCH...: the files that must be there before the patches, in
# this order, apply.
touched_files() {
	awk '
		function leave() {
			if (file != "" && !seen[file]++ && !added)
				print file
		}
		/^diff --git a\// { leave(); file = substr($3, 3); added = 0 }
		/^new file mode / { added = 1 }
		END { leave() }
	' "$@"
}

# part_of SOURCE PATCH...: print a directory that holds, of a source of
# ci/sources, the files that the patches touch: all that git and patch need to
# apply them, and little where the source is Linux.
part_of() {
	local base files
	base=$("$top/ci/fetch" "$1")
	files=$(touched_files "${@:2}")
	cached "part-$1" "$({
		source_id "$base"
		printf '%s\n' "$files"
	} | short_hash)" unpack_files "$base" "$files"
}

# unpack_files SOURCE FILES: of a tarball or a tree, the files named, one a
# line, into the result.
unpack_files() {
	: "${out:?see cached}"
	if [ -d "$1" ]; then
		tar -C "$1" -cf - --files-from=<(printf '%s\n' "$2") |
			tar -C "$out" --no-same-owner -xf -
	else
		tar -C "$out" --no-same-owner --strip-components=1 \
			--wildcards --no-wildcards-match-slash --files-from=<(sed '/./s,^,*/,' <<<"$2") -xf "$1"
	fi
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
