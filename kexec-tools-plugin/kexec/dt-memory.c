// SPDX-License-Identifier: GPL-2.0-only
/*
 * dt-memory.c - what a device tree says of the memory of the new kernel
 *
 * The node names and properties are those of the Devicetree Specification,
 * release v0.4: 2.3.5 (#address-cells and #size-cells), 3.4 (/memory) and 3.5
 * (/reserved-memory). The phram binding is in Linux,
 * Documentation/devicetree/bindings/reserved-memory/phram.yaml.
 */

#include <dirent.h>
#include <errno.h>
#include <libfdt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kexec.h"
#include "dt-check.h"
#include "dt-memory.h"

/* Children of /reserved-memory with this property are from us, or from a kexec
 * before us when the tree is that of a system that was itself started so.
 */
#define REGION_MARK	"kexec,map-file"

/* As many as one kexec can leave: an image has 16 segments */
#define OLD_REGIONS_MAX	16

/* How many ranges a tree may reserve: no board has a tenth of it */
#define RESERVED_MAX	1024

/* As many 32-bit cells of a /memory of the running system's tree are read: no
 * board has a tenth of it
 */
#define REG_CELLS_MAX	256

/* Room for one node with its properties and their names, in bytes */
#define NODE_ROOM	512

/* How a node writes its children's addresses and sizes, in 32-bit cells */
struct cells {
	unsigned int addr;
	unsigned int size;
};

static int complain(const char *what, int fdt_error)
{
	return dt_refuse("Device tree", "", "cannot %s: %s", what,
			 fdt_strerror(fdt_error));
}

static int read_cell(const char *dtb, int node, const char *name,
		     unsigned int missing, unsigned int *value)
{
	const uint32_t *prop;
	int len;

	*value = missing;
	prop = fdt_getprop(dtb, node, name, &len);
	if (prop && len == sizeof(*prop))
		*value = fdt32_to_cpu(*prop);
	else if (prop)
		*value = 0;

	if (*value == 1 || *value == 2)
		return 0;
	return dt_refuse("Device tree", "", "%s of %s must be 1 or 2", name,
			 node ? fdt_get_name(dtb, node, NULL) : "/");
}

/* Those of the root. Where it has none, the specification has 2 and 1, but
 * Linux, which will read the result, has 1 and 1 (OF_ROOT_NODE_ADDR_CELLS_DEFAULT
 * in include/linux/of.h).
 */
static int read_root_cells(const char *dtb, struct cells *cells)
{
	int result = read_cell(dtb, 0, "#address-cells", 1, &cells->addr);

	return result ? result :
		read_cell(dtb, 0, "#size-cells", 1, &cells->size);
}

/* Copies *@dtb to a new buffer with @room bytes to spare. The old buffer may
 * be mapped from a file, so it is not freed.
 */
static char *open_with_room(const char *dtb, size_t room)
{
	size_t size = fdt_totalsize(dtb) + room;
	char *copy = xmalloc(size);
	int result = fdt_open_into(dtb, copy, size);

	if (result) {
		complain("make room", result);
		free(copy);
		return NULL;
	}
	return copy;
}

static void pack(char *copy, char **dtb, off_t *dtb_size)
{
	fdt_pack(copy);
	*dtb = copy;
	*dtb_size = fdt_totalsize(copy);
}

static uint32_t *put_number(uint32_t *to, unsigned long long number,
			    unsigned int cells)
{
	if (cells == 2)
		*to++ = cpu_to_fdt32(number >> 32);
	*to++ = cpu_to_fdt32((uint32_t)number);
	return to;
}

static bool fits_cells(unsigned long long number, unsigned int cells)
{
	return cells == 2 || number <= UINT32_MAX;
}

static int next_child(const char *dtb, int node, int *depth)
{
	do
		node = fdt_next_node(dtb, node, depth);
	while (node >= 0 && *depth > 1);

	return node >= 0 && *depth == 1 ? node : -1;
}

static int next_memory_node(const char *dtb, int node, int *depth)
{
	for (node = next_child(dtb, node, depth); node >= 0;
	     node = next_child(dtb, node, depth)) {
		int len;
		const char *type = fdt_getprop(dtb, node, "device_type", &len);

		/* What follows the string does not count for Linux either */
		if (type && len >= (int)sizeof("memory") &&
		    !strcmp(type, "memory"))
			return node;
	}
	return -1;
}

/* Many boards' trees hold a memory node of size 0 for the boot loader to fill
 * in: that is no RAM.
 */
static bool node_has_ram(const char *dtb, int node, const struct cells *cells)
{
	unsigned int entry = cells->addr + cells->size;
	const uint32_t *reg;
	unsigned int i, j;
	int len;

	reg = fdt_getprop(dtb, node, "reg", &len);
	if (!reg)
		return false;

	for (i = 0; i + entry <= len / sizeof(*reg); i += entry)
		for (j = cells->addr; j < entry; j++)
			if (reg[i + j])
				return true;
	return false;
}

static bool has_ram(const char *dtb, const struct cells *cells)
{
	int depth = 0;
	int node = next_memory_node(dtb, 0, &depth);

	while (node >= 0 && !node_has_ram(dtb, node, cells))
		node = next_memory_node(dtb, node, &depth);
	return node >= 0;
}

static bool ram_fits(const struct memory_range *range,
		     const struct cells *cells)
{
	return fits_cells(range->start, cells->addr) &&
		fits_cells(range->end - range->start, cells->size);
}

static int write_ram(char *dtb, int node, const struct cells *cells,
		     const struct memory_range *range, int ranges)
{
	uint32_t *reg = xmalloc(ranges * sizeof(*reg) *
				(cells->addr + cells->size));
	uint32_t *end = reg;
	int i, result;

	for (i = 0; i < ranges; i++) {
		if (range[i].type != RANGE_RAM || !ram_fits(&range[i], cells))
			continue;
		end = put_number(end, range[i].start, cells->addr);
		end = put_number(end, range[i].end - range[i].start,
				 cells->size);
	}
	result = fdt_setprop(dtb, node, "reg", reg,
			     (end - reg) * sizeof(*reg));
	free(reg);
	return result;
}

static void tell_lost_ram(const struct cells *cells,
			  const struct memory_range *range, int ranges)
{
	int i;

	for (i = 0; i < ranges; i++)
		if (range[i].type == RANGE_RAM && !ram_fits(&range[i], cells))
			dt_refuse("Device tree", "",
				  "it has no RAM, and its 32-bit cells cannot hold this system's at 0x%llx-0x%llx, so the new kernel will not have that; give it a memory node, or two cells for addresses and sizes",
				  range[i].start, range[i].end - 1);
}

static int add_memory_node(char *dtb, const struct memory_range *range,
			   int ranges)
{
	char name[sizeof("memory@") + 16];
	int i = 0;
	int node, result;

	while (i < ranges - 1 && range[i].type != RANGE_RAM)
		i++;
	snprintf(name, sizeof(name), "memory@%llx", range[i].start);

	/* It may be there, without the device_type that Linux looks for */
	node = fdt_subnode_offset(dtb, 0, name);
	if (node == -FDT_ERR_NOTFOUND)
		node = fdt_add_subnode(dtb, 0, name);
	if (node < 0)
		return node;
	result = fdt_setprop_string(dtb, node, "device_type", "memory");
	return result ? result : node;
}

/**
 * dt_add_ram() - tell the new kernel its RAM, when the device tree does not
 * @dtb: the blob, checked; replaced by a new buffer when it changes
 * @dtb_size: its size in bytes
 * @range: the RAM of the running system, physical, @end the first byte after
 * @ranges: how many there are, at least 1
 *
 * A device tree that was made for a boot loader which fills in the RAM has
 * none, and a kernel that finds none guesses, or does not start. The RAM of
 * the running system is what the boot loader said.
 *
 * Return: 0, also when there was nothing to do, or -EINVAL with one line on
 * stderr and the blob unchanged.
 */
int dt_add_ram(char **dtb, off_t *dtb_size, const struct memory_range *range,
	       int ranges)
{
	struct cells cells;
	char *copy;
	int node, result, depth = 0;

	if (read_root_cells(*dtb, &cells))
		return -EINVAL;
	if (has_ram(*dtb, &cells))
		return 0;

	copy = open_with_room(*dtb, NODE_ROOM + ranges * 4 * sizeof(uint32_t));
	if (!copy)
		return -EINVAL;

	node = next_memory_node(copy, 0, &depth);
	if (node < 0)
		node = add_memory_node(copy, range, ranges);
	result = node < 0 ? node :
		write_ram(copy, node, &cells, range, ranges);
	if (result) {
		free(copy);
		return result == -EINVAL ? result :
			complain("add /memory", result);
	}

	pack(copy, dtb, dtb_size);
	tell_lost_ram(&cells, range, ranges);
	return 0;
}

/* The node with what Linux wants in it, or Linux would ignore it and all that
 * it reserves: the cells of the root, and ranges.
 */
static int complete_reserved_memory(char *dtb, const struct cells *cells)
{
	int node = fdt_subnode_offset(dtb, 0, "reserved-memory");
	int result, len;

	if (node == -FDT_ERR_NOTFOUND)
		node = fdt_add_subnode(dtb, 0, "reserved-memory");
	if (node < 0)
		return node;

	result = 0;
	if (!fdt_getprop(dtb, node, "ranges", &len))
		result = fdt_setprop(dtb, node, "ranges", "", 0);
	if (!result && !fdt_getprop(dtb, node, "#size-cells", &len))
		result = fdt_setprop_cell(dtb, node, "#size-cells",
					  cells->size);
	if (!result && !fdt_getprop(dtb, node, "#address-cells", &len))
		result = fdt_setprop_cell(dtb, node, "#address-cells",
					  cells->addr);
	return result ? result : node;
}

static int check_reserved_memory(const char *dtb, int node,
				 const struct cells *cells)
{
	struct cells own;

	if (read_cell(dtb, node, "#address-cells", 0, &own.addr) ||
	    read_cell(dtb, node, "#size-cells", 0, &own.size))
		return -EINVAL;
	if (own.addr == cells->addr && own.size == cells->size)
		return 0;
	return dt_refuse("Device tree", "",
			 "#address-cells and #size-cells of /reserved-memory are not those of /, so Linux ignores it; make them the same");
}

static bool is_region(const char *dtb, int node)
{
	int len;

	return fdt_getprop(dtb, node, REGION_MARK, &len);
}

static int next_region(const char *dtb, int parent)
{
	int depth = 0;
	int node = next_child(dtb, parent, &depth);

	while (node >= 0 && !is_region(dtb, node))
		node = next_child(dtb, node, &depth);
	return node;
}

/* Returns how many there were. */
static int drop_old_regions(char *dtb, int parent)
{
	int node, result, dropped = 0;

	/* Deleting moves what follows, so start anew each time */
	while ((node = next_region(dtb, parent)) >= 0) {
		if (dropped++ == OLD_REGIONS_MAX)
			return dt_refuse("Device tree", "",
					 "/reserved-memory has more than %d nodes with %s, which no kexec has left there; remove them",
					 OLD_REGIONS_MAX, REGION_MARK);
		result = fdt_del_node(dtb, node);
		if (result)
			return complain("drop a region", result);
	}
	return dropped;
}

static unsigned long long get_number(const uint32_t *from, unsigned int cells)
{
	unsigned long long number = fdt32_to_cpu(from[0]);

	return cells == 2 ? number << 32 | fdt32_to_cpu(from[1]) : number;
}

/* Called for each range that a tree reserves, until it returns something else
 * than 0. @end is the first byte after.
 */
typedef int visit_t(void *data, const char *name, unsigned long long addr,
		    unsigned long long end);

/* Linux reserves nothing for a size of 0, and no more than there are addresses. */
static int visit_range(visit_t *visit, void *data, const char *name,
		       unsigned long long addr, unsigned long long size)
{
	if (!size)
		return 0;
	if (size > ~0ULL - addr)
		size = ~0ULL - addr;
	return visit(data, name, addr, addr + size);
}

static int visit_memreserve(const char *dtb, visit_t *visit, void *data)
{
	int i, nr = fdt_num_mem_rsv(dtb);

	for (i = 0; i < nr; i++) {
		uint64_t addr, size;
		int result = 0;

		if (!fdt_get_mem_rsv(dtb, i, &addr, &size))
			result = visit_range(visit, data, "/memreserve/", addr,
					     size);
		if (result)
			return result;
	}
	return 0;
}

/* @reg: entries of address and size, @len bytes of them; NULL for none */
static int visit_entries(const uint32_t *reg, int len,
			 const struct cells *cells, const char *name,
			 visit_t *visit, void *data)
{
	unsigned int i, entry = cells->addr + cells->size;

	for (i = 0; reg && i + entry <= len / sizeof(*reg); i += entry) {
		int result = visit_range(visit, data, name,
					 get_number(reg + i, cells->addr),
					 get_number(reg + i + cells->addr,
						    cells->size));

		if (result)
			return result;
	}
	return 0;
}

static int visit_reg(const char *dtb, int node, const struct cells *cells,
		     visit_t *visit, void *data)
{
	const uint32_t *reg;
	int len;

	reg = fdt_getprop(dtb, node, "reg", &len);
	return visit_entries(reg, len, cells, fdt_get_name(dtb, node, NULL),
			     visit, data);
}

/* All of /memreserve/ and of /reserved-memory, but for our own nodes. */
static int visit_reserved(const char *dtb, const struct cells *cells,
			  visit_t *visit, void *data)
{
	int parent = fdt_subnode_offset(dtb, 0, "reserved-memory");
	int result = visit_memreserve(dtb, visit, data);
	int node, depth = 0;

	if (parent < 0)
		return result;
	for (node = next_child(dtb, parent, &depth); !result && node >= 0;
	     node = next_child(dtb, node, &depth))
		if (!is_region(dtb, node))
			result = visit_reg(dtb, node, cells, visit, data);
	return result;
}

static int refuse_clash(void *data, const char *name, unsigned long long addr,
			unsigned long long end)
{
	const struct dt_region *region = data;

	if (region->addr >= end || region->addr + region->span <= addr)
		return 0;
	return dt_refuse("--map-file ", region->arg,
			 "0x%llx-0x%llx clashes with 0x%llx-0x%llx, which the device tree reserves (%.64s); choose another address, or auto",
			 region->addr, region->addr + region->span - 1, addr,
			 end - 1, name);
}

static int check_clashes(const char *dtb, const struct cells *cells,
			 const struct dt_region *region, unsigned int regions)
{
	unsigned int i;

	for (i = 0; i < regions; i++) {
		struct dt_region one = region[i];

		if (visit_reserved(dtb, cells, refuse_clash, &one))
			return -EINVAL;
	}
	return 0;
}

struct range_list {
	struct memory_range *range;
	unsigned int nr;
};

static void append(struct range_list *list, unsigned int type,
		   unsigned long long addr, unsigned long long end)
{
	struct memory_range *range;

	list->range = xrealloc(list->range,
			       (list->nr + 1) * sizeof(*list->range));
	range = &list->range[list->nr++];
	range->type = type;
	range->start = addr;
	range->end = end;
}

static int add_range(void *data, const char *name, unsigned long long addr,
		     unsigned long long end)
{
	struct range_list *list = data;

	if (list->nr == RESERVED_MAX)
		return dt_refuse("Device tree", "",
				 "it reserves more than %d ranges of memory (%.64s)",
				 RESERVED_MAX, name);
	append(list, RANGE_RESERVED, addr, end);
	return 0;
}

/**
 * dt_reserved() - list what a device tree keeps from others
 * @dtb: the blob, checked
 * @range: the ranges, physical, @end the first byte after; to be freed
 * @ranges: how many there are
 *
 * These are /memreserve/, the children of /reserved-memory but for those that
 * an earlier kexec left, and the addresses that its cells cannot hold.
 *
 * Return: 0, or -EINVAL with one line on stderr.
 */
int dt_reserved(const char *dtb, struct memory_range **range,
		unsigned int *ranges)
{
	struct range_list list = { 0 };
	struct cells cells;

	if (read_root_cells(dtb, &cells))
		return -EINVAL;
	if (visit_reserved(dtb, &cells, add_range, &list) ||
	    (cells.addr == 1 &&
	     add_range(&list, "cells of 32 bits", 1ULL << 32, ~0ULL))) {
		free(list.range);
		return -EINVAL;
	}
	*range = list.range;
	*ranges = list.nr;
	return 0;
}

static int add_known(void *data, const char *UNUSED(name),
		     unsigned long long addr, unsigned long long end)
{
	append(data, RANGE_RAM, addr, end);
	return 0;
}

/* RAM comes in one power of two, or in a few. A range that does not start or end
 * at a multiple of the greatest one in a quarter of its size has lost the rest to
 * the firmware or to the running kernel, which keep that for themselves.
 */
static void add_whole(struct range_list *known, unsigned long long addr,
		      unsigned long long end)
{
	unsigned long long step = 1;

	while (step <= (end - addr) / 8)
		step <<= 1;
	addr &= ~(step - 1);
	if (end <= ~0ULL - step)
		end = (end + step - 1) & ~(step - 1);
	append(known, RANGE_RAM, addr, end);
}

/* Reads a property of the running system's tree, a file of @dir. Returns its
 * length in bytes, at most @size, or -1.
 */
static int read_property(const char *dir, const char *name, void *value,
			 size_t size)
{
	char path[PATH_MAX + sizeof("/#address-cells")];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (!file)
		return -1;
	len = fread(value, 1, size, file);
	fclose(file);
	return len;
}

/* Returns 1 or 2, which is 1 where there is none as in read_root_cells(), or 0. */
static unsigned int running_cells(const char *tree, const char *name)
{
	uint32_t value;
	int len = read_property(tree, name, &value, sizeof(value));

	if (len < 0)
		return 1;
	value = fdt32_to_cpu(value);
	return len == sizeof(value) && value <= 2 ? value : 0;
}

static void add_running_node(const char *tree, const char *node,
			     const struct cells *cells,
			     struct range_list *known)
{
	char dir[PATH_MAX], type[sizeof("memory")];
	uint32_t reg[REG_CELLS_MAX];
	int len;

	snprintf(dir, sizeof(dir), "%s/%s", tree, node);
	len = read_property(dir, "device_type", type, sizeof(type));
	if (len != sizeof(type) || memcmp(type, "memory", sizeof(type)))
		return;
	len = read_property(dir, "reg", reg, sizeof(reg));
	visit_entries(len < 0 ? NULL : reg, len, cells, node, add_known, known);
}

/* More than the running kernel uses, if that was told so or has no HIGHMEM. */
static void add_running_ram(const char *tree, struct range_list *known)
{
	struct cells cells = {
		.addr = running_cells(tree, "#address-cells"),
		.size = running_cells(tree, "#size-cells"),
	};
	struct dirent *entry;
	DIR *dir = opendir(tree);

	if (!dir)
		return;
	while (cells.addr && cells.size && (entry = readdir(dir)))
		add_running_node(tree, entry->d_name, &cells, known);
	closedir(dir);
}

struct ram_check {
	const char *file;
	struct range_list known;
};

static int compare_start(const void *a, const void *b)
{
	const struct memory_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* In order, and one where they touch, so that what is known as a whole lies in
 * one of them.
 */
static void merge(struct range_list *list)
{
	struct memory_range *last = list->range;
	unsigned int i;

	if (!list->nr)
		return;
	qsort(list->range, list->nr, sizeof(*list->range), compare_start);
	for (i = 1; i < list->nr; i++) {
		if (list->range[i].start > last->end)
			*++last = list->range[i];
		else if (list->range[i].end > last->end)
			last->end = list->range[i].end;
	}
	list->nr = last - list->range + 1;
}

static const struct memory_range *range_with(const struct range_list *list,
					     unsigned long long addr)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->range[i].start <= addr && addr < list->range[i].end)
			return &list->range[i];
	return NULL;
}

/* Where the next range starts, or @end if none does before it. */
static unsigned long long next_start(const struct range_list *list,
				     unsigned long long addr,
				     unsigned long long end)
{
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->range[i].start > addr && list->range[i].start < end)
			end = list->range[i].start;
	return end;
}

static int refuse_unknown(void *data, const char *name,
			  unsigned long long addr, unsigned long long end)
{
	const struct ram_check *check = data;
	const struct memory_range *range = range_with(&check->known, addr);

	if (range && end <= range->end)
		return 0;
	if (range)
		addr = range->end;
	return dt_refuse("Device tree ", check->file,
			 "%.64s has RAM at 0x%llx-0x%llx, where this system knows of none; correct it, or leave RAM out: then kexec puts in what this system has",
			 name, addr, next_start(&check->known, addr, end) - 1);
}

/* Linux ignores such a node with another status. */
static bool is_available(const char *dtb, int node)
{
	int len;
	const char *status = fdt_getprop(dtb, node, "status", &len);

	return !status || (len >= (int)sizeof("ok") && !strcmp(status, "ok")) ||
		(len >= (int)sizeof("okay") && !strcmp(status, "okay"));
}

/* early_init_dt_scan_memory() in Linux, drivers/of/fdt.c, takes the one before
 * the other.
 */
static int check_memory_node(const char *dtb, int node,
			     const struct cells *cells,
			     struct ram_check *check)
{
	const void *reg;
	int len;

	if (!is_available(dtb, node))
		return 0;
	reg = fdt_getprop(dtb, node, "linux,usable-memory", &len);
	if (!reg)
		reg = fdt_getprop(dtb, node, "reg", &len);
	return visit_entries(reg, len, cells, fdt_get_name(dtb, node, NULL),
			     refuse_unknown, check);
}

/**
 * dt_check_ram() - refuse a device tree with RAM that the machine does not have
 * @dtb: the blob, checked
 * @file: its name, for messages
 * @tree: the directory of the running system's device tree; need not exist
 * @range: the RAM of the running system, physical, @end the first byte after
 * @ranges: how many there are
 *
 * Linux takes RAM as a tree has it. A kernel that puts its own data where there
 * is no RAM gets lost: on a 64-bit Malta its stack goes down from the last
 * address there is, through all that is mapped, flash included.
 *
 * Beside the RAM of the running system, this lets pass: what the firmware or the
 * running kernel may have kept for itself, at either end of a range; what the
 * tree reserves, where the new kernel puts nothing; and what the running system's
 * tree has, as its kernel may use less than there is. If that tree has too much,
 * and mem= keeps the running kernel from it, one that has the same is not refused.
 *
 * Return: 0, or -EINVAL with one line on stderr, also when the cells of the
 * root are not of a size that can be read, or it reserves too many ranges.
 */
int dt_check_ram(const char *dtb, const char *file, const char *tree,
		 const struct memory_range *range, int ranges)
{
	struct ram_check check = { .file = file };
	struct cells cells;
	int i, node, result, depth = 0;

	if (read_root_cells(dtb, &cells))
		return -EINVAL;
	/* The first, as add_range() counts all that is in the list */
	result = visit_reserved(dtb, &cells, add_range, &check.known);
	for (i = 0; i < ranges; i++)
		if (range[i].type == RANGE_RAM)
			add_whole(&check.known, range[i].start, range[i].end);
	add_running_ram(tree, &check.known);
	merge(&check.known);

	for (node = next_memory_node(dtb, 0, &depth); !result && node >= 0;
	     node = next_memory_node(dtb, node, &depth))
		result = check_memory_node(dtb, node, &cells, &check);
	free(check.known.range);
	return result;
}

static int add_region(char *dtb, int parent, const struct cells *cells,
		      const struct dt_region *region)
{
	char name[sizeof("map-file@") + 16];
	uint32_t reg[4];
	uint32_t *end;
	int node, result;

	if (!fits_cells(region->addr + region->span - 1, cells->addr) ||
	    !fits_cells(region->size, cells->size))
		return dt_refuse("--map-file ", region->arg,
				 "the 32-bit cells of the device tree cannot hold 0x%llx-0x%llx; choose an address below 4 GiB, or auto",
				 region->addr, region->addr + region->span - 1);

	snprintf(name, sizeof(name), "map-file@%llx", region->addr);
	node = fdt_add_subnode(dtb, parent, name);
	if (node < 0)
		return node;

	end = put_number(reg, region->addr, cells->addr);
	end = put_number(end, region->size, cells->size);
	result = fdt_setprop(dtb, node, REGION_MARK, "", 0);
	if (!result)
		result = fdt_setprop(dtb, node, "reg", reg,
				     (end - reg) * sizeof(*reg));
	if (result || !region->label)
		return result;

	result = fdt_setprop_string(dtb, node, "label", region->label);
	if (!result)
		result = fdt_setprop_string(dtb, node, "compatible", "phram");
	if (!result && region->root)
		result = fdt_setprop(dtb, node, "linux,rootfs", "", 0);
	return result;
}

static int write_regions(char *dtb, const struct dt_region *region,
			 unsigned int regions)
{
	struct cells cells;
	int parent;

	if (read_root_cells(dtb, &cells))
		return -EINVAL;
	parent = complete_reserved_memory(dtb, &cells);
	if (parent < 0)
		return parent;
	if (check_reserved_memory(dtb, parent, &cells) ||
	    check_clashes(dtb, &cells, region, regions))
		return -EINVAL;

	/* A new node goes before its siblings: the last one first, so that
	 * the MTDs are numbered in the order of the options.
	 */
	while (regions--) {
		int result = add_region(dtb, parent, &cells, &region[regions]);

		if (result)
			return result;
	}
	return 0;
}

/**
 * dt_reserve_regions() - reserve regions of RAM from the new kernel's first moment
 * @dtb: the blob, checked; replaced by a new buffer when it changes
 * @dtb_size: its size in bytes
 * @region: the regions
 * @regions: how many there are; may be 0
 *
 * Each region becomes a child of /reserved-memory; one with a label is also a
 * phram, of which Linux 5.18 and later makes an MTD of that name. The regions
 * that an earlier kexec left in the tree are dropped: nothing lies there any
 * more.
 *
 * Return: 0, or -EINVAL with one line on stderr and the blob unchanged.
 */
int dt_reserve_regions(char **dtb, off_t *dtb_size,
		       const struct dt_region *region, unsigned int regions)
{
	int result, parent, dropped = 0;
	char *copy;

	copy = open_with_room(*dtb, NODE_ROOM * (regions + 1));
	if (!copy)
		return -EINVAL;

	parent = fdt_subnode_offset(copy, 0, "reserved-memory");
	if (parent >= 0)
		dropped = drop_old_regions(copy, parent);
	result = dropped < 0 ? dropped : 0;
	if (!result && regions)
		result = write_regions(copy, region, regions);
	if (result || (!dropped && !regions)) {
		free(copy);
		return !result || result == -EINVAL ? result :
			complain("reserve memory", result);
	}

	pack(copy, dtb, dtb_size);
	return 0;
}
