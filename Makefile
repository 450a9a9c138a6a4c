# kexec-map-file: one door to everything. `make help` lists the targets.
#
# Sources are fetched and built under build/ and in a cache outside the
# checkout; see ci/. What Debian packages are missing is installed first.

MACHINE ?= mips
export MACHINE

FUZZ_SECONDS ?= 60

# A user's own sources: a tarball or a tree
export KEXEC_TOOLS LINUX

# For the drop-ins: the version of Linux
export KERNEL

UNIT := $(CURDIR)/build/unit
# Not SCENARIOS: that is the user's, and goes to tests/qemu/matrix
scenario_files := $(sort $(wildcard tests/qemu/*.t))
SERIES := $(sort $(wildcard tests/series/*.t))
SEGMENTS := $(sort $(wildcard tests/segments/*.t))
# Long, and for check-all
SEGMENTS_OF_ALL := tests/segments/as-upstream.t
PACKAGERS := $(sort $(wildcard tests/packagers/*.t))
FUZZ := $(CURDIR)/build/fuzz
# Each byte order and each word size, and for check-all the rest
UNIT_MACHINES := native mips
UNIT_MACHINES_OF_ALL := mipsel mips64 mips64el
unit_tests = $(foreach machine,$(1),\
	$(patsubst tests/unit/%.c,$(UNIT)/$(machine)/%,\
		$(filter-out $(if $(filter-out native,$(machine)),tests/unit/test-host-%),\
			$(sort $(wildcard tests/unit/test-*.c)))))
UNIT_TESTS := $(call unit_tests,$(UNIT_MACHINES))
UNIT_TESTS_OF_ALL := $(call unit_tests,$(UNIT_MACHINES_OF_ALL))

# A line "#> TARGET  WORDS" is help on a target, "#= WORDS" heads a group.
help:
	@sed -n -e 's/^#= /\n/p' -e 's/^#> /  /p' Makefile
	@echo
	@echo 'KEXEC_TOOLS=, LINUX=  a tarball or tree to use in place of the one fetched'
	@echo 'MACHINE=              one of: $(notdir $(wildcard tests/qemu/machines/*))'

#= See it work
#> make demo             the whole story on one emulated board, told step by step
#> make play SCENARIO=label MACHINE=mips
#>                       one scenario of tests/qemu/ on one machine; make malta is the same
#> make images           kernel, flash and bundles of MACHINE, in build/qemu/
#= Check it
#> make check            unit tests, what kexec loads, scenarios with Linux 6.1; FRESH=yes runs
#>                       those again that passed with what they are made of as it is now
#> make check-all        make check, both series patch by patch, more machines and
#>                       scenarios, Boston, older kexec-tools, the mails, and the drop-ins as
#>                       each packager's tools take them
#> make unit             the unit tests of the C code, here and as four kinds of MIPS
#> make coverage         how much of the C code the unit tests run
#> make fuzz FUZZ_SECONDS=600
#>                       fuzz the C code, for so long; 60 unless given
#> make series           both series: apply, build, checkpatch
#> make packagers        the drop-ins alone
#> make lint             shellcheck on every script
#= Check it for hours
#> make matrix           every scenario on every machine: one table; MACHINES="mips mips64"
#> make soak N=20 SEED=1 new systems with a fault picked at random, one after the other
#> make try-soak N=50 SEED=1
#>                       tries by kexec-try with harm done to them at a random moment
#> make without-each     leave out one patch of the Linux series after the other:
#>                       its scenario must fail; WITHOUT=VPEs, only this patch
#> make each-boots       build and boot Linux after each patch of the series
#> make unprotected      take away one protection after the other: the scenarios must notice
#> make build-matrix     what the Linux series touches, compiled with W=1 and sparse for the
#>                       boards that no test runs: an hour or two; BOARDS="malta ath79"
#> make bench            what a map file costs beside --initrd: a table and a plot
#= Change it
#> make tree             patched git trees of kexec-tools and Linux, in build/tree/
#> make patches          write the commits of these trees back as the series
#> make mail             the series as mails for git send-email, in build/mail/; VERSION=2 ...
#> make pictures         run the demo, and write pictures/*.svg of it
#> make clean            remove build/; the cache stays
#= Hand it on
#> make openwrt OUT=DIR  what OpenWrt's tree takes, and a script that puts it there
#> make buildroot OUT=DIR
#>                       an external tree of Buildroot; KERNEL=6.12
#> make yocto OUT=DIR    a layer for Yocto; KERNEL=6.12
#> make debian OUT=DIR   quilt patches for Debian, and kexec-try as a source package
#> make nix OUT=DIR      an overlay of Nixpkgs and a module of NixOS; KERNEL=6.12
#> make release VERSION=1.0
#>                       all of these, both series and the sources, in one tarball

packages:
	@ci/install-packages

images: packages
	@tests/qemu/images $(MACHINE)

demo: packages
	@tests/qemu/images $(MACHINE) tests/qemu/demo
	@tests/qemu/patiently --live tests/qemu/demo

play malta: packages
	@test -f tests/qemu/$(SCENARIO).t || { \
		echo "SCENARIO= is one of: $(notdir $(scenario_files:.t=))" >&2; exit 2; }
	@tests/qemu/images $(MACHINE) tests/qemu/$(SCENARIO).t
	@prove --verbose tests/qemu/$(SCENARIO).t

unit-tests: packages
	@tests/unit/build $(UNIT_MACHINES)

unit-tests-of-all: packages
	@tests/unit/build $(UNIT_MACHINES_OF_ALL)

unit: unit-tests unit-tests-of-all
	@prove --verbose $(UNIT_TESTS) $(UNIT_TESTS_OF_ALL)

coverage: packages
	@tests/unit/coverage.t

fuzz-targets: packages
	@$(MAKE) --no-print-directory -s -C tests/fuzz BUILD=$(FUZZ) \
		KEXEC_TOOLS_TREE=$$(ci/kexec-tools-tree)

fuzz: fuzz-targets
	@tests/fuzz/run $(FUZZ_SECONDS)

series: packages
	@prove --verbose $(SERIES)

build-matrix: packages
	@tests/build-matrix/matrix.t $(BOARDS)
	@tests/build-matrix/bad-patches.t

lint: packages
	@tests/lint.t

matrix: packages
	@tests/qemu/matrix

soak: packages
	@tests/qemu/images $(MACHINE) tests/qemu/soak
	@tests/qemu/soak $(or $(N),20) $(SEED)

try-soak: packages
	@tests/qemu/images $(MACHINE) tests/qemu/try-soak
	@tests/qemu/try-soak $(or $(N),20) $(SEED)

without-each: packages
	@tests/qemu/without-each $(WITHOUT)

each-boots: packages
	@tests/qemu/each-boots

unprotected: packages
	@tests/qemu/images $(MACHINE) tests/qemu/unprotected
	@tests/qemu/unprotected

bench: packages
	@tests/qemu/images $(MACHINE) tests/bench/bench
	@tests/bench/bench

# What takes longest when nothing is there yet: the kernel of the scenarios of check
kernel-of-check: packages
	@ci/build-linux mips linux-6.1 >/dev/null

# fuzz.t takes a minute on any host, so it begins early.
check: packages
	@$(MAKE) --no-print-directory -j 2 kernel-of-check unit-tests fuzz-targets
	@each_time=$$(tests/qemu/on-machines --images scenarios) && \
	others=$$(tests/qemu/on-machines --images scenarios_kept) && \
	ci/prove $$each_time tests/fuzz/fuzz.t tests/lint.t tests/kept.t $(UNIT_TESTS) tests/unit/shape.t tests/unit/completion.t \
		$(filter-out $(SEGMENTS_OF_ALL),$(SEGMENTS)) $$others

check-all: check unit-tests-of-all
	@scenarios=$$(tests/qemu/on-machines --images scenarios_of_all) && \
	ci/prove $(UNIT_TESTS_OF_ALL) $(SEGMENTS_OF_ALL) $(SERIES) tests/unit/coverage.t tests/bench/bench.t $(PACKAGERS) $$scenarios

packagers: packages
	@ci/prove -- $(PACKAGERS)

openwrt buildroot yocto debian nix:
	@ci/drop-in $@ '$(OUT)'

release: packages
	@ci/release '$(VERSION)'

pictures: packages
	@ci/pictures

tree: packages
	@ci/tree

patches:
	@ci/patches

mail: packages
	@ci/mail

clean:
	rm -rf build

.PHONY: help packages kernel-of-check images demo play malta matrix soak try-soak without-each each-boots unprotected unit-tests unit-tests-of-all unit \
	coverage fuzz-targets fuzz series build-matrix lint bench check check-all packagers \
	openwrt buildroot yocto debian nix release pictures tree patches mail clean
