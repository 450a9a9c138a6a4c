#!/usr/bin/env bash
# Map files that begin like a device tree, below the kernel: another device tree
# and a FIT image, which is one too. The new system gets the device tree that
# --dtb names, and each file as it was sent.
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

scenario look-alike
make_bundle look-alike
own dtb
# Malta's own reserves what is below the kernel, and so the place of the files
fdt_without_reservations
fit_source | dtc -q -I dts -O dtb -o "$made/fit" -
cp "$made/dtb" "$made/other.dtb"
fdtput -t s "$made/other.dtb" / model "Not this one"
send_bundle look-alike
mtd=$(map_file_mtd)
cmdline=$(mtd_root "$mtd")

about "The new system starts with a device tree and a FIT image below its kernel"
run_kexec "kexec --map-file squashfs@$map_address,label=rootfs --map-file other.dtb@0x80000,label=other --map-file fit@0x90000,label=fit --dtb dtb --command-line '$cmdline' vmlinux"
expect_new_system
is "$(on_device "tr -d '\\0' </proc/device-tree/model")" "Malta, tried from RAM" "its device tree is the one of --dtb"
mtd_holds other "$(stat -c %s "$made/other.dtb")" "$(sum_of "$made/other.dtb")"
mtd_holds fit "$(stat -c %s "$made/fit")" "$(sum_of "$made/fit")"
reboot_to_old

scenario_end
