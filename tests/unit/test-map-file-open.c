// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-map-file-open.c - the content of the files of --map-file
 *
 * Files that can be mapped, files of proc and sysfs that must be read, a block
 * device's stand-in, and all that must be refused: what is no file, what cannot
 * be read, what is too large, what changes while it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "map-file.h"

#define NOBODY	65534

static struct map_file_machine machine = { .image_max = 1 << 20 };

static char directory[] = "/tmp/test-map-file-XXXXXX";

static int make_files(void **state)
{
	static char content[5000];

	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	memset(content, 'x', sizeof(content));
	put_file("root", content, sizeof(content));
	put_file("a@b", "y", 1);
	put_file("dtb", "\xd0\x0d\xfe\xed", 4);
	put_file("empty", "", 0);
	put_file("secret", "z", 1);
	return chmod(directory, 0755) || chmod("secret", 0) ||
		mkdir("directory", 0700) || mkfifo("fifo", 0600);
}

static int remove_files(void **state)
{
	(void)state;
	unlink("root");
	unlink("a@b");
	unlink("dtb");
	unlink("empty");
	unlink("secret");
	unlink("fifo");
	rmdir("directory");
	return chdir("/") || rmdir(directory);
}

static int open_one(struct map_files *files, const char *arg)
{
	memset(files, 0, sizeof(*files));
	assert_int_equal(map_files_add(files, arg), 0);
	return map_files_open(files, &machine);
}

static void test_mapped(void **state)
{
	struct map_files files;

	(void)state;
	assert_int_equal(open_one(&files, "root@1M"), 0);
	assert_int_equal(files.file[0].size, 5000);
	assert_memory_equal(files.file[0].data, "xxxx", 4);
	assert_memory_equal(files.file[0].head, "xxxx", 4);
	assert_true(files.file[0].fd >= 0);
	assert_int_equal(map_files_check_unchanged(&files), 0);
	free_map_files(&files);

	assert_int_equal(open_one(&files, "a@b@2M"), 0);
	assert_int_equal(files.file[0].size, 1);
	assert_memory_equal(files.file[0].head, "y\0\0\0", 4);
	free_map_files(&files);
}

/* A file that says it has no bytes, and one that says it has 4096. */
static void test_read(void **state)
{
	struct map_files files;

	(void)state;
	assert_int_equal(open_one(&files, "/proc/self/limits@1M"), 0);
	assert_int_equal(files.file[0].fd, -1);
	assert_true(files.file[0].size > 100);
	assert_memory_equal(files.file[0].data, "Limit", 5);
	assert_memory_equal(files.file[0].head, "Limi", 4);
	assert_int_equal(map_files_check_unchanged(&files), 0);
	free_map_files(&files);

	assert_int_equal(open_one(&files, "/sys/kernel/mm/transparent_hugepage/enabled@1M"), 0);
	assert_int_equal(files.file[0].fd, -1);
	assert_true(files.file[0].size > 1 && files.file[0].size < 4096);
	free_map_files(&files);
}

/* More than the first buffer holds, and more than an image may have. */
static void test_read_long(void **state)
{
	struct map_file_machine small = { .image_max = 1000 };
	struct map_files files = { 0 };

	(void)state;
	assert_int_equal(open_one(&files, "/proc/kallsyms@1M"), -1);
	assert_contains(files.error,
			"the file has more than the 1048576 bytes that the kernel takes");
	free_map_files(&files);

	memset(&files, 0, sizeof(files));
	assert_int_equal(map_files_add(&files, "/proc/self/limits@1M"), 0);
	assert_int_equal(map_files_open(&files, &small), -1);
	assert_contains(files.error, "more than the 1000 bytes");
	free_map_files(&files);
}

static void refuses_file(const char *arg, const char *reason)
{
	struct map_files files;

	assert_int_equal(open_one(&files, arg), -1);
	assert_contains(files.error, arg);
	assert_contains(files.error, reason);
	assert_null(strchr(files.error, '\n'));
	free_map_files(&files);
}

static void test_refused(void **state)
{
	(void)state;
	refuses_file("missing@1M", "cannot open the file: No such file");
	refuses_file("empty@1M", "the file is empty");
	refuses_file("directory@1M", "not a regular file but a directory");
	refuses_file("fifo@1M", "not a regular file but a FIFO or socket");
	refuses_file("/dev/null@1M", "a device without a size");
	refuses_file("/proc/self/mem@1M", "cannot read the file: ");
}

/* root may read anything, so as somebody else. */
static void test_unreadable(void **state)
{
	bool is_root = !geteuid();

	(void)state;
	if (is_root)
		assert_int_equal(seteuid(NOBODY), 0);
	refuses_file("secret@1M", "cannot open the file: Permission denied");
	if (is_root)
		assert_int_equal(seteuid(0), 0);
}

static void changes(off_t size, const char *reason)
{
	struct map_files files;

	put_file("changing", "0123456789", 10);
	assert_int_equal(open_one(&files, "changing@1M"), 0);
	assert_int_equal(map_files_check_unchanged(&files), 0);
	assert_int_equal(truncate("changing", size), 0);
	assert_int_equal(map_files_check_unchanged(&files), -1);
	assert_contains(files.error, "changing@1M: ");
	assert_contains(files.error, reason);
	assert_memory_equal(files.file[0].head, "0123", 4);
	unlink("changing");
	free_map_files(&files);
}

static void test_changed(void **state)
{
	(void)state;
	changes(5, "changed while it was read: 10 bytes before, now 5;");
	changes(0, "10 bytes before, now 0");
	changes(20000, "10 bytes before, now 20000");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_read_long),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_changed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
