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

# A series has groups, each of which is mailed by itself: a line `# group: NAME`
# in the file `series` starts one. In a tree that line is a commit without a
# change, whose subject is `group: NAME`.

# group_commit TREE COMMIT: the name of the group that the commit starts, if it
# starts one.
group_commit() {
	local subject
	subject=$(git -C "$1" log -1 --format=%s "$2")
	if [[ $subject == 'group: '* ]] && git -C "$1" diff --quiet "$2^" "$2"; then
		printf '%s\n' "${subject#group: }"
	fi
}

# patch_commits TREE: the commits that are patches, in order, one a line.
patch_commits() {
	local commit commits
	commits=$(git -C "$1" rev-list --reverse base..HEAD)
	for commit in $commits; do
		if [ -z "$(group_commit "$1" "$commit")" ]; then
			printf '%s\n' "$commit"
		fi
	done
}

# write_series TREE DIRECTORY: the commits of a tree since its base, as patches
# and a file `series`. No version of git and no count of objects may show.
write_series() {
	local commit commits file group number=0
	commits=$(git -C "$1" rev-list --reverse base..HEAD)
	mkdir -p "$2"
	{
		echo '# The patches in order, in groups. ci/patches wrote this from the commits of a'
		echo '# git tree.'
		for commit in $commits; do
			group=$(group_commit "$1" "$commit")
			if [ -n "$group" ]; then
				printf '\n# group: %s\n' "$group"
			else
				number=$((number + 1))
				file=$(git -C "$1" format-patch -o "$2" --start-number "$number" \
					--no-numbered --zero-commit --no-signature --abbrev=12 -1 "$commit")
				printf '%s\n' "${file##*/}"
			fi
		done
	} >"$2/series"
}

# groups_of NAME: the groups of a series, in order.
groups_of() {
	sed -n 's/^# group: //p' "$(series_of "$1")/series"
}

# group_files NAME GROUP: the paths of the patches of a group. Those that no group
# has are in the group ''.
group_files() {
	local directory
	directory=$(series_of "$1")
	awk -v wanted="$2" -v directory="$directory" '
		/^# group: / { group = substr($0, 10); next }
		/^[^#]/ && group == wanted { print directory "/" $1 }
	' "$directory/series"
}

# mailed_groups NAME: those that go to a list. What only the harness needs does not.
mailed_groups() {
	groups_of "$1" | grep -vx harness || true # a series may have no groups yet
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
# order and the same groups? What else is in a directory does not matter.
same_series() {
	[ "$(series_id "$1")" = "$(series_id "$2")" ] &&
		cmp -s "$1/series" "$2/series"
}

# unfinished TREE: is an am or a rebase half done?
unfinished() {
	[ -e "$1/.git/rebase-apply" ] || [ -e "$1/.git/rebase-merge" ]
}

# changed TREE: is there a change that is not committed?
changed() {
	[ -n "$(git -C "$1" status --porcelain --untracked-files=no)" ]
}
