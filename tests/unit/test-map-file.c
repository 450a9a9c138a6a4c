// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-map-file.c - the option --map-file: what it takes, what it refuses
 *
 * Only the text is read here. A refusal must name the option, the reason and a
 * remedy in one line, and must leave the options before it as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "map-file.h"

#define MIB	(1024 * 1024ULL)

static void takes_address(const char *arg, unsigned long long addr)
{
	struct map_files files = { 0 };

	assert_int_equal(map_files_add(&files, arg), 0);
	assert_int_equal(files.nr, 1);
	assert_true(files.file[0].addr == addr);
	assert_false(files.file[0].automatic);
	free_map_files(&files);
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
	assert_int_equal(map_files_add(&files, "c@auto,root,label=c"), 0);
	assert_int_equal(map_files_add(&files, "auto@auto"), 0);
	assert_int_equal(files.nr, 5);
	assert_string_equal(files.file[0].path, "root");
	assert_string_equal(files.file[0].label, "rootfs");
	assert_true(files.file[0].reserve);
	assert_string_equal(files.file[1].path, "a@b");
	assert_null(files.file[1].label);
	assert_false(files.file[1].reserve);
	assert_string_equal(files.file[2].path, "a,b");
	assert_true(files.file[2].reserve);
	assert_false(files.file[2].automatic);
	assert_false(files.file[2].root);
	assert_true(files.file[3].automatic);
	assert_true(files.file[3].root);
	assert_string_equal(files.file[4].path, "auto");
	assert_true(files.file[4].automatic);
	free_map_files(&files);
}

static void refuses_option(const char *arg, const char *reason)
{
	struct map_files files = { 0 };

	assert_int_equal(map_files_add(&files, "first@1M,label=first,root"), 0);
	assert_int_equal(map_files_add(&files, arg), -1);
	assert_contains(files.error, "--map-file ");
	assert_contains(files.error, arg);
	assert_contains(files.error, reason);
	assert_null(strchr(files.error, '\n'));
	assert_int_equal(files.nr, 1);
	assert_string_equal(files.file[0].path, "first");
	free_map_files(&files);
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
	refuses_option("root@Auto", "\"Auto\" is not an address; write auto,");
	refuses_option("root@autos", "\"autos\" is not an address");
	refuses_option("root@auto,no-reserve", "auto and no-reserve exclude");
	refuses_option("root@1M,root", "root needs label=NAME");
	refuses_option("root@1M,root=yes", "unknown option \"root=yes\"");
	refuses_option("root@1M,label=a,root,root", "root is given twice");
	refuses_option("root@1M,label=a,root",
		       "first is the root device already");
	refuses_option("root@-1", "\"-1\" is not an address");
	refuses_option("root@+1", "is not an address");
	refuses_option("root@ 1", "is not an address");
	refuses_option("root@1 ", "is not an address");
	refuses_option("root@0x", "is not an address");
	refuses_option("root@0x-1", "is not an address");
	refuses_option("root@0x0x10", "is not an address");
	refuses_option("root@0xg", "is not an address");
	refuses_option("root@104857600junk", "is not an address");
	refuses_option("root@100MB", "is not an address");
	refuses_option("root@100m", "is not an address");
	refuses_option("root@18446744073709551616", "does not fit in 64 bits");
	refuses_option("root@0x10000000000000000", "does not fit in 64 bits");
	refuses_option("root@17179869184G", "does not fit in 64 bits");
	refuses_option("root@1M,", "unknown option \"\"");
	refuses_option("root@1M,label", "unknown option \"label\"");
	refuses_option("root@1M,noreserve", "known are label=NAME, root and no-reserve");
	refuses_option("root@1M,label=", "label= is empty");
	refuses_option("root@1M,label=a,label=b", "given twice");
	refuses_option("root@1M,no-reserve,no-reserve", "given twice");
	refuses_option("root@1M,label=a,no-reserve", "exclude each other");
	refuses_option("root@1M,no-reserve,label=a", "exclude each other");
	refuses_option("root@1M,label=a b", "not printable ASCII");
	refuses_option("root@1M,label=\303\244", "not printable ASCII");
	refuses_option(long_label, "64 characters; 63 is the most");
	refuses_option("root@1M,label=first", "first has the same label");
}

/* What a terminal would obey, or would take for a second line. */
static void test_control_characters(void **state)
{
	struct map_files files = { 0 };

	(void)state;
	assert_int_equal(map_files_add(&files, "root@1M,label=a\001"), -1);
	assert_contains(files.error, "label=a?: the label holds a character");
	assert_int_equal(map_files_add(&files, "a\nb\033[2J"), -1);
	assert_contains(files.error, "--map-file a?b?[2J: no address");
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
	free_map_files(&files);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_refused_options),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_long_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
