# shellcheck shell=bash
# A git tree of Linux with the series as commits, for scripts that build it again
# with a patch more or less: make then compiles only what the patch touches. There is
# one for each configuration, under build/kernel-trees/. Sourced after ci/trees.sh.
# shellcheck disable=SC2154 # top and cache are of ci/lib.sh

# shellcheck source=ci/ccache.sh
. "$top/ci/ccache.sh"

# lay_kernel_tree MACHINE SCENARIO: sets $kernel_tree and $kernel_make for the
# machine's kernel, and $kernel_images to its images, with what the scenario wants.
# The tree has the series as it is now.
lay_kernel_tree() {
	local config head

	"$top/tests/qemu/images" "$1" "$top/tests/qemu/$2.t" >&2
	"$top/ci/tree" linux >&2
	kernel_images=$top/build/qemu/$1
	config=$(machine_get "$1" linux_config)
	kernel_tree=$top/build/kernel-trees/${config// /-}
	kernel_make=(make -s -j"$(nproc)" -C "$kernel_tree" ARCH="$(machine_get "$1" arch)"
		CROSS_COMPILE="$(machine_get "$1" cross)" LOCALVERSION=)
	kernel_make+=(CC="ccache $(machine_get "$1" cross)gcc")
	if [ ! -e "$kernel_tree/.git/laid" ]; then
		rm -rf "$kernel_tree"
		say "laying out $kernel_tree"
		git clone -q --shared --no-checkout "$(tree_of linux)" "$kernel_tree"
		touch "$kernel_tree/.git/laid"
	fi
	git -C "$kernel_tree" config user.name kexec-map-file
	git -C "$kernel_tree" config user.email kexec-map-file@invalid
	head=$(git -C "$(tree_of linux)" rev-parse HEAD)
	git -C "$kernel_tree" fetch -q --tags --force "$(tree_of linux)"
	git -C "$kernel_tree" checkout -q --force --detach "$head"
	configure_kernel_tree "$1"
}

# configure_kernel_tree MACHINE: as ci/build-linux did. An unchanged .config keeps
# its time stamp; otherwise make would compile everything again.
configure_kernel_tree() {
	local kernel

	kernel=$("$top/ci/build-linux" "$1")
	if ! cmp -s "$kernel/config" "$kernel_tree/.config"; then
		cp "$kernel/config" "$kernel_tree/.config"
	fi
}

# build_kernel_tree MACHINE DIRECTORY: makes DIRECTORY a copy of the machine's
# images, with the kernel of the tree as it is now.
build_kernel_tree() {
	local dir=$2 link

	rm -rf "$dir"
	mkdir -p "$dir"
	say "compiling in $kernel_tree"
	"${kernel_make[@]}" olddefconfig vmlinux </dev/null >"$dir/make.log" 2>&1 ||
		die "no kernel in $kernel_tree: $(tail -n 20 "$dir/make.log")"
	tar -C "$kernel_images" --exclude=./run -cf - . | tar -C "$dir" -xf -
	"$(machine_get "$1" cross)strip" -o "$dir/vmlinux" "$kernel_tree/vmlinux"
	for link in "$dir"/bundles/*/bundle/vmlinux; do
		if [ "$(readlink "$link")" = "$kernel_images/vmlinux" ]; then
			ln -sf "$dir/vmlinux" "$link"
		fi
	done
}
