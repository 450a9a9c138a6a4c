# shellcheck shell=bash
# Shared by the scenarios and the demo: a QEMU board that boots the old system from
# its flash or disk, ways to talk to it, and checks that print TAP or, in the demo,
# plain sentences.
#
# A scenario is a file NAME.t that sources this one, calls `scenario`, does its work,
# and ends with `scenario_end`. The demo sources one scenario after the other: they
# then share one machine, which `scenario` boots only once.

if [ -n "${qemu_lib-}" ]; then
	return 0
fi
qemu_lib=1
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
machine=${MACHINE:-mips}
images=${IMAGES:-$top/build/qemu/$machine}
speak=${speak-tap}

# Seconds; generous, because nothing may depend on the speed of the host.
boot_timeout=180
ssh_timeout=120
disconnect_timeout=10
end_timeout=20
watch_every=60
leave_timeout=120
rollback_timeout=300

# Where the guest's clock is the host's: the guest was late if QEMU waited for a CPU for
# at least busy_seconds, and for at least busy_part percent of the time
busy_seconds=5
busy_part=20

# Where the map file goes: 100 MiB, as in the README.
map_address=104857600

# What a scenario may ask for before the machine starts: MiB of memory, and more
# words for the command line of the old kernel.
want_memory=${want_memory-}
want_cmdline=${want_cmdline-}

# The protection that tests/qemu/unprotected takes away, to see that the scenario
# notices; empty: none.
# watchdog   nobody arms it
# core       the watchdog core stops the watchdog at kexec
# reset      nobody resets the machine
# flash      the flash is written to
# loaded     a failed load drops the image that was loaded before
# transfer   a transfer succeeds, whatever arrives
# checks     kexec checks nothing
without=${WITHOUT-}
# How long to wait where no system should come back.
unguarded_timeout=60

qemu_pid=
run_lock=
connections=
step="starting"

# shellcheck source=tests/tap.sh
. "$top/tests/tap.sh"
# shellcheck source=tests/qemu/machine.sh
. "$top/tests/qemu/machine.sh"

### Output: replaces the functions of tests/tap.sh, for the demo's form of it, and to
### show the console after a failure

diag() {
	if [ "$speak" = tap ]; then
		sed 's/^/# /'
	else
		sed 's/^/    /'
	fi
}

# about TEXT: says what is about to be shown.
about() {
	step=$1
	if [ "$speak" = tap ]; then
		echo "# $1"
	else
		printf '\n--> %s\n' "$1"
	fi
}

# shown TEXT: shows it, in one line.
shown() {
	diag <<<"$1"
}

pass() {
	checks=$((checks + 1))
	if [ "$speak" = tap ]; then
		echo "ok $checks - $1"
	fi
}

# in_line: for how many ms the busiest thread of QEMU, which runs the CPUs, has
# waited for a CPU of the host. The second number in its schedstat is that time in ns
# (Documentation/scheduler/sched-stats.rst).
in_line() {
	{ cat /proc/"$qemu_pid"/task/*/schedstat 2>/dev/null || true; } | # it may have ended
		awk '$1 > ran { ran = $1; waited = $2 } END { print int(waited / 1e6) }'
}

# host_was_busy: is the guest's clock the host's, and was the guest late since
# set_mark because QEMU waited too long for a CPU?
host_was_busy() {
	local since=$((SECONDS - mark_seconds))

	if [ -n "${icount_shift-none}" ] || [ -z "$qemu_pid" ]; then
		return 1
	fi
	waited=$((($(in_line) - mark_in_line) / 1000))
	[ "$waited" -ge "$busy_seconds" ] && [ $((100 * waited)) -ge $((busy_part * since)) ]
}

# qemu_stands_still: does QEMU hang? With a clock that counts instructions, QEMU 7.2
# may hang when its guest has left the timer of a CPU alone until Count wrapped
# around, as a kernel that hangs does. mips_timer_cb()
# (target/mips/sysemu/cp0_timer.c) then waits for 0 ns and is called again for ever,
# because that clock stands still meanwhile, and no other thread gets QEMU's lock.
# Seen with mips64el, whose Count wraps around after 26 s and whose watchdog expires
# after 30.
qemu_stands_still() {
	[ -n "$qemu_pid" ] && kill -0 "$qemu_pid" 2>/dev/null || return 1
	# shellcheck disable=SC2016 # the inner shell expands these
	! timeout "$end_timeout" sh -c 'echo info status >"$0.in"
		exec grep -am 1 "VM status" <"$0.out"' "$rundir/monitor" >/dev/null
}

# descendants PID: its child processes, their children, and so on.
descendants() {
	local child

	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}

# watch_qemu SHELL: looks for a hang of QEMU until QEMU ends. On a hang it ends the
# timeout(1) that SHELL waits for, so that fail() sees the cause. Otherwise a
# `kexec-try send` would wait its whole 900 s. It may outlive the scenario by a second,
# so it lets go of the directory: the scenario may run again at once.
watch_qemu() {
	exec {run_lock}>&-
	until timeout "$watch_every" tail -f --pid="$qemu_pid" /dev/null; do
		if qemu_stands_still; then
			pkill -TERM -x timeout -P "$1,$(descendants "$1" | paste -sd ,)" || true # one may have ended
		fi
	done
}

# fail WHY: ends the scenario, and prints the step, the reason and the end of the
# console log. If the host or QEMU may be to blame, the exit status tells
# tests/qemu/patiently to play the scenario again.
fail() {
	local why=$1

	trap - ERR
	checks=$((checks + 1))
	if [ "$speak" = tap ]; then
		echo "not ok $checks - $why"
	fi
	diag >&2 <<-EOF
		FAILED at the step: $step
		Why: $why
	EOF
	if [ -s "${console-}" ]; then
		{
			echo "The last 40 lines of the console:"
			tail -n 40 "$console" | tr -d '\r' | sed 's/^/| /'
			echo "The whole console log: $console"
		} | diag >&2
	fi
	if host_was_busy; then
		diag <<<"The host was busy: QEMU stood in line for a CPU for $waited s"
		exit "$not_ours_status"
	fi
	if qemu_stands_still; then
		diag <<<"QEMU stands still: it has not answered its monitor for $end_timeout s"
		exit "$not_ours_status"
	fi
	exit 1
}

### The machine

# end_qemu: fails if QEMU has already ended.
end_qemu() {
	local deadline=$((SECONDS + end_timeout))

	kill "$qemu_pid" 2>/dev/null || return 1
	while kill -0 "$qemu_pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do
		sleep 0.2
	done
	if kill -KILL "$qemu_pid" 2>/dev/null; then
		echo "QEMU did not end within $end_timeout s and was killed" | diag >&2
	fi
	wait "$qemu_pid" 2>/dev/null || qemu_pid=
}

cleanup() {
	local status=$?

	if [ -n "$qemu_pid" ]; then
		disconnect
		end_qemu || status=1
	fi
	rm -rf "$connections"
	exit "$status"
}

# A subshell may fail: its caller knows whether that is an error.
unexpected() {
	[ "$BASH_SUBSHELL" = 0 ] || return 0
	fail "line $2 of ${1##*/}: '$3' failed"
}

# A loopback port below those that the host uses for outgoing connections. If the
# port is taken, QEMU says so and start_machine tries another.
random_port() {
	echo $((20000 + RANDOM % 12000))
}

# guard_words: words for the old system's command line with which the watchdog keeps
# running across kexec. Without stop_on_reboot=0 the watchdog core stops it.
guard_words() {
	if [ "$without" = core ]; then
		echo "${watchdog_words/watchdog.stop_on_reboot=0/}"
	else
		echo "$watchdog_words"
	fi
}

launch_qemu() {
	# One thread for all CPUs, as with a clock that counts instructions: the VPEs
	# of a core access each other's registers, and with several threads QEMU now
	# and then loses what one does to the CPU of another.
	local clock=(-accel "tcg,thread=single") shell=$BASHPID

	if [ -n "$icount_shift" ]; then
		clock+=(-icount "shift=$icount_shift")
	fi
	ssh_port=$(random_port)
	rm -f "$rundir/monitor.in" "$rundir/monitor.out"
	mkfifo "$rundir/monitor.in" "$rundir/monitor.out"
	# -nodefaults: no DVD drive on a Boston. After kexec its first command now
	# and then got no answer on a busy host, and libata's timeouts are longer
	# than the watchdog's.
	# --pdeathsig: QEMU ends with this shell, even after kill -9.
	setpriv --pdeathsig KILL -- "$qemu" \
		-M "$board" -nodefaults -cpu "$cpu" -smp "$smp" -m "$memory" \
		"${clock[@]}" -rtc clock=vm \
		-kernel "$images/vmlinux" ${qemu_dtb:+-dtb "$images/$qemu_dtb"} \
		-append "$(old_root_words) $(guard_words)${want_cmdline:+ $want_cmdline}" \
		-drive "$medium_drive,id=medium,file=$flash" \
		-device "$watchdog_device" -action watchdog=reset \
		-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$ssh_port-:22" \
		-device "$nic,netdev=net" \
		-serial "file:$console" -display none -monitor "pipe:$rundir/monitor" \
		>"$rundir/qemu.log" 2>&1 </dev/null &
	qemu_pid=$!
	watch_qemu "$shell" >/dev/null 2>&1 </dev/null &
}

# have_memory MIB: gives the machine this much RAM. If the board has more at the
# least, mem= limits its kernels, the old and each new one.
have_memory() {
	if [ "$1" -ge "$board_least_memory" ]; then
		memory=$1
	else
		machine_cmdline+="${machine_cmdline:+ }mem=$1M"
	fi
}

# lock_rundir: two scenarios in one directory would change each other's flash.
lock_rundir() {
	if [ -z "$run_lock" ]; then
		mkdir -p "$images/run"
		exec {run_lock}>"$rundir.lock"
		flock --nonblock "$run_lock" ||
			fail "this scenario is being run on $machine already, in $rundir"
	fi
}

start_machine() {
	read_machine "$machine"
	if [ -z "$icount_shift" ]; then
		watchdog_seconds=$watchdog_seconds_of_host
	fi
	if [ -n "$want_memory" ]; then
		have_memory "$want_memory"
	fi
	rundir=$images/run/$1
	console=$rundir/console.log
	flash=$rundir/flash.img
	lock_rundir
	rm -rf "$rundir"
	mkdir -p "$rundir"
	cp "$images/flash.img" "$flash"
	flash_sum=$(sum_of "$flash")
	for _ in 1 2 3 4 5; do
		: >"$console"
		mark=0
		mark_seconds=$SECONDS
		mark_in_line=0
		launch_qemu
		if wait_for_system old "$boot_timeout"; then
			return 0
		fi
		if ! grep -q "Could not set up host forwarding" "$rundir/qemu.log"; then
			fail "the old system does not boot. QEMU says: $(cat "$rundir/qemu.log")"
		fi
	done
	fail "no free loopback port found in 5 tries"
}

# boot_with WORDS: switches the machine off and on, with WORDS at the end of the old
# kernel's command line, where they override earlier ones. Bundles that the scenario
# made are gone.
boot_with() {
	disconnect
	end_qemu || fail "QEMU has ended already"
	flash_unchanged
	want_cmdline=$1
	start_machine "$name"
}

# From here on, only what the console adds counts.
set_mark() {
	mark=$(stat -c %s "$console")
	mark_seconds=$SECONDS
	mark_in_line=$(in_line)
}

# What the console has said since then, as plain lines.
since_mark() {
	tail -c "+$((mark + 1))" "$console" | tr -d '\r'
}

# Not grep -q: it exits at the first match, and pipefail would take the broken pipe
# before it for "not found".
console_says() {
	since_mark | grep -aE -- "$1" >/dev/null
}

# wait_for PATTERN SECONDS: waits until the console says it in a whole line. A line
# ends with a carriage return, so no $ matches there. Fails when QEMU ends. tail
# sleeps until the console grows: a loop that polls took a fifth of a scenario's CPU
# time. tail ends at most two seconds after grep or QEMU. It runs in the background,
# so that a signal to this shell ends the wait.
wait_for() {
	timeout --foreground "$2" grep -m 1 -aE -- "$1" >/dev/null < <(
		exec tail --pid="$qemu_pid" -f -c "+$((mark + 1))" "$console"
	) &
	wait $!
}

# wait_for_system NAME SECONDS
wait_for_system() {
	wait_for "harness: the system '$1' is up" "$2"
}

sum_of() {
	sha256sum "$1" | cut -d ' ' -f 1
}

### Talking to the device

ssh_options() {
	printf '%s\n' -F none -p "$ssh_port" -i "$images/ssh-key" \
		-o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		-o ServerAliveInterval=5 -o ServerAliveCountMax=6
}

name_connection() {
	local systems

	systems=$(grep -ac 'harness: the system .* is up' "$console" || true) # none yet is 0
	connection=$connections/$systems
}

# connect: opens one connection to each running system, which all commands share,
# because the key exchange is most of what a command costs an emulated CPU.
# $connection is its socket, named after the number of systems that have come up.
# Many commands run in subshells, so the socket itself is the only record of it.
connect() {
	local ssh_words

	name_connection
	if [ -S "$connection" ]; then
		return
	fi
	disconnect
	mapfile -t ssh_words < <(ssh_options)
	timeout "$ssh_timeout" ssh "${ssh_words[@]}" -M -S "$connection" -f -N root@127.0.0.1 \
		</dev/null >/dev/null 2>>"$rundir/ssh.log"
}

# connected: is the connection to the running system open?
connected() {
	name_connection
	timeout "$disconnect_timeout" ssh -F none -S "$connection" -O check root@127.0.0.1 \
		2>>"$rundir/ssh.log"
}

disconnect() {
	local socket

	for socket in "$connections"/*; do
		if [ -S "$socket" ]; then
			timeout "$disconnect_timeout" ssh -F none -S "$socket" -O exit root@127.0.0.1 \
				2>>"$rundir/ssh.log" || rm -f "$socket" # whoever held it is gone, or hangs
		fi
	done
}

# ssh_to_device COMMAND: returns 255 if there is no connection, or if it breaks.
ssh_to_device() {
	connect || return 255
	timeout "$ssh_timeout" ssh -F none -S "$connection" -o BatchMode=yes -o LogLevel=ERROR \
		root@127.0.0.1 "$@"
}

# broken STATUS DOING: did the connection fail, and not the command? Once in many
# hundred times it breaks or hangs, for an unknown reason. That is reported, and the
# command repeated once, because ssh is not under test. kexec, too, exits with 255.
# $connection is that of the system that was asked; a system that has come up since
# is not asked in its place.
broken() {
	local asked=$connection

	case $1 in
		124) ;;
		255) ! connected || return 1 ;;
		*) return 1 ;;
	esac
	name_connection
	[ "$connection" = "$asked" ] || return 1
	{
		echo "The connection broke (status $1) during '$2'. dropbear says:"
		disconnect
		ssh_to_device tail -n 5 /run/dropbear.log </dev/null || echo nothing
	} | diag >&2
}

# on_device COMMAND: prints its output, and returns its status.
on_device() {
	local answer status=0

	name_connection
	answer=$(ssh_to_device "$@" </dev/null) || status=$?
	if broken "$status" "$*"; then
		status=0
		answer=$(ssh_to_device "$@" </dev/null) || status=$?
	fi
	printf '%s\n' "$answer"
	return "$status"
}

# send_files DIRECTORY: sends its subdirectory `bundle` to /run on the device.
send_files() {
	local heed=

	if [ "$without" = transfer ]; then
		heed='|| cat >/dev/null'
	fi
	tar -C "$1" -chf - bundle | ssh_to_device "tar -C /run -xf - $heed"
}

# send_bundle NAME: sends the bundle to /run/bundle on the device, as a user would.
# NAME may be a bundle that the scenario made.
send_bundle() {
	local status=0

	bundle=$rundir/bundles/$1
	if [ ! -d "$bundle" ]; then
		bundle=$images/bundles/$1
	fi
	name_connection
	send_files "$bundle" || status=$?
	if [ "$status" != 0 ]; then
		broken "$status" "sending the bundle $1" || fail "the bundle $1 cannot be sent: status $status"
		send_files "$bundle"
	fi
}

# build_tool FILE: compiles tests/FILE.c, a program of the harness, into /run on the
# device.
build_tool() {
	local name=${1##*/}

	"${cross}gcc" -O2 -Wall -Wextra -Werror -static -o "$rundir/$name" \
		"$top/tests/$1.c" >"$rundir/$name.log" 2>&1 ||
		fail "$1.c does not compile: $(cat "$rundir/$name.log")"
	ssh_to_device "cat >/run/$name && chmod +x /run/$name" <"$rundir/$name"
}

bundle_size() {
	stat -L -c %s "$bundle/bundle/squashfs"
}

# whole_pages BYTES: rounded up to whole pages.
whole_pages() {
	echo $((($1 + page_size - 1) / page_size * page_size))
}

# map_file_mtd: the number of the MTD that the map file becomes: the next one after
# those of memory-mapped flash, if there is any, which the old and the new system
# share. NAND flash probes after phram. grep exits with 1 if it counts 0.
map_file_mtd() {
	on_device "cat /sys/class/mtd/mtd*[0-9]/type 2>/dev/null | grep -vc nand || :"
}

# mtd_root MTD: words for the command line: a root on that MTD, the console, and what
# this machine needs.
mtd_root() {
	echo "root=/dev/mtdblock$1 rootfstype=squashfs $(console_words)"
}

# old_root_words: the same, with the root of the old system.
old_root_words() {
	echo "root=$old_root rootfstype=squashfs $(console_words)"
}

# run_kexec COMMAND [SYSTEM]: runs COMMAND in the bundle's directory. kexec loads,
# then asks for a shutdown, and the running system (the old one by default) leaves by
# kexec -e.
run_kexec() {
	local output status=0 system=${2:-old}

	set_mark
	output=$(ssh_to_device "cd /run/bundle && $1" </dev/null 2>&1) || status=$?
	if [ "$status" != 0 ] && [ "$status" != 255 ]; then
		fail "kexec refused: $output"
	fi
	if ! wait_for "harness: leaving '$system' by kexec|harness: the system 'old' is up" "$leave_timeout"; then
		fail "the $system system did not leave by kexec: $output"
	fi
	if ! console_says "harness: leaving '$system' by kexec"; then
		fail "the machine was reset before the $system system left by kexec; where the watchdog's time is the host's, the host may be too busy: $output"
	fi
}

expect_new_system() {
	if ! wait_for "harness: the system '(new|old)' is up|not syncing" "$boot_timeout"; then
		fail "the new system did not come up within $boot_timeout s"
	fi
	if ! console_says "harness: the system 'new' is up"; then
		fail "the new system did not come up: $(why_not_up)"
	fi
	is "$(on_device hostname)" new "the new system is up"
}

# new_system_is_whole MTD CMDLINE RAM: the new system has what it was given, and its
# root is the map file.
new_system_is_whole() {
	local want

	is "$(on_device cat /proc/cmdline)" "$2" "the command line is the one given"
	has "$(on_device "grep '^mtd$1:' /proc/mtd")" '"rootfs"$' "the MTD is called rootfs"
	want=$(sum_of "$bundle/bundle/squashfs")
	mtd_begins "$1" "$(bundle_size)" "$want"
	parts_are_whole "$bundle/bundle/dtb" "$3"
	shown "host name new, model '$model', root mtd$1 with SHA-256 $want as the file has, $3, /proc/cmdline as given"
}

# parts_are_whole DTB RAM: the device tree is the file DTB's, with its model in
# $model; all RAM is there; every file of the root file system reads well.
parts_are_whole() {
	local files

	model=$(on_device "tr -d '\\0' </proc/device-tree/model")
	is "$model" "$(fdtget "$1" / model)" "the device tree is the bundle's"
	is "$(system_ram)" "$2" "all RAM is there"
	files=$(on_device "wc -l </etc/contents")
	is "$(on_device "cd / && sha256sum -c /etc/contents | grep -c ': OK\$'")" "$files" "all $files files of the root filesystem read well"
}

# files_read_well: every file of the running system reads well.
files_read_well() {
	is "$(on_device "cd / && sha256sum -c /etc/contents 2>/dev/null | grep -c ': OK\$'")" "$(on_device "wc -l </etc/contents")" "its files read well"
}

# mtd_begins MTD SIZE SHA256: its first SIZE bytes have that sum.
mtd_begins() {
	is "$(on_device "head -c $2 /dev/mtd$1 | sha256sum" | cut -d ' ' -f 1)" "$3" "the MTD holds the file, byte for byte"
}

# mtd_holds LABEL SIZE SHA256: the MTD of that name begins with SIZE bytes of that
# sum. Zeros fill its last block of 4096 bytes.
mtd_holds() {
	local mtd size

	mtd=$(on_device "sed -n 's/^mtd\\([0-9]*\\):.*\"$1\"\$/\\1/p' /proc/mtd")
	has "$mtd" '^[0-9]+$' "there is one MTD called $1"
	size=$(on_device "cat /sys/class/mtd/mtd$mtd/size")
	is "$size" "$((($2 + 4095) / 4096 * 4096))" "it has $2 bytes in whole blocks"
	mtd_begins "$mtd" "$2" "$3"
	is "$(on_device "tail -c $((size - $2)) /dev/mtd$mtd | tr -d '\\0' | wc -c")" 0 "only zeros follow"
}

# kernel_is PATTERN: the version of the running kernel; also in $kernel.
kernel_is() {
	kernel=$(on_device uname -r)
	has "$kernel" "$1" "the kernel is $1"
}

# reserved_nodes: the nodes of /reserved-memory in the running system.
reserved_nodes() {
	on_device "cd /proc/device-tree/reserved-memory && ls -d */"
}

# first_line PATTERN: the first such line on the console, without its time.
first_line() {
	if console_says "$1"; then
		since_mark | grep -aE -- "$1" | sed -n '1{s/^\[[^]]*\] //;p}'
	else
		echo "no line '$1' on the console"
	fi
}

# The first complaint on the console, and what the new kernel was given.
why_not_up() {
	echo "$(first_line 'Cannot open root|Unable to mount|not syncing')." \
		"It was given: $(first_line 'Kernel command line:' | sed 's/: *$/: none/')." \
		"Its device tree: $(first_line 'MIPS: machine is')"
}

reboot_to_old() {
	set_mark
	# 255: the connection went down with the system
	ssh_to_device reboot </dev/null || [ $? = 255 ]
	if ! wait_for_system old "$boot_timeout"; then
		fail "the old system did not come back after a reboot"
	fi
	is "$(on_device hostname)" old "after a reboot the old system is back"
	# A shutdown that does not check whether a kernel is loaded would do that
	if console_says 'Nothing has been loaded|kexec failed'; then
		fail "an ordinary reboot ran kexec -e"
	fi
}

# push_reset: resets the machine without warning, like a power failure.
push_reset() {
	if [ "$without" = reset ]; then
		shown "nobody resets the machine"
		return
	fi
	echo system_reset >"$rundir/monitor.in"
}

arm_watchdog() {
	if [ "$without" = watchdog ]; then
		shown "the watchdog is NOT armed"
		return
	fi
	on_device "watchdog -t 2 -T $watchdog_seconds /dev/watchdog"
}

# expect_rollback: the try is broken, and the old system comes back by itself.
expect_rollback() {
	if ! wait_for_system old "$rollback_timeout"; then
		fail "the old system did not come back within $rollback_timeout s: the watchdog did not reset the machine"
	fi
	if console_says "harness: the system 'new' is up"; then
		fail "the broken system came up"
	fi
	is "$(on_device hostname)" old "the watchdog brought the old system back"
}

# stays_lost: the console shows nothing of the old system, not even its kernel.
stays_lost() {
	if console_says "Kernel command line:.*root=$old_root( |\$)"; then
		fail "the old system came back, although nothing guarded the try"
	fi
	if host_was_busy; then
		fail "the host was too busy for the old system to come back in time"
	fi
}

# expect_no_rollback: nothing guards the try, and the device is lost until somebody
# resets it.
expect_no_rollback() {
	wait_for_system old "$unguarded_timeout" || true # the console tells
	stays_lost
	pass "without a watchdog the device stays lost: '$(since_mark | awk 'NF { last = $0 } END { print last }')'"
	push_reset
	wait_for_system old "$boot_timeout" || fail "the old system did not come back after a reset"
}

# try_broken BUNDLE TITLE LAST-WORDS: a try that must end in the old system.
# LAST-WORDS is a pattern for the last line of the broken system. root_mtd= and
# more_words= change its command line.
try_broken() {
	local last mtd

	send_bundle "$1"
	about "$2, with the watchdog armed for $watchdog_seconds s"
	arm_watchdog
	mtd=${root_mtd:-$(map_file_mtd)}
	run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$(mtd_root "$mtd")${more_words:+ $more_words}' vmlinux"
	if [ "$without" = watchdog ] || [ "$without" = core ]; then
		expect_no_rollback
		return
	fi
	expect_rollback
	last=$(last_words)
	has "$last" "$3" "it broke where it should"
	shown "last words: '$last'; then the watchdog's reset, and host name old"
}

# last_words: the last line before the last boot.
last_words() {
	since_mark | awk '/Linux version / { last = before } NF { before = $0 } END { print last }'
}

# online_cpus: the numbers of the CPUs that run.
online_cpus() {
	on_device "sed -n 's/^processor.*: //p' /proc/cpuinfo" | xargs
}

system_ram() {
	on_device "grep 'System RAM' /proc/iomem"
}

# low_ram_end: the last address of the RAM that the kernel maps permanently. A 64-bit
# kernel maps all of it; for a 32-bit one, RAM from HIGHMEM_START on is high memory.
low_ram_end() {
	local range start end last

	while read -r range _; do
		start=${range%-*}
		end=${range#*-}
		if [[ $cross == *64* ]] || ((16#$start < 0x20000000)); then
			last=$end
		fi
	done < <(system_ram)
	echo "$last"
}

### Scenarios

# scenario NAME: makes sure that the old system is up.
scenario() {
	name=$1
	if [ -z "$qemu_pid" ]; then
		if [ ! -f "$images/flash.img" ]; then
			echo "No images of the machine '$machine'; run: make images MACHINE=$machine" >&2
			exit 1
		fi
		# Not in $rundir: the path of a socket has 108 bytes at most
		connections=$(mktemp -d)
		trap cleanup EXIT
		trap 'exit 130' INT
		trap 'exit 143' TERM HUP
		trap 'unexpected "${BASH_SOURCE[0]}" "$LINENO" "$BASH_COMMAND"' ERR
		set -E
		step="the old system boots"
		start_machine "$name"
	fi
}

flash_unchanged() {
	is "$(sum_of "$flash")" "$flash_sum" "the $medium is as it was"
}

# write_to_medium: writes one byte, the last of the old system's place. QEMU does it,
# because Boston's kernel lets nobody write to a mounted disk. QEMU has written it
# when it answers the next command.
write_to_medium() {
	echo "qemu-io medium \"write -P 120 $((old_system_start + old_system_bytes - 1)) 1\"" >"$rundir/monitor.in"
	if qemu_stands_still || ! grep -q '^wrote 1/1 bytes' "$rundir/qemu.log"; then
		fail "QEMU did not write to the $medium"
	fi
}

scenario_end() {
	if [ "$without" = flash ]; then
		write_to_medium
	fi
	flash_unchanged
	if [ "$speak" = tap ]; then
		done_testing
	fi
}
