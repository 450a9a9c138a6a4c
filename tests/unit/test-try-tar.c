// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-tar.c - a bundle as a stream
 *
 * What kexec-try writes tar(1) reads, and the other way round; then streams
 * that would write where nobody wants it, that do not end, or that hold too
 * much.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bundle.h"
#include "kexec-stubs.h"
#include "tar.h"

#define BLOCK	512

static char directory[] = "/tmp/test-try-tar-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int remove_directory(void **state)
{
	(void)state;
	return system("rm -rf in out stream") || chdir("/") ||
		rmdir(directory);
}

static int make_empty(void **state)
{
	(void)state;
	return system("rm -rf in out stream && mkdir in out");
}

static void assert_run(const char *command)
{
	if (system(command))
		fail_msg("'%s' failed", command);
}

/* Unpacks the file `stream` into the directory `out`. */
static int call_unpack(void *arg)
{
	int from = open("stream", O_RDONLY);
	int to = open("out", O_RDONLY | O_DIRECTORY);
	int result;

	(void)arg;
	assert_true(from >= 0 && to >= 0);
	result = tar_unpack(from, to);
	close(from);
	close(to);
	return result;
}

static void assert_refused(const char *why)
{
	int result;
	char *said = capture_stderr(call_unpack, NULL, &result);

	assert_contains(said, why);
	assert_int_equal(result, -1);
	free(said);
}

static void write_stream(int parts, const char *text)
{
	int to = open("stream", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int from = open("in/big", O_RDONLY);
	struct stat status;

	assert_true(to >= 0 && from >= 0);
	assert_int_equal(fstat(from, &status), 0);
	assert_int_equal(tar_put_file(to, "big", 0644, from, status.st_size), 0);
	if (parts > 1)
		assert_int_equal(tar_put_text(to, "small", 0755, text,
					      strlen(text)), 0);
	assert_int_equal(tar_put_end(to), 0);
	close(from);
	close(to);
}

static void test_there_and_back(void **state)
{
	(void)state;
	assert_run("seq 30000 >in/big && printf text >in/small");
	write_stream(2, "text");
	assert_int_equal(call_unpack(NULL), 0);
	assert_run("diff -r in out && test \"$(stat -c %s stream)\" = 180736");

	assert_run("rm out/* && tar -C out -xf stream && diff -r in out && test -x out/small");
}

static void test_from_tar(void **state)
{
	(void)state;
	assert_run("seq 3000 >in/big && touch in/none");
	assert_run("tar -C in -cf stream .");
	assert_int_equal(call_unpack(NULL), 0);
	assert_run("diff -r in out && rm out/*");
	assert_run("tar --format=ustar -C in -cf stream big none");
	assert_int_equal(call_unpack(NULL), 0);
	assert_run("diff -r in out");
	assert_refused("big: it is there already");
}

static void test_not_plain(void **state)
{
	(void)state;
	assert_run("mkdir in/sub && touch in/sub/file && ln -s /etc/passwd in/link && mkfifo in/pipe");
	assert_run("touch in/a && ln in/a in/b && touch 'in/a b' in/-x");
	assert_run("tar -C in -cf stream link");
	assert_refused("'link' is no plain file; make the stream with kexec-try pack");
	assert_run("tar -C in -cf stream pipe");
	assert_refused("'pipe' is no plain file");
	assert_run("tar -C in -cf stream sub");
	assert_refused("'sub/' is no plain file");
	assert_run("tar -C in -cf stream sub/file");
	assert_refused("called 'sub/file'");
	assert_run("tar -P -C in/sub -cf stream ../a");
	assert_refused("called '../a'");
	assert_run("tar -P -cf stream $PWD/in/a");
	assert_refused("a bundle cannot hold a file called '/tmp");
	assert_run("rm out/* 2>/dev/null; tar -C in -cf stream a b");
	assert_refused("'b' is no plain file");
	assert_run("tar -C in -cf stream 'a b'");
	assert_refused("called 'a b'");
	assert_run("tar --add-file=in/-x -cf stream --transform=s,in/,,");
	assert_refused("called '-x'");
	assert_run("test -z \"$(find out -type l -o -type p -o -type d -name 'sub')\"");
}

/* Names that are longer than a header has room for. */
static void test_long_names(void **state)
{
	(void)state;
	assert_run("n=$(printf %070d 1) && touch in/$n && tar -C in -cf stream $n");
	assert_refused("is no name of a file in a bundle");
	assert_run("n=$(printf %0120d 1) && touch in/$n && tar -C in -cf stream $n");
	assert_refused("is no plain file");
	assert_run("d=$(printf %0110d 1) && mkdir in/$d && touch in/$d/f && tar --format=ustar -C in -cf stream $d/f");
	assert_refused("'f' is no name of a file in a bundle");
}

static void test_damaged(void **state)
{
	(void)state;
	assert_run("seq 3000 >in/big && tar -C in -cf whole big && mv whole stream");
	assert_run("truncate -s 600 stream");
	assert_refused("the stream ends too early; it is cut");
	assert_run("rm out/*; truncate -s 100 stream");
	assert_refused("the stream ends too early; it is cut");
	assert_run(": >stream");
	assert_refused("the stream ends too early; it is cut");
	assert_run("tar -C in -cf stream big && printf x | dd of=stream conv=notrunc bs=1 seek=3 status=none");
	assert_refused("this is no tar stream, or a damaged or compressed one; make it with kexec-try pack");
	assert_run("seq 3000 >stream");
	assert_refused("this is no tar stream");
	assert_run("rm -f out/*; tar -C in -cf stream big && head -c 100000 /dev/zero >>stream");
	assert_refused("goes on behind its end");
}

/* Writes a header with a size of its own, and the sum made right again. */
static void write_size(const char *size)
{
	unsigned char header[BLOCK];
	unsigned int sum = 0, i;
	int fd;

	assert_run("touch in/none && tar -C in -cf stream none");
	fd = open("stream", O_RDWR);
	assert_int_equal(read(fd, header, BLOCK), BLOCK);
	memcpy(header + 124, size, 12);
	memset(header + 148, ' ', 8);
	for (i = 0; i < BLOCK; i++)
		sum += header[i];
	snprintf((char *)header + 148, 8, "%06o", sum);
	assert_int_equal(pwrite(fd, header, BLOCK, 0), BLOCK);
	close(fd);
}

static void test_sizes(void **state)
{
	(void)state;
	write_size("77777777777");
	assert_refused("with 'none' it has more than 1073741824 bytes");
	write_size("\x80\0\0\0\0\0\0\1\0\0\0\0");
	assert_refused("'none' has no size that a file of a bundle can have");
	write_size("-1         ");
	assert_refused("'none' has no size");
	write_size("12x        ");
	assert_refused("'none' has no size");
	write_size("           ");
	assert_refused("'none' has no size");
	write_size("      77777");
	assert_refused("the stream ends too early");
}

static void test_too_many(void **state)
{
	(void)state;
	assert_run("for i in $(seq 18); do touch in/f$i; done; tar -C in -cf stream $(ls in)");
	assert_refused("'f9' is one file too many");
	assert_run("rm out/* in/f9 && tar -C in -cf stream $(ls in)");
	assert_int_equal(call_unpack(NULL), 0);
	assert_run("diff -r in out");
}

static int call_put(void *arg)
{
	int from = open("in/big", O_RDONLY);
	int result = tar_put_file(*(int *)arg, "big", 0644, from, 10);

	close(from);
	return result;
}

static int call_put_rest(void *arg)
{
	int to = *(int *)arg;

	return tar_put_text(to, "text", 0644, "text", 4) + tar_put_end(to);
}

static void test_put_fails(void **state)
{
	int full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_WRONLY);
	char *said;
	int result;

	(void)state;
	assert_run("printf 12345 >in/big");
	said = capture_stderr(call_put, &null, &result);
	assert_int_equal(result, -1);
	assert_contains(said, "big: it got shorter while it was read");
	free(said);
	said = capture_stderr(call_put, &full, &result);
	assert_int_equal(result, -1);
	assert_contains(said, "writing the bundle: No space left");
	free(said);
	said = capture_stderr(call_put_rest, &full, &result);
	assert_int_equal(result, -2);
	assert_contains(said, "writing the bundle: No space left");
	free(said);
	close(full);
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_there_and_back, make_empty),
		cmocka_unit_test_setup(test_from_tar, make_empty),
		cmocka_unit_test_setup(test_not_plain, make_empty),
		cmocka_unit_test_setup(test_long_names, make_empty),
		cmocka_unit_test_setup(test_damaged, make_empty),
		cmocka_unit_test_setup(test_sizes, make_empty),
		cmocka_unit_test_setup(test_too_many, make_empty),
		cmocka_unit_test_setup(test_put_fails, make_empty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
