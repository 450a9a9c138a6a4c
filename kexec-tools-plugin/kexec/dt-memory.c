// SPDX-License-Identifier: GPL-2.0-only
/*
 * dt-memory.c - what a device tree says of the memory of the new kernel
 *
 * The node names and properties are those of the Devicetree Specification,
 * release v0.4: 2.3.5 (#address-cells and #size-cells), 3.4 (/memory) and 3.5
 * (/reserved-memory). The phram binding is in Linux,
 * Documentation/devicetree/bindings/reserved-memory/phram.yaml.
 */

#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kexec.h"
#include "dt-memory.h"

/* Children of /reserved-memory with this name are from us, or from a kexec
 * before us when the tree is that of a system that was itself started so.
 */
#define REGION_NODE	"map-file"

/* Room for one node with its properties and their names, in bytes */
#define NODE_ROOM	512

/* How a node writes its children's addresses and sizes, in 32-bit cells */
struct cells {
	unsigned int addr;
	unsigned int size;
};

static int complain(const char *what, int fdt_error)
{
	fprintf(stderr, "Device tree: cannot %s: %s\n", what,
		fdt_strerror(fdt_error));
	return -EINVAL;
}

static bool block_fits(const char *dtb, uint32_t offset, uint32_t size)
{
	return offset <= fdt_totalsize(dtb) &&
		size <= fdt_totalsize(dtb) - offset;
}

/* Ends with an entry of zeros, which libfdt looks for without a limit. */
static bool reservations_end(const char *dtb)
{
	static const struct fdt_reserve_entry last;
	uint32_t offset = fdt_off_mem_rsvmap(dtb);

	while (block_fits(dtb, offset, sizeof(last))) {
		if (!memcmp(dtb + offset, &last, sizeof(last)))
			return true;
		offset += sizeof(last);
	}
	return false;
}

static bool string_ends(const char *text, uint32_t size)
{
	return size && memchr(text, '\0', size);
}

/* Bytes after the tag of a property, or 0 when it does not fit in @left. */
static uint32_t property_size(const char *dtb, const char *at, uint32_t left)
{
	uint32_t field[2];
	uint32_t len, name;

	if (left < sizeof(field))
		return 0;
	memcpy(field, at, sizeof(field));
	len = fdt32_to_cpu(field[0]);
	name = fdt32_to_cpu(field[1]);

	if (len > left - sizeof(field) || name >= fdt_size_dt_strings(dtb) ||
	    !string_ends(dtb + fdt_off_dt_strings(dtb) + name,
			 fdt_size_dt_strings(dtb) - name))
		return 0;
	return sizeof(field) + len;
}

/* Walks the structure block once, so that libfdt can walk it without looking
 * left or right: every tag known, every name and value inside, nodes nested,
 * one root, and an end.
 */
static bool structure_is_sound(const char *dtb)
{
	const char *block = dtb + fdt_off_dt_struct(dtb);
	uint32_t size = fdt_size_dt_struct(dtb);
	uint32_t at = 0, tag, body;
	int depth = 0, nodes = 0;

	while (at <= size && size - at >= sizeof(tag)) {
		memcpy(&tag, block + at, sizeof(tag));
		at += sizeof(tag);
		body = 0;

		switch (fdt32_to_cpu(tag)) {
		case FDT_BEGIN_NODE:
			if (!string_ends(block + at, size - at) ||
			    (!depth && nodes++))
				return false;
			body = strlen(block + at) + 1;
			depth++;
			break;
		case FDT_END_NODE:
			if (--depth < 0)
				return false;
			break;
		case FDT_PROP:
			body = property_size(dtb, block + at, size - at);
			if (!body || !depth)
				return false;
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return nodes && !depth;
		default:
			return false;
		}
		at += _ALIGN(body, sizeof(tag));
	}
	return false;
}

/**
 * dt_check() - see whether a device tree blob can be worked on
 * @dtb: the blob
 * @dtb_size: how many bytes there are at @dtb
 * @name: how to call it in a message
 *
 * Checks all that libfdt takes for granted, so that a damaged blob can do no
 * harm: Devicetree Specification, release v0.4, chapter 5.
 *
 * Return: 0, or -EINVAL with one line on stderr.
 */
int dt_check(const char *dtb, off_t dtb_size, const char *name)
{
	if (dtb_size < (off_t)sizeof(struct fdt_header) ||
	    fdt_magic(dtb) != FDT_MAGIC) {
		fprintf(stderr,
			"%s is not a device tree blob; make one with dtc\n",
			name);
		return -EINVAL;
	}
	if (fdt_totalsize(dtb) > (unsigned long long)dtb_size) {
		fprintf(stderr,
			"The device tree blob %s is cut: it has %jd bytes, its header says %u\n",
			name, (intmax_t)dtb_size, fdt_totalsize(dtb));
		return -EINVAL;
	}
	/* Version 17 is the first to tell the size of the structure block */
	if (fdt_version(dtb) < 17 || fdt_last_comp_version(dtb) > 17) {
		fprintf(stderr,
			"The device tree blob %s has version %u; make it anew with dtc, as version 17\n",
			name, fdt_version(dtb));
		return -EINVAL;
	}
	if (!block_fits(dtb, fdt_off_dt_struct(dtb),
			fdt_size_dt_struct(dtb)) ||
	    !block_fits(dtb, fdt_off_dt_strings(dtb),
			fdt_size_dt_strings(dtb)) ||
	    !reservations_end(dtb) || !structure_is_sound(dtb)) {
		fprintf(stderr,
			"The device tree blob %s is damaged; make it anew with dtc\n",
			name);
		return -EINVAL;
	}
	return 0;
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
	fprintf(stderr, "Device tree: %s of %s must be 1 or 2\n", name,
		node ? fdt_get_name(dtb, node, NULL) : "/");
	return -EINVAL;
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

		if (type && len == sizeof("memory") && !strcmp(type, "memory"))
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

static int write_ram(char *dtb, int node, const struct cells *cells,
		     const struct memory_range *range, int ranges)
{
	uint32_t *reg = xmalloc(ranges * sizeof(*reg) *
				(cells->addr + cells->size));
	uint32_t *end = reg;
	int i, result;

	for (i = 0; i < ranges; i++) {
		unsigned long long size = range[i].end - range[i].start;

		if (range[i].type != RANGE_RAM)
			continue;
		if (!fits_cells(range[i].start, cells->addr) ||
		    !fits_cells(size, cells->size)) {
			fprintf(stderr,
				"Device tree: it has no RAM, and its 32-bit cells cannot hold this system's at 0x%llx-0x%llx; give it a memory node, or two cells for addresses and sizes\n",
				range[i].start, range[i].end - 1);
			free(reg);
			return -EINVAL;
		}
		end = put_number(end, range[i].start, cells->addr);
		end = put_number(end, size, cells->size);
	}
	result = fdt_setprop(dtb, node, "reg", reg,
			     (end - reg) * sizeof(*reg));
	free(reg);
	return result;
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
	fprintf(stderr,
		"Device tree: #address-cells and #size-cells of /reserved-memory are not those of /, so Linux ignores it; make them the same\n");
	return -EINVAL;
}

static void drop_old_regions(char *dtb, int parent)
{
	int node, depth;

	/* Deleting moves what follows, so start anew each time */
	do {
		depth = 0;
		for (node = next_child(dtb, parent, &depth); node >= 0;
		     node = next_child(dtb, node, &depth)) {
			const char *name = fdt_get_name(dtb, node, NULL);

			if (name && !strncmp(name, REGION_NODE "@",
					     strlen(REGION_NODE "@")))
				break;
		}
	} while (node >= 0 && !fdt_del_node(dtb, node));
}

static unsigned long long get_number(const uint32_t *from, unsigned int cells)
{
	unsigned long long number = fdt32_to_cpu(from[0]);

	return cells == 2 ? number << 32 | fdt32_to_cpu(from[1]) : number;
}

/* @addr and @size are those of what the tree reserves already. */
static int check_clash(const struct dt_region *region, const char *what,
		       unsigned long long addr, unsigned long long size)
{
	/* Unsigned, so that each difference is huge when it is negative */
	if (!size || (region->addr - addr >= size &&
		      addr - region->addr >= region->size))
		return 0;
	fprintf(stderr,
		"%s at 0x%llx-0x%llx clashes with 0x%llx-0x%llx, which the device tree reserves (%s); choose another address\n",
		region->name, region->addr, region->addr + region->size - 1,
		addr, addr + size - 1, what);
	return -EINVAL;
}

static int check_memreserve(const char *dtb, const struct dt_region *region)
{
	int i, nr = fdt_num_mem_rsv(dtb);

	for (i = 0; i < nr; i++) {
		uint64_t addr, size;

		if (!fdt_get_mem_rsv(dtb, i, &addr, &size) &&
		    check_clash(region, "/memreserve/", addr, size))
			return -EINVAL;
	}
	return 0;
}

static int check_siblings(const char *dtb, int parent,
			  const struct cells *cells,
			  const struct dt_region *region)
{
	unsigned int i, entry = cells->addr + cells->size;
	int node, len, depth = 0;

	for (node = next_child(dtb, parent, &depth); node >= 0;
	     node = next_child(dtb, node, &depth)) {
		const uint32_t *reg = fdt_getprop(dtb, node, "reg", &len);

		for (i = 0; reg && i + entry <= len / sizeof(*reg); i += entry)
			if (check_clash(region, fdt_get_name(dtb, node, NULL),
					get_number(reg + i, cells->addr),
					get_number(reg + i + cells->addr,
						   cells->size)))
				return -EINVAL;
	}
	return 0;
}

static int check_clashes(const char *dtb, int parent,
			 const struct cells *cells,
			 const struct dt_region *region, unsigned int regions)
{
	unsigned int i;

	for (i = 0; i < regions; i++)
		if (check_memreserve(dtb, &region[i]) ||
		    check_siblings(dtb, parent, cells, &region[i]))
			return -EINVAL;
	return 0;
}

static int add_region(char *dtb, int parent, const struct cells *cells,
		      const struct dt_region *region)
{
	char name[sizeof(REGION_NODE "@") + 16];
	uint32_t reg[4];
	uint32_t *end;
	int node, result;

	if (!fits_cells(region->addr, cells->addr) ||
	    !fits_cells(region->size, cells->size)) {
		fprintf(stderr,
			"Device tree: its 32-bit cells cannot hold the region 0x%llx-0x%llx\n",
			region->addr, region->addr + region->size - 1);
		return -EINVAL;
	}

	snprintf(name, sizeof(name), REGION_NODE "@%llx", region->addr);
	node = fdt_add_subnode(dtb, parent, name);
	if (node < 0)
		return node;

	end = put_number(reg, region->addr, cells->addr);
	end = put_number(end, region->size, cells->size);
	result = fdt_setprop(dtb, node, "reg", reg,
			     (end - reg) * sizeof(*reg));
	if (result || !region->label)
		return result;

	result = fdt_setprop_string(dtb, node, "label", region->label);
	return result ? result :
		fdt_setprop_string(dtb, node, "compatible", "phram");
}

static int write_regions(char *dtb, const struct dt_region *region,
			 unsigned int regions)
{
	struct cells cells;
	int parent;

	parent = fdt_subnode_offset(dtb, 0, "reserved-memory");
	if (parent >= 0)
		drop_old_regions(dtb, parent);
	if (!regions)
		return 0;

	if (read_root_cells(dtb, &cells))
		return -EINVAL;
	parent = complete_reserved_memory(dtb, &cells);
	if (parent < 0)
		return parent;
	if (check_reserved_memory(dtb, parent, &cells) ||
	    check_clashes(dtb, parent, &cells, region, regions))
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
 * dt_reserve() - reserve regions of RAM from the new kernel's first moment
 * @dtb: the blob, checked; replaced by a new buffer
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
int dt_reserve(char **dtb, off_t *dtb_size, const struct dt_region *region,
	       unsigned int regions)
{
	char *copy;
	int result;

	copy = open_with_room(*dtb, NODE_ROOM * (regions + 1));
	if (!copy)
		return -EINVAL;

	result = write_regions(copy, region, regions);
	if (result) {
		free(copy);
		return result == -EINVAL ? result :
			complain("reserve memory", result);
	}

	pack(copy, dtb, dtb_size);
	return 0;
}
