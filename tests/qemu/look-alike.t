#!/usr/bin/env bash
# Map files that begin like a device tree: another device tree, and a FIT image,
# which has the same format. If such a file lay below the real device tree, Linux
# would take the file for it, so kexec refuses that. Above it, the new system gets
# the device tree that --dtb names, and each file as it was sent.
# shellcheck source=tests/qemu/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/qemu/bundles.sh
. "$(dirname "${BASH_SOURCE[0]}")/bundles.sh"

fit_source() {
	cat <<-'EOF'
		/dts-v1/;
		/ {
			description = "A FIT image";
			images {
				kernel-1 {
					data = [00 01 02 03];
					type = "kernel";
				};
			};
		};
	EOF
}

# refuses_below FILE ADDRESS: kexec refuses it; $above is the address of the real
# device tree.
refuses_below() {
	local said status=0

	said=$(on_device "cd /run/bundle && kexec -l --map-file squashfs@$map_address,label=rootfs --map-file $1@$2,label=below --dtb dtb vmlinux 2>&1") || status=$?
	has "$status" '^[1-9]' "$1 at $2 is refused"
	has "$said" "^--map-file $1@$2,label=below: begins like a device tree; put it above the real one, 0x[0-9a-f]+\$" "with the reason and a remedy"
	above=${said##* }
	shown "$said"
}

scenario look-alike
make_bundle look-alike
own dtb
# Malta's device tree reserves the RAM below the kernel, where the files are to go;
# one that reserves nothing is not changed
fdt_without_reservations
fit_source | dtc -q -I dts -O dtb -o "$made/fit" -
cp "$made/dtb" "$made/other.dtb"
fdtput -t s "$made/other.dtb" / model "Not this one"
send_bundle look-alike
mtd=$(map_file_mtd)
cmdline=$(mtd_root "$mtd")

about "Below the device tree, they are refused"
refuses_below other.dtb 0x80000
refuses_below fit 0x90000

about "The new system starts with both of them close above it"
# The first multiple of 64 KiB behind what the tree may take, whatever the page size
first=$((above + 0x20000 & ~0xffff))
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --map-file other.dtb@$first,label=other --map-file fit@$((first + 0x10000)),label=fit --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
is "$(on_device "tr -d '\\0' </proc/device-tree/model")" "$board_name, tried from RAM" "its device tree is the one of --dtb"
mtd_holds other "$(stat -c %s "$made/other.dtb")" "$(sum_of "$made/other.dtb")"
mtd_holds fit "$(stat -c %s "$made/fit")" "$(sum_of "$made/fit")"
reboot_to_old

scenario_end
