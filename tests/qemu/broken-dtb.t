#!/usr/bin/env bash
# Broken systems: a device tree of another board. The watchdog that the old system
# armed brings it back. A device tree without memory does not break a system: kexec
# tells the new kernel what RAM there is.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

scenario broken-dtb
ram=$(system_ram)
# The last words come from the new kernel in its first second, or from the old kernel
# if the new one learns its console from the device tree alone
early='^\[ +0\.[0-9]+\]|Bye \.\.\.$'

make_bundle other-board
compile_dtb <<-'EOF'
	/dts-v1/;
	/ {
		model = "Another board";
		compatible = "example,other-board";
		#address-cells = <1>;
		#size-cells = <1>;
		chosen { };
		cpus {
			#address-cells = <1>;
			#size-cells = <0>;
			cpu@0 {
				device_type = "cpu";
				compatible = "example,other-cpu";
				reg = <0>;
			};
		};
	};
EOF
try_broken other-board "A device tree of another board" "$early"

about "A device tree without memory"
make_bundle no-memory
own dtb
if [ "$(fdtget -l "$made/dtb" / | grep -c '^memory@0$' || true)" = 1 ]; then
	fdtput -r "$made/dtb" /memory@0
fi
is "$(fdtget -l "$made/dtb" / | grep -c memory || true)" 0 "it has no memory node"
send_bundle no-memory
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --dtb dtb --command-line '$(mtd_root "$(map_file_mtd)")' vmlinux"
expect_new_system
is "$(system_ram)" "$ram" "the new system has all RAM"
shown "$ram"
reboot_to_old

scenario_end
