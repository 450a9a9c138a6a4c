#!/usr/bin/env bash
# The machine is reset without warning: while kexec loads the image, while the old
# kernel copies it over itself, and at ten moments of the new system's boot. Each
# time, the old system comes back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# comes_back WHEN: the old system comes back after a reset.
comes_back() {
	push_reset
	if ! wait_for_system old "$boot_timeout"; then
		fail "the old system did not come back after a reset $1"
	fi
	is "$(on_device hostname)" old "a reset $1: the old system is back"
}

# boots_since_mark: how many kernels have printed their version.
boots_since_mark() {
	since_mark | grep -ac '^\[[^]]*\] Linux version ' || true # none is a number
}

try() {
	send_bundle good
	run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$(mtd_root "$(map_file_mtd)")' vmlinux"
}

# while_loading OPTION: resets the machine once, while kexec -l loads in a loop.
while_loading() {
	set_mark
	on_device "cd /run/bundle && { echo 'harness: kexec loads' >/dev/console; while :; do kexec -l $1 --dtb dtb vmlinux; done; } >/run/loading.log 2>&1 &"
	wait_for 'harness: kexec loads' "$leave_timeout"
	sleep 0.5
	comes_back "while kexec -l works"
}

# after_lines COUNT: waits until the console has COUNT lines.
after_lines() {
	local deadline=$((SECONDS + boot_timeout))

	until [ "$(since_mark | wc -l)" -ge "$1" ]; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			fail "the new system says no more than $(since_mark | wc -l) lines"
		fi
		sleep 0.05
	done
}

scenario sudden-reset

about "A reset while kexec loads the image"
send_bundle good
on_device "cd /run/bundle && dd if=/dev/zero of=ballast bs=1M count=24 2>/dev/null"
while_loading "--map-file ballast@72M"

about "A reset while the old kernel copies the image"
send_bundle good
on_device "cd /run/bundle && dd if=/dev/zero of=ballast bs=1M count=40 2>/dev/null"
run_kexec "kexec --map-file ballast@56M --dtb dtb vmlinux"
wait_for 'Bye \.\.\.' "$leave_timeout"
comes_back "after 'Bye ...'"
is "$(boots_since_mark)" 1 "the new kernel never said a word"

about "A new system that nobody disturbs, to know how much it says"
try
expect_new_system
lines=$(since_mark | wc -l)
reboot_to_old

RANDOM=1 # a seed: the same ten moments each time
for i in 1 2 3 4 5 6 7 8 9 10; do
	count=$((1 + RANDOM * (lines - 1) / 32768))
	about "A reset when the console has $count of the $lines lines"
	try
	after_lines "$count"
	comes_back "$i at line $count of $lines"
done

scenario_end
