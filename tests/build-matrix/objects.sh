# shellcheck shell=bash
# The objects of the build matrix: those that the Linux series can change.
# Sourced by matrix.t; works in the current kernel tree.

# changed_code: the objects of the code files on standard input.
changed_code() {
	sed -n 's/\.[cS]$/.o/p' | sort -u
}

# included_by: the objects of the code that includes one of the headers on standard
# input by its name. Code that includes a header indirectly is left out: asm/smp.h
# reaches all of Linux. The changed code includes what changes there.
included_by() {
	local file

	while read -r file; do
		case $file in
			arch/mips/include/*.h) includers "${file#arch/mips/include/}" ;;
			include/*.h) includers "${file#include/}" ;;
			*.h) die "$file: the build matrix does not know what includes it" ;;
		esac
	done | changed_code
}

# includers HEADER: the files that include it. asm-offsets.c makes no object, and is
# compiled with all others.
includers() {
	grep -rlF "#include <$1>" --include='*.[cS]' arch/mips kernel drivers/watchdog |
		grep -vx arch/mips/kernel/asm-offsets.c || true # none is fine
}

# is_wanted OBJECT: does .config ask for it? Its platform must be chosen, and the
# symbols of its directory and of the object itself, if there are any, must be set.
is_wanted() {
	local dir=${1%/*} platform=${1#arch/mips/}

	[ -e "${1%.o}.c" ] || [ -e "${1%.o}.S" ] || return 1
	symbols_of platform "${platform%%/*}/" arch/mips/Kbuild.platforms | one_is_set &&
		symbols_of libs "$dir/" arch/mips/Makefile | one_is_set &&
		symbols_of obj "${dir##*/}/" "${dir%/*}/Makefile" | one_is_set &&
		symbols_of obj "${1##*/}" "$dir/Makefile" | one_is_set
}

# symbols_of LIST ITEM MAKEFILE: the symbols that add ITEM to LIST-y.
symbols_of() {
	[ -e "$3" ] || return 0
	sed -nE "s,^$1-\\$\\((\w+)\\)(.*[[:space:]])?${2//./\\.}([[:space:]].*)?\$,\\1,p" "$3"
}

# one_is_set: is one of the symbols on standard input set, or are there none?
one_is_set() {
	local symbol none=yes

	while read -r symbol; do
		if is_set "$symbol"; then
			return 0
		fi
		none=no
	done
	[ "$none" = yes ]
}
