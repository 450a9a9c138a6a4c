// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-plan.c - where a bundle goes, and the command that puts it there
 *
 * A bundle is packed and planned for 128 MiB: for old and new kernels, with the
 * short form and with every number, with other map files and other RAM. Then all
 * that does not fit. The RAM is read from texts like /proc/iomem and from device
 * trees, the MTDs from texts like /proc/mtd.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "plan.h"
#include "say.h"
#include "try-fixtures.h"
#include "try.h"

static char directory[] = "/tmp/test-try-plan-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	fixture_parts();
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	return chdir("/") || rmdir(directory);
}

/* Packs a bundle of the kernel @version called b, with @words more, a NULL at
 * the end, for kexec-try pack.
 */
static void pack(const char *version, bool wide, ...)
{
	struct fixture_elf elf = {
		.wide = wide, .big_endian = true, .memsz = 0x10000,
		.version = version,
	};
	char *argv[32] = {
		"pack", "-o", "b", "--kernel", "vmlinux", "--dtb", "dtb",
		"--rootfs", "root",
	};
	int argc = 9, status;
	char *copy[32] = { NULL };
	va_list words;
	char *said;

	fixture_run("rm -rf b");
	fixture_kernel("vmlinux", &elf);
	va_start(words, wide);
	/* A program may write to its arguments */
	while ((argv[argc] = va_arg(words, char *))) {
		argv[argc] = copy[argc] = strdup(argv[argc]);
		argc++;
	}
	va_end(words);
	said = fixture_capture(subcommand_pack.run, argc, argv, &status);
	if (status)
		fail_msg("pack: %s", said);
	free(said);
	while (argc--)
		free(copy[argc]);
}

/* A plan of b, and what was said. */
struct planned {
	struct bundle bundle;
	struct ram ram;
	struct plan_options options;
	struct plan plan;
	int result;
};

static int call_plan(void *arg)
{
	struct planned *planned = arg;

	if (bundle_open(&planned->bundle, "b"))
		return -2;
	return plan_make(&planned->bundle, &planned->ram, &planned->options,
			 &planned->plan);
}

static void plan_begin(struct planned *planned)
{
	memset(planned, 0, sizeof(*planned));
	planned->options.mtd = 3;
	planned->ram.ranges = 1;
	planned->ram.range[0].end = 128 << 20;
}

static void plan_end(struct planned *planned)
{
	plan_free(&planned->plan);
	bundle_close(&planned->bundle);
}

static void assert_planned(struct planned *planned, const char *command)
{
	char *said = capture_stderr(call_plan, planned, &planned->result);
	char *text;

	assert_string_equal(said, "");
	assert_int_equal(planned->result, 0);
	text = plan_command(&planned->plan);
	assert_string_equal(text, command);
	free(text);
	free(said);
}

static void assert_refused(struct planned *planned, const char *why)
{
	char *said = capture_stderr(call_plan, planned, &planned->result);

	assert_contains(said, why);
	assert_int_equal(planned->result, -1);
	free(said);
	plan_end(planned);
}

static const struct plan_part *part_of(const struct planned *planned,
				       const char *what)
{
	unsigned int i;

	for (i = 0; i < planned->plan.parts; i++)
		if (!strcmp(planned->plan.part[i].what, what))
			return &planned->plan.part[i];
	fail_msg("no %s in the plan", what);
	return NULL;
}

static void test_short(void **state)
{
	struct planned planned;

	(void)state;
	pack("6.12.1", false, "--append", "console=ttyS0", NULL);
	plan_begin(&planned);
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line console=ttyS0 b/vmlinux");
	assert_int_equal(part_of(&planned, "kernel")->start, 0x100000);
	assert_int_equal(part_of(&planned, "kernel")->end, 0x110000);
	assert_int_equal(part_of(&planned, "rootfs")->end, 128 << 20);
	assert_int_equal(part_of(&planned, "command line")->start, 0x5000);
	assert_int_equal(part_of(&planned, "device tree")->start, 0x110000);
	assert_string_equal(plan_argv(&planned.plan)[planned.plan.argc - 1],
			    "b/vmlinux");
	assert_null(plan_argv(&planned.plan)[planned.plan.argc]);
	plan_end(&planned);

	plan_begin(&planned);
	planned.options.kexec = "/sbin/kexec";
	planned.options.load_only = true;
	planned.options.more = "kexec_try.confirm_within=300";
	assert_planned(&planned, "/sbin/kexec -l --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line 'console=ttyS0 kexec_try.confirm_within=300' b/vmlinux");
	plan_end(&planned);
}

/* Before 6.2 the root is named by its number, before 5.18 all is. */
static void test_old_kernels(void **state)
{
	struct planned planned;

	(void)state;
	pack("6.1.192", false, "--label", "new", NULL);
	plan_begin(&planned);
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@auto,label=new --dtb b/dtb --command-line 'root=/dev/mtdblock3 rootfstype=squashfs' b/vmlinux");
	plan_end(&planned);

	pack("5.10.3", false, "--append", "quiet", NULL);
	plan_begin(&planned);
	planned.options.mtd = PLAN_MTD_UNKNOWN;
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@0x7ff0000 --dtb b/dtb --command-line 'mtdparts=phram0:8192(rootfs) phram.phram=phram0,134152192,65536 memmap=65536$134152192 root=/dev/mtdblockN rootfstype=squashfs quiet' b/vmlinux");
	assert_true(planned.plan.numbers);
	assert_int_equal(part_of(&planned, "rootfs")->start, 0x7ff0000);
	assert_int_equal(part_of(&planned, "rootfs")->end, 0x8000000);
	plan_end(&planned);

	plan_begin(&planned);
	planned.options.form = PLAN_SHORT;
	assert_refused(&planned, "Linux 5.10.3 makes no MTD of what the device tree says");

	pack("5.10.3", false, "--append", "quiet mtdparts=a:1(b)", NULL);
	plan_begin(&planned);
	assert_refused(&planned, "the words to append have mtdparts=");
}

static void test_unknown_version(void **state)
{
	struct planned planned;

	(void)state;
	pack(NULL, true, "--append", "noroot=1", NULL);
	plan_begin(&planned);
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line 'root=/dev/mtdblock3 rootfstype=squashfs noroot=1' b/vmlinux");
	plan_end(&planned);

	pack(NULL, true, "--append", "quiet root=/dev/sda1", NULL);
	plan_begin(&planned);
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@auto,label=rootfs --dtb b/dtb --command-line 'quiet root=/dev/sda1' b/vmlinux");
	plan_end(&planned);
}

/* The place with every number makes room for what has an address of its own, in
 * units of 64 KiB, and for what the device tree reserves.
 */
static void test_maps(void **state)
{
	struct planned planned;
	const struct plan_part *rootfs;

	(void)state;
	fixture_run("head -c 70000 /dev/zero >big && echo small >small");
	pack("6.12.1", false, "--map", "big@0x7fe0000,small@auto", NULL);
	plan_begin(&planned);
	planned.options.form = PLAN_NUMBERS;
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@0x7fd0000 --map-file b/big@0x7fe0000 --map-file b/small@auto --dtb b/dtb --command-line 'mtdparts=phram0:8192(rootfs) phram.phram=phram0,134021120,65536 memmap=65536$134021120 root=/dev/mtdblock3 rootfstype=squashfs' b/vmlinux");
	rootfs = part_of(&planned, "rootfs");
	assert_int_equal(rootfs->start % 0x10000, 0);
	plan_end(&planned);

	plan_begin(&planned);
	assert_planned(&planned, "kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --map-file b/big@0x7fe0000 --map-file b/small@auto --dtb b/dtb --command-line '' b/vmlinux");
	/* Above big there is room for the rootfs, and then for the other */
	assert_int_equal(part_of(&planned, "rootfs")->start, 0x7ffe000);
	plan_end(&planned);

	/* Not as pack leaves it */
	pack("6.12.1", false, "--map", "big@0x200000", NULL);
	fixture_run("sed -i 's/ 0x200000$/ 0x100000/' b/manifest");
	plan_begin(&planned);
	assert_refused(&planned, "big: 0x100000-0x111fff overlaps the kernel at 0x100000-0x10ffff");
}

/* An address that this device's RAM has not, or that only another kernel
 * reaches; and what a damaged manifest may say.
 */
static void test_fixed_refused(void **state)
{
	static const char *const addr[] = {
		"0x8000000", "0x7fff000", "0x1000", "0x200001",
	};
	struct planned planned;
	unsigned int i;

	(void)state;
	fixture_run("head -c 5000 /dev/zero >two");
	pack("6.12.1", false, "--map", "two@0x200000", NULL);
	for (i = 0; i < sizeof(addr) / sizeof(addr[0]); i++) {
		fixture_run("sed -i 's/^\\(map two .*\\) 0x[0-9a-f]*$/\\1 %s/' b/manifest", addr[i]);
		plan_begin(&planned);
		assert_refused(&planned, "is no place for it");
	}
}

/* Files keep clear of what the tree reserves, up to the end of all addresses. */
static void test_reserved(void **state)
{
	struct planned planned;

	(void)state;
	fixture_run("cp dtb dtb.kept; printf '/dts-v1/; /memreserve/ 0x7f00000 0xffffffffff; / { #address-cells = <1>; #size-cells = <1>; compatible = \"a\"; "
		    "reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges; a { reg = <0x5000 0x1000 0x110000 0x1800>; }; }; };' | dtc -q -O dtb -o dtb -");
	pack("6.12.1", false, NULL);
	plan_begin(&planned);
	assert_int_equal(call_plan(&planned), 0);
	assert_int_equal(part_of(&planned, "rootfs")->end, 0x7f00000);
	assert_int_equal(part_of(&planned, "command line")->start, 0x6000);
	assert_int_equal(part_of(&planned, "device tree")->start, 0x112000);
	plan_end(&planned);

	fixture_run("(printf '/dts-v1/; '; for i in $(seq 70); do printf '/memreserve/ 0x%%s000 1; ' $i; done; printf '/ { compatible = \"a\"; };') | dtc -q -O dtb -o dtb -");
	pack("6.12.1", false, NULL);
	plan_begin(&planned);
	assert_refused(&planned, "the device tree reserves more than 64 ranges");
	fixture_run("mv dtb.kept dtb");
}

static void test_no_room(void **state)
{
	struct planned planned;

	(void)state;
	pack("6.1.192", false, NULL);
	plan_begin(&planned);
	planned.ram.range[0].start = 0x200000;
	assert_refused(&planned, "the kernel goes to 0x100000-0x10ffff, which is not all RAM");

	plan_begin(&planned);
	planned.ram.range[0].start = 0x100000;
	planned.ram.range[0].end = 0x111000;
	assert_refused(&planned, "no free RAM for its 8192 bytes");

	plan_begin(&planned);
	planned.ram.range[0].start = 0x100000;
	planned.ram.range[0].end = 0x112000;
	assert_refused(&planned, "no room is left for the 512 bytes of the command line");

	plan_begin(&planned);
	planned.ram.range[0].start = 0x100000;
	planned.ram.range[0].end = 0x113000;
	assert_refused(&planned, "no room is left for the");

	plan_begin(&planned);
	planned.ram.range[0].start = 0x100000;
	planned.ram.range[0].end = 0x118000;
	assert_refused(&planned, "the kernel takes 49152 (half of its RAM)");
}

static void test_page_size(void **state)
{
	struct planned planned;

	(void)state;
	pack("6.12.1", true, NULL);
	plan_begin(&planned);
	planned.options.page_size = 16384;
	assert_int_equal(call_plan(&planned), 0);
	assert_int_equal(part_of(&planned, "rootfs")->start, 0x7ffc000);
	assert_int_equal(part_of(&planned, "command line")->end, 0xc000);
	plan_end(&planned);
}

static void test_long_command_line(void **state)
{
	struct planned planned;
	char words[BUNDLE_APPEND_MAX + 1];

	(void)state;
	memset(words, 'w', sizeof(words));
	words[BUNDLE_APPEND_MAX] = '\0';
	pack("6.12.1", false, "--append", words, NULL);
	plan_begin(&planned);
	assert_int_equal(call_plan(&planned), 0);
	plan_end(&planned);
	plan_begin(&planned);
	planned.options.more = "x";
	assert_refused(&planned, "the command line would have 507 bytes, kexec takes 505");
}

static void test_quotes(void **state)
{
	struct planned planned;
	char *text;

	(void)state;
	pack("6.12.1", false, "--append", "a='b c' $d", NULL);
	plan_begin(&planned);
	assert_int_equal(call_plan(&planned), 0);
	text = plan_command(&planned.plan);
	assert_contains(text, "--command-line 'a='\\''b c'\\'' $d' b/vmlinux");
	free(text);
	plan_end(&planned);
}

/* Files that change once they are packed. */
static void test_changed_files(void **state)
{
	struct planned planned;

	(void)state;
	pack("6.12.1", false, NULL);
	fixture_run("rm b/dtb");
	plan_begin(&planned);
	assert_refused(&planned, "b/dtb: No such file");
	fixture_run("head -c $(stat -c %%s dtb) /dev/zero >b/dtb");
	plan_begin(&planned);
	assert_refused(&planned, "this is no device tree blob");
	fixture_run("sed -i 's/^dtb dtb [0-9]*/dtb dtb 1048577/' b/manifest");
	plan_begin(&planned);
	assert_refused(&planned, "dtb: 1048577 bytes are no device tree");
}

static void test_draw(void **state)
{
	struct planned planned;
	char *text = NULL;
	size_t size;
	FILE *to;

	(void)state;
	pack("6.12.1", false, NULL);
	plan_begin(&planned);
	planned.ram.range[0].end = 8 << 20;
	planned.ram.range[1].start = 16 << 20;
	planned.ram.range[1].end = 24 << 20;
	planned.ram.ranges = 2;
	assert_int_equal(call_plan(&planned), 0);
	to = open_memstream(&text, &size);
	plan_draw(to, &planned.plan, 8);
	fclose(to);
	assert_string_equal(text,
		"0x01800000 +--------------------------------+\n"
		"           | rootfs.squashfs                | rootfs           8.0 KiB\n"
		"0x017fe000 +--------------------------------+\n"
		"           |                                | free             8.0 MiB\n"
		"           |                                |\n"
		"           |                                |\n"
		"0x01000000 +--------------------------------+\n"
		"           :                                : no RAM           8.0 MiB\n"
		"0x00800000 +--------------------------------+\n"
		"           |                                | free             6.9 MiB\n"
		"           |                                |\n"
		"           |                                |\n"
		"0x00111000 +--------------------------------+\n"
		"           | dtb                            | device tree      4.0 KiB\n"
		"0x00110000 +--------------------------------+\n"
		"           | vmlinux                        | kernel          64.0 KiB\n"
		"0x00100000 +--------------------------------+\n"
		"           |                                | free          1000.0 KiB\n"
		"0x00006000 +--------------------------------+\n"
		"           |                                | command line     4.0 KiB\n"
		"0x00005000 +--------------------------------+\n"
		"           |                                | free            20.0 KiB\n"
		"0x00000000 +--------------------------------+\n"
		"RAM:    16.0 MiB, free for the new system:    15.9 MiB\n");
	free(text);
	to = open_memstream(&text, &size);
	plan_draw(to, &planned.plan, 0);
	fclose(to);
	free(text);
	plan_end(&planned);
}

/* RAM as a file tells it. */
struct told {
	int (*from)(const char *path, struct ram *ram);
	const char *path;
	struct ram ram;
};

static int call_ram(void *arg)
{
	struct told *told = arg;

	return told->from(told->path, &told->ram);
}

static void assert_ram(int (*from)(const char *path, struct ram *ram),
		       const char *path, const char *why,
		       unsigned int ranges, unsigned long long start,
		       unsigned long long total)
{
	struct told told = { from, path, { 0 } };
	int result;
	char *said = capture_stderr(call_ram, &told, &result);

	assert_contains(said, why);
	assert_int_equal(result, *why ? -1 : 0);
	free(said);
	if (*why)
		return;
	assert_int_equal(told.ram.ranges, ranges);
	assert_int_equal(told.ram.range[0].start, start);
	assert_int_equal(ram_total(&told.ram), total);
}

static void test_iomem(void **state)
{
	(void)state;
	assert_ram(ram_from_iomem, "iomem", "", 1, 0, 128 << 20);
	fixture_run("printf '10000000-17ffffff : System RAM\\n00000000-03ffffff : System RAM\\n04000000-07ffffff : System RAM\\n1e000000-1e3fffff : flash\\nSystem RAM\\n' >iomem2");
	assert_ram(ram_from_iomem, "iomem2", "", 2, 0, 256 << 20);
	fixture_run("printf '00000000-00000000 : System RAM\\n' >zeros");
	assert_ram(ram_from_iomem, "zeros", "run this as root", 0, 0, 0);
	fixture_run("printf '0-1 : flash\\n' >flash");
	assert_ram(ram_from_iomem, "flash", "flash: no line for System RAM", 0, 0, 0);
	fixture_run("printf '2000-1fff : System RAM\\n' >odd");
	assert_ram(ram_from_iomem, "odd", "odd: no range: 2000-1fff", 0, 0, 0);
	fixture_run("printf '0-ffffffffffffffff : System RAM\\n' >all");
	assert_ram(ram_from_iomem, "all", "all: no range", 0, 0, 0);
	fixture_run("for i in $(seq 10 99); do echo ${i}0-${i}8 : System RAM; done >many");
	assert_ram(ram_from_iomem, "many", "many: more than 64 pieces of RAM", 0, 0, 0);
	assert_ram(ram_from_iomem, "nothing", "nothing: No such file", 0, 0, 0);
}

static void make_dtb(const char *name, const char *source)
{
	FILE *file = fopen("source", "w");

	fprintf(file, "/dts-v1/; / { %s };", source);
	fclose(file);
	fixture_run("dtc -q -O dtb -o %s source", name);
}

static void test_dtb(void **state)
{
	(void)state;
	assert_ram(ram_from_dtb, "dtb", "", 1, 0, 128 << 20);
	make_dtb("two", "#address-cells = <2>; #size-cells = <2>; "
		 "a { memory { device_type = \"memory\"; reg = <0 0x70000000 0 0x1000>; }; }; "
		 "memory@1 { device_type = \"memory\"; reg = <1 0 0 0x1000000 0 0 0 0>; }; "
		 "memory@0 { device_type = \"memory\"; reg = <0 0x2000000 0 0x1000000>; }; "
		 "memory@2 { device_type = \"memory\"; };");
	assert_ram(ram_from_dtb, "two", "", 2, 0x2000000, 32 << 20);
	make_dtb("none", "#address-cells = <1>; #size-cells = <1>; "
		 "memory@0 { device_type = \"memory\"; reg = <0 0>; };");
	assert_ram(ram_from_dtb, "none", "none: it tells of no RAM; give --iomem", 0, 0, 0);
	make_dtb("bare", "memory@0 { device_type = \"memory\"; reg = <0 0x1000>; };");
	assert_ram(ram_from_dtb, "bare", "", 1, 0, 0x1000);
	make_dtb("cells", "#address-cells = <3>; memory@0 { device_type = \"memory\"; reg = <0 1>; };");
	assert_ram(ram_from_dtb, "cells", "must be 1 or 2", 0, 0, 0);
	make_dtb("beyond", "#address-cells = <2>; #size-cells = <2>; "
		 "memory@0 { device_type = \"memory\"; reg = <0xffffffff 0 1 0>; };");
	assert_ram(ram_from_dtb, "beyond", "goes on beyond 64 bits", 0, 0, 0);
	assert_ram(ram_from_dtb, "iomem", "this is no device tree blob", 0, 0, 0);
	assert_ram(ram_from_dtb, "nothing", "nothing: No such file", 0, 0, 0);
	fixture_run("for i in $(seq 0 2 200); do printf '%%s %%s ' 0x$i 1; done >cells; (printf '/dts-v1/; / { memory { device_type = \"memory\"; reg = <'; cat cells; printf '>; }; };') | dtc -q -O dtb -o lots -");
	assert_ram(ram_from_dtb, "lots", "lots: more than 64 pieces of RAM", 0, 0, 0);
}

static void test_mtds(void **state)
{
	(void)state;
	fixture_run("printf 'dev:    size   erasesize  name\\nmtd0: 00100000 00010000 \"YAMON\"\\nmtd1: 00200000 00010000 \"User FS\"\\nmtd2: 00100000 00001000 \"rootfs\"\\n' >mtd");
	assert_int_equal(plan_count_mtds("mtd", "nothing"), 3);
	fixture_run("mkdir -p tree/map-file@1 tree/map-file@2 tree/other; touch tree/map-file@1/kexec,map-file tree/map-file@1/label tree/map-file@2/kexec,map-file tree/other/label tree/file");
	assert_int_equal(plan_count_mtds("mtd", "tree"), 2);
	fixture_run("head -n 1 mtd >none");
	assert_int_equal(plan_count_mtds("none", "tree"), 0);
	assert_int_equal(plan_count_mtds("nothing", "tree"), PLAN_MTD_UNKNOWN);
}

/* kexec-try plan as a user gives it. */
static void assert_command(int want, const char *part, ...)
{
	char *argv[16] = { "plan" };
	int argc = 1, status;
	va_list words;
	char *said;

	va_start(words, part);
	while ((argv[argc] = va_arg(words, char *)))
		argc++;
	va_end(words);
	said = fixture_capture(subcommand_plan.run, argc, argv, &status);
	assert_contains(said, part);
	assert_int_equal(status, want);
	free(said);
}

static void test_command(void **state)
{
	(void)state;
	pack("6.1.192", false, NULL);
	assert_command(EXIT_GOOD, "Linux 6.1.192, mips, big endian, 32 bit", "b", "--iomem", "iomem", NULL);
	assert_command(EXIT_GOOD, "N is the number of MTDs", "b", "--iomem", "iomem", NULL);
	assert_command(EXIT_GOOD, "'root=/dev/mtdblock7 rootfstype", "--dtb", "dtb", "--mtd", "7", "b", NULL);
	assert_command(EXIT_GOOD, "phram.phram=", "--dtb", "dtb", "--numbers", "b", NULL);
	assert_command(EXIT_USAGE, "give one", "--dtb", "dtb", "--iomem", "iomem", "b", NULL);
	assert_command(EXIT_USAGE, "--mtd -1: no number of an MTD", "--mtd", "-1", "b", NULL);
	assert_command(EXIT_USAGE, "--mtd : no number of an MTD", "--mtd", "", "b", NULL);
	assert_command(EXIT_USAGE, "plan takes one bundle", NULL);
	assert_command(EXIT_USAGE, "plan takes one bundle", "b", "b", NULL);
	assert_command(EXIT_USAGE, "--nothing", "--nothing", NULL);
	assert_command(EXIT_REFUSED, "nothing: No such file", "nothing", "--dtb", "dtb", NULL);
	assert_command(EXIT_REFUSED, "nothing: No such file", "b", "--dtb", "nothing", NULL);
	fixture_run("printf '00100000-00110fff : System RAM\\n' >iomem3");
	assert_command(EXIT_REFUSED, "no free RAM", "b", "--iomem", "iomem3", NULL);
	fixture_run("echo x >>b/dtb");
	assert_command(EXIT_REFUSED, "b/dtb: it has", "b", "--iomem", "iomem", NULL);
}

/* Without a file that tells the RAM: a MIPS device has its own, whatever that
 * is where the test runs.
 */
static void test_own_ram(void **state)
{
	char *argv[] = { "plan", "b", NULL };
	int status;
	char *said;

	(void)state;
	pack("6.1.192", false, NULL);
	said = fixture_capture(subcommand_plan.run, 2, argv, &status);
#ifdef __mips__
	assert_null(strstr(said, "this is no MIPS device"));
	assert_int_not_equal(status, EXIT_USAGE);
#else
	assert_contains(said, "this is no MIPS device");
	assert_int_equal(status, EXIT_USAGE);
#endif
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_old_kernels),
		cmocka_unit_test(test_unknown_version),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_fixed_refused),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_page_size),
		cmocka_unit_test(test_long_command_line),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_changed_files),
		cmocka_unit_test(test_draw),
		cmocka_unit_test(test_iomem),
		cmocka_unit_test(test_dtb),
		cmocka_unit_test(test_mtds),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_own_ram),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
