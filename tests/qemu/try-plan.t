#!/usr/bin/env bash
# What kexec-try plan shows is what kexec does: in both forms of the command, the
# kernel and the root file system lie where the plan says, according to kexec
# --debug. The form with every number starts a system whose MTD is the file, byte for
# byte. Then a device without kexec-try, and without a kexec that has --map-file,
# gets both from `send --tools`, tries a bundle, and goes back.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"

# planned: START NAME of the kernel and of the root file system, from the output of
# kexec-try plan on standard input.
planned() {
	awk '$NF == "vmlinux" || $NF == "rootfs.squashfs" { if (sub(/-.*/, "", $1)) print $1, $NF }'
}

# loaded: the start of each segment, in the plan's format, from the output of kexec
# --debug on standard input.
loaded() {
	local start

	sed -n 's/^segment\[[0-9]*\]\.mem *= *\(0x[0-9a-f]*\)$/\1/p' | tr -d '\r' |
		while read -r start; do
			printf '0x%08x\n' "$start"
		done
}

# send_packed: copies the bundle to /run/bundle on the device.
send_packed() {
	bundle=$packed
	(cd "$packed" && tar cf - .) |
		ssh_to_device "mkdir /run/bundle && tar -C /run/bundle -xf -"
}

# plan_is_true [OPTION...]: kexec puts the parts where kexec-try plan OPTION... says.
# $command is the command that the plan shows, with the bundle's path on the device.
plan_is_true() {
	local plan table pieces start name

	on_device cat /proc/iomem >"$rundir/iomem"
	plan=$("$images/kexec-try" plan "$packed" --iomem "$rundir/iomem" --mtd "$(map_file_mtd)" \
		--page-size "$page_size" "$@")
	diag <<<"$plan"
	command=$(grep '^kexec ' <<<"$plan")
	command=${command//"$packed"/\/run\/bundle}
	table=$(on_device "${command/kexec/kexec -l --debug} 2>&1; kexec -u")
	pieces=$(planned <<<"$plan")
	is "$(cut -d ' ' -f 2 <<<"$pieces" | sort | xargs)" "rootfs.squashfs vmlinux" "the plan has both"
	while read -r start name; do
		has "$(loaded <<<"$table")" "^$start\$" "$name lies where the plan has it"
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

about "A device without kexec-try gets it: kexec-try send --tools DIR"
mkdir -p "$rundir/tools"
ssh_to_device "tar -C /usr/sbin -cf - kexec kexec-try" </dev/null | tar -C "$rundir/tools" -xf -
on_device "mkdir /run/empty && mount --bind /run/empty /usr/sbin/ && ! command -v kexec-try"
send_try "$packed" --tools "$rundir/tools" -- --confirm-within "$confirm_within"
show_sent
is "$sent" 3 "the new system is up"
has "$said" 'sending the tools' "send has brought them"
goes_back

scenario_end
