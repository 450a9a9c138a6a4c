#!/usr/bin/env bash
# What kexec-try plan shows is what kexec does: on the device, the kernel and the
# root filesystem lie in the picture where kexec --debug says that it puts a
# segment of the image, in both forms; and the form
# with every number starts a system whose MTD is the file, byte for byte. Then a
# bundle is tried by its boot.sh, with busybox alone.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# drawn: of what kexec-try plan says on standard input, START NAME of the kernel
# and the root filesystem: a border tells where the piece above it starts.
drawn() {
	awk '
		/^0x[0-9a-f]+ \+-+\+$/ { if (piece != "") print $1, piece; piece = "" }
		/^ +\|.*\| (kernel|rootfs) / { split($0, part, "|"); split(part[3], word, " "); piece = word[1] }
	'
}

# loaded: of what kexec --debug says, the starts of the segments, as drawn has them.
loaded() {
	local start

	sed -n 's/^segment\[[0-9]*\]\.mem *= *\(0x[0-9a-f]*\)$/\1/p' | tr -d '\r' |
		while read -r start; do
			printf '0x%08x\n' "$start"
		done
}

# send_packed: the bundle, into /run/bundle on the device.
send_packed() {
	bundle=$packed
	(cd "$packed" && tar cf - .) |
		ssh_to_device "mkdir /run/bundle && tar -C /run/bundle -xf -"
}

# plan_is_true [OPTION...]: of kexec-try plan; $command is the one that it shows.
plan_is_true() {
	local plan table pieces start name

	plan=$(on_device "kexec-try plan /run/bundle $*")
	diag <<<"$plan"
	command=$(grep '^kexec ' <<<"$plan")
	table=$(on_device "${command/kexec/kexec -l --debug} 2>&1; kexec -u")
	pieces=$(drawn <<<"$plan")
	is "$(cut -d ' ' -f 2 <<<"$pieces" | sort | xargs)" "kernel rootfs" "the plan has both"
	while read -r start name; do
		has "$(loaded <<<"$table")" "^$start\$" "the $name lies where the plan has it"
	done <<<"$pieces"
}

scenario try-plan
# As in label.t
watchdog_seconds=$watchdog_seconds_of_host
pack good "harness.feed"
send_packed

about "The short form"
plan_is_true

about "Every number"
plan_is_true --numbers
run_kexec "$command"
expect_new_system
mtd_holds rootfs "$(stat -c %s "$packed/rootfs.squashfs")" "$(sum_of "$packed/rootfs.squashfs")"
reboot_to_old

about "The new system starts by boot.sh"
send_packed
diag <<<"$(on_device "/run/bundle/boot.sh --dry-run")"
set_mark
ssh_to_device "/run/bundle/boot.sh --watchdog-timeout $watchdog_seconds" </dev/null >"$rundir/boot-sh.log" 2>&1 ||
	[ $? = 255 ] || fail "boot.sh refused: $(cat "$rundir/boot-sh.log")"
wait_for "harness: leaving 'old' by kexec" "$leave_timeout" ||
	fail "the old system did not leave by kexec: $(cat "$rundir/boot-sh.log")"
expect_new_system
# From Linux 6.2 on the map file's label says that it is the root
root="root=/dev/mtdblock3 rootfstype=squashfs "
if [ "$kernel_version" != 6.1 ]; then
	root=
fi
has "$(on_device cat /proc/cmdline)" "^${root}console=.* kexec_try.id=[0-9a-f]{8}$" "it has the command line of boot.sh"

about "A reboot brings the old system back from flash"
reboot_to_old
shown "host name old"

scenario_end
