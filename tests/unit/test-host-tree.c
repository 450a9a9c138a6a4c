// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-host-tree.c - untrusted device tree blobs
 *
 * A blob is changed in its header, cut, and corrupted byte by byte. It is either
 * refused, or read without an access beyond its end, which ASan would detect. A
 * valid blob gives its RAM and its reserved ranges.
 */
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

#include "kexec-stubs.h"
#include "parts.h"
#include "ram.h"
#include "say.h"
#include "try-fixtures.h"

static char directory[] = "/tmp/test-try-tree-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int remove_directory(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	return chdir("/") || rmdir(directory);
}

static void make_dtb(const char *source)
{
	FILE *file = fopen("source", "w");

	assert_non_null(file);
	fputs(source, file);
	fclose(file);
	fixture_run("dtc -q -O dtb -o dtb source");
}

static const char board[] = "/dts-v1/; /memreserve/ 0x0 0x1000; / { "
	"#address-cells = <1>; #size-cells = <1>; compatible = \"a,b\"; "
	"memory@0 { device_type = \"memory\"; reg = <0 0x1000000 0x2000000 0>; }; "
	"reserved-memory { #address-cells = <1>; #size-cells = <1>; ranges; "
	"r@8000 { reg = <0x8000 0x1000>; }; "
	"old@9000 { reg = <0x9000 0x1000>; kexec,map-file; }; "
	"any { size = <0x1000>; }; "
	"two@a000 { reg = <0xa000 0x1000 0xc000 0x1000>; }; }; "
	"other@1 { device_type = \"memory\"; reg = <0x4000000 0x1000>; "
	"deep { device_type = \"memory\"; reg = <0x5000000 0x1000>; }; }; };";

/* Ranges as text, each START-END */
static char seen[512];

static void see(const struct ram *ram)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		sprintf(seen + strlen(seen), "%llx-%llx ",
			ram->range[i].start, ram->range[i].end);
}

struct blob {
	const char *dtb;
	size_t size;
};

static int read_all(void *arg)
{
	struct blob *blob = arg;
	struct ram ram, reserved;

	seen[0] = '\0';
	if (tree_check("dtb", blob->dtb, blob->size))
		return -1;
	if (tree_ranges("dtb", blob->dtb, &ram, &reserved))
		return -2;
	see(&ram);
	strcat(seen, "reserved ");
	see(&reserved);
	return 0;
}

static char *load(size_t *size)
{
	char *dtb = tree_load("dtb");

	*size = dtb ? fdt_totalsize(dtb) : 0;
	return dtb;
}

/* Reads a copy of the blob, with no memory after it. */
static int try_blob(const char *dtb, size_t size, char **said)
{
	char *copy = malloc(size ? size : 1);
	struct blob blob = { copy, size };
	int result;

	memcpy(copy, dtb, size);
	*said = capture_stderr(read_all, &blob, &result);
	free(copy);
	return result;
}

static void assert_tree(const char *source, int want, const char *text)
{
	size_t size;
	char *said, *dtb;

	make_dtb(source);
	dtb = load(&size);
	assert_non_null(dtb);
	assert_int_equal(try_blob(dtb, size, &said), want);
	if (want)
		assert_contains(said, text);
	else
		assert_string_equal(seen, text);
	free(said);
	free(dtb);
}

static void test_ranges(void **state)
{
	(void)state;
	assert_tree(board, 0, "0-1000000 4000000-4001000 reserved 0-1000 8000-9000 a000-b000 c000-d000 ");
	assert_tree("/dts-v1/; / { memory { device_type = \"memory\"; reg = <0 1>; }; };", 0, "0-1 reserved ");
	assert_tree("/dts-v1/; / { #size-cells = <2>; memory { device_type = \"memory\"; reg = <0 1 2 3 4>; }; };",
		    0, "0-100000002 reserved ");
	assert_tree("/dts-v1/; / { #size-cells = <0>; };", -2, "must be 1 or 2");
	assert_tree("/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; reserved-memory { #address-cells = <2>; }; };", -2,
		    "dtb: #address-cells and #size-cells of /reserved-memory are not those of /");
	assert_tree("/dts-v1/; /memreserve/ 0xffffffffffffff00 0x1000; / { };", -2,
		    "dtb: the range at 0xffffffffffffff00 extends beyond all RAM");
}

static void assert_header(size_t at, uint32_t value, const char *why)
{
	unsigned char number[] = { value >> 24, value >> 16, value >> 8, value };
	size_t size;
	char *dtb, *said;

	make_dtb(board);
	dtb = load(&size);
	memcpy(dtb + at, number, sizeof(number));
	assert_int_equal(try_blob(dtb, size, &said), -1);
	assert_contains(said, why);
	free(said);
	free(dtb);
}

static void test_header(void **state)
{
	static const char why[] = "dtb: not a valid device tree blob";

	(void)state;
	assert_header(0, 0xd00dfeec, why);
	assert_header(4, 0xffff, why);
	assert_header(8, 0xfffffffc, why);
	assert_header(8, 0x39, why);
	assert_header(12, 0xfffffff0, why);
	assert_header(16, 0xfffffff8, why);
	assert_header(20, 9, "dtb: the blob has version 9 of the format, 17 is");
	assert_header(24, 18, why);
	assert_header(32, 0xffffff, why);
	assert_header(36, 8, why);
}

static void test_sizes(void **state)
{
	size_t size, cut;
	char *dtb, *said;

	(void)state;
	make_dtb(board);
	dtb = load(&size);
	for (cut = 0; cut < size; cut++) {
		assert_int_equal(try_blob(dtb, cut, &said), -1);
		free(said);
	}
	free(dtb);
	assert_null(tree_load("nothing"));
	fixture_run("head -c 3000000 /dev/zero >large");
	assert_null(tree_load("large"));
	fixture_run("dtc -q -O dtb -S 1048577 -o large source");
	assert_null(tree_load("large"));
}

/* ASan fails the test if a read goes beyond the end of the blob. */
static void test_any_byte(void **state)
{
	static const unsigned char values[] = { 0, 1, 2, 3, 4, 9, 0x7f, 0xff };
	size_t size, at, refused = 0;
	unsigned int i;
	char *dtb, *said;

	(void)state;
	make_dtb(board);
	dtb = load(&size);
	for (at = 0; at < size; at++) {
		char kept = dtb[at];

		for (i = 0; i < sizeof(values); i++) {
			dtb[at] = values[i];
			refused += try_blob(dtb, size, &said) ? 1 : 0;
			free(said);
		}
		dtb[at] = kept;
	}
	assert_true(refused > size);
	free(dtb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_any_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
