# shellcheck shell=bash
# Shared by the scenarios of kexec-try: the build machine's program, bundles, and
# tries. Sourced after lib.sh.
# shellcheck disable=SC2154 # rundir, images, ssh_port and mark are of lib.sh

if [ -n "${qemu_try-}" ]; then
	return 0
fi
qemu_try=1

# Seconds after a boot, by the guest's clock: long enough for a busy host, short
# enough to wait for.
confirm_within=60

# Seconds, by the host's clock, in which `send` must hear of either system.
send_timeout=600

# use_ssh: what would be the user's ssh configuration. First waits for the device to
# answer: its network may come up a moment after its console says that it is up.
use_ssh() {
	on_device true >/dev/null
	export KEXEC_TRY_SSH="ssh -F none -p $ssh_port -i $images/ssh-key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5 -o ServerAliveInterval=3 -o ServerAliveCountMax=3"
}

# health_command: one that a user might write for a new system.
health_command() {
	echo "$KEXEC_TRY_SSH root@\$KEXEC_TRY_HOST hostname | grep -qx new"
}

# pack NAME WORDS [DIRECTORY [OPTION...]]: packs the vmlinux, dtb and squashfs of
# DIRECTORY (by default, the good ones) as $packed. WORDS follow the words that the
# machine and the board need, which the images' bundle has, too.
pack() {
	local from=${3:-$images}

	packed=$rundir/try/$1
	rm -rf "$packed"
	mkdir -p "$rundir/try"
	"$images/kexec-try" pack -o "$packed" --kernel "$from/vmlinux" --dtb "$from/dtb" \
		--rootfs "$from/squashfs" --append "$(console_words)${2:+ $2}" \
		"${@:4}" >"$rundir/pack.log" 2>&1 ||
		fail "kexec-try pack failed: $(cat "$rundir/pack.log")"
}

# send_as_typed BUNDLE [OPTION...]: runs `send`. $said is its output, $sent its exit
# code. BUNDLE is "" for a mere rehearsal.
send_as_typed() {
	local bundle=$1

	shift
	use_ssh
	set_mark
	sent=0
	said=$(timeout $((2 * send_timeout)) "$images/kexec-try" send ${bundle:+"$bundle"} root@127.0.0.1 \
		--wait "$send_timeout" "$@" 2>&1) || sent=$?
}

# send_try BUNDLE [OPTION...]: the same, with the harness' watchdog timeout,
# $watchdog_seconds.
send_try() {
	case " $* " in
		*" -- "*) ;;
		*) set -- "$@" -- ;;
	esac
	send_as_typed "$@" --watchdog-timeout "$watchdog_seconds"
}

# shutdown_without_kexec: until the next boot, no line of the old system's inittab
# runs kexec -e. The running init does not read it again by itself.
shutdown_without_kexec() {
	on_device "sed '/kexec -e/d' /etc/inittab >/run/inittab && mount -o bind /run/inittab /etc/inittab"
}

# raw_try [OPTION...]: streams the bundle in $packed to `run` as it is; `send` would
# check it first. Sets $said and $sent as send_try does.
raw_try() {
	set_mark
	sent=0
	said=$( (cd "$packed" && tar cf - .) | ssh_to_device "kexec-try run - $*" 2>&1) || sent=$?
}

# show_sent: prints what `send` said, and its exit code.
show_sent() {
	diag <<<"$said"
	shown "exit code $sent"
}

# start_try BUNDLE [SECONDS]: the new system comes up, and waits SECONDS to be
# confirmed.
start_try() {
	send_try "$1" -- --confirm-within "${2:-$confirm_within}"
	[ "$sent" = 3 ] || fail "kexec-try send ended with $sent: $said"
	is "$(on_device hostname)" new "the new system is up"
}

# status_of: the first line of the device's status, and the exit code.
status_of() {
	local status=0 text

	text=$(on_device kexec-try status) || status=$?
	echo "$(sed -n 1p <<<"$text") [$status]"
}

# tried_system_is_whole RAM: the root is that of the bundle in $packed, and in RAM.
tried_system_is_whole() {
	local root=$packed/rootfs.squashfs sum

	sum=$(sum_of "$root")
	has "$(on_device kexec-try status)" 'root: mtd[0-9]+ "rootfs", in RAM' "its root is in RAM"
	mtd_holds rootfs "$(stat -L -c %s "$root")" "$sum"
	parts_are_whole "$packed/dtb" "$1"
	shown "host name new, model '$model', its root in RAM with SHA-256 $sum as the file has"
}

# refused WHY: the last try was refused for that reason, and the old system is as it
# was.
refused() {
	is "$sent" 1 "it is refused"
	has "$said" "$1" "and the reason is told"
	is "$(on_device hostname)" old "the old system is there"
	is "$(on_device cat /sys/kernel/kexec_loaded)" 0 "nothing is loaded"
	is "$(on_device "ls -A /run/kexec-try | grep -c bundle || true")" 0 "nothing of the bundle is left"
	shown "$(grep -E -- "$1" <<<"$said" | sed -n 1p)"
}

# nothing_was_sent: the last `send` refused before the transfer.
nothing_was_sent() {
	if grep 'kexec-try: sent ' <<<"$said" >/dev/null; then
		fail "the bundle was sent"
	fi
}

# kill_guard: the system then goes down, so the connection may break before killall's
# status arrives. Later checks show whether guard is gone.
kill_guard() {
	on_device "killall -9 kexec-try" || shown "killall ended with $?"
}

# goes_back: the old system comes back by itself.
goes_back() {
	wait_for_system old "$rollback_timeout" ||
		fail "the old system did not come back within $rollback_timeout s"
	is "$(on_device hostname)" old "the old system is back"
	is "$(status_of)" "system: old [0]" "and nothing is pending"
}

# not_confirmed BUNDLE WHY: `send` cannot confirm it, and the console says why.
not_confirmed() {
	local line

	send_try "$1" --confirm true
	show_sent
	is "$sent" 4 "send says that the old system is back"
	line=$(first_line 'kexec-try: the root file system|Kernel panic')
	has "$line" "$2" "the console says what is wrong"
	shown "$line"
	goes_back
}

# confirmed_as_sent BUNDLE: guard finds that the root is the one that was sent, and
# `send` confirms the system.
confirmed_as_sent() {
	send_try "$1" --confirm true
	is "$sent" 0 "it is confirmed"
	console_says 'kexec-try: guard: the root file system is the one that was sent' || fail "guard did not look"
	reboot_to_old
}
