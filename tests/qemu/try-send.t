#!/usr/bin/env bash
# kexec-try, from the files to a confirmed system in two commands: `pack`, then
# `send` with a rehearsal first and a health command on the build machine. No number
# is typed. The commands and their output are those of the READMEs, word for word.
# reads: README.md kexec-tools-plugin/kexec-try/README.md
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/try.sh
. "$(dirname "${BASH_SOURCE[0]}")/try.sh"
# shellcheck source=tests/qemu/readme.sh
. "$(dirname "${BASH_SOURCE[0]}")/readme.sh"

readmes=(README.md kexec-tools-plugin/kexec-try/README.md)

# typed SUBCOMMAND TITLE: types the READMEs' `kexec-try SUBCOMMAND`, whose output is
# as each of them shows it.
typed() {
	local file command shows

	command=$(command_of "${readmes[1]}" "kexec-try $1")
	about "$2: $command"
	type_at_desk "$command"
	is "$sent" 0 "it succeeds"
	for file in "${readmes[@]}"; do
		shows=$(command_of "$file" "kexec-try $1")
		if [ -n "$shows" ]; then
			is "$shows" "$command" "$file has it"
			says_as "$file" "$command"
		fi
	done
}

scenario try-send
ram=$(system_ram)
lay_desk "$images"

typed pack "A kernel, a device tree and a root filesystem become a bundle"
packed=$desk/new
shown "$said"

on_device cat /proc/iomem >"$desk/iomem"
typed plan "Where the bundle will lie in the RAM of the device"
shown "$(grep squashfs <<<"$said" | sed -n 1p)"

typed send "The device tries it"
shown "$(grep -E 'by itself|kexec -l |armed|is up|root:|is confirmed' <<<"$said")"
is "$(status_of)" "system: new, confirmed [0]" "the device says that it is confirmed, too"
tried_system_is_whole "$ram"

about "A reboot brings the old system back from its $medium"
reboot_to_old
shown "host name old"

scenario_end
