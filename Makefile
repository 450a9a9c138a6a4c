# kexec-map-file: one door to everything. `make help` lists the targets.
#
# Sources are fetched and built under build/ and in a cache outside the
# checkout; see ci/. What Debian packages are missing is installed first.

MACHINE ?= mips
export MACHINE

FUZZ_SECONDS ?= 60

# A user's own sources: a tarball or a tree
export KEXEC_TOOLS LINUX

UNIT := $(CURDIR)/build/unit
# Not SCENARIOS: that is the user's, and goes to tests/qemu/matrix
scenario_files := $(sort $(wildcard tests/qemu/*.t))
SERIES := $(sort $(wildcard tests/series/*.t))
FUZZ := $(CURDIR)/build/fuzz
UNIT_MACHINES := native mips mipsel mips64 mips64el
UNIT_TESTS := $(foreach machine,$(UNIT_MACHINES),\
	$(patsubst tests/unit/%.c,$(UNIT)/$(machine)/%,$(sort $(wildcard tests/unit/test-*.c))))

help:
	@echo 'make demo             the whole story on one emulated board, told step by step'
	@echo 'make check            every test: unit tests, both series, the scenarios; FRESH=yes plays'
	@echo '                      those again that passed with what they are made of as it is now'
	@echo 'make play SCENARIO=label MACHINE=mips'
	@echo '                      one scenario of tests/qemu/ on one machine; make malta is the same'
	@echo 'make matrix           every scenario on every machine: one table; MACHINES="mips mips64"'
	@echo 'make soak N=20 SEED=1 new systems with a fault picked at random, one after the other'
	@echo 'make try-soak N=50 SEED=1'
	@echo '                      tries by kexec-try with harm done to them at a random moment'
	@echo 'make without-each     leave out one patch of the Linux series after the other:'
	@echo '                      its scenario must fail; WITHOUT=VPEs, only this patch'
	@echo 'make each-boots       build and boot Linux after each patch of the series'
	@echo 'make unprotected      take away one protection after the other: the scenarios must notice'
	@echo 'make bench            what a map file costs beside --initrd: a table and a plot'
	@echo 'make unit             the unit tests of the C code, here and as four kinds of MIPS'
	@echo 'make coverage         how much of the C code the unit tests run'
	@echo 'make fuzz FUZZ_SECONDS=600'
	@echo '                      fuzz the C code, for so long; 60 unless given'
	@echo 'make series           both series: apply, build, checkpatch'
	@echo 'make build-matrix     what the Linux series touches, compiled with W=1 and sparse for the'
	@echo '                      boards that no test runs: an hour or two; BOARDS="malta ath79"'
	@echo 'make images           kernel, flash and bundles of MACHINE, in build/qemu/'
	@echo 'make tree             patched git trees of kexec-tools and Linux, in build/tree/'
	@echo 'make patches          write the commits of these trees back as the series'
	@echo 'make mail             the series as mails for git send-email, in build/mail/; VERSION=2 ...'
	@echo 'make lint             shellcheck on every script'
	@echo 'make clean            remove build/; the cache stays'
	@echo
	@echo 'KEXEC_TOOLS=, LINUX=  a tarball or tree to use in place of the one fetched'
	@echo 'MACHINE=              one of: $(notdir $(wildcard tests/qemu/machines/*))'

packages:
	@ci/install-packages

images: packages
	@tests/qemu/images $(MACHINE)

demo: packages
	@tests/qemu/images $(MACHINE) tests/qemu/demo
	@tests/qemu/demo

play malta: packages
	@test -f tests/qemu/$(SCENARIO).t || { \
		echo "SCENARIO= is one of: $(notdir $(scenario_files:.t=))" >&2; exit 2; }
	@tests/qemu/images $(MACHINE) tests/qemu/$(SCENARIO).t
	@prove --verbose tests/qemu/$(SCENARIO).t

unit-tests: packages
	@tests/unit/build $(UNIT_MACHINES)

unit: unit-tests
	@prove --verbose $(UNIT_TESTS)

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

check: unit-tests fuzz-targets
	@scenarios=$$(tests/qemu/on-machines --images) && \
	ci/prove tests/lint.t $(UNIT_TESTS) tests/unit/coverage.t tests/fuzz/fuzz.t \
		$(SERIES) tests/bench/bench.t $$scenarios

tree: packages
	@ci/tree

patches:
	@ci/patches

mail: packages
	@ci/mail

clean:
	rm -rf build

.PHONY: help packages images demo play malta matrix soak try-soak without-each each-boots unprotected unit-tests unit \
	coverage fuzz-targets fuzz series build-matrix lint bench check tree patches mail clean
