// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-map-file.c - the option --map-file: what it takes, what it refuses
 *
 * The option is parsed, its file is opened and its place is checked against
 * the RAM of a Malta with 128 MiB, big endian, on which a kernel lies from
 * 1 MiB to 7 MiB. A refusal must name the option, the reason and a remedy,
 * and must leave the options before it as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec.h"
#include "kexec-stubs.h"
#include "map-file.h"

#define PAGE	4096
#define MIB	(1024 * 1024ULL)

static const struct map_file_machine malta = {
	.page_size = PAGE,
	.reach_end = 512 * MIB,
	.reach_name = "KSEG0",
	.segments_max = 16,
	.segments_after = 2,
	.image_max = 64 * MIB,
};

static struct memory_range ram[] = {
	{ .start = 0, .end = 0x7fff000, .type = RANGE_RAM },
	{ .start = 0x90000000, .end = 0x98000000, .type = RANGE_RAM },
	{ .start = 0xa0000000, .end = 0xa0001000, .type = RANGE_RESERVED },
};

static struct kexec_segment kernel = {
	.mem = (void *)0x100000,
	.memsz = 0x600000,
};

static struct kexec_info image = {
	.memory_range = ram,
	.memory_ranges = 3,
	.segment = &kernel,
	.nr_segments = 1,
};

static char directory[] = "/tmp/test-map-file-XXXXXX";

/* One page and a byte, one byte, nothing, a directory, a FIFO, a name with @ */
static int make_files(void **state)
{
	static char content[PAGE + 1];
	FILE *file;

	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	memset(content, 'x', sizeof(content));
	file = fopen("root", "w");
	fwrite(content, sizeof(content), 1, file);
	fclose(file);
	file = fopen("a@b", "w");
	fputc('y', file);
	fclose(file);
	file = fopen("dtb", "w");
	fwrite("\xd0\x0d\xfe\xed", 4, 1, file);
	fclose(file);
	fclose(fopen("empty", "w"));
	return mkdir("directory", 0700) || mkfifo("fifo", 0600);
}

static int remove_files(void **state)
{
	(void)state;
	unlink("root");
	unlink("a@b");
	unlink("dtb");
	unlink("empty");
	unlink("fifo");
	rmdir("directory");
	return chdir("/") || rmdir(directory);
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

/* kexec itself keeps the options and the files until it ends. */
static void free_files(struct map_files *files)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];

		if (file->data)
			munmap((void *)file->data, file->size);
		free(file->path);
		free(file->label);
	}
}

static void takes_address(const char *arg, unsigned long long addr)
{
	struct map_files files = { 0 };

	assert_int_equal(map_files_add(&files, arg), 0);
	assert_int_equal(files.nr, 1);
	assert_true(files.file[0].addr == addr);
	free_files(&files);
}

static void test_addresses(void **state)
{
	(void)state;
	takes_address("root@104857600", 100 * MIB);
	takes_address("root@0x6400000", 100 * MIB);
	takes_address("root@0X6400000", 100 * MIB);
	takes_address("root@100M", 100 * MIB);
	takes_address("root@0x64M", 100 * MIB);
	takes_address("root@102400K", 100 * MIB);
	takes_address("root@3G", 3072 * MIB);
	takes_address("root@0", 0);
	takes_address("root@0100", 100);
	takes_address("root@0xfffffffffffff000", 0xfffffffffffff000ULL);
	takes_address("root@18446744073709551615", UINT64_MAX);
}

static void test_options(void **state)
{
	struct map_files files = { 0 };

	(void)state;
	assert_int_equal(map_files_add(&files, "root@100M,label=rootfs"), 0);
	assert_int_equal(map_files_add(&files, "a@b@110M,no-reserve"), 0);
	assert_int_equal(map_files_add(&files, "a,b@0"), 0);
	assert_int_equal(files.nr, 3);
	assert_string_equal(files.file[0].path, "root");
	assert_string_equal(files.file[0].label, "rootfs");
	assert_true(files.file[0].reserve);
	assert_string_equal(files.file[1].path, "a@b");
	assert_null(files.file[1].label);
	assert_false(files.file[1].reserve);
	assert_string_equal(files.file[2].path, "a,b");
	assert_true(files.file[2].reserve);
	free_files(&files);
}

static void refuses_option(const char *arg, const char *reason)
{
	struct map_files files = { 0 };

	assert_int_equal(map_files_add(&files, "first@1M,label=first"), 0);
	assert_int_equal(map_files_add(&files, arg), -1);
	assert_contains(files.error, "--map-file ");
	assert_contains(files.error, arg);
	assert_contains(files.error, reason);
	assert_null(strchr(files.error, '\n'));
	assert_int_equal(files.nr, 1);
	assert_string_equal(files.file[0].path, "first");
	free_files(&files);
}

static void test_refused_options(void **state)
{
	static const char long_label[] = "root@1M,label="
		"0123456789012345678901234567890123456789012345678901234567890123";

	(void)state;
	refuses_option("root", "no address; write FILE@ADDRESS");
	refuses_option("", "for example FILE@100M");
	refuses_option("@100M", "no file name");
	refuses_option("root@", "no address after the last @");
	refuses_option("root@,label=a", "no address after the last @");
	refuses_option("root@x", "\"x\" is not an address");
	refuses_option("root@-1", "\"-1\" is not an address");
	refuses_option("root@+1", "is not an address");
	refuses_option("root@ 1", "is not an address");
	refuses_option("root@1 ", "is not an address");
	refuses_option("root@0x", "is not an address");
	refuses_option("root@0x-1", "is not an address");
	refuses_option("root@0xg", "is not an address");
	refuses_option("root@104857600junk", "is not an address");
	refuses_option("root@100MB", "is not an address");
	refuses_option("root@100m", "is not an address");
	refuses_option("root@18446744073709551616", "does not fit in 64 bits");
	refuses_option("root@0x10000000000000000", "does not fit in 64 bits");
	refuses_option("root@17179869184G", "does not fit in 64 bits");
	refuses_option("root@1M,", "unknown option \"\"");
	refuses_option("root@1M,label", "unknown option \"label\"");
	refuses_option("root@1M,noreserve", "known are label=NAME");
	refuses_option("root@1M,label=", "label= is empty");
	refuses_option("root@1M,label=a,label=b", "given twice");
	refuses_option("root@1M,no-reserve,no-reserve", "given twice");
	refuses_option("root@1M,label=a,no-reserve", "exclude each other");
	refuses_option("root@1M,no-reserve,label=a", "exclude each other");
	refuses_option("root@1M,label=a b", "not printable ASCII");
	refuses_option("root@1M,label=a\001", "not printable ASCII");
	refuses_option("root@1M,label=\303\244", "not printable ASCII");
	refuses_option(long_label, "64 characters; 63 is the most");
	refuses_option("root@1M,label=first", "first has the same label");
}

static void test_too_many(void **state)
{
	struct map_files files = { 0 };
	int i;

	(void)state;
	for (i = 0; i < MAP_FILE_MAX; i++)
		assert_int_equal(map_files_add(&files, "root@1M"), 0);
	assert_int_equal(map_files_add(&files, "root@1M"), -1);
	assert_contains(files.error, "more than 16 map files");
	assert_int_equal(files.nr, MAP_FILE_MAX);
	free_files(&files);
}

/* A name as long as a path can be must not overrun the message. */
static void test_long_name(void **state)
{
	struct map_files files = { 0 };
	static char name[8192];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	assert_int_equal(map_files_add(&files, name), -1);
	assert_contains(files.error, "nnn...: no address; write FILE@ADDRESS");
	assert_true(strlen(files.error) < 600);
}

static void test_open(void **state)
{
	struct map_files files = { 0 };

	(void)state;
	assert_int_equal(map_files_add(&files, "root@1M"), 0);
	assert_int_equal(map_files_add(&files, "a@b@2M"), 0);
	assert_int_equal(map_files_open(&files), 0);
	assert_int_equal(files.file[0].size, PAGE + 1);
	assert_memory_equal(files.file[0].data, "xxxx", 4);
	assert_int_equal(files.file[1].size, 1);
	assert_memory_equal(files.file[1].data, "y", 1);
	free_files(&files);
}

static void refuses_file(const char *arg, const char *reason)
{
	struct map_files files = { 0 };

	assert_int_equal(map_files_add(&files, arg), 0);
	assert_int_equal(map_files_open(&files), -1);
	assert_contains(files.error, arg);
	assert_contains(files.error, reason);
	free_files(&files);
}

static void test_refused_files(void **state)
{
	(void)state;
	refuses_file("missing@1M", "cannot open the file: No such file");
	refuses_file("empty@1M", "the file is empty");
	refuses_file("directory@1M", "not a regular file");
	refuses_file("fifo@1M", "not a regular file");
	refuses_file("/dev/null@1M", "not a regular file");
}

static int check(struct map_files *files, const char *first,
		 const char *second)
{
	memset(files, 0, sizeof(*files));
	assert_int_equal(map_files_add(files, first), 0);
	if (second)
		assert_int_equal(map_files_add(files, second), 0);
	assert_int_equal(map_files_open(files), 0);
	return map_files_check(files, &malta, &image);
}

static void takes_place(const char *first, const char *second)
{
	struct map_files files;

	assert_int_equal(check(&files, first, second), 0);
	free_files(&files);
}

/* Right behind the kernel, right before it, at both ends of RAM, and two that
 * touch; root takes two pages.
 */
static void test_places(void **state)
{
	(void)state;
	takes_place("root@100M", NULL);
	takes_place("root@0x700000", NULL);
	takes_place("root@0xfe000", NULL);
	takes_place("root@0", NULL);
	takes_place("root@0x7ffd000", NULL);
	takes_place("root@100M", "root@0x6402000");
	takes_place("root@0x6402000", "root@100M");
}

static void refuses_place(const char *first, const char *second,
			  const char *reason)
{
	struct map_files files;

	assert_int_equal(check(&files, first, second), -1);
	assert_contains(files.error, second ? second : first);
	assert_contains(files.error, reason);
	free_files(&files);
}

static void test_refused_places(void **state)
{
	(void)state;
	refuses_place("root@104857601", NULL,
		      "not a multiple of the page size 4096; the nearest that are: 0x6400000 and 0x6401000");
	refuses_place("root@0x7ffe000", NULL,
		      "is not all System RAM, which is 0x0-0x7ffefff, 0x90000000-0x97ffffff");
	refuses_place("root@1G", NULL, "is not all System RAM");
	refuses_place("root@0xa0000000", NULL, "is not all System RAM");
	refuses_place("root@0xfffffffffffff000", NULL,
		      "its 4097 bytes would end beyond 64 bits");
	refuses_place("root@0x1000006400000", NULL, "is not all System RAM");
	refuses_place("root@0x90000000", NULL,
		      "ends above KSEG0; end below 0x20000000");
	refuses_place("root@0xff000", NULL,
		      "overlaps the kernel at 0x100000-0x6fffff by 4096 bytes; the first address after it is 0x700000");
	refuses_place("root@0x6ff000", NULL, "overlaps the kernel");
	refuses_place("root@2M", NULL, "by 8192 bytes");
	refuses_place("root@100M", "root@0x6401000",
		      "overlaps root at 0x6400000-0x6401fff by 4096 bytes");
	refuses_place("root@100M", "a@b@100M", "overlaps root");
}

static void test_segments(void **state)
{
	struct map_files files;

	(void)state;
	nr_added = 0;
	kexec_debug = 1;
	assert_int_equal(check(&files, "root@100M", "a@b@110M"), 0);
	map_files_add_segments(&files, &image);
	kexec_debug = 0;
	assert_int_equal(nr_added, 2);
	assert_int_equal(added[0].base, 100 * MIB);
	assert_int_equal(added[0].bufsz, PAGE + 1);
	assert_int_equal(added[0].memsz, PAGE + 1);
	assert_ptr_equal(added[0].buf, files.file[0].data);
	assert_int_equal(added[0].phys, 0);
	assert_int_equal(added[1].base, 110 * MIB);
	free_files(&files);
}

/* The kernel is one segment, and two come after: 13 are left. */
static void test_segment_count(void **state)
{
	struct map_files files = { 0 };
	char arg[32];
	int i;

	(void)state;
	for (i = 0; i < 13; i++) {
		snprintf(arg, sizeof(arg), "root@%dM", 10 + i);
		assert_int_equal(map_files_add(&files, strdup(arg)), 0);
	}
	assert_int_equal(map_files_open(&files), 0);
	assert_int_equal(map_files_check(&files, &malta, &image), 0);

	assert_int_equal(map_files_add(&files, "a@b@100M"), 0);
	assert_int_equal(map_files_check(&files, &malta, &image), -1);
	assert_contains(files.error,
			"a@b@100M: the image would have 17 segments, the kernel takes 16; map 1 less");
	for (i = 0; i < 13; i++)
		free((char *)files.file[i].arg);
	free_files(&files);
}

static void image_is(unsigned long long bytes, const char *first,
		     const char *reason)
{
	static struct kexec_segment segment[1];
	struct kexec_info info = {
		.segment = segment, .nr_segments = 1,
	};
	struct map_files files = { 0 };
	int result;

	segment[0].memsz = bytes;
	assert_int_equal(map_files_add(&files, first), 0);
	assert_int_equal(map_files_add(&files, "a@b@50M"), 0);
	assert_int_equal(map_files_open(&files), 0);
	result = map_files_check_image(&files, &malta, &info, 8 * MIB);
	assert_int_equal(result, reason ? -1 : 0);
	if (reason)
		assert_contains(files.error, reason);
	free_files(&files);
}

static void test_image(void **state)
{
	struct map_files none = { 0 };

	(void)state;
	image_is(64 * MIB, "root@100M", NULL);
	image_is(64 * MIB + 1, "root@100M",
		 "root@100M: the image has 67108865 bytes in all, the kernel takes 67108864 (half of its RAM); map 1 bytes less");
	image_is(MIB, "dtb@9M", NULL);
	image_is(MIB, "dtb@7M",
		 "dtb@7M: the file begins like a device tree and lies below the real one at 0x800000");
	assert_int_equal(map_files_check_image(&none, &malta, &image, 0), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_refused_options),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_refused_files),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refused_places),
		cmocka_unit_test(test_segment_count),
		cmocka_unit_test(test_image),
		cmocka_unit_test(test_segments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
