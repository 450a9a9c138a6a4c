// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-pack.c - kexec-try pack, verify and unpack, and the program itself
 *
 * Bundles as a directory and as a stream, the other way round, and verified;
 * parts that do not belong together, outputs that cannot be, arguments that make
 * no sense. Then the program: its list of subcommands, its help, its exit codes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bundle.h"
#include "kexec-stubs.h"
#include "say.h"
#include "try-fixtures.h"
#include "try.h"

/* The program's own file, with another name for its main() */
#define main try_main
#include "kexec-try.c"
#undef main

static char directory[] = "/tmp/test-try-pack-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int fill(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	fixture_parts();
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	return chdir("/") || rmdir(directory);
}

/* Splits @command at blanks, runs the program, and sees what it says. */
static void assert_try(int want, const char *command, const char *part)
{
	char *copy = strdup(command), *rest = copy, *argv[32];
	int argc = 0, status;
	char *said;

	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	said = fixture_capture(try_main, argc, argv, &status);
	assert_contains(said, part);
	if (status != want)
		fail_msg("'%s' gives %d and says %s", command, status, said);
	free(said);
	free(copy);
}

#define PARTS " --kernel vmlinux --dtb dtb --rootfs root"

static void test_directory(void **state)
{
	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --append quiet --label new",
		   ", Linux 6.1.192, 4 files; the device needs ");
	fixture_run("cmp vmlinux b/vmlinux && cmp dtb b/dtb && cmp root b/rootfs.squashfs && sh -n b/boot.sh && test -x b/boot.sh");
	fixture_run("grep -qx 'format 1' b/manifest && grep -qx 'endian big' b/manifest && grep -qx 'bits 32' b/manifest && grep -qx 'load 0x100000 0x110000' b/manifest && grep -qx 'append quiet' b/manifest && grep -qx 'label new' b/manifest");
	fixture_run("cd b && sed -n 's/^[a-z]* \\([^ ]*\\) [0-9]* \\([0-9a-f]\\{64\\}\\)$/\\2  \\1/p' manifest | sha256sum -c --quiet");
	assert_try(EXIT_GOOD, "try verify b", "is whole: 4 files");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "b: it is there already");
	fixture_run("printf x | dd of=b/vmlinux conv=notrunc status=none");
	assert_try(EXIT_REFUSED, "try verify b", "b/vmlinux: its SHA-256 is not that");
	fixture_run("rm b/boot.sh");
	assert_try(EXIT_REFUSED, "try verify b", "b/boot.sh: No such file");
}

/* Runs the program with its standard output in a file. */
static int try_into(const char *file, int argc, char **argv)
{
	int kept = dup(STDOUT_FILENO);
	int to = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int status;

	assert_true(kept >= 0 && to >= 0);
	fflush(stdout);
	dup2(to, STDOUT_FILENO);
	close(to);
	status = try_main(argc, argv);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	return status;
}

static void test_stream(void **state)
{
	char *argv[] = {
		"try", "pack", "-o", "-", "--kernel", "vmlinux", "--dtb", "dtb",
		"--rootfs", "root", NULL,
	};

	(void)state;
	assert_int_equal(try_into("stream", 10, argv), EXIT_GOOD);
	fixture_run("mkdir t && tar -C t -xf stream");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
	fixture_run("diff -r b t");
	assert_int_equal(try_into("/dev/full", 10, argv), EXIT_REFUSED);

	assert_non_null(freopen("stream", "r", stdin));
	assert_try(EXIT_GOOD, "try unpack u", "u: unpacked and verified");
	fixture_run("diff -r b u");
	assert_try(EXIT_REFUSED, "try unpack u", "u: it is there already");
	assert_try(EXIT_REFUSED, "try unpack no/u", "no/u: No such file");
	assert_non_null(freopen("root", "r", stdin));
	assert_try(EXIT_REFUSED, "try unpack v", "this is no tar stream");
	fixture_run("sed -i s/quiet/loud/ b/manifest; tar -C b -cf stream $(ls b | grep -v dtb)");
	assert_non_null(freopen("stream", "r", stdin));
	assert_try(EXIT_REFUSED, "try unpack w", "w/dtb: No such file");
}

/* Addresses that no device can take; those that some can are for plan. */
static void test_map_addresses(void **state)
{
	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x10f000",
		   "iomem: 0x10f000-0x10f040 overlaps the kernel at 0x100000-0x10ffff on every device; choose");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x200001",
		   "the address 0x200001 is not a multiple of a page, 4096 bytes or more; the next that is: 0x201000");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map dtb@auto", "two files called 'dtb'");
	fixture_run("head -c 5000 /dev/zero >zeros");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map zeros@0x200000,iomem@0x201000",
		   "iomem: 0x201000-0x201040 overlaps zeros at 0x200000-0x201387");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0xfffffffffffff000",
		   "iomem: the address 0xfffffffffffff000 is higher than any RAM");
	fixture_run("test ! -e b");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map zeros@0x200000,iomem@0x110000 --map root@auto",
		   "7 files");
}

static void test_trees(void **state)
{
	(void)state;
	fixture_run("cp dtb good");
	fixture_run("head -c 100 good >dtb");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "dtb: the blob is cut");
	fixture_run("printf '/dts-v1/; / { #address-cells = <3>; };' | dtc -q -O dtb -o dtb -");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "dtb: #address-cells and #size-cells of / must be 1 or 2");
	fixture_run("printf '/dts-v1/; / { };' | dtc -q -O dtb -o dtb -");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "dtb: no `compatible` says");
}

static void test_send(void **state)
{
	struct bundle bundle;
	int to;

	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
	assert_int_equal(bundle_open(&bundle, "b"), 0);
	to = fileno(fopen("stream", "w"));
	assert_int_equal(bundle_send(&bundle, to), 0);
	fixture_run("mkdir t && tar -C t -xf stream && diff -r b t && test -x t/boot.sh");
	fixture_run("rm b/dtb");
	assert_int_equal(bundle_send(&bundle, to), -1);
	fixture_run("rm b/manifest");
	assert_int_equal(bundle_send(&bundle, to), -1);
	close(to);
	bundle_close(&bundle);
}

static void test_maps(void **state)
{
	(void)state;
	fixture_run("echo one >one && mkdir d && echo two >d/two");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map one@0x2000000,d/two@auto", "6 files");
	fixture_run("grep -q '^map one 4 [0-9a-f]* 0x2000000$' b/manifest && grep -q '^map two 4 [0-9a-f]* auto$' b/manifest && cmp d/two b/two");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS " --map one@2M --map d/two@3M", "6 files");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map one", "--map one: no address");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map one@auto,root", "--map root: no address");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map @auto", "no name before the @");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map one@010x", "\"010x\" is no address");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map one@20000000000G", "\"20000000000G\" is no address");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --map one@-1", "\"-1\" is no address");
	fixture_run("cp one dtb2; mkdir e; cp one e/dtb; cp one 'o*'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map e/dtb@auto", "two files called 'dtb'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map o*@auto", "cannot hold a file called 'o*'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map none@auto", "none: No such file");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map e@auto", "e: no regular file");
	fixture_run(": >empty && truncate -s 1073741825 huge");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map empty@auto", "empty: a file of a bundle has 1 to 1073741824 bytes, this one has 0");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map huge@auto", "this one has 1073741825");
	fixture_run("test ! -e f");
}

static void test_parts_refused(void **state)
{
	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "dtb: no ELF file");
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "root: this is no device tree blob");
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "vmlinux: no squashfs");
	assert_try(EXIT_REFUSED, "try pack -o b/c/d" PARTS, "b/c/d: No such file");
	fixture_run("test ! -e b");
}

static void test_warnings(void **state)
{
	struct fixture_elf elf = { .config = "CONFIG_MTD=y\n", .wide = true };

	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "warning: vmlinux: the kernel does not carry its configuration");
	fixture_kernel("vmlinux", &elf);
	assert_try(EXIT_GOOD, "try pack -o c" PARTS, "warning: the kernel lacks CONFIG_MTD_PHRAM");
	assert_try(EXIT_GOOD, "try pack -o d" PARTS, "warning: vmlinux: the kernel does not tell its version");
}

static void test_arguments(void **state)
{
	(void)state;
	assert_try(EXIT_USAGE, "try pack", "pack needs -o, --kernel, --dtb and --rootfs");
	assert_try(EXIT_USAGE, "try pack", "kexec-try pack --help tells how");
	assert_try(EXIT_USAGE, "try pack -o b" PARTS " more", "pack: 'more' belongs to no option");
	assert_try(EXIT_USAGE, "try pack --nothing", "--nothing");
	assert_try(EXIT_USAGE, "try pack -o b --label a/b", "the label 'a/b' cannot be");
	assert_try(EXIT_USAGE, "try pack -o b --append a\tb", "no printable ASCII");
	assert_try(EXIT_USAGE, "try verify", "verify takes one bundle");
	assert_try(EXIT_USAGE, "try verify -x", "verify takes one bundle");
	assert_try(EXIT_REFUSED, "try verify none", "none: No such file");
	assert_try(EXIT_USAGE, "try unpack a b", "unpack takes one directory");
}

static void test_program(void **state)
{
	size_t i;

	(void)state;
	assert_try(EXIT_USAGE, "try", "kexec-try SUBCOMMAND");
	assert_try(EXIT_GOOD, "try --help", "kexec-try(8)");
	assert_try(EXIT_USAGE, "try nothing", "no subcommand 'nothing'");
	assert_try(EXIT_USAGE, "try no\033thing", "no subcommand 'no?thing'");
	assert_try(EXIT_GOOD, "try pack --help", "kexec-try pack -o BUNDLE --kernel FILE");
	assert_try(EXIT_USAGE, "try verify -- --help", "verify takes one bundle");
	for (i = 0; i < SUBCOMMANDS; i++) {
		char command[64];

		snprintf(command, sizeof(command), "try %s --help",
			 subcommands[i]->name);
		assert_try(EXIT_GOOD, command, subcommands[i]->name);
		assert_try(EXIT_GOOD, "try --help", subcommands[i]->summary);
		assert_int_equal(subcommands[i]->help[strlen(subcommands[i]->help) - 1],
				 '\n');
	}
}

static void test_say(void **state)
{
	char *text = must_print("%0*d", SAY_MAX + 100, 7);

	(void)state;
	say_to_kernel_log(true);
	step("a test of kexec-try: %s", "said to the kernel log, where it can be");
	say_to_kernel_log(false);
	assert_int_equal(report("%s", text), -1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_directory, fill),
		cmocka_unit_test_setup(test_stream, fill),
		cmocka_unit_test_setup(test_map_addresses, fill),
		cmocka_unit_test_setup(test_trees, fill),
		cmocka_unit_test_setup(test_send, fill),
		cmocka_unit_test_setup(test_maps, fill),
		cmocka_unit_test_setup(test_parts_refused, fill),
		cmocka_unit_test_setup(test_warnings, fill),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
