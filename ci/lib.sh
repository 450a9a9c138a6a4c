# shellcheck shell=bash
# Shared by the scripts of ci/: messages, the cache of finished results,
# machines, sources and patch series. Sourced, never run.

set -euo pipefail
shopt -s inherit_errexit
umask 022
export LC_ALL=C TZ=UTC
# The make that calls us hands down its options and command line variables,
# and a developer's shell may hold flags. No build may see either.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL CDPATH
unset ARCH CROSS_COMPILE CC CFLAGS CPPFLAGS LDFLAGS LIBS
unset KBUILD_OUTPUT KCONFIG_CONFIG KCONFIG_ALLCONFIG
# The same inputs make the same bytes, whenever they are built.
export SOURCE_DATE_EPOCH=946684800

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kexec-map-file
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)

say() {
	printf 'ci: %s\n' "$*" >&2
}

die() {
	printf 'ci: error: %s\n' "$*" >&2
	exit 1
}

# usage: print the comment at the head of the script that runs.
usage() {
	sed -n -e '1d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0"
}

# short_hash: of standard input, short enough for a directory's name.
short_hash() {
	sha256sum | cut -c1-16
}

# --- the cache --------------------------------------------------------------
#
# NAME-HASH/  a finished result        lock/  a lock for each result
# tmp/        results being made       log/   the last log of each NAME

# with_lock NAME COMMAND...: run COMMAND while no other process does. COMMAND
# sees our local variables: their names must not hide those of a script.
with_lock() {
	local lock_fd
	mkdir -p "$cache/lock"
	exec {lock_fd}>"$cache/lock/$1"
	if ! flock --nonblock "$lock_fd"; then
		say "waiting for another run that makes $1"
		flock "$lock_fd"
	fi
	"${@:2}"
	exec {lock_fd}>&-
}

# cached NAME HASH FUNCTION [ARG...]: print the directory of the result NAME,
# made by FUNCTION if there is none yet. FUNCTION starts in an empty directory
# and leaves its result in $out. Never call this in a condition (if, ||): bash
# would then ignore failing commands in FUNCTION.
cached() {
	if [ ! -d "$cache/$1-$2" ]; then
		with_lock "$1-$2" make_result "$@"
	fi
	printf '%s\n' "$cache/$1-$2"
}

# make_result NAME HASH FUNCTION [ARG...]: the slow half of cached.
make_result() {
	local job_log=$cache/log/$1.log job_status=0
	job_tmp=$cache/tmp/$1-$2
	rm -rf "$job_tmp"
	sweep
	if [ -d "$cache/$1-$2" ]; then
		return # another process made it while we waited for the lock
	fi
	mkdir -p "$job_tmp/work" "$job_tmp/out" "$cache/log"
	say "making $1 (log: $job_log)"
	start_job "$cache/$1-$2" "${@:3}" >"$job_log" 2>&1
	show_progress "$1" "$job_log"
	wait "$job" || job_status=$?
	job=
	if [ "$job_status" != 0 ]; then
		tail -n 30 "$job_log" >&2
		die "making $1 failed; the whole log: $job_log"
	fi
	end_job
}

# start_job RESULT FUNCTION [ARG...]: run FUNCTION in $job_tmp/work and give
# its result its name. It is a process group of its own, so that end_job can
# stop all of it at once, and a signal to this shell alone is heard before the
# job ends.
start_job() {
	trap end_job EXIT
	trap 'end_job; trap - INT; kill -INT "$BASHPID"' INT
	trap 'end_job; trap - TERM; kill -TERM "$BASHPID"' TERM
	trap 'end_job; trap - HUP; kill -HUP "$BASHPID"' HUP
	out=$job_tmp/out
	set -m
	(
		trap - EXIT INT TERM HUP
		cd "$job_tmp/work"
		"${@:2}"
		mv -T "$out" "$1"
	) </dev/null &
	job=$!
	set +m
}

# show_progress NAME LOG: until the job ends, a line now and then.
show_progress() {
	local seconds=0
	while kill -0 "$job" 2>/dev/null; do
		sleep 1
		seconds=$((seconds + 1))
		if [ $((seconds % 60)) = 0 ]; then
			say "making $1, $(wc -l <"$2") lines of its log so far"
		fi
	done
}

# end_job: stop what is left of the job and remove its directory.
end_job() {
	trap - EXIT INT TERM HUP
	if [ -n "$job" ]; then
		kill -KILL -- "-$job" || true # it may have ended by itself
		{ wait "$job" || true; } 2>/dev/null # killed; bash need not say so
	fi
	rm -rf "$job_tmp" || true # what is left, a later sweep removes
}

# sweep: remove what killed runs left in tmp/. A free lock means that nobody
# works there.
sweep() {
	local left
	for left in "$cache"/tmp/*; do
		if [ -e "$left" ]; then
			flock --nonblock "$cache/lock/${left##*/}" rm -rf "$left" || true
		fi
	done
}

# --- sources and patch series -----------------------------------------------

# source_id PATH: words that change when the source, a tarball or a tree, does.
source_id() {
	if [[ $1 == "$cache"/* ]]; then
		cat "$1.sha256"
	elif [ -f "$1" ]; then
		sha256sum <"$1"
	elif [ -e "$1/.git" ]; then
		git -C "$1" rev-parse HEAD
		git -C "$1" diff --binary HEAD | sha256sum
		git -C "$1" ls-files --others --exclude-standard -z |
			(cd "$1" && xargs -0 -r sha256sum)
	else
		printf '%s\n' "$1"
		find "$1" -printf '%T@\n' | sort -n | tail -n 1
	fi
}

# unpack PATH DIRECTORY [OPTION...]: copy a source, a tarball or a tree, to DIRECTORY.
# OPTIONs are tar's: what to leave out.
unpack() {
	mkdir -p "$2"
	if [ -d "$1" ]; then
		tar -C "$1" --exclude=./.git "${@:3}" -cf - . |
			tar -C "$2" --no-same-owner -xf -
	else
		tar -C "$2" --no-same-owner --strip-components=1 "${@:3}" -xf "$1"
	fi
}

# unpack_linux PATH DIRECTORY: unpack Linux without the half of its files that no build
# for MIPS reads. Kconfig files and Makefiles stay, because all of them are read.
unpack_linux() {
	XZ_DEFAULTS=-T0 unpack "$@" --anchored \
		--exclude='*/arch/[!Km]*/*.[chS]' --exclude='*/arch/[!Km]*/*.dts*' \
		--exclude='*/Documentation/*/*' --exclude='*/tools/testing' --exclude='*/tools/perf' \
		--exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/media/*.[ch]' \
		--exclude='*/drivers/net/wireless/*.[ch]' --exclude='*/sound/*.[ch]'
}

# version_of SOURCE: its version in ci/sources, without what stands there for
# any: 6.12 for 6.12.*.
version_of() {
	local name version rest
	while read -r name version rest; do
		if [ "$name" = "$1" ]; then
			printf '%s\n' "${version%.\*}"
			return
		fi
	done <"$top/ci/sources"
	die "no source '$1' in ci/sources"
}

# series_files DIRECTORY [VERSION]: the paths of the patches of a series, in
# order; with VERSION, each in its form for that.
series_files() {
	local line
	[ -e "$1/series" ] || die "$1/series is missing: it names the patches in order"
	sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1/series" |
		while read -r line; do
			[ -e "$1/$line" ] || die "$1/series names $line, which is missing"
			form_for "${2-}" "$1/$line"
		done
}

# form_for VERSION PATCH: the patch, or what backports/VERSION/ beside it has in
# its place.
form_for() {
	local backport=${2%/*}/backports/$1/${2##*/}
	if [ -n "$1" ] && [ -e "$backport" ]; then
		printf '%s\n' "$backport"
	else
		printf '%s\n' "$2"
	fi
}

# series_sums FILTER DIRECTORY [VERSION]: a checksum for each patch of the series, of the
# lines that sed prints.
series_sums() {
	local filter=$1 file
	shift
	series_files "$@" | while read -r file; do
		sed -n "$filter" "$file" | sha256sum
	done
}

# series_id DIRECTORY [VERSION]: words that change when the series does.
series_id() {
	series_sums p "$@"
}

# series_changes DIRECTORY [VERSION]: words that change when the diff of a patch does;
# rewording its message changes nothing.
series_changes() {
	# shellcheck disable=SC2016 # $ is sed's last line
	series_sums '/^\(diff \|--- \|Index: \)/,$p' "$@"
}

# apply_series DIRECTORY [VERSION]: patch the source in the current directory.
apply_series() {
	local file
	series_files "$@" | while read -r file; do
		patch -p1 --fuzz=0 --no-backup-if-mismatch -s <"$file" ||
			die "${file##*/} does not apply (a series needs a source without it)"
	done
}

# --- machines and builds ----------------------------------------------------

# machine_get MACHINE KEY [DEFAULT]: one value of the file tests/qemu/machines/MACHINE.
machine_get() (
	dir=$top/tests/qemu/machines
	key=$2 default=${3-}
	[ -f "$dir/$1" ] || die "no machine '$1'; there are: $(ls -m "$dir")"
	# shellcheck source=/dev/null # the file is data, known at run time
	. "$dir/$1"
	value=${!key:-$default}
	[ -n "$value" ] || die "$dir/$1 has no $key="
	printf '%s\n' "$value"
)

# begin ARG...: the command line of a ci/build-*: help, or a machine.
begin() {
	if [ "${1:-}" = --help ]; then
		usage
		exit 0
	fi
	[ $# = 1 ] || die "usage: ci/${0##*/} MACHINE (try --help)"
	machine=$1
	cross=$(machine_get "$machine" cross)
	command -v "${cross}gcc" >/dev/null ||
		die "no ${cross}gcc on this machine; ci/install-packages installs it"
}

# build_from SOURCE NAME [INPUT]: what every ci/build-* does once it knows its
# inputs: fetch SOURCE, then have the script's function `build` make NAME,
# unless a result with the same inputs is there. INPUT is text that changes
# with those inputs that only the script knows. `build` finds the source in
# $base and the prefix of the cross compiler in $cross.
build_from() {
	local compiler key
	compiler=$("${cross}gcc" --version)
	base=$("$top/ci/fetch" "$1")
	key=$({
		printf '%s\n' "$1" "$cross" "${compiler%%$'\n'*}" "${3:-}"
		source_id "$base"
		cat "$0" "$top/ci/lib.sh"
	} | short_hash)
	cached "$2" "$key" build
}

# keep FILE [NAME]: strip a program of the target and put it into the result.
keep() {
	"${cross}strip" -o "$out/${2:-${1##*/}}" "$1"
}
