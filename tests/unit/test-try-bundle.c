// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-bundle.c - the manifest and the files of a bundle
 *
 * A manifest is read back as it was written; one in another form or with invalid
 * values is refused. Then the directory: complete, or with a changed byte, a file too
 * short, too long, missing or extra, and with links and FIFOs in place of files.
 */
#define _GNU_SOURCE
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

static char directory[] = "/tmp/test-try-bundle-XXXXXX";

static char kernel_sum[65], dtb_sum[65], rootfs_sum[65], map_sum[65];

/* Uses sha256sum(1): the code under test does not check itself. */
static void sum_of(const char *text, char sum[65])
{
	char command[256];
	FILE *pipe;

	snprintf(command, sizeof(command), "printf %%s '%s' | sha256sum", text);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_int_equal(fscanf(pipe, "%64s", sum), 1);
	pclose(pipe);
}

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static char *good_manifest(void)
{
	char *text;

	assert_true(asprintf(&text,
		"format 2\nmachine mips\nendian big\nbits 32\nlinux 6.1.192\n"
		"load 0x100000 0x7cb000\nmemory 20971520\ncompatible a,b c,d\n"
		"ram 0x0 0x8000000\nreserved 0x0 0x1000\nreserved 0x5000 0x6000\n"
		"kernel vmlinux 6 %s\ndtb dtb 3 %s\nrootfs rootfs.squashfs 6 %s\n"
		"map calibration 5 %s 0x6000000 factory\n"
		"label rootfs\nappend console=ttyS0,115200  quiet\n",
		kernel_sum, dtb_sum, rootfs_sum, map_sum) > 0);
	return text;
}

static int make_directory(void **state)
{
	char *manifest;

	(void)state;
	if (!mkdtemp(directory) || chdir(directory) || mkdir("b", 0700))
		return -1;
	sum_of("kernel", kernel_sum);
	sum_of("dtb", dtb_sum);
	sum_of("rootfs", rootfs_sum);
	sum_of("bytes", map_sum);
	manifest = good_manifest();
	write_file("b/manifest", manifest);
	free(manifest);
	return 0;
}

static int fill(void **state)
{
	(void)state;
	write_file("b/vmlinux", "kernel");
	write_file("b/dtb", "dtb");
	write_file("b/rootfs.squashfs", "rootfs");
	write_file("b/calibration", "bytes");
	return 0;
}

static int remove_directory(void **state)
{
	static const char *const files[] = {
		"b/manifest", "b/vmlinux", "b/dtb", "b/rootfs.squashfs",
		"b/calibration",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	return rmdir("b") || chdir("/") || rmdir(directory);
}

/* The arguments of bundle_parse(), for capture_stderr() */
struct parse {
	struct bundle bundle;
	const char *text;
	size_t size;
};

static int call_parse(void *arg)
{
	struct parse *parse = arg;

	return bundle_parse(&parse->bundle, "x/manifest", parse->text,
			    parse->size);
}

static void assert_refused_bytes(const char *text, size_t size,
				 const char *why)
{
	struct parse parse = { .text = text, .size = size };
	char *said;
	int result;

	said = capture_stderr(call_parse, &parse, &result);
	assert_int_equal(result, -1);
	assert_contains(said, why);
	assert_contains(said, "x/manifest");
	assert_int_equal(said[strlen(said) - 1], '\n');
	free(said);
}

static void assert_refused(const char *text, const char *why)
{
	assert_refused_bytes(text, strlen(text), why);
}

/* The good manifest with @new in place of @old is refused. */
static void assert_change_refused(const char *old, const char *new,
				  const char *why)
{
	char *text = good_manifest(), *changed;
	char *at = strstr(text, old);

	assert_non_null(at);
	*at = '\0';
	assert_true(asprintf(&changed, "%s%s%s", text, new,
			     at + strlen(old)) > 0);
	assert_refused(changed, why);
	free(changed);
	free(text);
}

static void test_read(void **state)
{
	char *text = good_manifest(), *again;
	struct bundle bundle, second;

	(void)state;
	assert_int_equal(bundle_parse(&bundle, "", text, strlen(text)), 0);
	assert_true(bundle.big_endian);
	assert_int_equal(bundle.bits, 32);
	assert_string_equal(bundle.linux_version, "6.1.192");
	assert_int_equal(bundle.load_start, 0x100000);
	assert_int_equal(bundle.load_end, 0x7cb000);
	assert_int_equal(bundle.memory, 20971520);
	assert_string_equal(bundle.label, "rootfs");
	assert_string_equal(bundle.append, "console=ttyS0,115200  quiet");
	assert_string_equal(bundle.compatible, "a,b c,d");
	assert_int_equal(ram_total(&bundle.ram), 128 << 20);
	assert_int_equal(bundle.reserved.ranges, 2);
	assert_int_equal(bundle.files, 4);
	assert_string_equal(bundle_find(&bundle, BUNDLE_KERNEL)->name,
			    "vmlinux");
	assert_int_equal(bundle_find(&bundle, BUNDLE_DTB)->size, 3);
	assert_int_equal(bundle.file[3].role, BUNDLE_MAP);
	assert_false(bundle.file[3].automatic);
	assert_int_equal(bundle.file[3].addr, 0x6000000);
	assert_string_equal(bundle.file[3].label, "factory");
	assert_int_equal(strlen(bundle.id), BUNDLE_ID_DIGITS);

	again = bundle_print(&bundle);
	assert_string_equal(again, text);
	assert_int_equal(bundle_parse(&second, "", again, strlen(again)), 0);
	assert_string_equal(second.id, bundle.id);
	free(again);
	free(text);
}

static void test_print(void **state)
{
	struct bundle bundle;
	char *text;

	(void)state;
	bundle_init(&bundle);
	assert_non_null(bundle_add(&bundle, BUNDLE_MAP, "a"));
	bundle.file[0].automatic = true;
	text = bundle_print(&bundle);
	assert_contains(text, " auto\nlabel rootfs\n");
	assert_contains(text, "endian little\n");
	assert_null(strstr(text, "append"));
	assert_null(bundle_find(&bundle, BUNDLE_KERNEL));
	free(text);
}

/* Any manifest in another form is refused, whatever it may mean. */
static void test_other_form(void **state)
{
	(void)state;
	assert_change_refused("format 2", "format 1", "line 1: ");
	assert_change_refused("machine mips", "machine arm", "line 2: ");
	assert_change_refused("endian big", "endian middle", "line 3: not as this kexec-try writes it");
	assert_change_refused("bits 32", "bits 32 64", "line 4: not as");
	assert_change_refused("bits 32", "bits  32", "line 4: not as");
	assert_change_refused("0x100000 0x7cb000", "0x100000", "line 6: ");
	assert_change_refused("0x100000", "1048576", "line 6: ");
	assert_change_refused("0x100000 ", "-0x1 ", "line 6: ");
	assert_change_refused("20971520", "-1", "line 7: not as");
	assert_change_refused("20971520", "99999999999999999999999", "line 7: not as");
	assert_change_refused("reserved 0x5000", "reserved 0x800", "line 10: not as");
	assert_change_refused("vmlinux 6", "../vmlinux 6", "a bundle cannot hold a file called '../vmlinux'");
	assert_change_refused("vmlinux 6", ".vmlinux 6", "a bundle cannot hold");
	assert_change_refused("vmlinux 6", "manifest 6", "two files called 'manifest'");
	assert_change_refused("vmlinux 6", "dtb 6", "line 13: ");
	assert_change_refused("vmlinux 6", "vmlinux", "line 12: ");
	assert_change_refused(kernel_sum, "", "line 12: not as");
	assert_change_refused(kernel_sum, "abc", "line 12: not as");
	assert_change_refused(kernel_sum,
			      "ABCDEF7cd9f02f8fd17c2c9ee30f4f21634b5a21af45a96ca96efa2dbeaae725",
			      "line 12: not as");
	assert_change_refused(" 0x6000000", "", "line 15: not as");
	assert_change_refused("label rootfs", "lable rootfs", "line 16: ");
	assert_change_refused("label rootfs\n", "", "line 16: not as");
	assert_change_refused("label rootfs", "bits 32\nlabel rootfs", "line 16: not as");
	assert_change_refused("quiet\n", "quiet\nmap", "the file is cut");
	assert_change_refused("format 2\n", "format 2\r\n", "line 1: ");
	assert_refused("", "the file is cut");
	assert_refused_bytes("format 2\n\0\n", 11, "the file is cut");
	assert_refused("format 2\n", "line 2: not as");
}

/* The right form, but invalid values */
static void test_unsound(void **state)
{
	static const char why[] = "a file is missing, or a name, a size or an address is invalid";
	char line[128];

	(void)state;
	assert_change_refused("bits 32", "bits 16", why);
	assert_change_refused("linux 6.1.192", "linux -6", why);
	assert_change_refused("0x100000 0x7cb000", "0x7cb000 0x100000", why);
	assert_change_refused("0x7cb000", "0x4000000000000001", why);
	assert_change_refused("ram 0x0 0x8000000", "ram 0x8000000 0x10", why);
	assert_change_refused("vmlinux 6", "vmlinux 0", why);
	assert_change_refused("vmlinux 6", "vmlinux 1073741825", why);
	assert_change_refused("0x6000000", "0x4000000000000001", why);
	assert_change_refused("label rootfs", "label root/fs", why);
	assert_change_refused("dtb dtb", "kernel dtb", why);
	snprintf(line, sizeof(line), "dtb dtb 3 %s\n", dtb_sum);
	assert_change_refused(line, "", why);
}

static void test_bounds(void **state)
{
	static char text[BUNDLE_MANIFEST_MAX + 1];
	char words[BUNDLE_APPEND_MAX + 2], name[BUNDLE_NAME_MAX + 2];
	struct bundle bundle;
	unsigned int i;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_refused_bytes(text, sizeof(text), "longer than 16384 bytes");

	bundle_init(&bundle);
	memset(words, 'w', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	assert_int_equal(bundle_set_append(&bundle, words), -1);
	words[sizeof(words) - 2] = '\0';
	assert_int_equal(bundle_set_append(&bundle, words), 0);
	/* the words of the trial follow: for Linux, and in no quotes */
	assert_int_equal(bundle_set_append(&bundle, "a -- b"), -1);
	assert_int_equal(bundle_set_append(&bundle, "a \"--\""), -1);
	assert_int_equal(bundle_set_append(&bundle, "a=\"b c"), -1);
	assert_int_equal(bundle_set_append(&bundle, "a\nb"), -1);
	assert_string_equal(bundle.append, words);
	assert_int_equal(bundle_set_label(bundle.label, ""), -1);
	assert_int_equal(bundle_set_label(bundle.label, "good"), 0);

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(bundle_add(&bundle, BUNDLE_MAP, name));
	name[sizeof(name) - 2] = '\0';
	assert_non_null(bundle_add(&bundle, BUNDLE_MAP, name));
	assert_null(bundle_add(&bundle, BUNDLE_MAP, name));
	for (i = 1; i < BUNDLE_FILES_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_non_null(bundle_add(&bundle, BUNDLE_MAP, name));
	}
	assert_null(bundle_add(&bundle, BUNDLE_MAP, "more"));
}

static void test_version(void **state)
{
	struct bundle bundle;

	(void)state;
	bundle_init(&bundle);
	assert_true(bundle_linux(&bundle, 6, 2));
	strcpy(bundle.linux_version, "6.12.117");
	assert_true(bundle_linux(&bundle, 6, 2));
	assert_true(bundle_linux(&bundle, 5, 18));
	assert_false(bundle_linux(&bundle, 7, 0));
	strcpy(bundle.linux_version, "5.9");
	assert_false(bundle_linux(&bundle, 5, 18));
	strcpy(bundle.linux_version, "7");
	assert_false(bundle_linux(&bundle, 7, 1));
}

static int call_verify(void *arg)
{
	struct bundle bundle;
	int result;

	(void)arg;
	if (bundle_open(&bundle, "b"))
		return -2;
	result = bundle_verify(&bundle);
	bundle_close(&bundle);
	return result;
}

static void assert_verify(int want, const char *why)
{
	int result;
	char *said = capture_stderr(call_verify, NULL, &result);

	assert_contains(said, why);
	assert_int_equal(result, want);
	free(said);
}

static void test_whole(void **state)
{
	struct bundle bundle;

	(void)state;
	assert_int_equal(call_verify(NULL), 0);
	assert_int_equal(bundle_open(&bundle, "b"), 0);
	assert_string_equal(bundle.path, "b");
	bundle_close(&bundle);
	assert_int_equal(bundle.dirfd, -1);
	bundle_close(&bundle);
}

static void test_changed_files(void **state)
{
	(void)state;
	write_file("b/dtb", "dtc");
	assert_verify(-1, "b/dtb: its SHA-256 is not that of the manifest");
	write_file("b/dtb", "dt");
	assert_verify(-1, "b/dtb: it has 2 bytes, the manifest says 3");
	write_file("b/dtb", "dtbb");
	assert_verify(-1, "b/dtb: it has 4 bytes, the manifest says 3");
	unlink("b/dtb");
	assert_verify(-1, "b/dtb: No such file");
	unlink("b/vmlinux");
	assert_verify(-1, "b/vmlinux: No such file");
}

static void test_odd_files(void **state)
{
	(void)state;
	write_file("b/extra", "x");
	assert_verify(-1, "b/extra: the manifest does not list it");
	unlink("b/extra");

	unlink("b/dtb");
	assert_int_equal(symlink("../outside", "b/dtb"), 0);
	write_file("outside", "dtb");
	assert_verify(-1, "b/dtb: a symbolic link, which is not followed");
	unlink("outside");
	unlink("b/dtb");
	assert_int_equal(mkfifo("b/dtb", 0600), 0);
	assert_verify(-1, "b/dtb: not a regular file");
	unlink("b/dtb");
	assert_int_equal(mkdir("b/dtb", 0700), 0);
	assert_verify(-1, "b/dtb: not a regular file");
	rmdir("b/dtb");
}

static void test_no_bundle(void **state)
{
	static char large[BUNDLE_MANIFEST_MAX + 2];

	(void)state;
	assert_int_equal(rename("b", "c"), 0);
	assert_verify(-2, "b: No such file or directory; a bundle is a directory");
	write_file("b", "");
	assert_verify(-2, "b: Not a directory");
	unlink("b");
	assert_int_equal(rename("c", "b"), 0);

	assert_int_equal(rename("b/manifest", "m"), 0);
	assert_verify(-2, "b/manifest: No such file or directory: the bundle is not whole; pack or send");
	memset(large, 'm', sizeof(large) - 1);
	write_file("b/manifest", large);
	assert_verify(-2, "longer than 16384 bytes");
	write_file("b/manifest", "format 3\n");
	assert_verify(-2, "line 1: ");
	assert_int_equal(rename("m", "b/manifest"), 0);
}

/* Texts of many lengths, below and above that of a block */
static void test_sum(void **state)
{
	char text[200], want[SUM_SIZE], have[SUM_SIZE];
	size_t length;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (length = 0; length < sizeof(text); length += 5) {
		text[length] = '\0';
		sum_of(text, want);
		sum_of_data(text, length, have);
		assert_string_equal(have, want);
		text[length] = 'x';
	}
}

static void count_tick(void *ticks)
{
	++*(unsigned int *)ticks;
}

/* A pipe that delivers a large text in pieces, and one that ends too early */
static void test_sum_of_pipe(void **state)
{
	FILE *text = popen("seq 100000", "r");
	char want[SUM_SIZE], have[SUM_SIZE];
	unsigned int ticks = 0;

	(void)state;
	assert_non_null(text);
	assert_int_equal(files_sum(fileno(text), 500000, count_tick, &ticks,
				   have), 500000);
	assert_int_equal(ticks, 8);
	assert_int_equal(files_sum(fileno(text), 500000, NULL, NULL, want),
			 588895 - 500000);
	pclose(text);
	text = popen("seq 100000 | head -c 500000 | sha256sum", "r");
	assert_non_null(text);
	assert_int_equal(fscanf(text, "%64s", want), 1);
	pclose(text);
	assert_string_equal(have, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_sum_of_pipe),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_other_form),
		cmocka_unit_test(test_unsound),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_version),
		cmocka_unit_test_setup(test_whole, fill),
		cmocka_unit_test_setup(test_changed_files, fill),
		cmocka_unit_test_setup(test_odd_files, fill),
		cmocka_unit_test_setup(test_no_bundle, fill),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
