# shellcheck shell=bash
# Shared by ci/drop-in's recipes: the patches that go to a packager, with the headers
# that it requires, and kexec-try's source in one piece. Sourced after ci/lib.sh by a
# script that sets these:
: "${top:?}" "${sign_off=}" "${version=1.0}" "${kernel=6.12}"

# openwrt_linux: the Linux versions of OpenWrt's MIPS targets.
openwrt_linux() {
	printf '%s\n' 6.6 6.12 6.18
}

# shipped SERIES [VERSION]: the paths of the patches for users, in order, without
# those of the harness. With VERSION, each in its form for that version.
shipped() {
	local harness file
	harness=$(awk '
		/^# group: / { harness = $3 == "harness"; next }
		/^# only for the test harness/ { once = 1; next }
		/^[^#]/ { if (harness || once) print $1; once = 0 }
	' "$1/series")
	series_files "$@" | while read -r file; do
		if ! grep -qxF "${file##*/}" <<<"$harness"; then
			printf '%s\n' "$file"
		fi
	done
}

# named PATCH NUMBER: its file name, with NUMBER in place of its own.
named() {
	local name=${1##*/}
	printf '%s-%s\n' "$2" "${name#[0-9][0-9][0-9][0-9]-}"
}

# with_trailer LINE PATCH: prints the patch, with LINE and the packager's sign-off at
# the end of its message. If the last paragraph consists of such lines, they join it.
with_trailer() {
	awk -v line="$1" -v sign="$sign_off" '
		/^---$/ && !done {
			done = 1
			if (line != "" || sign != "") {
				if (last !~ /^[A-Z][A-Za-z-]*: /)
					print ""
				if (line != "")
					print line
				if (sign != "")
					print sign
			}
		}
		{ print; last = $0 }
	' "$2"
}

# with_header LINE PATCH: prints the patch, with LINE among its mail headers.
with_header() {
	awk -v line="$1" '/^$/ && !done { print line; done = 1 } { print }' "$2"
}

# lay_kexec_try DIRECTORY: copies its source without build results. It can be built
# from there alone.
lay_kexec_try() {
	mkdir -p "$1"
	cp "$top/COPYING" "$1/"
	tar -C "$top/kexec-tools-plugin/kexec-try" --exclude=./build -cf - . | tar -C "$1" -xf -
	sed -i "s/^VERSION ?= .*/VERSION ?= $version/" "$1/Makefile"
}

# copy_files PACKAGER DIRECTORY: copies the files of the recipe, with the versions
# filled in.
copy_files() {
	cp -R "$top/ci/packagers/$1/." "$2/"
	find "$2" -type f ! -path '*/src/*' -exec \
		sed -i "s/@VERSION@/$version/g; s/@KERNEL@/$kernel/g" {} +
}

# fragment: the kernel configuration that the old and the new system need.
fragment() {
	cat <<-EOT
		CONFIG_KEXEC=y
		CONFIG_MTD=y
		CONFIG_MTD_BLOCK=y
		CONFIG_MTD_PHRAM=y
		CONFIG_SQUASHFS=y
		CONFIG_IKCONFIG=y
		CONFIG_IKCONFIG_PROC=y
		CONFIG_WATCHDOG=y
		CONFIG_WATCHDOG_SYSFS=y
	EOT
}
