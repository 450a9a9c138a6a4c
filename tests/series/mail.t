#!/usr/bin/env bash
# ci/mail writes each group of a series for its list: a cover letter and every patch,
# numbered, from the person who sends them, to the recipients in the file
# `recipients-GROUP` or `recipients`. git send-email accepts the mails, and git am
# makes the tree of the series out of those of all groups. What is not ready to be
# sent is refused in one line. The groups survive `make tree` and `make patches`.
# reads: patches kernel-patches
set -euo pipefail
# shellcheck source=tests/series/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=ci/trees.sh
. "$top/ci/trees.sh"

# A name that mail headers must quote and encode.
name='Renée Q. Tester'
email=renee@lists.example.org
as_sender=(env GIT_AUTHOR_NAME="$name" GIT_AUTHOR_EMAIL="$email"
	GIT_COMMITTER_NAME="$name" GIT_COMMITTER_EMAIL="$email")
unset "${!GIT_AUTHOR_@}" "${!GIT_COMMITTER_@}" EMAIL VERSION

# The checks run on a copy, whose letters they may change. git must not take the copy
# for a part of the checkout, whose configuration may name a sender.
copy=$work/copy
export GIT_CEILING_DIRECTORIES=$work

declare -A prefix=([kexec-tools]="PATCH kexec-tools" [linux]="PATCH")

# refused PATTERN WHAT COMMAND...
refused() {
	local pattern=$1 what=$2 said status=0
	shift 2
	said=$("$@" 2>&1) || status=$?
	if [ "$status" = 0 ]; then
		fail "$what: should be refused"
	fi
	is "$(wc -l <<<"$said")" 1 "$what: refused in one line"
	has "$said" "$pattern" "$what: the reason"
}

# addresses FILE KEY: the addresses in a mail's To: or Cc:, one a line.
addresses() {
	awk -v key="$2:" '
		/^$/ { exit }
		/^[^ \t]/ { wanted = ($1 == key); sub(/^[^ ]*/, "") }
		wanted { sub(/^[ \t]+/, ""); sub(/,$/, ""); print }
	' "$1"
}

# recipients_of NAME GROUP: the file that lists them.
recipients_of() {
	local all

	all=$(series_of "$1")/recipients
	if [ -e "$all-$2" ]; then
		echo "$all-$2"
	else
		echo "$all"
	fi
}

# numbered NAME GROUP FILE...: the subjects count from 0, and have the right total.
numbered() {
	local series=$1 group=$2 last mail number=0
	shift 2
	last=$(($# - 1))
	for mail; do
		grep -q "^Subject: \[${prefix[$series]} $(printf '%0*d' ${#last} "$number")/$last\] [^[]" "$mail" ||
			fail "$series, $group: ${mail##*/} is not number $number of $last" "$mail"
		number=$((number + 1))
	done
	pass "$series, $group: the letter and $last patches, numbered, with [${prefix[$series]} n/$last]"
}

# addressed NAME GROUP FILE...: each mail goes to all recipients and nobody else.
addressed() {
	local series=$1 group=$2 mail want key
	shift 2
	for key in To Cc; do
		want=$(sed -n "s/^$key: //p" "$(recipients_of "$series" "$group")" | sort)
		for mail; do
			[ "$(addresses "$mail" "$key" | sort)" = "$want" ] ||
				fail "$series, $group: ${mail##*/} has not the $key: of the file recipients" "$mail"
		done
		has "$want" @ "$series, $group: every mail has the $key: of the file recipients"
	done
}

# makes_the_series NAME FILE...: git am makes commits by the sender out of the
# patches of all groups, with the tree, the subjects and the texts of the series.
makes_the_series() {
	local series=$1 patches patch last base
	shift
	last=$#
	patches=$(upstream_files "$series")
	mapfile -t patches <<<"$patches"
	base=$(part_of "$series" "${patches[@]}")
	is "$last" ${#patches[@]} "$series: as many mails as patches for upstream"

	git init -q "$work/$series"
	cp -R "$base/." "$work/$series/"
	cp -R "$base" "$work/$series.patched"
	cd "$work/$series"
	git add -A -f
	git -c user.name=base -c user.email=base commit -q -m base
	git tag base
	git -c user.name=base -c user.email=base am -q "$@" >"$work/am.log" 2>&1 ||
		fail "$series: git am does not take the mails" "$work/am.log"
	is "$(git log --format='%an <%ae>' base.. | sort -u)" "$name <$email>" "$series: the sender is every author"
	is "$(git log --format='%(trailers:key=Signed-off-by,valueonly,separator=;)' base.. | sort | uniq -c | xargs)" \
		"$last $name <$email>" "$series: the sender signed every patch off, alone"

	cd "$work/$series.patched"
	for patch in "${patches[@]}"; do
		patch -p1 --fuzz=0 --no-backup-if-mismatch -s <"$patch"
		git mailinfo "$work/message" /dev/null <"$patch" | sed -n 's/^Subject: //p'
		cat "$work/message"
	done >"$work/want"
	diff -r --exclude=.git . "$work/$series" >"$work/diff" ||
		fail "$series: git am does not make the tree of the series" "$work/diff"
	pass "$series: git am makes the tree of the series"
	cd "$work/$series"
	git log --reverse --format='%s%n%b' base.. | grep -v "^Signed-off-by: $name" | sed '/^$/d' >"$work/got"
	sed -i '/^$/d' "$work/want"
	diff "$work/want" "$work/got" >"$work/diff" ||
		fail "$series: git am does not make the texts of the series" "$work/diff"
	pass "$series: and its subjects and texts"
	cd "$copy"
}

# sendable NAME GROUP FILE...: they pass checkpatch and git send-email.
sendable() {
	local series="$1, $2" recipients said address
	recipients=$(recipients_of "$1" "$2")
	shift 2
	said=$(perl "$checkpatch/checkpatch.pl" --no-tree --quiet \
		--types MISSING_SIGN_OFF,NO_AUTHOR_SIGN_OFF,FROM_SIGN_OFF_MISMATCH,BAD_SIGN_OFF "${@:2}" 2>&1) || true # what it says counts
	is "$said" "" "$series: checkpatch.pl has nothing to say of the sign-offs"
	"${as_sender[@]}" git send-email --dry-run --confirm=never \
		--smtp-server=/bin/false "$@" </dev/null >"$work/send-email.log" 2>&1 ||
		fail "$series: git send-email refuses the mails" "$work/send-email.log"
	is "$(grep -c '^Dry-OK' "$work/send-email.log")" $# "$series: git send-email would send every mail"
	while read -r address; do
		address=${address##*<}
		is "$(sed -n 's/^Sendmail: //p' "$work/send-email.log" | tr ' ' '\n' | grep -cxF "${address%>}")" $# \
			"$series: each of them to ${address%>}"
	done < <(sed -nE 's/^(To|Cc): //p' "$recipients")
}

# group_mails_well NAME GROUP
group_mails_well() {
	local series="$1, $2" mails letter

	mails=("$copy/build/mail/$1/$2"/*)
	letter=$(series_of "$1")/cover-letter-$2.txt
	is "${mails[0]##*/}" 0000-cover-letter.patch "$series: the cover letter comes first"
	numbered "$1" "$2" "${mails[@]}"
	is $((${#mails[@]} - 1)) "$(group_files "$1" "$2" | wc -l)" "$series: as many mails as the group has patches"
	is "$(git mailinfo /dev/null /dev/null <"${mails[0]}" | sed -n 's/^Subject: //p')" "$(sed -n 1p "$letter")" \
		"$series: the subject of the letter"
	is "$(grep '\*\*\*' "${mails[0]}" || true)" "" \
		"$series: the letter has no text of git's template"
	is "$(sed 1d "$letter" | grep -vxFf "${mails[0]}" || true)" "" "$series: the letter has all of its text"
	is "$(awk 'length > 72' "$letter")" "" "$series: no line of the letter is longer than 72 columns"
	is "$(grep -l '@invalid' "${mails[@]}" || true)" "" "$series: the project's own address is in no mail"
	is "$(grep -l 'harness only:' "${mails[@]}" || true)" "" "$series: what only the harness needs is in no mail"
	addressed "$1" "$2" "${mails[@]}"
	sendable "$1" "$2" "${mails[@]}"
}

# mails_well NAME: checks the mails of all of its groups.
mails_well() {
	local group groups patches=()

	groups=$(mailed_groups "$1")
	is "$(cd "$copy/build/mail/$1" && echo *)" "$(sort <<<"$groups" | xargs)" "$1: each group has its mails"
	for group in $groups; do
		group_mails_well "$1" "$group"
		patches+=("$copy/build/mail/$1/$group"/000[1-9]* "$copy/build/mail/$1/$group"/00[1-9]*)
	done
	mapfile -t patches < <(printf '%s\n' "${patches[@]}" | grep -v '\*')
	makes_the_series "$1" "${patches[@]}"
}

# outlives_a_round: the groups are the same after make tree and make patches. Shown
# on a series of three small patches, two groups, and a patch that moves.
outlives_a_round() {
	local toy=$work/toy file

	mkdir -p "$toy/series"
	git init -q "$toy/tree"
	cd "$toy/tree"
	git config user.name toy
	git config user.email toy@invalid
	git commit -q --allow-empty -m base
	git tag base
	git commit -q --allow-empty -m "group: one"
	for file in a b; do
		echo "$file" >"$file"
		git add "$file"
		git commit -q -m "Add $file"
	done
	git commit -q --allow-empty -m "group: two"
	echo c >c
	git add c
	git commit -q -m "group: of a patch, which has a change"
	write_series "$toy/tree" "$toy/series"
	is "$(grep -v '^# \(The\|git\)' "$toy/series/series" | xargs)" \
		"# group: one 0001-Add-a.patch 0002-Add-b.patch # group: two 0003-group-of-a-patch-which-has-a-change.patch" \
		"the groups of a tree's commits are those of its series"
	is "$(cd "$toy/series" && echo *.patch)" "$(grep patch$ "$toy/series/series" | xargs)" \
		"and a commit that starts a group has no file there"
	is "$(patch_commits "$toy/tree" | wc -l)" 3 "a commit that starts a group is no patch"
	cp -R "$toy/series" "$toy/moved"
	same_series "$toy/series" "$toy/moved" || fail "a copy of a series is another series"
	sed -i '/^# group: two$/d' "$toy/moved/series"
	! same_series "$toy/series" "$toy/moved" || fail "a series is the same with other groups"
	pass "a series with other groups is another series"
	cd "$copy"
}

rm -rf "$work"
mkdir -p "$copy"
cp -R "$top/ci" "$top/patches" "$top/kernel-patches" "$copy/"
cd "$copy"
top=$copy
# A letter may still lack figures while the patches are being made.
sed -i '/^FIXME/d' patches/cover-letter-*.txt kernel-patches/cover-letter-*.txt

outlives_a_round

refused "git config user.name" "no sender" ci/mail
refused "git config user.name" "a name that git would guess" env EMAIL="$email" ci/mail
refused "git config user.name" "the project as sender" \
	env GIT_COMMITTER_NAME=kexec-map-file GIT_COMMITTER_EMAIL=kexec-map-file@invalid ci/mail
refused "VERSION=two" "VERSION=two" "${as_sender[@]}" VERSION=two ci/mail
is "$(find build 2>/dev/null || true)" "" "a refusal leaves nothing behind"

"${as_sender[@]}" ci/mail >"$work/mail.log" 2>&1 ||
	fail "ci/mail fails" "$work/mail.log"
is "$(find build -mindepth 1 -maxdepth 2 | sort | xargs)" \
	"build/mail build/mail/kexec-tools build/mail/linux" "ci/mail writes both series and nothing else"
for series in kexec-tools linux; do
	mails_well "$series"
done

"${as_sender[@]}" VERSION=2 ci/mail kexec-tools >"$work/mail.log" 2>&1 ||
	fail "ci/mail fails with VERSION=2" "$work/mail.log"
is "$(grep -L '^Subject: \[PATCH kexec-tools v2 [0-9]*/[0-9]*\]' build/mail/kexec-tools/*/*)" "" \
	"VERSION=2 is in the subject of every mail"

sum_of_mails() {
	find build/mail -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

sum=$(sum_of_mails)
unchanged() {
	is "$(ls build)" mail "$1 leaves nothing behind"
	is "$(sum_of_mails)" "$sum" "$1 leaves the mails of before alone"
}

echo "FIXME: figures" >>kernel-patches/cover-letter-watchdog.txt
refused "kernel-patches/cover-letter-watchdog.txt is not finished" "a letter with FIXME" "${as_sender[@]}" ci/mail
unchanged "a letter with FIXME"

# A git that kills its caller, as Ctrl-C at that moment would.
mkdir "$work/bin"
cat >"$work/bin/git" <<-'END'
	#!/bin/sh
	case " $* " in
		*" format-patch "*) kill -TERM "$PPID" ;;
	esac
	exec /usr/bin/git "$@"
END
chmod +x "$work/bin/git"
status=0
"${as_sender[@]}" PATH="$work/bin:$PATH" ci/mail kexec-tools >"$work/mail.log" 2>&1 || status=$?
is "$status" 143 "ci/mail ends when it is told to"
unchanged "a signal"

series_files patches | tail -n 1 | sed 's,.*/,,' >>patches/series # twice: it cannot apply
status=0
"${as_sender[@]}" ci/mail kexec-tools >"$work/mail.log" 2>&1 || status=$?
is "$status" 1 "a series that does not apply: ci/mail fails"
has "$(tail -n 1 "$work/mail.log")" '^ci: error: .*does not apply$' "and names the patch"
unchanged "a series that does not apply"

sed -i '$d' patches/series
cp patches/series "$work/series"

# refused_series PATTERN WHAT: ci/mail refuses the file `series` as it is now. Then
# the old file is put back.
refused_series() {
	refused "$1" "$2" "${as_sender[@]}" ci/mail kexec-tools
	unchanged "$2"
	cp "$work/series" patches/series
}

sed -i '/^# group:/d' patches/series
refused_series 'has no group to mail' "a series without a group"
sed -i '0,/^# group:/{/^# group:/d}' patches/series
refused_series 'has a patch before its first group' "a patch before the first group"
echo '# group: empty' >>patches/series
refused_series 'cover-letter-empty.txt is missing' "a group without a letter"
echo '# group: harness' >>patches/series
sed '$!d' "$work/series" >>patches/series
refused_series "is in the group harness, and its subject" "a patch for a list in the group harness"

echo 9999-missing.patch >>patches/series
refused 'names 9999-missing.patch, which is missing' "a series that lacks a patch" "${as_sender[@]}" ci/mail kexec-tools
unchanged "a series that lacks a patch"

done_testing
