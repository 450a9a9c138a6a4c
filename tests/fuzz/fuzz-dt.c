// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-dt.c - what is read from a device tree blob and written into it
 *
 * The input is a blob; bytes after its end choose the RAM and the regions. A
 * blob that dt_check() takes must do no harm to what comes then, and what is
 * made of it must pass dt_check() again and say what was asked for.
 */
#include <ctype.h>
#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kexec.h"
#include "dt-check.h"
#include "dt-memory.h"
#include "fuzz.h"

#define PAGE		4096ULL

#define REGIONS_MAX	2

#define LINE_MAX_BYTES	1024

/* Its size is one byte more than the longest line should have */
static char said[LINE_MAX_BYTES + 1];

struct tree {
	char *dtb;
	off_t size;
};

static const struct memory_range malta[] = {
	{ 0, 0x7fff000, RANGE_RAM },
};

static const struct memory_range malta_high[] = {
	{ 0x1000, 0x2000, RANGE_RESERVED },
	{ 0x2000, 0x10000000, RANGE_RAM },
	{ 0x90000000, 0xa0000000, RANGE_RAM },
};

static const struct memory_range malta64[] = {
	{ 0, 0x10000000, RANGE_RAM },
	{ 0x90000000, 0xa0000000, RANGE_RAM },
	{ 0x100000000, 0x180000000, RANGE_RAM },
};

/* stderr is ours, so that a message can be looked at; the sanitizers and
 * libFuzzer write to file descriptor 2.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	stderr = fmemopen(said, sizeof(said), "w");
	return 0;
}

static bool begins(const char *text)
{
	return !strncmp(said, text, strlen(text));
}

/* dt_add_ram() may succeed and yet have to say that some RAM does not fit, for
 * each range of it.
 */
static void allow_warnings(void)
{
	const char *line;

	fflush(stderr);
	said[ftell(stderr)] = '\0';
	for (line = said; *line; line = strchr(line, '\n') + 1)
		CHECK(!strncmp(line, "Device tree: it has no RAM, and its 32-bit cells",
			       strlen("Device tree: it has no RAM, and its 32-bit cells")));
	rewind(stderr);
}

/* A failure says one line, a success nothing. */
static void check_said(int result)
{
	size_t i, len;

	fflush(stderr);
	len = ftell(stderr);
	CHECK(!ferror(stderr));
	CHECK(result == 0 || result == -EINVAL);
	CHECK(len <= LINE_MAX_BYTES);
	if (result)
		CHECK(len > 1 && said[len - 1] == '\n' &&
		      (begins("Device tree") || begins("--map-file ")));
	else
		CHECK(len == 0);
	for (i = 0; i + 1 < len; i++)
		CHECK(!iscntrl((unsigned char)said[i]));
	rewind(stderr);
}

static bool is_sound(const struct tree *tree)
{
	int result = dt_check(tree->dtb, tree->size, "dtb");

	check_said(result);
	return !result;
}

/* After a step: a failure leaves the blob alone, a success leaves a good one.
 */
static void check_step(const struct tree *before, const struct tree *after,
		       int result)
{
	check_said(result);
	if (result)
		CHECK(after->dtb == before->dtb && after->size == before->size);
	else
		CHECK(is_sound(after));
	if (after->dtb != before->dtb)
		CHECK((off_t)fdt_totalsize(after->dtb) == after->size);
}

/* Frees what a step made new. */
static void drop(struct tree *tree, const struct tree *before)
{
	if (tree->dtb != before->dtb)
		free(tree->dtb);
}

/**
 * struct reserved - what dt_reserved() says
 */
struct reserved {
	struct memory_range *range;
	unsigned int nr;
	int result;
};

static struct reserved list_reserved(const struct tree *tree)
{
	struct reserved reserved = { NULL, 0, 0 };
	unsigned int i;

	reserved.result = dt_reserved(tree->dtb, &reserved.range,
				      &reserved.nr);
	check_said(reserved.result);
	if (reserved.result)
		CHECK(!reserved.range && !reserved.nr);
	for (i = 0; i < reserved.nr; i++)
		CHECK(reserved.range[i].start <= reserved.range[i].end);
	return reserved;
}

/* Nobody else's reservation gets lost, and ours are not among them. */
static void check_same_reserved(const struct tree *before,
				const struct tree *after)
{
	struct reserved old = list_reserved(before);
	struct reserved new = list_reserved(after);
	unsigned int i;

	CHECK(old.result == new.result);
	CHECK(old.nr == new.nr);
	for (i = 0; i < old.nr; i++) {
		CHECK(old.range[i].start == new.range[i].start);
		CHECK(old.range[i].end == new.range[i].end);
	}
	free(old.range);
	free(new.range);
}

/* Whether a node writes numbers with @want cells, 0 standing for 1 or 2. */
static bool has_cells(const char *dtb, int node, const char *name,
		      unsigned int want)
{
	uint32_t cells;
	int len;
	const void *prop = fdt_getprop(dtb, node, name, &len);

	if (!prop)
		return true;
	if (len != sizeof(cells))
		return false;
	memcpy(&cells, prop, sizeof(cells));
	cells = fdt32_to_cpu(cells);
	return want ? cells == want : cells == 1 || cells == 2;
}

static unsigned int cells_of_root(const char *dtb, const char *name)
{
	int len;
	const void *prop = fdt_getprop(dtb, 0, name, &len);
	uint32_t cell;

	if (!prop)
		return 1;
	CHECK(len == sizeof(cell));
	memcpy(&cell, prop, sizeof(cell));
	return fdt32_to_cpu(cell);
}

static unsigned long long read_number(const char *from, unsigned int cells)
{
	unsigned long long number = 0;
	unsigned int i;

	for (i = 0; i < cells * 4; i++)
		number = number << 8 | (unsigned char)from[i];
	return number;
}

static void check_text(const char *dtb, int node, const char *name,
		       const char *want)
{
	int len;
	const char *text = fdt_getprop(dtb, node, name, &len);

	CHECK(!text == !want);
	if (want)
		CHECK(len == (int)strlen(want) + 1 && !strcmp(text, want));
}

static void check_region(const char *dtb, int node,
			 const struct dt_region *region)
{
	unsigned int addr = cells_of_root(dtb, "#address-cells");
	unsigned int size = cells_of_root(dtb, "#size-cells");
	char name[32];
	const char *reg;
	int len;

	snprintf(name, sizeof(name), "map-file@%llx", region->addr);
	CHECK(!strcmp(fdt_get_name(dtb, node, NULL), name));
	reg = fdt_getprop(dtb, node, "reg", &len);
	CHECK(reg && len == (int)(addr + size) * 4);
	CHECK(read_number(reg, addr) == region->addr);
	CHECK(read_number(reg + addr * 4, size) == region->size);
	check_text(dtb, node, "label", region->label);
	check_text(dtb, node, "compatible", region->label ? "phram" : NULL);
	CHECK(!fdt_getprop(dtb, node, "linux,rootfs", &len) ==
	      !(region->label && region->root));
}

static bool is_marked(const char *dtb, int node)
{
	int len;

	return fdt_getprop(dtb, node, "kexec,map-file", &len);
}

/* How many regions an earlier kexec seems to have left. */
static unsigned int old_regions(const char *dtb)
{
	int node = fdt_path_offset(dtb, "/reserved-memory");
	unsigned int found = 0;
	int depth = 0;

	if (node < 0)
		return 0;
	for (node = fdt_next_node(dtb, node, &depth); node >= 0 && depth > 0;
	     node = fdt_next_node(dtb, node, &depth))
		if (depth == 1 && is_marked(dtb, node))
			found++;
	return found;
}

/* The regions are there in their order, and no others. */
static void check_regions(const char *dtb, const struct dt_region *region,
			  unsigned int regions)
{
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	int node, depth = 0;
	unsigned int found = 0;

	if (parent < 0) {
		CHECK(!regions);
		return;
	}
	for (node = fdt_next_node(dtb, parent, &depth);
	     node >= 0 && depth > 0;
	     node = fdt_next_node(dtb, node, &depth)) {
		if (depth > 1 || !is_marked(dtb, node))
			continue;
		CHECK(found < regions);
		check_region(dtb, node, &region[found++]);
	}
	CHECK(found == regions);
	if (regions) {
		int len;

		CHECK(fdt_getprop(dtb, parent, "ranges", &len));
	}
}

/* Whether a region is in what others have reserved. With cells of 32 bits, the
 * last range is all that they cannot hold.
 */
static bool is_clear(const struct tree *tree, const struct dt_region *region)
{
	struct reserved reserved = list_reserved(tree);
	unsigned long long end = region->addr + region->span;
	bool clear = true;
	unsigned int i;

	if (cells_of_root(tree->dtb, "#address-cells") == 1)
		reserved.nr--;
	for (i = 0; i < reserved.nr; i++)
		if (reserved.range[i].start < end &&
		    region->addr < reserved.range[i].end)
			clear = false;
	free(reserved.range);
	return clear;
}

/* Whether dt_reserve_regions() has to succeed. */
static bool model_reserve(const struct tree *tree,
			  const struct dt_region *region, unsigned int regions)
{
	const char *dtb = tree->dtb;
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	unsigned int i, addr, size;

	if (old_regions(dtb) > 16)
		return false;
	if (!regions)
		return true;
	if (!has_cells(dtb, 0, "#address-cells", 0) ||
	    !has_cells(dtb, 0, "#size-cells", 0))
		return false;
	addr = cells_of_root(dtb, "#address-cells");
	size = cells_of_root(dtb, "#size-cells");
	if (parent >= 0 && (!has_cells(dtb, parent, "#address-cells", addr) ||
			    !has_cells(dtb, parent, "#size-cells", size)))
		return false;
	for (i = 0; i < regions; i++)
		if ((addr == 1 &&
		     (region[i].addr + region[i].span - 1) >> 32) ||
		    (size == 1 && region[i].size >> 32) ||
		    !is_clear(tree, &region[i]))
			return false;
	return true;
}

/* kexec-tools' libfdt looks for a child also among those of the nodes that
 * follow its parent: it may say that a region is there already.
 */
static bool is_elsewhere(const char *dtb, const struct dt_region *region,
			 unsigned int regions)
{
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	int node;
	unsigned int i;

	for (node = 0; node >= 0; node = fdt_next_node(dtb, node, NULL))
		for (i = 0; i < regions; i++) {
			char name[32];

			snprintf(name, sizeof(name), "map-file@%llx",
				 region[i].addr);
			if (!strcmp(fdt_get_name(dtb, node, NULL), name) &&
			    (parent < 0 || !is_marked(dtb, node) ||
			     fdt_parent_offset(dtb, node) != parent))
				return true;
		}
	return false;
}

static bool overlap(uint32_t start, uint32_t size, uint32_t other,
		    uint32_t other_size)
{
	return start < other + other_size && other < start + size;
}

/* Such a blob grows when libfdt takes its blocks apart, perhaps beyond the room
 * for it, which is then refused.
 */
static bool blocks_overlap(const char *dtb)
{
	uint32_t reserved = (fdt_num_mem_rsv(dtb) + 1) * 16;

	return overlap(fdt_off_mem_rsvmap(dtb), reserved,
		       fdt_off_dt_struct(dtb), fdt_size_dt_struct(dtb)) ||
		overlap(fdt_off_mem_rsvmap(dtb), reserved,
			fdt_off_dt_strings(dtb), fdt_size_dt_strings(dtb)) ||
		overlap(fdt_off_dt_struct(dtb), fdt_size_dt_struct(dtb),
			fdt_off_dt_strings(dtb), fdt_size_dt_strings(dtb));
}

static void set_region(struct dt_region *region, struct fuzz_bytes *bytes,
		       unsigned long long addr, const char *label)
{
	unsigned int shift = fuzz_take(bytes, 1) % 48;

	*region = (struct dt_region) {
		.arg = "squashfs@auto",
		.addr = addr + ((fuzz_take(bytes, 2) << shift) & ~(PAGE - 1)),
		.size = fuzz_take(bytes, 4) + 1,
	};
	if (fuzz_take(bytes, 1) & 1)
		region->label = label;
	region->root = region->label && fuzz_take(bytes, 1) & 1;
	region->span = _ALIGN(region->size, PAGE);
}

static void reserve(const struct tree *before, const struct dt_region *region,
		    unsigned int regions)
{
	struct tree tree = *before, again;
	int result = dt_reserve_regions(&tree.dtb, &tree.size, region, regions);

	check_step(before, &tree, result);
	if (!is_elsewhere(before->dtb, region, regions) &&
	    !blocks_overlap(before->dtb))
		CHECK(!result == model_reserve(before, region, regions));
	if (result)
		return;
	CHECK(model_reserve(before, region, regions));
	CHECK((tree.dtb != before->dtb) ==
	      (regions || old_regions(before->dtb)));
	check_regions(tree.dtb, region, regions);
	check_same_reserved(before, &tree);

	/* Twice is as good as once */
	again = tree;
	result = dt_reserve_regions(&again.dtb, &again.size, region, regions);
	CHECK(!result);
	check_step(&tree, &again, result);
	CHECK(again.size == tree.size);
	CHECK(!memcmp(again.dtb, tree.dtb, tree.size));
	drop(&again, &tree);

	/* A kexec without map files leaves nothing of one with them */
	again = tree;
	result = dt_reserve_regions(&again.dtb, &again.size, NULL, 0);
	CHECK(!result);
	check_step(&tree, &again, result);
	check_regions(again.dtb, NULL, 0);
	drop(&again, &tree);

	drop(&tree, before);
}

static int add_ram(struct tree *tree, unsigned int choice)
{
	switch (choice % 3) {
	case 0:
		return dt_add_ram(&tree->dtb, &tree->size, malta, 1);
	case 1:
		return dt_add_ram(&tree->dtb, &tree->size, malta_high, 3);
	default:
		return dt_add_ram(&tree->dtb, &tree->size, malta64, 3);
	}
}

static void work_on(const struct tree *input, struct fuzz_bytes *bytes)
{
	unsigned int choice = fuzz_take(bytes, 1);
	struct dt_region region[REGIONS_MAX];
	struct tree tree = *input, again;
	int result = add_ram(&tree, choice);
	unsigned int i;

	if (!result)
		allow_warnings();
	check_step(input, &tree, result);
	if (!result) {
		/* There is RAM now */
		again = tree;
		CHECK(!add_ram(&again, choice));
		CHECK(again.dtb == tree.dtb);
		check_same_reserved(input, &tree);
	}

	set_region(&region[0], bytes, 0x2000000, "rootfs");
	set_region(&region[1], bytes, region[0].addr + region[0].span,
		   "config");
	if (region[0].root)
		region[1].root = false;
	for (i = 0; i <= REGIONS_MAX; i++)
		reserve(&tree, region, i);
	drop(&tree, input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Not a byte more, so that reading one is seen */
	struct tree tree = { malloc(size), size };
	struct fuzz_bytes bytes = { NULL, 0 };
	char *kept;

	memcpy(tree.dtb, data, size);
	if (is_sound(&tree)) {
		/* libfdt sees the root, where it always looks for it */
		CHECK(fdt_get_name(tree.dtb, 0, NULL));
		kept = malloc(size);
		memcpy(kept, tree.dtb, size);
		bytes.at = data + fdt_totalsize(tree.dtb);
		bytes.left = size - fdt_totalsize(tree.dtb);
		free(list_reserved(&tree).range);
		check_said(dt_check_ram(tree.dtb, "dtb", "/missing", malta_high,
					3));
		work_on(&tree, &bytes);
		CHECK(!memcmp(kept, tree.dtb, size));
		free(kept);
	}
	free(tree.dtb);
	return 0;
}
