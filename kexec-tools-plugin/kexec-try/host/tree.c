// SPDX-License-Identifier: GPL-2.0-only
/*
 * tree.c - device tree blobs: whether one is sound, and what it says of RAM
 */

#include <libfdt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "parts.h"
#include "say.h"
#include "text.h"

/* What kexec leaves in the node of each map file */
#define REGION_MARK	"kexec,map-file"

int tree_check(const char *path, const char *dtb, size_t size)
{
	int error = fdt_check_full(dtb, size);

	if (size > TREE_MAX)
		return report("%s: the blob is too large: it has %zu bytes, %d is the most",
			      path, size, TREE_MAX);
	if (error)
		return report("%s: this is no sound device tree blob (%s); make one with dtc",
			      path, fdt_strerror(error));
	return 0;
}

char *tree_load(const char *path)
{
	size_t size;
	char *dtb = files_load(path, 2 * TREE_MAX, &size);

	if (dtb && tree_check(path, dtb, size)) {
		free(dtb);
		return NULL;
	}
	return dtb;
}

/* The ranges of a blob that are read */
struct walk {
	const char *path;
	const char *dtb;
	int addr_cells;
	int size_cells;
	struct ram *ram;
};

static int begin(struct walk *walk)
{
	/* Linux has 1 where the root node says nothing, and libfdt 2 */
	walk->addr_cells = fdt_getprop(walk->dtb, 0, "#address-cells", NULL) ?
		fdt_address_cells(walk->dtb, 0) : 1;
	walk->size_cells = fdt_size_cells(walk->dtb, 0);
	walk->ram->ranges = 0;
	if (walk->addr_cells < 1 || walk->addr_cells > 2 ||
	    walk->size_cells < 1 || walk->size_cells > 2)
		return report("%s: #address-cells and #size-cells of / must be 1 or 2",
			      walk->path);
	return 0;
}

/* No sum with an address in a manifest overflows */
static int add(const struct walk *walk, unsigned long long start,
	       unsigned long long size)
{
	if (!size)
		return 0;
	if (start > TEXT_ADDRESS_MAX || size > TEXT_ADDRESS_MAX - start)
		return report("%s: the range at 0x%llx goes on beyond all RAM",
			      walk->path, start);
	return ram_add(walk->ram, walk->path, start, start + size);
}

static unsigned long long get_number(const uint32_t **reg, int cells)
{
	unsigned long long number = 0;

	while (cells--)
		number = number << 32 | fdt32_to_cpu(*(*reg)++);
	return number;
}

static int add_reg(const struct walk *walk, int node)
{
	int cells = walk->addr_cells + walk->size_cells;
	const uint32_t *reg, *end;
	int len, result = 0;

	reg = fdt_getprop(walk->dtb, node, "reg", &len);
	if (!reg)
		return 0;
	end = reg + len / sizeof(*reg);
	while (!result && end - reg >= cells) {
		unsigned long long start = get_number(&reg, walk->addr_cells);

		result = add(walk, start, get_number(&reg, walk->size_cells));
	}
	return result;
}

/* Linux looks at no memory node with another status */
static bool is_on(const char *dtb, int node)
{
	return !fdt_getprop(dtb, node, "status", NULL) ||
		!fdt_stringlist_search(dtb, node, "status", "okay") ||
		!fdt_stringlist_search(dtb, node, "status", "ok");
}

int tree_ram(const char *path, const char *dtb, struct ram *ram)
{
	struct walk walk = { .path = path, .dtb = dtb, .ram = ram };
	int node, result = begin(&walk);

	fdt_for_each_subnode(node, dtb, 0)
		if (!result && !fdt_stringlist_search(dtb, node, "device_type",
						      "memory") &&
		    is_on(dtb, node))
			result = add_reg(&walk, node);
	return result;
}

int tree_reserved(const char *path, const char *dtb, struct ram *reserved)
{
	struct walk walk = { .path = path, .dtb = dtb, .ram = reserved };
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	int i, node, result = begin(&walk);
	uint64_t start, size;

	for (i = 0; !result && i < fdt_num_mem_rsv(dtb); i++) {
		fdt_get_mem_rsv(dtb, i, &start, &size);
		result = add(&walk, start, size);
	}
	if (parent < 0)
		return result;
	fdt_for_each_subnode(node, dtb, parent)
		if (!result && !fdt_getprop(dtb, node, REGION_MARK, NULL))
			result = add_reg(&walk, node);
	return result;
}

static void take_out(const char *path, char *dtb, int node, const char *name,
		     const char *why)
{
	char where[256];

	if (!fdt_getprop(dtb, node, name, NULL) ||
	    fdt_get_path(dtb, node, where, sizeof(where)) ||
	    fdt_nop_property(dtb, node, name))
		return;
	step("%s: %s/%s is not in the bundle: %s", path,
	     where[1] ? where : "", name, why);
}

int tree_clean(const char *path, char *dtb)
{
	static const char stale[] = "it is of the last boot, and the new kernel would take that RAM for free";
	int node, chosen = fdt_path_offset(dtb, "/chosen");

	for (node = 0; node >= 0; node = fdt_next_node(dtb, node, NULL)) {
		if (!strcmp(fdt_get_name(dtb, node, NULL), "__overlay__"))
			return report("%s: this is an overlay, which is no tree of a board; give the tree that it goes onto, with it applied (fdtoverlay)",
				      path);
		take_out(path, dtb, node, "linux,rootfs",
			 "that root would be taken in place of the bundle's");
	}
	if (chosen < 0)
		return 0;
	take_out(path, dtb, chosen, "bootargs-override",
		 "it would win over the command line");
	take_out(path, dtb, chosen, "linux,initrd-start", stale);
	take_out(path, dtb, chosen, "linux,initrd-end", stale);
	return 0;
}
