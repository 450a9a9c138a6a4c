// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-plan.c - where a bundle goes, and the command that puts it there
 *
 * A bundle is planned for 128 MiB: for old and new kernels, in the short form and
 * with every number, with other map files and other RAM. RAM is read from texts in
 * the format of /proc/iomem.
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
#include "text.h"
#include "try-fixtures.h"

#define ROOTFS	5000

static struct bundle bundle;
static struct ram ram;
static struct plan options;
static struct plan plan;

static void add(enum bundle_role role, const char *name, unsigned long long size)
{
	bundle_add(&bundle, role, name)->size = size;
}

/* Begins with a bundle named b that has a kernel of that version. */
static void begin(const char *version, const char *append)
{
	bundle_init(&bundle);
	bundle.path = (char *)"b";
	bundle.bits = 32;
	strcpy(bundle.linux_version, version);
	strcpy(bundle.append, append);
	bundle.load_start = 0x100000;
	bundle.load_end = 0x110000;
	add(BUNDLE_KERNEL, "vmlinux", 60000);
	add(BUNDLE_DTB, "dtb", 2000);
	add(BUNDLE_ROOTFS, "rootfs.squashfs", ROOTFS);
	ram = (struct ram) { 1, { { 0, 128 << 20 } } };
	options = (struct plan) { .bundle = &bundle, .page_size = 4096,
				  .mtd = 3, .more = "" };
}

static int call_plan(void *arg)
{
	(void)arg;
	plan = options;
	plan.ram = ram;
	return plan_make(&plan);
}

static void assert_planned(const char *command)
{
	int result;
	char *said = capture_stderr(call_plan, NULL, &result), *text;

	assert_string_equal(said, "");
	assert_int_equal(result, 0);
	text = plan_command(&plan);
	assert_string_equal(text, command);
	free(text);
	free(said);
	plan_free(&plan);
}

static void assert_refused(const char *why)
{
	int result;
	char *said = capture_stderr(call_plan, NULL, &result);

	assert_contains(said, why);
	assert_int_equal(result, -1);
	free(said);
	plan_free(&plan);
}

static const struct ram_range *at(const char *name)
{
	unsigned int i;

	for (i = 0; i < plan.parts; i++)
		if (!strcmp(plan.part[i].file->name, name))
			return &plan.part[i].at;
	fail_msg("no %s in the plan", name);
	return NULL;
}

static void test_short(void **state)
{
	(void)state;
	begin("6.12.1", "console=ttyS0");
	assert_int_equal(call_plan(NULL), 0);
	assert_int_equal(at("vmlinux")->start, 0x100000);
	assert_int_equal(at("rootfs.squashfs")->start, 0x7ffe000);
	assert_int_equal(at("rootfs.squashfs")->end, 128 << 20);
	plan_free(&plan);
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line console=ttyS0 b/vmlinux");
	options.load_only = true;
	options.more = "kexec_try.confirm_within=300";
	assert_planned("kexec -l --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line 'console=ttyS0 kexec_try.confirm_within=300' b/vmlinux");
	begin("6.12.1", "a='b c' $d");
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line 'a='\\''b c'\\'' $d' b/vmlinux");
}

/* Before 6.2, root= has the MTD number; before 5.18, every number is given. */
static void test_old_kernels(void **state)
{
	(void)state;
	begin("6.1.192", "");
	strcpy(bundle.label, "new");
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=new --dtb b/dtb --command-line 'root=/dev/mtdblock3 rootfstype=squashfs' b/vmlinux");
	begin("5.10.3", "quiet");
	options.mtd = PLAN_MTD_UNKNOWN;
	assert_planned("kexec --map-file b/rootfs.squashfs@0x7ff0000 --dtb b/dtb --command-line 'mtdparts=phram0:5120(rootfs) phram.phram=phram0,134152192,65536 memmap=65536$134152192 root=/dev/mtdblockN rootfstype=squashfs quiet' b/vmlinux");
	begin("5.10.3", "quiet mtdparts=a:1(b)");
	assert_refused("the words to append have mtdparts=");
}

static void test_unknown_version(void **state)
{
	(void)state;
	begin("unknown", "noroot=1");
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --dtb b/dtb --command-line noroot=1 b/vmlinux");
	begin("unknown", "quiet root=/dev/sda1");
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs --dtb b/dtb --command-line 'quiet root=/dev/sda1' b/vmlinux");
}

/* The rootfs makes room for files with an address, in units of 64 KiB in the form with
 * every number, and for what the device tree reserves.
 */
static void test_maps(void **state)
{
	(void)state;
	begin("6.12.1", "");
	add(BUNDLE_MAP, "big", 70000);
	bundle.file[3].addr = 0x7fe0000;
	add(BUNDLE_MAP, "small", 6);
	bundle.file[4].automatic = true;
	assert_int_equal(call_plan(NULL), 0);
	assert_int_equal(at("rootfs.squashfs")->start, 0x7ffe000);
	assert_int_equal(at("small")->start, 0x7ffd000);
	plan_free(&plan);
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --map-file b/big@0x7fe0000 --map-file b/small@auto --dtb b/dtb --command-line '' b/vmlinux");
	strcpy(bundle.file[4].label, "art");
	assert_planned("kexec --map-file b/rootfs.squashfs@auto,label=rootfs,root --map-file b/big@0x7fe0000 --map-file b/small@auto,label=art --dtb b/dtb --command-line '' b/vmlinux");
	/* with two MTDs, the number of the root is unknown */
	options.numbers = true;
	assert_int_equal(call_plan(NULL), -1);
	plan_free(&plan);
	bundle.file[4].label[0] = '\0';
	assert_planned("kexec --map-file b/rootfs.squashfs@0x7fd0000 --map-file b/big@0x7fe0000 --map-file b/small@auto --dtb b/dtb --command-line 'mtdparts=phram0:5120(rootfs) phram.phram=phram0,134021120,65536 memmap=65536$134021120 root=/dev/mtdblock3 rootfstype=squashfs' b/vmlinux");
	ram_add(&bundle.reserved, "tree", 0x7f00000, TEXT_ADDRESS_MAX);
	assert_refused("big: 0x7fe0000-0x7ff116f overlaps 0x7f00000-0x3fffffffffffffff, which is taken; choose another address, or auto");
	bundle.file[3].automatic = true;
	assert_int_equal(call_plan(NULL), 0);
	assert_int_equal(at("rootfs.squashfs")->end, 0x7f00000);
	plan_free(&plan);
}

/* Addresses that kexec would refuse, but only after the transfer */
static void test_addresses(void **state)
{
	(void)state;
	begin("6.12.1", "");
	add(BUNDLE_MAP, "big", 70000);
	bundle.file[3].addr = 0x7fefff0;
	assert_refused("big: 0x7fefff0-0x800115f is not in RAM that the new kernel reaches; choose another address, or auto");
	bundle.file[3].addr = 0x100000;
	assert_refused("big: 0x100000-0x11116f overlaps 0x100000-0x10ffff");
	ram.range[0] = (struct ram_range) { 0, 0x30000000 };
	bundle.file[3].addr = 0x20000000;
	assert_refused("big: 0x20000000-0x2001116f is not in RAM");
	bundle.bits = 64;
	assert_int_equal(call_plan(NULL), 0);
	plan_free(&plan);
	add(BUNDLE_MAP, "other", 1);
	bundle.file[4].addr = 0x20011000;
	assert_refused("other: 0x20011000-0x20011000 overlaps 0x20000000-0x2001116f");
}

static void test_no_room(void **state)
{
	(void)state;
	begin("6.1.192", "");
	ram.range[0] = (struct ram_range) { 0x100000, 0x111000 };
	assert_refused("no free RAM for its 8192 bytes");
	/* out of reach of a 32-bit kernel */
	ram.range[0] = (struct ram_range) { 0x20000000, 0x30000000 };
	assert_refused("the kernel loads at 0x100000-0x10ffff, which is not in the device's RAM");
	ram.ranges = 2;
	ram.range[1] = ram.range[0];
	ram.range[0] = (struct ram_range) { 0x100000, 0x110000 };
	assert_refused("no free RAM");
	bundle.bits = 64;
	options.page_size = 16384;
	assert_int_equal(call_plan(NULL), 0);
	assert_int_equal(at("rootfs.squashfs")->start, 0x2fffc000);
	plan_free(&plan);
}

static void test_long_command_line(void **state)
{
	(void)state;
	begin("6.12.1", "");
	memset(bundle.append, 'w', BUNDLE_APPEND_MAX);
	assert_int_equal(call_plan(NULL), 0);
	plan_free(&plan);
	options.more = "x";
	assert_refused("the command line would have 4097 bytes, kexec takes 4095");
}

static int call_ram(void *path)
{
	return ram_from_iomem(path, &ram);
}

static void assert_ram(const char *iomem, const char *why, unsigned int ranges,
		       unsigned long long total)
{
	char path[] = "/tmp/test-try-plan-iomem-XXXXXX", *said;
	int fd = mkstemp(path), result;

	assert_true(fd >= 0);
	dprintf(fd, "%s", iomem);
	close(fd);
	said = capture_stderr(call_ram, path, &result);
	unlink(path);
	assert_contains(said, why);
	assert_int_equal(result, *why ? -1 : 0);
	free(said);
	if (*why)
		return;
	assert_int_equal(ram.ranges, ranges);
	assert_int_equal(ram_total(&ram), total);
}

static void test_iomem(void **state)
{
	char many[4096] = "";
	int i;

	(void)state;
	assert_ram("00000000-07ffffff : System RAM\n  00100000-0010ffff : Kernel code\n",
		   "", 1, 128 << 20);
	assert_ram("10000000-17ffffff : System RAM\n00000000-03ffffff : System RAM\n04000000-07ffffff : System RAM\n1e000000-1e3fffff : flash\nSystem RAM\n",
		   "", 2, 256 << 20);
	assert_int_equal(ram.range[0].end, 0x8000000);
	assert_true(ram_has(&ram, 0x10000000, 0x18000000));
	assert_false(ram_has(&ram, 0x7ffffff, 0x10000001));
	assert_ram("00000000-00000000 : System RAM\n", "run this as root", 0, 0);
	assert_ram("0-1 : flash\n", "no line for System RAM", 0, 0);
	assert_ram("2000-1fff : System RAM\n", "invalid range: 2000-1fff", 0, 0);
	assert_ram("0-ffffffffffffffff : System RAM\n", "invalid range", 0, 0);
	for (i = 10; i < 99; i++)
		sprintf(many + strlen(many), "%d0-%d8 : System RAM\n", i, i);
	assert_ram(many, "more than 64 ranges", 0, 0);
	assert_int_equal(call_ram("nothing"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_old_kernels),
		cmocka_unit_test(test_unknown_version),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_long_command_line),
		cmocka_unit_test(test_iomem),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
