// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-map-file-mips.c - --map-file through the steps of the MIPS loader
 *
 * One image, from the files on disk to the table of --debug: a kernel, a file
 * with an address, one with `auto`, an initrd, a command line and a device
 * tree. Each step that must end kexec does so with one line.
 */
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
#include <libfdt.h>

#include "kexec.h"
#include "kexec-syscall.h"
#include "kexec-stubs.h"
#include "map-file.h"
#include "arch/mips/map-file-mips.h"

#define MIB		(1024 * 1024UL)
#define BLOB_MAX	4096

static struct map_files files;
static struct map_file_space space;

static char kernel[16], buffer[16];

static struct memory_range ram[] = {
	{ .start = 0, .end = 0x8000000, .type = RANGE_RAM },
};

static char file_name[] = "/tmp/test-map-file-mips-XXXXXX";

static struct kexec_info info;
static char *dtb;
static off_t dtb_size;
static unsigned long flags;

static int make_file(void **state)
{
	int fd = mkstemp(file_name);

	(void)state;
	return fd < 0 || write(fd, "root filesystem", 15) != 15 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file_name);
}

/* As the stub of the real one in kexec/kexec.c: lowest place, nothing there. */
unsigned long add_buffer(struct kexec_info *image, const void *buf,
			 unsigned long bufsz, unsigned long memsz,
			 unsigned long buf_align, unsigned long buf_min,
			 unsigned long buf_max, int buf_end)
{
	(void)buf_align;
	assert_int_equal(buf_max, MIPS_BUFFER_MAX);
	assert_int_equal(buf_end, 1);
	add_segment_phys_virt(image, buf, bufsz, buf_min, memsz, 0);
	return buf_min;
}

static void add_option(const char *place)
{
	static char arg[2][64];
	unsigned int nr = files.nr;

	snprintf(arg[nr], sizeof(arg[nr]), "%s@%s", file_name, place);
	assert_int_equal(map_files_add(&files, arg[nr]), 0);
}

static int start(void **state)
{
	(void)state;
	memset(&files, 0, sizeof(files));
	memset(&info, 0, sizeof(info));
	memset(&space, 0, sizeof(space));
	info.memory_range = ram;
	info.memory_ranges = 1;
	flags = 0;
	add_segment_phys_virt(&info, kernel, sizeof(kernel), MIB, 6 * MIB, 0);

	dtb = calloc(1, BLOB_MAX);
	fdt_create(dtb, BLOB_MAX);
	fdt_add_reservemap_entry(dtb, 0x7ff0000, 0x10000);
	fdt_finish_reservemap(dtb);
	fdt_begin_node(dtb, "");
	fdt_end_node(dtb);
	fdt_finish(dtb);
	dtb_size = fdt_totalsize(dtb);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free_map_files(&files);
	free((void *)space.reserved);
	free(info.segment);
	free(dtb);
	return 0;
}

static void describe(void)
{
	char *before = dtb;

	mips_describe_map_files(&files, &space, &dtb, &dtb_size);
	if (dtb != before)
		free(before);
}

static int call_print(void *arg)
{
	static const struct map_file_part part[] = { { "kernel", NULL, 0 } };

	(void)arg;
	mips_print_plan(&files, &space, part, 1);
	return 0;
}

static void test_image(void **state)
{
	int node, len, result;
	char *said;

	(void)state;
	add_option("auto,label=rootfs,root");
	add_option("0x7fef000,no-reserve");
	mips_place_map_files(&files, &space, &info, false, 2);
	describe();
	assert_int_equal(info.nr_segments, 3);
	assert_int_equal((uintptr_t)info.segment[1].mem, 0x7fef000);
	assert_int_equal((uintptr_t)info.segment[2].mem, 0x7fee000);

	node = fdt_path_offset(dtb, "/reserved-memory/map-file@7fee000");
	assert_true(node > 0);
	assert_string_equal(fdt_getprop(dtb, node, "label", &len), "rootfs");
	assert_non_null(fdt_getprop(dtb, node, "linux,rootfs", &len));
	assert_true(fdt_path_offset(dtb, "/reserved-memory/map-file@7fef000") <
		    0);

	assert_int_equal(mips_add_buffer(&files, &space, "the initrd", buffer,
					 4 * MIB, 8 * MIB), 8 * MIB);
	assert_int_equal(mips_add_dtb(&files, &space, dtb, dtb_size, 7 * MIB), 7 * MIB);
	mips_check_map_files(&files, &space);
	said = capture_stderr(call_print, NULL, &result);
	assert_contains(said, "0x07fee000-0x07feefff        4096  map file");
	free(said);
}

/* Then the image is as upstream makes it. */
static void test_no_map_files(void **state)
{
	(void)state;
	mips_place_map_files(&files, &space, &info, true, 2);
	describe();
	assert_int_equal(mips_add_buffer(&files, &space, "the initrd", buffer,
					 400 * MIB, 20 * MIB), 20 * MIB);
	assert_int_equal(mips_add_dtb(&files, &space, dtb, dtb_size, 9 * MIB), 9 * MIB);
	mips_check_map_files(&files, &space);
	assert_int_equal(info.nr_segments, 3);
}

static int call_place(void *arg)
{
	(void)arg;
	info.kexec_flags = flags;
	mips_place_map_files(&files, &space, &info, true, 2);
	return 0;
}

static int call_add_buffer(void *arg)
{
	(void)arg;
	mips_add_buffer(&files, &space, "the initrd", buffer, 127 * MIB,
			7 * MIB);
	return 0;
}

static int call_check(void *arg)
{
	(void)arg;
	mips_check_map_files(&files, &space);
	return 0;
}

static void dies(int (*call)(void *arg), const char *reason)
{
	int result;
	char *said = capture_stderr(call, NULL, &result);

	assert_int_equal(result, DIED);
	assert_contains(said, "--map-file ");
	assert_contains(said, reason);
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	free(said);
}

static void test_load_panic(void **state)
{
	(void)state;
	add_option("100M");
	flags = KEXEC_ON_CRASH;
	dies(call_place, "not with --load-panic");
}

/* On 32 bits, whatever the kernel is. */
static void test_virtual(void **state)
{
	(void)state;
	add_option("0xa6400000");
	dies(call_place, "in KSEG1; the physical one is 0x6400000");
}

static void test_no_room(void **state)
{
	(void)state;
	add_option("100M");
	mips_place_map_files(&files, &space, &info, false, 2);
	dies(call_add_buffer, "no room is left for the 133169152 bytes of the initrd");
}

static void test_too_large(void **state)
{
	(void)state;
	add_option("100M");
	mips_place_map_files(&files, &space, &info, false, 2);
	add_segment_phys_virt(&info, buffer, sizeof(buffer), 0,
			      SIZE_MAX / 4096 / 2 * 4096, 0);
	dies(call_check, "half of its RAM");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_image, start, end),
		cmocka_unit_test_setup_teardown(test_no_map_files, start, end),
		cmocka_unit_test_setup_teardown(test_load_panic, start, end),
		cmocka_unit_test_setup_teardown(test_virtual, start, end),
		cmocka_unit_test_setup_teardown(test_no_room, start, end),
		cmocka_unit_test_setup_teardown(test_too_large, start, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
