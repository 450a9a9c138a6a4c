// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-map-file-place.c - the place of the files of --map-file in the image
 *
 * Four models of RAM: a Malta with 128 MiB; one with 512 MiB, which the I/O
 * hole splits at 256 MiB; an ath79 router with 64 MiB; a 64-bit machine with
 * RAM above 4 GiB. A kernel lies from 1 MiB to 7 MiB. A file lies where it was
 * asked for, or is refused with a line that says why and what would work.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec.h"
#include "kexec-stubs.h"
#include "map-file.h"

#define PAGE	4096
#define MIB	(1024 * 1024ULL)
#define GIB	(1024 * MIB)

static const struct map_file_window windows[] = {
	{ "KSEG0", 0x80000000ULL, 0x9fffffffULL, 0x1fffffff },
	{ "KSEG1", 0xa0000000ULL, 0xbfffffffULL, 0x1fffffff },
	{ "CKSEG0", 0xffffffff80000000ULL, 0xffffffff9fffffffULL, 0x1fffffff },
	{ "XKPHYS", 0x8000000000000000ULL, 0xbfffffffffffffffULL,
	  0x07ffffffffffffffULL },
	{ NULL, 0, 0, 0 },
};

static const struct map_file_machine machine_32 = {
	.page_size = PAGE,
	.vectors_end = 0x5000,
	.reach_end = 512 * MIB,
	.reach_name = "KSEG0",
	.window = windows,
	.segments_max = 16,
	.segments_after = 2,
	.image_max = 64 * MIB,
};

/* All that this one's segments can name: with 32 bits, no RAM above 4 GiB */
static const struct map_file_machine machine_64 = {
	.page_size = PAGE,
	.vectors_end = 0x5000,
	.reach_end = ULONG_MAX,
	.reach_name = "the addresses that kexec can name",
	.window = windows,
	.segments_max = 16,
	.segments_after = 2,
	.image_max = 2 * GIB,
};

struct model {
	const struct map_file_machine *machine;
	struct memory_range ram[4];
	int ranges;
};

static struct model malta = {
	&machine_32,
	{
		{ .start = 0, .end = 0x7fff000, .type = RANGE_RAM },
		{ .start = 0x7fff000, .end = 0x8000000, .type = RANGE_RESERVED },
	}, 2
};

static struct model split = {
	&machine_32,
	{
		{ .start = 0, .end = 0x10000000, .type = RANGE_RAM },
		{ .start = 0x90000000, .end = 0xa0000000, .type = RANGE_RAM },
	}, 2
};

static struct model ath79 = {
	&machine_32,
	{
		{ .start = 0x2000, .end = 0x4000000, .type = RANGE_RAM },
	}, 1
};

static struct model wide = {
	&machine_64,
	{
		{ .start = 0, .end = 0x10000000, .type = RANGE_RAM },
		{ .start = 0x90000000, .end = 0xa0000000, .type = RANGE_RAM },
		{ .start = 0x100000000ULL, .end = 0x180000000ULL,
		  .type = RANGE_RAM },
	}, 3
};

/* An image with a kernel of two segments, as big as a page of content each */
struct board {
	struct kexec_info info;
	struct map_file_space space;
	struct map_files files;
};

static char kernel[2][PAGE];

static void add(struct board *board, const void *buf, size_t bufsz,
		unsigned long addr, size_t memsz)
{
	add_segment_phys_virt(&board->info, buf, bufsz, addr, memsz, 0);
}

static struct board *boot(struct model *model)
{
	struct board *board = calloc(1, sizeof(*board));

	board->info.memory_range = model->ram;
	board->info.memory_ranges = model->ranges;
	board->space.machine = model->machine;
	board->space.info = &board->info;
	add(board, kernel[0], PAGE, MIB, 5 * MIB);
	add(board, kernel[1], PAGE, 6 * MIB, MIB);
	return board;
}

static void done(struct board *board)
{
	unsigned int i;

	for (i = 0; i < board->files.nr; i++)
		free((char *)board->files.file[i].arg);
	free_map_files(&board->files);
	free(board->info.segment);
	free(board);
}

/* A file as if it was opened; its content is one byte, however large it says
 * that it is.
 */
static void want(struct board *board, const char *arg, unsigned long long size)
{
	struct map_file *file = &board->files.file[board->files.nr];

	assert_int_equal(map_files_add(&board->files, strdup(arg)), 0);
	file->size = size;
	file->data = malloc(1);
}

static int place(struct board *board)
{
	int result = map_files_place_fixed(&board->files, &board->space);

	return result ? result :
		map_files_place_auto(&board->files, &board->space);
}

static const struct kexec_segment *segment_of(const struct board *board,
					      unsigned int nr)
{
	int i;

	for (i = 0; i < board->info.nr_segments; i++)
		if (board->info.segment[i].buf == board->files.file[nr].data)
			return &board->info.segment[i];
	fail_msg("%s is not in the image", board->files.file[nr].arg);
	return NULL;
}

static void lies_at(const struct board *board, unsigned int nr,
		    unsigned long long addr)
{
	const struct kexec_segment *segment = segment_of(board, nr);

	if ((uintptr_t)segment->mem != addr)
		fail_msg("%s lies at 0x%llx, not at 0x%llx",
			 board->files.file[nr].arg,
			 (unsigned long long)(uintptr_t)segment->mem, addr);
	assert_true(board->files.file[nr].addr == addr);
	assert_true(segment->bufsz == board->files.file[nr].size);
}

static void takes(struct model *model, const char *arg, size_t size,
		  unsigned long long addr)
{
	struct board *board = boot(model);

	want(board, arg, size);
	if (place(board))
		fail_msg("%s", board->files.error);
	lies_at(board, 0, addr);
	done(board);
}

static void refuses(struct model *model, const char *arg,
		    unsigned long long size, const char *reason)
{
	struct board *board = boot(model);

	want(board, arg, size);
	assert_int_equal(place(board), -1);
	assert_contains(board->files.error, arg);
	assert_contains(board->files.error, reason);
	assert_null(strchr(board->files.error, '\n'));
	assert_int_equal(board->info.nr_segments, 2);
	done(board);
}

/* Right behind the kernel, right before it, and at both ends of RAM. */
static void test_exact(void **state)
{
	(void)state;
	takes(&malta, "root@100M", 10 * MIB, 100 * MIB);
	takes(&malta, "root@7M", PAGE + 1, 7 * MIB);
	takes(&malta, "root@0xfe000", PAGE + 1, 0xfe000);
	takes(&malta, "root@0x5000", 1, 0x5000);
	takes(&malta, "root@0x7ffd000", 2 * PAGE, 0x7ffd000);
	takes(&split, "root@255M", MIB, 255 * MIB);
	takes(&ath79, "root@63M", MIB, 63 * MIB);
	takes(&ath79, "root@0x6000", 1, 0x6000);
	takes(&wide, "root@0x90000000", 256 * MIB, 0x90000000ULL);
	takes(&wide, "root@0x9ffff000", 1, 0x9ffff000ULL);
}

static void test_above_4_gib(void **state)
{
	(void)state;
	if (sizeof(void *) == 8) {
		takes(&wide, "root@4G", 4 * MIB, 4 * GIB);
		takes(&wide, "root@auto", 4 * MIB, 6 * GIB - 4 * MIB);
	} else {
		refuses(&wide, "root@4G", 1, "ends above the addresses that");
		takes(&wide, "root@auto", 4 * MIB, 0xa0000000ULL - 4 * MIB);
	}
}

static void test_not_aligned(void **state)
{
	(void)state;
	refuses(&malta, "root@104857601", 1,
		"not a multiple of the page size 4096; the nearest that are: 0x6400000 and 0x6401000");
	refuses(&malta, "root@0xfff", 1, "0x0 and 0x1000");
	refuses(&malta, "root@0xffffffffffffffff", 1,
		"0xfffffffffffff000 and 0xfffffffffffff000");
}

static void test_not_ram(void **state)
{
	(void)state;
	refuses(&malta, "root@0x7ffe000", PAGE + 1,
		"0x7ffe000-0x7ffffff is not all System RAM, which is 0x0-0x7ffefff");
	refuses(&malta, "root@0x7fff000", 1, "is not all System RAM");
	refuses(&malta, "root@1G", 1, "is not all System RAM");
	refuses(&malta, "root@0x1000006400000", 1, "is not all System RAM");
	refuses(&malta, "root@0xfffffffffffff000", 1,
		"its 1 bytes would end beyond 64 bits");
	refuses(&malta, "root@1M", 0xfffffffffffffff0ULL, "beyond 64 bits");
	refuses(&split, "root@255M", MIB + 1,
		"which is 0x0-0xfffffff, 0x90000000-0x9fffffff");
	refuses(&ath79, "root@0x1000", 1, "which is 0x2000-0x3ffffff");
	refuses(&ath79, "root@64M", 1, "is not all System RAM");
	refuses(&wide, "root@0xfff0000000", 1, "is not all System RAM");
}

static void test_out_of_reach(void **state)
{
	static struct model high = {
		&machine_32,
		{ { .start = 0, .end = 0x40000000, .type = RANGE_RAM } }, 1
	};

	(void)state;
	refuses(&high, "root@512M", 1,
		"0x20000000-0x20000fff ends above KSEG0; end below 0x20000000, or let auto choose");
	refuses(&high, "root@0x1ffff000", PAGE + 1, "ends above KSEG0");
	takes(&high, "root@0x1ffff000", PAGE, 0x1ffff000);
}

/* As boot loaders write addresses. Physical RAM from 2 GiB up keeps its meaning
 * where it can be reached, and is never folded to another address.
 */
static void test_virtual(void **state)
{
	(void)state;
	refuses(&malta, "root@0x86400000", 1,
		"0x86400000 is a virtual address, in KSEG0; the physical one is 0x6400000");
	refuses(&malta, "root@0xa6400000", 1,
		"in KSEG1; the physical one is 0x6400000");
	refuses(&malta, "root@0xffffffff86400000", 1,
		"in CKSEG0; the physical one is 0x6400000");
	refuses(&malta, "root@0x9800000006400000", 1,
		"in XKPHYS; the physical one is 0x6400000");
	refuses(&split, "root@0x90000000", 1,
		"0x90000000-0x90000fff ends above KSEG0");
	refuses(&split, "root@0x8fff0000", 1,
		"in KSEG0; the physical one is 0xfff0000");
	refuses(&wide, "root@0x86400000", 1, "in KSEG0");
	takes(&wide, "root@0x96400000", 1, 0x96400000ULL);
}

static void test_vectors(void **state)
{
	(void)state;
	refuses(&malta, "root@0", 1,
		"below 0x5000 the new kernel may put its exception vectors; begin there or higher");
	refuses(&malta, "root@0x4000", 1, "below 0x5000");
	refuses(&ath79, "root@0x2000", 1, "below 0x5000");
}

/* What the user keeps from kexec altogether. */
static void test_mem_min_max(void **state)
{
	(void)state;
	mem_min = 16 * MIB;
	mem_max = 64 * MIB - 1;
	takes(&malta, "root@63M", MIB, 63 * MIB);
	takes(&malta, "root@auto", MIB, 63 * MIB);
	takes(&malta, "root@auto", 48 * MIB, 16 * MIB);
	refuses(&malta, "root@64M", 1,
		"0x4000000-0x4000fff is not in 0x1000000-0x3ffffff, which is all that --mem-min and --mem-max leave");
	refuses(&malta, "root@15M", 1, "--mem-min");
	refuses(&malta, "root@auto", 48 * MIB + 1, "no free RAM");
	mem_min = 0;
	mem_max = ~0ULL;
}

static void test_overlaps_kernel(void **state)
{
	(void)state;
	refuses(&malta, "root@0xff000", PAGE + 1,
		"0xff000-0x100fff overlaps the kernel at 0x100000-0x5fffff by 4096 bytes; the first address after it is 0x600000");
	refuses(&malta, "root@0x6ff000", 1, "overlaps the kernel at 0x600000-");
	refuses(&malta, "root@2M", PAGE + 1, "by 8192 bytes");
}

static void refuses_second(const char *first, const char *second,
			   const char *reason)
{
	struct board *board = boot(&malta);

	want(board, first, PAGE + 1);
	want(board, second, PAGE + 1);
	assert_int_equal(place(board), -1);
	assert_contains(board->files.error, second);
	assert_contains(board->files.error, reason);
	done(board);
}

static void test_overlaps_file(void **state)
{
	struct board *board;

	(void)state;
	refuses_second("root@100M", "other@0x6401000",
		       "overlaps root at 0x6400000-0x6401fff by 4096 bytes; the first address after it is 0x6402000");
	refuses_second("root@100M", "other@100M", "overlaps root");
	refuses_second("root@100M", "root@0x63ff000", "overlaps root");

	board = boot(&malta);
	want(board, "root@0x6402000", PAGE + 1);
	want(board, "other@100M", PAGE + 1);
	want(board, "third@0x6404000", PAGE + 1);
	assert_int_equal(place(board), 0);
	lies_at(board, 1, 100 * MIB);
	done(board);
}

static void test_auto(void **state)
{
	(void)state;
	takes(&malta, "root@auto", 10 * MIB, 0x7fff000 - 10 * MIB);
	takes(&malta, "root@auto", 1, 0x7ffe000);
	takes(&split, "root@auto", 10 * MIB, 246 * MIB);
	takes(&ath79, "root@auto", 10 * MIB, 54 * MIB);
	takes(&ath79, "root@auto", 57 * MIB, 7 * MIB);
	refuses(&ath79, "root@auto", 57 * MIB + 1,
		"no free RAM for its 59768833 bytes below 0x20000000; the largest gap there has 59768832; System RAM is 0x2000-0x3ffffff");
	refuses(&ath79, "root@auto", ~0ULL, "no free RAM");
}

/* Files with an address come first, whatever the order of the options; the
 * others go below each other, clear of what is reserved, also by a byte.
 */
static void test_auto_makes_room(void **state)
{
	static const struct memory_range reserved[] = {
		{ .start = 0x7000000, .end = 0x7400001 },
		{ .start = 0x7100000, .end = 0x7200000 },
		{ .start = 0xffffffffffff0000ULL, .end = ~0ULL },
	};
	struct board *board = boot(&malta);

	(void)state;
	board->space.reserved = reserved;
	board->space.reserved_nr = 3;
	want(board, "first@auto", 6 * MIB);
	want(board, "second@auto", 6 * MIB);
	want(board, "fixed@0x7e00000", MIB);
	want(board, "third@auto", PAGE);
	assert_int_equal(place(board), 0);
	lies_at(board, 0, 0x7e00000 - 6 * MIB);
	lies_at(board, 1, 0x7000000 - 6 * MIB);
	lies_at(board, 2, 0x7e00000);
	lies_at(board, 3, 0x7ffe000);
	done(board);
}

/* The kernel is two segments, and two come after: 12 are left. */
static void test_segment_count(void **state)
{
	struct board *board = boot(&malta);
	char arg[32];
	int i;

	(void)state;
	for (i = 0; i < 13; i++) {
		snprintf(arg, sizeof(arg), "root@%dM", 10 + i);
		want(board, arg, 1);
	}
	assert_int_equal(place(board), -1);
	assert_contains(board->files.error,
			"root@22M: the image would have 17 segments, the kernel takes 16; map 1 less");
	assert_int_equal(board->info.nr_segments, 2);
	board->files.nr--;
	assert_int_equal(place(board), 0);
	assert_int_equal(board->info.nr_segments, 14);
	board->files.nr++;
	done(board);
}

static void test_image_size(void **state)
{
	struct board *board = boot(&malta);

	(void)state;
	want(board, "a@16M", 1);
	want(board, "root@32M", 58 * MIB - PAGE);
	want(board, "b@17M", 1);
	assert_int_equal(map_files_place_fixed(&board->files, &board->space),
			 0);
	assert_int_equal(map_files_check_image(&board->files, &board->space),
			 -1);
	assert_contains(board->files.error,
			"root@32M: the image has 67112960 bytes in all, the kernel takes 67108864 (half of its RAM); map 4096 bytes less");
	board->info.nr_segments--;
	assert_int_equal(map_files_check_image(&board->files, &board->space),
			 0);
	done(board);

	board = boot(&malta);
	add(board, kernel, 1, 16 * MIB, 100 * MIB);
	assert_int_equal(map_files_check_image(&board->files, &board->space),
			 0);
	done(board);
}

static void test_room(void **state)
{
	struct board *board = boot(&ath79);
	unsigned long long addr;

	(void)state;
	want(board, "root@10M", 50 * MIB);
	assert_int_equal(place(board), 0);
	assert_int_equal(map_files_find_room(&board->files, &board->space,
					     "the initrd", 4 * MIB, 7 * MIB,
					     256 * MIB, &addr), 0);
	assert_true(addr == 60 * MIB);
	assert_int_equal(map_files_find_room(&board->files, &board->space,
					     "the initrd", 4 * MIB + 1,
					     7 * MIB, 256 * MIB, &addr), -1);
	assert_contains(board->files.error,
			"root@10M: no room is left for the 4194305 bytes of the initrd in 0x700000-0xfffffff, where the largest gap has 4194304; map the file elsewhere");
	assert_int_equal(map_files_find_room(&board->files, &board->space,
					     "the initrd", 2 * MIB, 8 * MIB,
					     9 * MIB, &addr), -1);
	done(board);
}

static void dtb_goes_to(struct board *board, unsigned long long size,
			unsigned long long addr)
{
	unsigned long long found = 1;

	if (map_files_find_dtb(&board->files, &board->space, size, 7 * MIB,
			       256 * MIB, &found))
		fail_msg("%s", board->files.error);
	if (found != addr)
		fail_msg("it goes to 0x%llx, not to 0x%llx", found, addr);
}

static void dtb_has_no_room(struct board *board, unsigned long long size,
			    const char *reason)
{
	unsigned long long found;

	assert_int_equal(map_files_find_dtb(&board->files, &board->space, size,
					    7 * MIB, 256 * MIB, &found), -1);
	assert_contains(board->files.error, reason);
}

static void look_like_dtb(struct board *board, unsigned int nr)
{
	memcpy(board->files.file[nr].head, "\xd0\x0d\xfe\xed", 4);
}

/* Behind the kernel; behind a file that is in the way; but before one that
 * looks like a device tree, which may be the initrd, and then below the kernel
 * if need be.
 */
static void test_dtb(void **state)
{
	static const char fit[] = "\xd0\x0d\xfe\xed";
	static const struct memory_range firmware = {
		.start = 0, .end = 0x80000,
	};
	struct board *board = boot(&malta);

	(void)state;
	want(board, "root@0x702000", MIB);
	want(board, "fit@64M", MIB);
	want(board, "other@100M", MIB);
	assert_int_equal(place(board), 0);
	dtb_goes_to(board, 2 * PAGE, 7 * MIB);
	dtb_goes_to(board, 2 * PAGE + 1, 0x802000);

	look_like_dtb(board, 1);
	dtb_goes_to(board, 2 * PAGE + 1, 0x802000);
	look_like_dtb(board, 0);
	dtb_goes_to(board, 2 * PAGE, 7 * MIB);
	dtb_goes_to(board, 2 * PAGE + 1, 0x100000 - 3 * PAGE);

	add(board, fit, 4, 0x90000, PAGE);
	dtb_goes_to(board, PAGE, 0x8f000);
	board->space.reserved = &firmware;
	board->space.reserved_nr = 1;
	dtb_goes_to(board, 64 * 1024, 0x80000);
	dtb_has_no_room(board, 64 * 1024 + 1,
			"the initrd or the kernel at 0x90000 begins like a device tree, and there is no room below for the 65537 bytes of the real one, which must come first; map the file elsewhere");
	done(board);

	board = boot(&malta);
	want(board, "fit@0x5000", 1);
	want(board, "root@10M", 2);
	assert_int_equal(place(board), 0);
	look_like_dtb(board, 0);
	dtb_has_no_room(board, 1, "fit@0x5000: it begins like a device tree, and there is no room below 0x5000 for the 1 bytes");
	done(board);

	board = boot(&ath79);
	want(board, "root@7M", 57 * MIB);
	assert_int_equal(place(board), 0);
	dtb_has_no_room(board, 100,
			"no room is left for the 100 bytes of the device tree");
	done(board);
}

static void test_plan(void **state)
{
	static const struct map_file_part part[] = {
		{ "kernel", "vmlinux", 0 },
		{ "device tree", NULL, 7 * MIB },
	};
	static const char want_text[] =
		"The image, by physical address, in bytes:\n"
		"  0x00005000-0x000fffff     1028096  free\n"
		"  0x00100000-0x005fffff     5242880  kernel        vmlinux\n"
		"  0x00600000-0x006fffff     1048576  kernel        vmlinux\n"
		"  0x00700000-0x00700fff        4096  device tree\n"
		"  0x00701000-0x01ffffff    26210304  free\n"
		"  0x02000000-0x02001fff        8192  map file      root\n"
		"  0x02002000-0x03dfffff    31449088  free\n"
		"Reserved by the device tree: 0x03e00000-0x03ffffff\n";
	static const struct memory_range firmware = {
		.start = 0x3e00000, .end = 0x4000000,
	};
	struct board *board = boot(&ath79);
	char *text = NULL;
	size_t size;
	FILE *to;

	(void)state;
	board->space.reserved = &firmware;
	board->space.reserved_nr = 1;
	want(board, "root@32M", PAGE + 1);
	assert_int_equal(place(board), 0);
	add(board, part, 100, 7 * MIB, 100);
	to = open_memstream(&text, &size);
	map_files_print_plan(to, &board->files, &board->space, part, 2);
	fclose(to);
	assert_string_equal(text, want_text);
	free(text);
	done(board);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_above_4_gib),
		cmocka_unit_test(test_not_aligned),
		cmocka_unit_test(test_not_ram),
		cmocka_unit_test(test_out_of_reach),
		cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_mem_min_max),
		cmocka_unit_test(test_overlaps_kernel),
		cmocka_unit_test(test_overlaps_file),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_auto_makes_room),
		cmocka_unit_test(test_segment_count),
		cmocka_unit_test(test_image_size),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_dtb),
		cmocka_unit_test(test_plan),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
