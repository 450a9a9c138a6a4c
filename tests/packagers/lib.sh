# shellcheck shell=bash
# Shared by the tests of the drop-ins: what the packagers' tools do with a drop-in,
# and builds with their flags. Sourced.
# shellcheck source=ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../ci/lib.sh"
# shellcheck source=ci/trees.sh
. "$top/ci/trees.sh"
# shellcheck source=ci/packagers/lib.sh
. "$top/ci/packagers/lib.sh"
# Most of kexec-tools is the same with the patches and without.
# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"
# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"

# The identity that signs what the tests apply.
export GIT_COMMITTER_NAME=Packager GIT_COMMITTER_EMAIL=packager@example.org
export GIT_AUTHOR_NAME=Packager GIT_AUTHOR_EMAIL=packager@example.org

# as_readme PACKAGER COLUMN [WORD=VALUE]...: runs the first command in that column of
# the README's table of packagers, with VALUEs for its placeholders.
as_readme() {
	local command word

	command=$(awk -F ' *[|] *' -v name="$1" -v column="$2" \
		'tolower($2) == name { split($(column + 1), part, "`"); print part[2] }' "$top/README.md")
	[ -n "$command" ] || fail "the README has no command for $1"
	for word in "DIR=$work/drop-in" "${@:3}"; do
		command=${command//${word%%=*}/${word#*=}}
	done
	(cd "$top" && bash -ec "$command")
}

# begin_test PACKAGER: makes an empty directory to work in, with the drop-in in it.
begin_test() {
	work=$top/build/packagers/$1
	rm -rf "$work"
	mkdir -p "$work"
	logged "the README's command writes the drop-in for $1" "$work/drop-in.log" as_readme "$1" 2
}

# wants COMMAND: dies if there is none, and says what installs it.
wants() {
	command -v "$1" >/dev/null || die "no $1 on this machine; ci/install-packages installs it"
}

# logged WHAT LOG COMMAND...: COMMAND succeeds.
logged() {
	"${@:3}" >"$2" 2>&1 || fail "$1" "$2"
	pass "$1"
}

# linux_part VERSION DIRECTORY: unpacks the files of Linux that the drop-in patches.
linux_part() {
	local part files
	files=$(shipped "$top/kernel-patches" "$1")
	mapfile -t files <<<"$files"
	part=$(part_of "linux-$1" "${files[@]}")
	unpack "$part" "$2"
}

# no_fuzz LOG: every hunk applied with its whole context; offsets are allowed.
no_fuzz() {
	if grep -iE 'fuzz|FAILED|reversed' "$1" >"$1.fuzz"; then
		fail "no fuzz" "$1.fuzz"
	fi
	pass "no fuzz"
}

# warnings LOG: the compiler's warnings, without line numbers.
warnings() {
	grep -aE 'warning: ' "$1" | sed -E 's/:[0-9]+(:[0-9]+)?:/:/g' | sort -u || true # none is fine
}

# configure_and_make DIRECTORY CC CFLAGS LDFLAGS ARG...: as a packager's recipe does.
configure_and_make() (
	cd "$1"
	if [ ! -e configure ]; then
		./bootstrap
	fi
	CFLAGS=$3 LDFLAGS=$4 CC="ccache $2" ./configure "${@:5}"
	make -j"$(nproc)" build/sbin/kexec
)

# builds_without_new_warnings CC CFLAGS LDFLAGS ARG...: compares upstream's
# kexec-tools in $work/upstream with the patched one in $work/kexec-tools.
builds_without_new_warnings() {
	local new
	logged "upstream builds with these flags" "$work/upstream.log" \
		configure_and_make "$work/upstream" "$@"
	logged "the patched kexec builds with these flags" "$work/kexec-tools.log" \
		configure_and_make "$work/kexec-tools" "$@"
	new=$(comm -13 <(warnings "$work/upstream.log") <(warnings "$work/kexec-tools.log"))
	is "$new" "" "no warning that upstream lacks"
	# The manual page's options are in the program.
	if ! grep -qa 'map-file' "$work/kexec-tools/build/sbin/kexec"; then
		fail "the kexec that was built has --map-file"
	fi
	pass "the kexec that was built has --map-file"
}

# builds_kexec_try DIRECTORY CC CFLAGS LDFLAGS: builds it from the drop-in alone.
builds_kexec_try() {
	local source=$work/kexec-try
	cp -R "$1" "$source"
	logged "kexec-try builds from the drop-in" "$work/kexec-try.log" \
		make -C "$source" -j"$(nproc)" CC="ccache $2" CFLAGS="$3" LDFLAGS="$4" \
		DESTDIR="$work/installed" install
	is "$(warnings "$work/kexec-try.log")" "" "without a warning"
	[ -x "$work/installed/usr/sbin/kexec-try" ] || fail "kexec-try is installed"
	pass "kexec-try is installed"
}
