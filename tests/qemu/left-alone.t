#!/usr/bin/env bash
# A failure before kexec -e leaves the old system as it was: no room for the bundle,
# a bundle cut off in transit, too little memory for the image, kexec killed while it
# loads, an image unloaded. If a load fails, the image that was loaded before stays.
# If one replaces it, that one starts.
# shellcheck disable=SC2034 # want_memory is for lib.sh: it has to be filled
want_memory=128
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

load="kexec -l --map-file squashfs@$map_address,label=rootfs --dtb dtb"

# What the device does after a failed load: nothing
after_failure=
if [ "$without" = loaded ]; then
	after_failure='|| { kexec -u; false; }'
fi

loaded() {
	on_device cat /sys/kernel/kexec_loaded
}

# as_it_was: the kernel has killed no process but kexec for want of memory, and the
# old system's files read well.
as_it_was() {
	local killed

	is "$(on_device hostname)" old "the old system is still there"
	killed=$(on_device "dmesg | sed -n 's/.*Killed process [0-9]* (\\([^)]*\\)).*/\\1/p' | grep -vx kexec || true")
	is "$killed" "" "the kernel killed nobody but kexec"
	files_read_well
}

# leave_free MIB: fills /run until no more than MIB of memory are left. This takes
# several rounds: memory that a CPU keeps on its own lists is not in MemAvailable
# until the CPU gives it back.
leave_free() {
	on_device "mount -o remount,size=100% /run
		for _ in 1 2 3 4; do
			left=\$(awk '/^MemAvailable/ { print int(\$2 / 1024) }' /proc/meminfo)
			if [ \$left -le $1 ]; then
				break
			fi
			head -c \$(((left - $1) * 1048576)) /dev/zero >>/run/ballast
		done"
}

# Out of ten. Where the clock is the host's, starting usleep takes a third of the
# time of a load.
kills_at_least=1

# load_takes: how long a load takes, in microseconds.
load_takes() {
	on_device "cd /run/bundle
		read -r from rest </proc/uptime
		$load vmlinux
		read -r to rest </proc/uptime
		echo \$(((\${to%.*}\${to#*.} - \${from%.*}\${from#*.}) * 10000))"
}

# kill_load_after MICROSECONDS: kills a load, and counts it in $killed unless it had
# ended by then.
kill_load_after() {
	local status=0

	on_device "cd /run/bundle
		$load vmlinux &
		usleep $1
		kill -9 \$! 2>/dev/null
		wait \$!" || status=$?
	if [ "$status" = 137 ]; then
		killed=$((killed + 1))
	fi
}

scenario left-alone

about "No room for the bundle"
on_device "dd if=/dev/zero of=/run/ballast bs=1M 2>/dev/null || true"
status=0
said=$(send_bundle good 2>&1) || status=$?
is "$status" 1 "the transfer fails"
has "$said" 'No space left on device' "and says why"
on_device "rm -r /run/ballast /run/bundle"
as_it_was

about "A bundle cut off on its way"
status=0
(cd "$images/bundles/good" && tar chf - bundle | head -c 7000000) |
	ssh_to_device tar -C /run -xf - >"$rundir/cut.log" 2>&1 || status=$?
is "$status" 1 "the transfer fails"
is "$(loaded)" 0 "nothing is loaded"
as_it_was

about "An image is loaded, and what fails after it leaves it there"
send_bundle good
on_device "cd /run/bundle && $load vmlinux"
is "$(loaded)" 1 "an image is loaded"
leave_free 6
status=0
said=$(on_device "cd /run/bundle && $load vmlinux 2>&1 $after_failure") || status=$?
has "$status" '^[1-9]' "too little memory: kexec fails"
is "$(loaded)" 1 "the image loaded before is still loaded"
shown "$said"
on_device "rm /run/ballast"
as_it_was

about "kexec is killed at ten moments"
took=$(load_takes)
killed=0
for i in 1 2 3 4 5 6 7 8 9 10; do
	kill_load_after $((took * i / 11))
	is "$(loaded)" 1 "$i: an image is loaded"
done
shown "$killed of 10 while it loaded, which takes $took us of the guest's clock"
[ "$killed" -ge "$kills_at_least" ] || fail "too few of them were in time"
as_it_was

about "Unloaded: a reboot is a reboot"
on_device "kexec -u"
is "$(loaded)" 0 "nothing is loaded"
reboot_to_old

about "Replaced: the image that was loaded last starts"
send_bundle good
on_device "cd /run/bundle && kexec -l --dtb dtb --command-line '$(old_root_words) first' vmlinux && $load --command-line '$(mtd_root "$(map_file_mtd)") second' vmlinux"
set_mark
ssh_to_device reboot </dev/null || [ $? = 255 ]
expect_new_system
has "$(on_device cat /proc/cmdline)" ' second$' "it is the second"
reboot_to_old

scenario_end
