// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-dt-memory.c - what is written into the new kernel's device tree
 *
 * Blobs with one and with two cells, with and without memory and reserved
 * memory get the RAM of a Malta and two map files. What comes out is read back
 * with libfdt. Blobs that are no device tree, cut or damaged are refused before
 * anything is done with them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <libfdt.h>

#include "kexec.h"
#include "kexec-stubs.h"
#include "dt-check.h"
#include "dt-memory.h"

#define BLOB_MAX	4096
#define BARE		9

/* What the blob of a test has */
struct blob {
	unsigned int addr_cells;	/* 0: no property */
	unsigned int size_cells;
	const char *memory;		/* name of the memory node */
	uint32_t memory_size;
	unsigned int reserved_cells;	/* of /reserved-memory; 0: no node,
					 * BARE: a node without properties
					 */
	const char *reserved[3];	/* its children */
};

static const struct memory_range ram[] = {
	{ .start = 0x80000, .end = 0x90000, .type = RANGE_RESERVED },
	{ .start = 0x0, .end = 0x7fff000, .type = RANGE_RAM },
	{ .start = 0x20000000, .end = 0x30000000, .type = RANGE_RAM },
};

static const struct memory_range high_ram[] = {
	{ .start = 0x0, .end = 0x10000000, .type = RANGE_RAM },
	{ .start = 0x100000000ULL, .end = 0x300000000ULL, .type = RANGE_RAM },
};

static const struct dt_region regions[] = {
	{ .arg = "a", .addr = 0x6400000, .size = 9945088, .span = 9945088,
	  .label = "rootfs", .root = true },
	{ .arg = "b", .addr = 0x7000000, .size = 1, .span = 4096 },
};

static void cell(void *fdt, const char *name, uint32_t value)
{
	value = cpu_to_fdt32(value);
	assert_int_equal(fdt_property(fdt, name, &value, sizeof(value)), 0);
}

static void string(void *fdt, const char *name, const char *value)
{
	assert_int_equal(fdt_property(fdt, name, value, strlen(value) + 1), 0);
}

/* A child with something at 16 MiB, in one or two cells. */
static void reserve_16_mib(void *fdt, unsigned int cells)
{
	uint32_t one[] = { cpu_to_fdt32(0x1000000), cpu_to_fdt32(0x1000) };
	uint32_t two[] = { 0, one[0], 0, one[1] };

	if (cells == 2)
		fdt_property(fdt, "reg", two, sizeof(two));
	else
		fdt_property(fdt, "reg", one, sizeof(one));
}

static void make_reserved(void *fdt, const struct blob *blob)
{
	unsigned int i;

	fdt_begin_node(fdt, "reserved-memory");
	if (blob->reserved_cells != BARE) {
		cell(fdt, "#address-cells", blob->reserved_cells);
		cell(fdt, "#size-cells", blob->reserved_cells);
		fdt_property(fdt, "ranges", "", 0);
	}
	for (i = 0; i < 3 && blob->reserved[i]; i++) {
		fdt_begin_node(fdt, blob->reserved[i]);
		string(fdt, "note", blob->reserved[i]);
		if (!strncmp(blob->reserved[i], "map-file@", 9))
			fdt_property(fdt, "kexec,map-file", "", 0);
		if (!strcmp(blob->reserved[i], "ramoops@1000000"))
			reserve_16_mib(fdt, blob->reserved_cells);
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
}

static char *make(const struct blob *blob, off_t *size)
{
	char *fdt = calloc(1, BLOB_MAX);

	fdt_create(fdt, BLOB_MAX);
	fdt_add_reservemap_entry(fdt, 0, 0x100000);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	if (blob->addr_cells)
		cell(fdt, "#address-cells", blob->addr_cells);
	if (blob->size_cells)
		cell(fdt, "#size-cells", blob->size_cells);
	string(fdt, "compatible", "mti,malta");
	fdt_begin_node(fdt, "cpus");
	fdt_begin_node(fdt, "memory");
	string(fdt, "device_type", "not-memory");
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	if (blob->memory) {
		uint32_t reg[2] = { 0, cpu_to_fdt32(blob->memory_size) };

		fdt_begin_node(fdt, blob->memory);
		string(fdt, "device_type", "memory");
		fdt_property(fdt, "reg", reg, sizeof(reg));
		fdt_end_node(fdt);
	}
	if (blob->reserved_cells)
		make_reserved(fdt, blob);
	fdt_end_node(fdt);
	assert_int_equal(fdt_finish(fdt), 0);
	*size = fdt_totalsize(fdt);
	return fdt;
}

static void assert_reg(const char *fdt, const char *path, const uint32_t *want,
		       int cells)
{
	int node = fdt_path_offset(fdt, path);
	const uint32_t *reg;
	int len, i;

	assert_true(node > 0);
	reg = fdt_getprop(fdt, node, "reg", &len);
	assert_non_null(reg);
	assert_int_equal(len, cells * sizeof(*reg));
	for (i = 0; i < cells; i++)
		assert_int_equal(fdt32_to_cpu(reg[i]), want[i]);
}

static void assert_string(const char *fdt, const char *path, const char *name,
			  const char *want)
{
	int node = fdt_path_offset(fdt, path);
	const char *value;
	int len;

	assert_true(node > 0);
	value = fdt_getprop(fdt, node, name, &len);
	if (!want) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_int_equal(len, strlen(want) + 1);
	assert_string_equal(value, want);
}

/* Runs a call on a blob; the caller reads the result and calls done(). */
struct run {
	char *dtb;
	char *before;
	off_t size;
	const struct memory_range *range;
	int ranges;
	const struct dt_region *region;
	unsigned int regions;
	const char *tree;
	char *message;
	int result;
};

static int call_add_ram(void *arg)
{
	struct run *run = arg;

	return dt_add_ram(&run->dtb, &run->size, run->range, run->ranges);
}

static int call_reserve(void *arg)
{
	struct run *run = arg;

	return dt_reserve_regions(&run->dtb, &run->size,
			  run->region ? run->region : regions, run->regions);
}

static struct run start(const struct blob *blob, int (*call)(void *arg),
			const struct memory_range *range, int ranges,
			unsigned int regions)
{
	struct run run = {
		.range = range, .ranges = ranges, .regions = regions,
		.tree = "/missing",
	};

	run.before = make(blob, &run.size);
	run.dtb = run.before;
	run.message = capture_stderr(call, &run, &run.result);
	if (run.result)
		assert_ptr_equal(run.dtb, run.before);
	else
		assert_int_equal(run.size, fdt_totalsize(run.dtb));
	return run;
}

static void done(struct run *run)
{
	if (run->dtb != run->before)
		free(run->dtb);
	free(run->before);
	free(run->message);
}

static void test_ram_one_cell(void **state)
{
	static const uint32_t want[] = {
		0, 0x7fff000, 0x20000000, 0x10000000,
	};
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, 0, { 0 } },
			       call_add_ram, ram, 3, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_string(run.dtb, "/memory@0", "device_type", "memory");
	assert_reg(run.dtb, "/memory@0", want, 4);
	assert_string(run.dtb, "/cpus/memory", "device_type", "not-memory");
	done(&run);
}

static void test_ram_two_cells(void **state)
{
	static const uint32_t want[] = { 0, 0, 0, 0x10000000, 1, 0, 2, 0 };
	struct run run = start(&(struct blob){ 2, 2, NULL, 0, 0, { 0 } },
			       call_add_ram, high_ram, 2, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/memory@0", want, 8);
	done(&run);
}

/* Linux's defaults, not the specification's: Linux reads what we write. */
static void test_ram_default_cells(void **state)
{
	static const uint32_t want[] = { 0, 0x7fff000 };
	struct run run = start(&(struct blob){ 0, 0, NULL, 0, 0, { 0 } },
			       call_add_ram, ram, 2, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/memory@0", want, 2);
	done(&run);
}

static void test_ram_is_there(void **state)
{
	struct run run = start(&(struct blob){ 1, 1, "memory@0", 0x2000000, 0,
					       { 0 } },
			       call_add_ram, ram, 3, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_ptr_equal(run.dtb, run.before);
	done(&run);
}

static void test_ram_placeholder(void **state)
{
	static const uint32_t want[] = { 0, 0x7fff000 };
	struct run run = start(&(struct blob){ 1, 1, "memory", 0, 0, { 0 } },
			       call_add_ram, ram, 2, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/memory", want, 2);
	assert_int_equal(fdt_path_offset(run.dtb, "/memory@0"),
			 -FDT_ERR_NOTFOUND);
	done(&run);
}

/* What fits is told to the new kernel, what does not to the user. */
static void test_ram_does_not_fit(void **state)
{
	static const uint32_t want[] = { 0, 0x10000000 };
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, 0, { 0 } },
			       call_add_ram, high_ram, 2, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/memory@0", want, 2);
	assert_contains(run.message,
			"cannot hold this system's at 0x100000000-0x2ffffffff");
	done(&run);
}

/* Linux takes no notice of such a node, so kexec does not either, but there is
 * no room for a second one of the same name.
 */
static void test_ram_without_device_type(void **state)
{
	static const uint32_t want[] = { 0, 0x7fff000 };
	struct run run = { .range = ram + 1, .ranges = 1 };
	int node;

	(void)state;
	run.before = calloc(1, BLOB_MAX);
	fdt_create(run.before, BLOB_MAX);
	fdt_finish_reservemap(run.before);
	fdt_begin_node(run.before, "");
	fdt_begin_node(run.before, "memory@0");
	cell(run.before, "reg", 5);
	fdt_end_node(run.before);
	fdt_end_node(run.before);
	fdt_finish(run.before);
	run.dtb = run.before;
	run.message = capture_stderr(call_add_ram, &run, &run.result);
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/memory@0", want, 2);
	assert_string(run.dtb, "/memory@0", "device_type", "memory");
	node = fdt_path_offset(run.dtb, "/memory@0");
	assert_true(node > 0);
	done(&run);
}

/* The directory of a running system's tree: its root has 2 and 1 cells, and a
 * node whose name says nothing has 256 MiB.
 */
static const char *running_tree(void)
{
	static const unsigned char two[] = { 0, 0, 0, 2 };
	static const unsigned char one[] = { 0, 0, 0, 1 };
	static const unsigned char reg[] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0,
	};
	static char dir[] = "/tmp/test-dt-memory.XXXXXX";

	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkdir("ram@0", 0700), 0);
	put_file("#address-cells", two, sizeof(two));
	put_file("#size-cells", one, sizeof(one));
	put_file("ram@0/device_type", "memory", sizeof("memory"));
	put_file("ram@0/reg", reg, sizeof(reg));
	return dir;
}

static void remove_running_tree(const char *dir)
{
	unlink("ram@0/reg");
	unlink("ram@0/device_type");
	rmdir("ram@0");
	unlink("#size-cells");
	unlink("#address-cells");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(dir), 0);
}

static int call_check_ram(void *arg)
{
	struct run *run = arg;

	return dt_check_ram(run->dtb, "FILE", run->tree, run->range,
			    run->ranges);
}

/* What the blob of a check has in its /memory@0 */
struct memory_node {
	uint32_t reg[8];
	int cells;
	const char *name;	/* of the property; NULL: reg */
	const char *status;
	bool two_types;
	unsigned int root_cells;
	uint32_t reserved[2];	/* with /memreserve/, in bytes */
};

static char *make_memory(const struct memory_node *memory)
{
	char *fdt = calloc(1, BLOB_MAX);
	uint32_t value[8];
	int i;

	for (i = 0; i < memory->cells; i++)
		value[i] = cpu_to_fdt32(memory->reg[i]);
	fdt_create(fdt, BLOB_MAX);
	if (memory->reserved[1])
		fdt_add_reservemap_entry(fdt, memory->reserved[0],
					 memory->reserved[1]);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	if (memory->root_cells) {
		cell(fdt, "#address-cells", memory->root_cells);
		cell(fdt, "#size-cells", memory->root_cells);
	}
	fdt_begin_node(fdt, "memory@0");
	fdt_property(fdt, "device_type", "memory\0other",
		     memory->two_types ? sizeof("memory\0other") :
		     sizeof("memory"));
	if (memory->status)
		string(fdt, "status", memory->status);
	if (memory->name)
		fdt_property(fdt, "reg", "", 0);
	fdt_property(fdt, memory->name ? memory->name : "reg", value,
		     memory->cells * sizeof(*value));
	fdt_end_node(fdt);
	fdt_end_node(fdt);
	assert_int_equal(fdt_finish(fdt), 0);
	return fdt;
}

/* With @message, it is refused with that. */
static void check_ram(const struct memory_node *memory, const char *tree,
		      const char *message)
{
	struct run run = { .range = ram, .ranges = 3, .tree = tree };

	run.before = make_memory(memory);
	run.dtb = run.before;
	run.message = capture_stderr(call_check_ram, &run, &run.result);
	assert_int_equal(run.result, message ? -EINVAL : 0);
	if (message)
		assert_contains(run.message, message);
	else
		assert_string_equal(run.message, "");
	done(&run);
}

#define CHECK_REG(tree, message, ...) do {				\
	static const uint32_t reg_[] = { __VA_ARGS__ };			\
	struct memory_node memory_ = {					\
		.cells = sizeof(reg_) / sizeof(*reg_),			\
	};								\
	memcpy(memory_.reg, reg_, sizeof(reg_));			\
	check_ram(&memory_, tree, message);				\
} while (0)

/* The RAM of the running system is 0-0x7ffefff and 0x20000000-0x2fffffff. */
static void test_check_ram(void **state)
{
	(void)state;
	CHECK_REG("/missing", NULL, 0, 0x7fff000);
	CHECK_REG("/missing", NULL, 0x1000, 0x1000, 0x20000000, 0x10000000);
	/* A page that the running kernel keeps for itself */
	CHECK_REG("/missing", NULL, 0, 0x8000000);
	/* No RAM at all: dt_add_ram() puts it in */
	CHECK_REG("/missing", NULL, 0, 0);
	CHECK_REG("/missing", NULL, 0x50000000, 0);
	CHECK_REG("/missing", NULL, 0);

	CHECK_REG("/missing", "Device tree FILE: memory@0 has RAM at 0x8000000-0xfffffff, where this system knows of none;",
		  0, 0x10000000);
	CHECK_REG("/missing", "at 0x8000000-0x1fffffff,", 0, 0x24000000);
	CHECK_REG("/missing", "at 0x30000000-0x30000fff,",
		  0x20000000, 0x10001000);
	CHECK_REG("/missing", "at 0x10000000-0x13ffffff,",
		  0, 0x1000000, 0x10000000, 0x4000000);
	CHECK_REG("/missing", "at 0x30000000-0x11ffffffe,",
		  0x20000000, 0xffffffff);
	CHECK_REG("/missing", "at 0x8000000-0x8000fff,", 0x8000000, 0x1000);
}

/* What Linux reads, and what it takes no notice of. */
static void test_check_ram_as_linux(void **state)
{
	struct memory_node memory = {
		.reg = { 0, 0x10000000 }, .cells = 2,
		.name = "linux,usable-memory",
	};

	(void)state;
	check_ram(&memory, "/missing", "at 0x8000000-0xfffffff,");

	memory.name = NULL;
	memory.status = "okay";
	check_ram(&memory, "/missing", "at 0x8000000-0xfffffff,");
	memory.status = "disabled";
	check_ram(&memory, "/missing", NULL);
	memory.status = NULL;
	memory.two_types = true;
	check_ram(&memory, "/missing", "at 0x8000000-0xfffffff,");

	/* Nothing goes where something is reserved */
	memory.two_types = false;
	memory.reserved[0] = 0x8000000;
	memory.reserved[1] = 0x8000000;
	check_ram(&memory, "/missing", NULL);
	memory.reserved[1] = 0x7fff000;
	check_ram(&memory, "/missing", "at 0xffff000-0xfffffff,");
	/* Inside of the RAM, in its last part, and a hole before the next */
	memory.reserved[0] = 0x7000000;
	memory.reserved[1] = 0x1000;
	check_ram(&memory, "/missing", "at 0x8000000-0xfffffff,");
	memory.reserved[1] = 0x2000000;
	check_ram(&memory, "/missing", "at 0x9000000-0xfffffff,");
	memory.reserved[0] = 0x9000000;
	memory.reserved[1] = 0x7000000;
	check_ram(&memory, "/missing", "at 0x8000000-0x8ffffff,");
}

/* Two cells, and a size that goes round: Linux has it start at 0. */
static void test_check_ram_two_cells(void **state)
{
	struct memory_node memory = {
		.reg = { 0, 0x20000000, 1, 0 }, .cells = 4, .root_cells = 2,
	};

	(void)state;
	check_ram(&memory, "/missing", "at 0x30000000-0x11fffffff,");
	memcpy(memory.reg, (uint32_t[]){ ~0U, ~0U, 0, 0x10000001 },
	       4 * sizeof(uint32_t));
	check_ram(&memory, "/missing", "at 0xffffffffffffffff-");
}

/* A kernel that was told to use less, or lacks HIGHMEM, runs on more. */
static void test_check_ram_of_running_tree(void **state)
{
	static const unsigned char three[] = { 0, 0, 0, 3 };
	const char *tree = running_tree();

	(void)state;
	CHECK_REG(tree, NULL, 0, 0x10000000);
	CHECK_REG(tree, "at 0x10000000-0x10000fff,", 0, 0x10001000);
	put_file("ram@0/device_type", "memory2", sizeof("memory2"));
	CHECK_REG(tree, "at 0x8000000-0xfffffff,", 0, 0x10000000);
	put_file("ram@0/device_type", "memory", sizeof("memory"));
	put_file("#address-cells", three, sizeof(three));
	CHECK_REG(tree, "at 0x8000000-0xfffffff,", 0, 0x10000000);
	remove_running_tree(tree);
}

static void test_check_ram_odd_cells(void **state)
{
	struct run run = start(&(struct blob){ 3, 1, NULL, 0, 0, { 0 } },
			       call_check_ram, ram, 3, 0);

	(void)state;
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message, "#address-cells of / must be 1 or 2");
	done(&run);
}

static void test_odd_cells(void **state)
{
	struct run run = start(&(struct blob){ 3, 1, NULL, 0, 0, { 0 } },
			       call_add_ram, ram, 3, 0);

	(void)state;
	assert_int_equal(run.result, -EINVAL);
	assert_non_null(strstr(run.message,
			       "#address-cells of / must be 1 or 2"));
	done(&run);
}

static void test_reserve(void **state)
{
	static const uint32_t root[] = { 0x6400000, 9945088 };
	static const uint32_t other[] = { 0x7000000, 1 };
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, 0, { 0 } },
			       call_reserve, NULL, 0, 2);
	int node, depth = 0, len;

	(void)state;
	assert_int_equal(run.result, 0);
	node = fdt_path_offset(run.dtb, "/reserved-memory");
	assert_true(node > 0);
	assert_non_null(fdt_getprop(run.dtb, node, "ranges", &len));
	assert_int_equal(len, 0);
	assert_reg(run.dtb, "/reserved-memory/map-file@6400000", root, 2);
	assert_reg(run.dtb, "/reserved-memory/map-file@7000000", other, 2);
	assert_string(run.dtb, "/reserved-memory/map-file@6400000",
		      "compatible", "phram");
	assert_string(run.dtb, "/reserved-memory/map-file@6400000", "label",
		      "rootfs");
	assert_string(run.dtb, "/reserved-memory/map-file@7000000",
		      "compatible", NULL);

	/* By which the next kexec knows them */
	assert_non_null(fdt_getprop(run.dtb,
				    fdt_path_offset(run.dtb,
					"/reserved-memory/map-file@7000000"),
				    "kexec,map-file", &len));

	/* A boolean is a property without a value */
	assert_non_null(fdt_getprop(run.dtb,
				    fdt_path_offset(run.dtb,
					"/reserved-memory/map-file@6400000"),
				    "linux,rootfs", &len));
	assert_int_equal(len, 0);
	assert_null(fdt_getprop(run.dtb,
				fdt_path_offset(run.dtb,
					"/reserved-memory/map-file@7000000"),
				"linux,rootfs", &len));

	/* In the order of the options: MTDs are numbered by it */
	node = fdt_next_node(run.dtb, node, &depth);
	assert_string_equal(fdt_get_name(run.dtb, node, NULL),
			    "map-file@6400000");
	done(&run);
}

static void test_reserve_two_cells(void **state)
{
	static const uint32_t root[] = { 0, 0x6400000, 0, 9945088 };
	struct run run = start(&(struct blob){ 2, 2, NULL, 0, 2,
					       { "ramoops@0" } },
			       call_reserve, NULL, 0, 1);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_reg(run.dtb, "/reserved-memory/map-file@6400000", root, 4);
	assert_string(run.dtb, "/reserved-memory/ramoops@0", "note",
		      "ramoops@0");
	done(&run);
}

/* Linux ignores a node without ranges or with cells of its own. */
static void test_reserve_completes(void **state)
{
	static const uint32_t root[] = { 0x6400000, 9945088 };
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, BARE, { 0 } },
			       call_reserve, NULL, 0, 1);
	int node, len;

	(void)state;
	assert_int_equal(run.result, 0);
	node = fdt_path_offset(run.dtb, "/reserved-memory");
	assert_non_null(fdt_getprop(run.dtb, node, "ranges", &len));
	assert_non_null(fdt_getprop(run.dtb, node, "#address-cells", &len));
	assert_non_null(fdt_getprop(run.dtb, node, "#size-cells", &len));
	assert_reg(run.dtb, "/reserved-memory/map-file@6400000", root, 2);
	done(&run);

	run = start(&(struct blob){ 1, 1, NULL, 0, 2, { 0 } }, call_reserve,
		    NULL, 0, 1);
	assert_int_equal(run.result, -EINVAL);
	assert_non_null(strstr(run.message, "are not those of /"));
	done(&run);
}

static void clashes(unsigned int cells, unsigned long long addr,
		    unsigned long long size, const char *reason)
{
	const struct dt_region region = {
		.arg = "root@1", .addr = addr, .size = 1, .span = size,
	};
	struct run run = { .region = &region, .regions = 1 };
	char *dtb;

	dtb = make(&(struct blob){ cells, cells, NULL, 0, cells,
				   { "ramoops@1000000", "none" } },
		   &run.size);
	run.dtb = dtb;
	run.message = capture_stderr(call_reserve, &run, &run.result);
	assert_int_equal(run.result, reason ? -EINVAL : 0);
	if (reason)
		assert_contains(run.message, reason);
	if (run.dtb != dtb)
		free(run.dtb);
	free(dtb);
	free(run.message);
}

static void test_reserve_clashes(void **state)
{
	static const char ramoops[] = "--map-file root@1: 0x1000000-0x1000000 clashes with 0x1000000-0x1000fff, which the device tree reserves (ramoops@1000000)";
	unsigned int cells;

	(void)state;
	for (cells = 1; cells <= 2; cells++) {
		clashes(cells, 0x1000000, 1, ramoops);
		clashes(cells, 0xfff000, 0x1001, "(ramoops@1000000)");
		clashes(cells, 0x1000fff, 1, "(ramoops@1000000)");
		clashes(cells, 0xff000, 0x2000, "(/memreserve/)");
		clashes(cells, 0, 1, "(/memreserve/)");
		clashes(cells, 0xfff000, 0x1000, NULL);
		clashes(cells, 0x1001000, 1, NULL);
		clashes(cells, 0x100000, 1, NULL);
	}
}

/* Two bytes from the end of a page, which is copied whole. */
static void test_reserve_clashes_in_last_page(void **state)
{
	static const struct dt_region region = {
		.arg = "root@1", .addr = 0xffe000, .size = 0x1ffe,
		.span = 0x3000,
	};
	struct run run = { .region = &region, .regions = 1 };
	char *dtb;

	(void)state;
	dtb = make(&(struct blob){ 1, 1, NULL, 0, 1, { "ramoops@1000000" } },
		   &run.size);
	run.dtb = dtb;
	run.message = capture_stderr(call_reserve, &run, &run.result);
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message, "0xffe000-0x1000fff clashes with");
	free(run.message);
	free(dtb);
}

static void test_reserve_beyond_cells(void **state)
{
	static const struct dt_region region = {
		.arg = "root@4G", .addr = 1ULL << 32, .size = 1, .span = 4096,
	};
	struct run run = { .region = &region, .regions = 1 };
	char *dtb;

	(void)state;
	dtb = make(&(struct blob){ 1, 1, NULL, 0, 0, { 0 } }, &run.size);
	run.dtb = dtb;
	run.message = capture_stderr(call_reserve, &run, &run.result);
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message,
			"--map-file root@4G: the 32-bit cells of the device tree cannot hold 0x100000000-0x100000fff; choose an address below 4 GiB, or auto");
	free(run.message);
	free(dtb);
}

/* /memreserve/, a child of /reserved-memory, not one of our own from before,
 * and what one cell cannot hold.
 */
static void test_reserved(void **state)
{
	static const struct blob blob = {
		1, 1, NULL, 0, 1, { "map-file@1000000", "ramoops@1000000" },
	};
	static const struct blob two_cells = {
		2, 2, NULL, 0, 0, { 0 },
	};
	struct memory_range *range;
	unsigned int ranges;
	off_t size;
	char *dtb = make(&blob, &size);

	(void)state;
	assert_int_equal(dt_reserved(dtb, &range, &ranges), 0);
	assert_int_equal(ranges, 3);
	assert_true(range[0].start == 0 && range[0].end == 0x100000);
	assert_true(range[1].start == 0x1000000 && range[1].end == 0x1001000);
	assert_true(range[2].start == 1ULL << 32 && range[2].end == ~0ULL);
	free(range);
	free(dtb);

	dtb = make(&two_cells, &size);
	assert_int_equal(dt_reserved(dtb, &range, &ranges), 0);
	assert_int_equal(ranges, 1);
	free(range);
	free(dtb);
}

static int call_reserved(void *arg)
{
	struct run *run = arg;
	struct memory_range *range;
	unsigned int ranges;

	return dt_reserved(run->dtb, &range, &ranges);
}

/* A blob may be as hostile as it likes, but not take forever. */
static void reserve_too_many(int (*call)(void *run))
{
	static const struct blob blob = { 1, 1, NULL, 0, 0, { 0 } };
	struct run run = { .range = ram, .ranges = 3, .tree = "/missing" };
	off_t size;
	char *dtb = make(&blob, &size);
	char *room = calloc(1, 65536);
	int i;

	assert_int_equal(fdt_open_into(dtb, room, 65536), 0);
	for (i = 0; i < 1100; i++)
		assert_int_equal(fdt_add_mem_rsv(room, i * 8192ULL, 1), 0);
	run.dtb = room;
	run.message = capture_stderr(call, &run, &run.result);
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message,
			"it reserves more than 1024 ranges of memory (/memreserve/)");
	free(run.message);
	free(room);
	free(dtb);
}

static void test_reserved_too_many(void **state)
{
	(void)state;
	reserve_too_many(call_reserved);
	reserve_too_many(call_check_ram);
}

/* One more than there can be. */
static void test_reserve_too_many_old(void **state)
{
	struct run run = { .regions = 0 };
	char *dtb = calloc(1, BLOB_MAX);
	char name[32];
	int i;

	(void)state;
	fdt_create(dtb, BLOB_MAX);
	fdt_finish_reservemap(dtb);
	fdt_begin_node(dtb, "");
	fdt_begin_node(dtb, "reserved-memory");
	for (i = 0; i < 17; i++) {
		snprintf(name, sizeof(name), "map-file@%d", i);
		fdt_begin_node(dtb, name);
		fdt_property(dtb, "kexec,map-file", "", 0);
		fdt_end_node(dtb);
	}
	fdt_end_node(dtb);
	fdt_end_node(dtb);
	fdt_finish(dtb);
	run.dtb = dtb;
	run.message = capture_stderr(call_reserve, &run, &run.result);
	assert_int_equal(run.result, -EINVAL);
	assert_ptr_equal(run.dtb, dtb);
	assert_contains(run.message,
			"/reserved-memory has more than 16 nodes with kexec,map-file");
	free(run.message);
	free(dtb);
}

/* Nothing to do, nothing done: the blob is the user's, byte for byte. */
static void test_reserve_nothing(void **state)
{
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, 1, { "a@0" } },
			       call_reserve, NULL, 0, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_ptr_equal(run.dtb, run.before);
	done(&run);
}

static void test_reserved_odd_cells(void **state)
{
	struct run run = start(&(struct blob){ 1, 7, NULL, 0, 0, { 0 } },
			       call_reserved, NULL, 0, 0);

	(void)state;
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message, "#size-cells of / must be 1 or 2");
	done(&run);
}

/* What an earlier kexec left is dropped, also when nothing takes its place. */
static void test_reserve_drops_stale(void **state)
{
	static const struct blob blob = {
		1, 1, NULL, 0, 1,
		{ "map-file@1000000", "map-files@0", "map-file@6400000" },
	};
	struct run run = start(&blob, call_reserve, NULL, 0, 0);

	(void)state;
	assert_int_equal(run.result, 0);
	assert_int_equal(fdt_path_offset(run.dtb,
				"/reserved-memory/map-file@1000000"),
			 -FDT_ERR_NOTFOUND);
	assert_int_equal(fdt_path_offset(run.dtb,
				"/reserved-memory/map-file@6400000"),
			 -FDT_ERR_NOTFOUND);
	assert_string(run.dtb, "/reserved-memory/map-files@0", "note",
		      "map-files@0");
	done(&run);

	run = start(&blob, call_reserve, NULL, 0, 1);
	assert_int_equal(run.result, 0);
	assert_string(run.dtb, "/reserved-memory/map-file@6400000", "note",
		      NULL);
	done(&run);
}

static int call_check(void *arg)
{
	struct run *run = arg;

	return dt_check(run->dtb, run->size, "blob");
}

static void check_says(char *dtb, off_t size, const char *want)
{
	struct run run = { .dtb = dtb, .size = size };

	run.message = capture_stderr(call_check, &run, &run.result);
	assert_int_equal(run.result, want ? -EINVAL : 0);
	if (want)
		assert_contains(run.message, want);
	else
		assert_string_equal(run.message, "");
	free(run.message);
}

static char *plain(off_t *size)
{
	return make(&(struct blob){ 1, 1, NULL, 0, 1, { "map-file@0" } },
		    size);
}

static void test_check(void **state)
{
	off_t size;
	char *dtb = plain(&size);

	(void)state;
	check_says(dtb, size, NULL);
	check_says(dtb, size + 100, NULL);
	check_says(dtb, 0, "is no device tree blob");
	check_says(dtb, sizeof(struct fdt_header) - 1,
		   "is no device tree blob");
	check_says(dtb, size - 1, "is cut");
	free(dtb);
}

/* What a blob says, written by hand: tag by tag. */
static void check_structure(const uint32_t *structure, size_t size,
			    const char *want)
{
	off_t whole;
	char *dtb = plain(&whole);
	uint32_t *block = (uint32_t *)(dtb + fdt_off_dt_struct(dtb));
	size_t i;

	assert_true(size <= fdt_size_dt_struct(dtb));
	for (i = 0; i < size / sizeof(*block); i++)
		block[i] = cpu_to_fdt32(structure[i]);
	check_says(dtb, whole, want);
	free(dtb);
}

/* libfdt sees no property after a child, until the child goes away, and looks
 * for the root at the start of the block.
 */
static void test_check_order(void **state)
{
	static const uint32_t good[] = {
		FDT_BEGIN_NODE, 0, FDT_NOP, FDT_PROP, 0, 0,
		FDT_BEGIN_NODE, 0x61000000, FDT_NOP, FDT_END_NODE,
		FDT_NOP, FDT_END_NODE, FDT_END,
	};
	static const uint32_t property_after_child[] = {
		FDT_BEGIN_NODE, 0,
		FDT_BEGIN_NODE, 0x61000000, FDT_END_NODE,
		FDT_PROP, 0, 0, FDT_END_NODE, FDT_END,
	};
	static const uint32_t nop_first[] = {
		FDT_NOP, FDT_BEGIN_NODE, 0, FDT_END_NODE, FDT_END,
	};
	static const uint32_t two_roots[] = {
		FDT_BEGIN_NODE, 0, FDT_END_NODE,
		FDT_BEGIN_NODE, 0, FDT_END_NODE, FDT_END,
	};

	(void)state;
	check_structure(good, sizeof(good), NULL);
	check_structure(property_after_child, sizeof(property_after_child),
			"is damaged");
	check_structure(nop_first, sizeof(nop_first), "is damaged");
	check_structure(two_roots, sizeof(two_roots), "is damaged");
}

/* An entry of size 0 ends the list, whatever its address; one that goes beyond
 * the last address ends there.
 */
static void test_odd_reservations(void **state)
{
	struct memory_range *range;
	unsigned int ranges;
	uint64_t *entry;
	off_t size;
	char *dtb = plain(&size);

	(void)state;
	entry = (uint64_t *)(dtb + fdt_off_mem_rsvmap(dtb));
	entry[0] = cpu_to_fdt64(0xfffffffffffff000ULL);
	entry[1] = cpu_to_fdt64(0x10000);
	entry[2] = cpu_to_fdt64(0x5000);
	check_says(dtb, size, NULL);
	assert_int_equal(dt_reserved(dtb, &range, &ranges), 0);
	assert_true(range[0].start == 0xfffffffffffff000ULL);
	assert_true(range[0].end == ~0ULL);
	assert_int_equal(ranges, 2);
	free(range);
	free(dtb);
}

/* As large as nobody's, however sound. */
static void test_check_oversized(void **state)
{
	off_t size, huge = (1 << 20) + 1;
	char *dtb = plain(&size);
	char *padded = calloc(1, huge);

	(void)state;
	memcpy(padded, dtb, size);
	fdt_set_totalsize(padded, huge);
	check_says(padded, huge,
		   "Device tree blob: the blob is too large: it has 1048577 bytes, 1048576 is the most");
	fdt_set_totalsize(padded, huge - 1);
	check_says(padded, huge, NULL);
	free(padded);
	free(dtb);
}

/* A node's name is not for the terminal to obey. */
static void test_control_characters(void **state)
{
	struct run run = start(&(struct blob){ 1, 1, NULL, 0, 3,
					       { "\033[2J\n" } },
			       call_reserve, NULL, 0, 1);

	(void)state;
	assert_int_equal(run.result, -EINVAL);
	assert_contains(run.message, "reserved-memory must be 1 or 2\n");
	done(&run);

	run = start(&(struct blob){ 3, 1, "a\nb", 1, 0, { 0 } },
		    call_add_ram, ram, 3, 0);
	assert_int_equal(run.result, -EINVAL);
	assert_ptr_equal(strchr(run.message, '\n'),
			 run.message + strlen(run.message) - 1);
	done(&run);
}

/* One word of the header made bad at a time. */
static void test_check_header(void **state)
{
	static const struct {
		size_t field;
		uint32_t value;
		const char *want;
	} bad[] = {
		{ offsetof(struct fdt_header, magic), 0, "is no device tree blob" },
		{ offsetof(struct fdt_header, magic), 0x2ff20112,
		  "is no device tree blob" },
		{ offsetof(struct fdt_header, version), 16, "has version 16" },
		{ offsetof(struct fdt_header, last_comp_version), 18,
		  "has version" },
		{ offsetof(struct fdt_header, off_dt_struct), 0x10000,
		  "is damaged" },
		{ offsetof(struct fdt_header, off_dt_struct), 0xfffffff0,
		  "is damaged" },
		{ offsetof(struct fdt_header, size_dt_struct), 0xffffffff,
		  "is damaged" },
		{ offsetof(struct fdt_header, size_dt_struct), 8,
		  "is damaged" },
		{ offsetof(struct fdt_header, off_dt_strings), 0xfffffff0,
		  "is damaged" },
		{ offsetof(struct fdt_header, size_dt_strings), 0xffffffff,
		  "is damaged" },
		{ offsetof(struct fdt_header, size_dt_strings), 3,
		  "is damaged" },
		{ offsetof(struct fdt_header, off_mem_rsvmap), 0xfffffff0,
		  "is damaged" },
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		off_t size;
		char *dtb = plain(&size);

		*(uint32_t *)(dtb + bad[i].field) =
			cpu_to_fdt32(bad[i].value);
		check_says(dtb, size, bad[i].want);
		free(dtb);
	}
}

/* Whatever happens to one byte: either the blob is refused, or all of the code
 * gets along with it. Exactly as many bytes as the blob has, so that ASan sees
 * a step beyond.
 */
static void test_any_byte(void **state)
{
	static const unsigned char values[] = {
		0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x7f, 0x80, 0xff,
	};
	off_t size;
	char *good = plain(&size);
	unsigned int value, taken = 0;
	off_t at;

	(void)state;
	for (at = 0; at < size; at++) {
		for (value = 0; value < sizeof(values); value++) {
			struct run run = {
				.range = ram, .ranges = 3, .regions = 2,
				.size = size,
			};
			char *dtb = malloc(size);
			int result;

			memcpy(dtb, good, size);
			dtb[at] = values[value];
			run.dtb = dtb;
			free(capture_stderr(call_check, &run, &result));
			if (!result) {
				taken++;
				free(capture_stderr(call_add_ram, &run,
						    &result));
				if (run.dtb != dtb) {
					free(dtb);
					dtb = run.dtb;
				}
				free(capture_stderr(call_reserve, &run,
						    &result));
			}
			if (run.dtb != dtb)
				free(run.dtb);
			free(dtb);
		}
	}
	assert_true(taken > 0);
	free(good);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ram_one_cell),
		cmocka_unit_test(test_ram_two_cells),
		cmocka_unit_test(test_ram_default_cells),
		cmocka_unit_test(test_ram_is_there),
		cmocka_unit_test(test_ram_placeholder),
		cmocka_unit_test(test_ram_does_not_fit),
		cmocka_unit_test(test_ram_without_device_type),
		cmocka_unit_test(test_check_ram),
		cmocka_unit_test(test_check_ram_as_linux),
		cmocka_unit_test(test_check_ram_two_cells),
		cmocka_unit_test(test_check_ram_of_running_tree),
		cmocka_unit_test(test_check_ram_odd_cells),
		cmocka_unit_test(test_odd_cells),
		cmocka_unit_test(test_reserve),
		cmocka_unit_test(test_reserve_two_cells),
		cmocka_unit_test(test_reserve_completes),
		cmocka_unit_test(test_reserve_clashes),
		cmocka_unit_test(test_reserve_drops_stale),
		cmocka_unit_test(test_reserve_clashes_in_last_page),
		cmocka_unit_test(test_reserve_beyond_cells),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_reserved_odd_cells),
		cmocka_unit_test(test_reserved_too_many),
		cmocka_unit_test(test_reserve_too_many_old),
		cmocka_unit_test(test_reserve_nothing),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_check_order),
		cmocka_unit_test(test_odd_reservations),
		cmocka_unit_test(test_check_oversized),
		cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_check_header),
		cmocka_unit_test(test_any_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
