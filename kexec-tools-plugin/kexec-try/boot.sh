#!/bin/sh
# boot.sh: try the system of the bundle that this file is in, on a device that
# has no kexec-try. It needs the patched kexec, and of busybox: ash, dd, grep, id,
# ls, mount, reboot, sha256sum, sleep, sync, tail, uname, watchdog and wc.
#
# Usage: boot.sh [--confirm-within SECONDS] [--watchdog-timeout SECONDS]
#                [--no-watchdog] [--dry-run]
#
# --confirm-within is for the new system's kexec-try guard. The watchdog is armed
# for 60 s unless --watchdog-timeout says otherwise; --no-watchdog leaves it
# alone. --dry-run does all but arm, load and go.
#
# What is missing is told all at once, and nothing is done then. A bundle that
# kexec does not load leaves the system as it was, too: the watchdog is armed after
# that. All that is told goes to the kernel log as well.
#
# KEXEC_TRY_ROOT, in the environment, is put before /proc, /sys and /dev; for
# tests.
set -euf
IFS=' 
'
export LC_ALL=C

system=${KEXEC_TRY_ROOT-}
missing=0

# log LEVEL TEXT: into the kernel log, and so to the console.
log() {
	if [ -w "$system/dev/kmsg" ]; then
		printf '<%s>boot.sh: %s\n' "$1" "$2" 2>/dev/null >>"$system/dev/kmsg" || true # whoever called has it
	fi
}

step() {
	printf 'boot.sh: %s\n' "$*" || true # nobody may listen any more
	log 5 "$*"
}

report() {
	printf 'boot.sh: %s\n' "$*" >&2 || true # likewise
	log 3 "$*"
}

# lacks TEXT: something is missing; go on, to find the rest.
lacks() {
	report "$*"
	missing=$((missing + 1))
}

# refuse TEXT: nothing that follows makes sense.
refuse() {
	report "$*"
	exit 1
}

usage() {
	report "$1; usage: boot.sh [--confirm-within SECONDS] [--watchdog-timeout SECONDS] [--no-watchdog] [--dry-run]"
	exit 2
}

### What the user wants

# take_seconds OPTION TEXT: as $seconds.
take_seconds() {
	case $2 in
		'' | *[!0-9]* | ???????*) usage "$1 '$2': no number of seconds" ;;
	esac
	seconds=$2
}

take_arguments() {
	within=
	timeout=60
	armed=yes
	dry=
	while [ $# -gt 0 ]; do
		case $1 in
			--confirm-within | --watchdog-timeout)
				[ $# -gt 1 ] || usage "$1 wants a number of seconds"
				take_seconds "$1" "$2"
				if [ "$1" = --confirm-within ]; then
					within=$seconds
				else
					timeout=$seconds
				fi
				shift
				;;
			--no-watchdog) armed= ;;
			--dry-run) dry=yes ;;
			*) usage "'$1' is no option" ;;
		esac
		shift
	done
}

### The manifest: hostile until each word is held against what it may be

damaged() {
	refuse "manifest: '$1' cannot be in it"
}

# is_plain FILE: neither a link nor anything but a file.
is_plain() {
	[ -f "$1" ] && [ ! -L "$1" ]
}

check_name() {
	case $1 in
		'' | [.-]* | *[!A-Za-z0-9._-]* | manifest) damaged "$1" ;;
	esac
}

check_number() {
	case $1 in
		'' | *[!0-9]* | ???????????*) damaged "$1" ;;
	esac
}

check_address() {
	case $1 in
		0x | 0x*[!0-9a-f]* | 0x?????????????????*) damaged "$1" ;;
		0x*) ;;
		*) damaged "$1" ;;
	esac
}

check_sum() {
	case $1 in
		*[!0-9a-f]*) damaged "$1" ;;
	esac
	[ ${#1} = 64 ] || damaged "$1"
}

# take_file ROLE NAME SIZE SHA256: the file is in $files, a line each.
take_file() {
	[ $# = 4 ] || damaged "$*"
	check_name "$2"
	case "
$files" in
		*"
$2 "*) refuse "manifest: it has two files called '$2'" ;;
	esac
	check_number "$3"
	check_sum "$4"
	files="$files$2 $3 $4
"
}

# take_map NAME SIZE SHA256 ADDRESS
take_map() {
	[ $# = 4 ] || damaged "map $*"
	take_file map "$1" "$2" "$3"
	[ "$4" = auto ] || check_address "$4"
	maps="$maps --map-file $1@$4"
}

take_load() {
	[ $# = 2 ] || damaged "load $*"
	check_address "$1"
	check_address "$2"
	load_start=$(($1))
	load_end=$(($2))
	[ "$load_start" -lt "$load_end" ] || damaged "load $*"
}

# check_key KEY: the first line is that of the format, and each key but map is
# there once. The keys so far are in $keys.
check_key() {
	[ -n "$keys" ] || [ "$1" = format ] ||
		refuse "manifest: it does not begin with the line \`format 1\`"
	case $keys in
		*" $1 "*) [ "$1" = map ] || refuse "manifest: a second '$1'" ;;
	esac
	keys="$keys $1 "
}

# take_line KEY VALUE: a value of several words is split here, and nowhere else.
take_line() {
	check_key "$1"
	# shellcheck disable=SC2086
	case $1 in
		format) [ "$2" = 1 ] || refuse "manifest: this boot.sh reads format 1 only" ;;
		machine) [ "$2" = mips ] || lacks "the bundle is not for MIPS" ;;
		endian) endian=$2 ;;
		bits) bits=$2 ;;
		linux) linux=$2 && check_name "$2" ;;
		memory) memory=$2 && check_number "$2" ;;
		label) label=$2 && check_name "$2" ;;
		append) append=$2 ;;
		load) take_load $2 ;;
		kernel) take_file kernel $2 && kernel=${2%% *} ;;
		dtb) take_file dtb $2 && dtb=${2%% *} ;;
		rootfs) take_file rootfs $2 && rootfs=${2%% *} && rest=${2#* } && rootfs_size=${rest%% *} ;;
		boot) take_file boot $2 && boot=${2%% *} ;;
		map) take_map $2 ;;
		*) damaged "$1" ;;
	esac
}

read_manifest() {
	is_plain manifest || refuse "manifest: no such file here; boot.sh must be in its bundle"
	[ "$(wc -c <manifest)" -le 16384 ] || refuse "manifest: it is too large"
	if grep -q '[^ -~]' manifest; then
		refuse "manifest: it has a character that is no printable ASCII"
	fi
	if [ -n "$(tail -c 1 manifest)" ]; then
		refuse "manifest: the last line has no end; the file is cut"
	fi
	files='' maps='' append='' label=rootfs keys=''
	while read -r key value; do
		take_line "$key" "$value"
	done <manifest
	for key in format machine endian bits linux load memory kernel dtb rootfs boot; do
		case $keys in
			*" $key "*) ;;
			*) refuse "manifest: no line \`$key\`" ;;
		esac
	done
}

### The files

# check_file NAME SIZE SHA256
check_file() {
	if ! is_plain "$1"; then
		lacks "$1: it is missing, or no regular file"
	elif [ "$(wc -c <"$1")" != "$2" ]; then
		lacks "$1: it has $(wc -c <"$1") bytes, the manifest says $2"
	elif [ "$(sha256sum <"$1")" != "$3  -" ]; then
		lacks "$1: its SHA-256 is not that of the manifest; send it again"
	fi
}

check_files() {
	while read -r name size sum; do
		if [ -n "$name" ]; then
			check_file "$name" "$size" "$sum"
		fi
	done <<-END
		$files
	END
}

check_unlisted() {
	set +f
	for name in * .[!.]* ..?*; do
		if { [ -e "$name" ] || [ -L "$name" ]; } && [ "$name" != manifest ]; then
			case "
$files" in
				*"
$name "*) ;;
				*) lacks "$name: the manifest does not list it; remove it" ;;
			esac
		fi
	done
	set -f
}

### The device

# own_endian: of the programs that run here, from the header of one.
own_endian() {
	order=$(dd if=/proc/self/exe bs=1 skip=5 count=1 2>/dev/null)
	if [ "$order" = "$(printf '\002')" ]; then
		echo big
	else
		echo little
	fi
}

own_bits() {
	case $(uname -m) in
		mips) echo 32 ;;
		mips64) echo 64 ;;
		*) echo none ;;
	esac
}

# own_memory KEY: of /proc/meminfo, in bytes; 0 when it does not tell.
own_memory() {
	bytes=0
	while read -r key value; do
		if [ "$key" = "$1:" ]; then
			bytes=$((${value%% *} * 1024))
		fi
	done <"$system/proc/meminfo"
	echo "$bytes"
}

# loading_takes: bytes, for the kernel's copy of all of it, and the kernel's file in
# the memory of kexec, as it is and unpacked.
loading_takes() {
	bytes=$((load_end - load_start))
	while read -r name size sum; do
		if [ -n "$name" ] && [ "$name" != "$boot" ]; then
			bytes=$((bytes + size))
		fi
	done <<-END
		$files
	END
	echo "$bytes"
}

check_memory() {
	# The kernel has some of it for itself, which MemTotal leaves out
	[ "$memory" -le "$(($(own_memory MemTotal) + 16 * 1024 * 1024))" ] ||
		lacks "the bundle needs $memory bytes of RAM, this device has $(own_memory MemTotal)"
	available=$(own_memory MemAvailable)
	[ "$available" = 0 ] || [ "$available" -ge "$(loading_takes)" ] ||
		lacks "to load it takes $(loading_takes) bytes of memory, $available are free: stop services, or remove files from /run and /tmp"
}

check_machine() {
	[ "$(own_bits)" = "$bits" ] ||
		lacks "the bundle is for MIPS of $bits bits, this device is $(uname -m)"
	[ "$(own_endian)" = "$endian" ] ||
		lacks "the bundle is for $endian endian, this device is $(own_endian) endian"
}

check_root() {
	[ "$(id -u)" = 0 ] || lacks "only root can do that"
}

check_kexec() {
	if ! command -v kexec >/dev/null; then
		lacks "there is no kexec program here; install the patched kexec-tools"
	else
		case $(kexec --help 2>&1) in
			*--map-file*) ;;
			*) lacks "the kexec program here has no --map-file; install the patched kexec-tools" ;;
		esac
	fi
	if [ ! -e "$system/sys/kernel/kexec_loaded" ]; then
		lacks "the running kernel has no kexec (CONFIG_KEXEC)"
	elif [ "$(cat_word "$system/sys/kernel/kexec_loaded")" != 0 ]; then
		lacks "a kernel is loaded already; kexec -u unloads it"
	elif says_yes "$system/proc/sys/kernel/kexec_load_disabled"; then
		lacks "this system lets nobody load a kernel until it is rebooted: kernel.kexec_load_disabled is 1"
	fi
	if grep -q 'kexec_try\.confirm_within=' "$system/proc/cmdline"; then
		lacks "this system was itself started to be tried: once it is confirmed, kexec-try run can start another from it; else go back first"
	fi
}

cat_word() {
	read -r word <"$1" || word=
	echo "$word"
}

# says_yes GLOB: one of these files says 1 or Y.
says_yes() {
	set +f
	for file in $1; do
		case $(if [ -r "$file" ]; then cat_word "$file"; fi) in
			1 | Y) set -f && return 0 ;;
		esac
	done
	set -f
	return 1
}

# has_nowayout: the program that feeds the watchdog cannot stop it. Some drivers
# show that nowhere but on the command line.
has_nowayout() {
	says_yes "$system/sys/class/watchdog/*/nowayout" ||
		says_yes "$system/sys/module/*/parameters/nowayout" ||
		grep -q '[.]nowayout=[1Yy]' "$system/proc/cmdline"
}

# watchdog_holder: NAME (PID) of the program that has it open; only one can.
watchdog_holder() {
	set +f
	for process in "$system"/proc/[0-9]*; do
		# A process may be gone by now
		case $(ls -l "$process/fd" 2>/dev/null) in
			*" -> /dev/watchdog"*) echo "$(cat_word "$process/comm") (${process##*/})" ;;
		esac
	done
	set -f
}

check_watchdog() {
	if [ -z "$armed" ]; then
		return
	fi
	if [ ! -e "$system/dev/watchdog" ]; then
		lacks "there is no /dev/watchdog: nothing brings this system back; --no-watchdog goes without"
	elif ! has_nowayout; then
		lacks "the watchdog has no nowayout, and stops when this system goes down: set it, or go with --no-watchdog"
	elif ! command -v watchdog >/dev/null; then
		lacks "there is no program called watchdog to arm it; --no-watchdog goes without"
	fi
	holder=$(watchdog_holder)
	[ -z "$holder" ] ||
		lacks "/dev/watchdog is held by $holder; have it let go first: see WATCHDOG in kexec-try(8)"
}

### The command

# linux_is MAJOR MINOR: the kernel of the bundle is that one or later.
linux_is() {
	[ "$linux" != unknown ] || return 0
	major=${linux%%.*}
	minor=${linux#*.}
	minor=${minor%%[!0-9]*}
	[ "$major" -gt "$1" ] || { [ "$major" = "$1" ] && [ "${minor:-0}" -ge "$2" ]; }
}

# next_mtd: flash is found first, and the map files that this system was started
# with are not there for the next.
next_mtd() {
	mtds=$(grep -c '^mtd' "$system/proc/mtd") || mtds=0
	set +f
	for region in "$system"/proc/device-tree/reserved-memory/*; do
		if [ -e "$region/kexec,map-file" ] && [ -e "$region/label" ]; then
			mtds=$((mtds - 1))
		fi
	done
	set -f
	echo "$mtds"
}

# highest_ram: the first byte after it, of what a 32-bit kernel reaches.
highest_ram() {
	top=0
	while IFS=' -:' read -r start last kind; do
		if [ "$kind" = "System RAM" ] && [ $((0x$start)) -lt 536870912 ]; then
			top=$((0x$last + 1))
		fi
	done <"$system/proc/iomem"
	if [ "$top" -gt 536870912 ]; then
		top=536870912
	fi
	echo "$top"
}

# has_word BEGIN: the words to append have one that begins so.
has_word() {
	case " $append" in
		*" $1"*) return 0 ;;
	esac
	return 1
}

root_words() {
	if ! has_word root= && ! { linux_is 6 2 && [ "$linux" != unknown ]; }; then
		echo "root=/dev/mtdblock$(next_mtd) rootfstype=squashfs"
	fi
}

# short_form: a label in the device tree, and from 6.2 on the root device.
short_form() {
	place=auto,label=$label
	if linux_is 6 2 && ! has_word root=; then
		place=$place,root
	fi
	numbers=
}

# number_form: every number, in units of 64 KiB, which suit every page size.
number_form() {
	padded=$(((rootfs_size + 65535) / 65536 * 65536))
	address=$((($(highest_ram) - padded) / 65536 * 65536))
	[ "$address" -gt $((load_end + 1048576)) ] ||
		lacks "there is no room in RAM for the $padded bytes of $rootfs"
	place=$address
	numbers="mtdparts=phram0:$rootfs_size($label) phram.phram=phram0,$address,$padded memmap=$padded\$$address"
}

# join WORD...: with one blank between those that are not empty.
join() {
	line=
	for word; do
		if [ -n "$word" ]; then
			line="$line${line:+ }$word"
		fi
	done
	printf '%s\n' "$line"
}

make_command() {
	if linux_is 5 18; then
		short_form
	else
		number_form
	fi
	id=$(sha256sum <manifest)
	cmdline=$(join "$numbers" "$(root_words)" "$append" "kexec_try.id=${id%"${id#????????}"}" \
		"${within:+kexec_try.confirm_within=$within}")
	[ ${#cmdline} -le 505 ] || lacks "the command line has ${#cmdline} bytes, kexec takes 505"
}

# quoted TEXT: as a shell reads it back.
quoted() {
	text=
	rest=$1
	while [ "$rest" != "${rest#*\'}" ]; do
		text="$text${rest%%\'*}'\\''"
		rest=${rest#*\'}
	done
	printf '%s\n' "'$text$rest'"
}

load() {
	# shellcheck disable=SC2086 # $maps is words: no name in it has a blank
	kexec -l --map-file "$rootfs@$place" $maps --dtb "$dtb" --command-line "$cmdline" "$kernel"
}

# arm_watchdog: its program goes into the background before it opens the device.
arm_watchdog() {
	[ -n "$armed" ] || return 0
	watchdog -T "$timeout" /dev/watchdog || return 1
	waited=0
	until [ -n "$(watchdog_holder)" ]; do
		[ "$waited" -lt 5 ] || return 1
		waited=$((waited + 1))
		sleep 1
	done
	step "the watchdog is armed, for $timeout s if its driver can; whether it lives through kexec depends on that, too: see WATCHDOG in kexec-try(8)"
}

remount() {
	while read -r source target _ options _; do
		case "$source $options," in
			/dev/*\ rw,*) mount -o remount,ro "$target" || report "$target stays writable" ;;
		esac
	done <"$system/proc/mounts"
}

# leave: as kexec-try run does. procd's shutdown has no step for kexec -e; that of
# other systems must have it last.
leave() {
	sync
	if [ "$(cat_word "$system/proc/1/comm")" = procd ]; then
		remount
		step "kexec -e"
		kexec -e
	elif [ -e "$system/run/systemd/system" ]; then
		systemctl kexec
	else
		reboot
	fi
}

# give_up TEXT: after the load.
give_up() {
	kexec -u
	refuse "$1; nothing is loaded any more"
}

# go: halfway only a failure ends it, not a connection that breaks.
go() {
	trap '' HUP INT TERM PIPE
	load || refuse "kexec does not load the bundle; this system is as it was"
	step "loaded"
	arm_watchdog || give_up "the program called watchdog does not open /dev/watchdog"
	step "this system goes down"
	leave || give_up "this system does not go down"
}

take_arguments "$@"
here=$(dirname "$0")
cd "$here"
read_manifest
check_files
check_unlisted
check_root
check_machine
check_memory
check_kexec
check_watchdog
make_command
[ "$missing" = 0 ] || refuse "nothing was done; missing or wrong: $missing"
step "the bundle is whole, and this device can try it; the command:"
printf '%s\n' "kexec -l --map-file $rootfs@$place$maps --dtb $dtb --command-line $(quoted "$cmdline") $kernel"
if [ -z "$dry" ]; then
	go
fi
