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
#include "say.h"
#include "tree.h"

/* Deeper nodes than any board has */
#define DEPTH_MAX	64

/* What kexec leaves in the node of each map file */
#define REGION_MARK	"kexec,map-file"

static bool block_fits(const char *dtb, uint32_t offset, uint32_t size)
{
	return offset <= fdt_totalsize(dtb) &&
		size <= fdt_totalsize(dtb) - offset;
}

/* Ends with an entry of size 0, which libfdt looks for without a limit. */
static bool reservations_end(const char *dtb)
{
	uint32_t offset = fdt_off_mem_rsvmap(dtb);
	struct fdt_reserve_entry entry;

	while (block_fits(dtb, offset, sizeof(entry))) {
		memcpy(&entry, dtb + offset, sizeof(entry));
		if (!entry.size)
			return true;
		offset += sizeof(entry);
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
 * properties before children, one root, at the start, and an end.
 */
static bool structure_is_sound(const char *dtb)
{
	const char *block = dtb + fdt_off_dt_struct(dtb);
	uint32_t size = fdt_size_dt_struct(dtb);
	uint32_t at = 0, tag, body;
	bool properties = false;
	int depth = 0, nodes = 0;

	while (at <= size && size - at >= sizeof(tag)) {
		memcpy(&tag, block + at, sizeof(tag));
		at += sizeof(tag);
		body = 0;

		switch (fdt32_to_cpu(tag)) {
		case FDT_BEGIN_NODE:
			if (!string_ends(block + at, size - at) ||
			    (!depth && nodes++) || ++depth > DEPTH_MAX)
				return false;
			body = strlen(block + at) + 1;
			properties = true;
			break;
		case FDT_END_NODE:
			if (--depth < 0)
				return false;
			properties = false;
			break;
		case FDT_PROP:
			body = property_size(dtb, block + at, size - at);
			if (!body || !properties)
				return false;
			break;
		case FDT_NOP:
			if (!nodes)
				return false;
			break;
		case FDT_END:
			return nodes && !depth;
		default:
			return false;
		}
		at += (body + sizeof(tag) - 1) / sizeof(tag) * sizeof(tag);
	}
	return false;
}

int tree_check(const char *path, const char *dtb, size_t size)
{
	if (size < sizeof(struct fdt_header) || fdt_magic(dtb) != FDT_MAGIC)
		return report("%s: this is no device tree blob; make one with dtc",
			      path);
	if (fdt_totalsize(dtb) > size)
		return report("%s: the blob is cut: it has %zu bytes, its header says %u",
			      path, size, fdt_totalsize(dtb));
	if (fdt_totalsize(dtb) > TREE_MAX)
		return report("%s: the blob is too large: it has %u bytes, %d is the most",
			      path, fdt_totalsize(dtb), TREE_MAX);
	/* Version 17 is the first to tell the size of the structure block */
	if (fdt_version(dtb) < 17 || fdt_last_comp_version(dtb) > 17)
		return report("%s: the blob has version %u; make it anew with dtc, as version 17",
			      path, fdt_version(dtb));
	/* libfdt reads both as what they are, which not every CPU can do where
	 * they are not aligned
	 */
	if (fdt_off_mem_rsvmap(dtb) % sizeof(uint64_t) ||
	    fdt_off_dt_struct(dtb) % sizeof(uint32_t) ||
	    !block_fits(dtb, fdt_off_dt_struct(dtb),
			fdt_size_dt_struct(dtb)) ||
	    !block_fits(dtb, fdt_off_dt_strings(dtb),
			fdt_size_dt_strings(dtb)) ||
	    !reservations_end(dtb) || !structure_is_sound(dtb))
		return report("%s: the blob is damaged; make it anew with dtc",
			      path);
	return 0;
}

char *tree_load(const char *path, size_t *size)
{
	/* tree_check() says better what is wrong with a larger one */
	char *dtb = files_load(path, 2 * TREE_MAX, size);

	if (dtb && tree_check(path, dtb, *size)) {
		free(dtb);
		return NULL;
	}
	return dtb;
}

/**
 * struct walk - a visit of the ranges of a blob
 * @path: its name
 * @dtb: the blob
 * @addr_cells: of 32 bits, for an address
 * @size_cells: for a size
 * @visit: called for each range
 * @data: its first argument
 */
struct walk {
	const char *path;
	const char *dtb;
	unsigned int addr_cells;
	unsigned int size_cells;
	tree_visit_t *visit;
	void *data;
};

/* As Linux has it when the root node says nothing: 1. */
static unsigned int read_cells(const char *dtb, const char *name)
{
	const uint32_t *cells;
	int len;

	cells = fdt_getprop(dtb, 0, name, &len);
	if (!cells)
		return 1;
	return len == sizeof(*cells) ? fdt32_to_cpu(*cells) : 0;
}

static int begin(struct walk *walk)
{
	walk->addr_cells = read_cells(walk->dtb, "#address-cells");
	walk->size_cells = read_cells(walk->dtb, "#size-cells");
	if (walk->addr_cells < 1 || walk->addr_cells > 2 ||
	    walk->size_cells < 1 || walk->size_cells > 2)
		return report("%s: #address-cells and #size-cells of / must be 1 or 2",
			      walk->path);
	return 0;
}

static int visit_range(const struct walk *walk, unsigned long long start,
		       unsigned long long size)
{
	if (!size)
		return 0;
	if (start + size < start)
		return report("%s: the range at 0x%llx goes on beyond 64 bits",
			      walk->path, start);
	return walk->visit(walk->data, start, start + size) ? -1 : 0;
}

static unsigned long long get_number(const uint32_t **reg, unsigned int cells)
{
	unsigned long long number = 0;

	while (cells--)
		number = number << 32 | fdt32_to_cpu(*(*reg)++);
	return number;
}

static int visit_reg(const struct walk *walk, int node)
{
	const uint32_t *reg, *end;
	int len, result = 0;

	reg = fdt_getprop(walk->dtb, node, "reg", &len);
	if (!reg)
		return 0;
	end = reg + len / sizeof(*reg);
	while (!result && end - reg >=
	       (int)(walk->addr_cells + walk->size_cells)) {
		unsigned long long start = get_number(&reg, walk->addr_cells);

		result = visit_range(walk, start,
				     get_number(&reg, walk->size_cells));
	}
	return result;
}

/* The child of @parent after @node, or its first one when @node is @parent. */
static int next_child(const char *dtb, int parent, int node)
{
	int depth = node == parent ? 0 : 1;

	do {
		node = fdt_next_node(dtb, node, &depth);
	} while (node >= 0 && depth > 1);
	return depth == 1 ? node : -1;
}

static bool is_memory(const char *dtb, int node)
{
	int len;
	const char *type = fdt_getprop(dtb, node, "device_type", &len);

	return type && len == sizeof("memory") &&
		!memcmp(type, "memory", sizeof("memory"));
}

int tree_ram(const char *path, const char *dtb, tree_visit_t *visit,
	     void *data)
{
	struct walk walk = {
		.path = path, .dtb = dtb, .visit = visit, .data = data,
	};
	int node, result = begin(&walk);

	for (node = next_child(dtb, 0, 0); !result && node >= 0;
	     node = next_child(dtb, 0, node))
		if (is_memory(dtb, node))
			result = visit_reg(&walk, node);
	return result;
}

int tree_reserved(const char *path, const char *dtb, tree_visit_t *visit,
		  void *data)
{
	struct walk walk = {
		.path = path, .dtb = dtb, .visit = visit, .data = data,
	};
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	int i, node, result = begin(&walk);
	uint64_t start, size;

	for (i = 0; !result && i < fdt_num_mem_rsv(dtb); i++) {
		fdt_get_mem_rsv(dtb, i, &start, &size);
		result = visit_range(&walk, start, size);
	}
	if (parent < 0)
		return result;
	for (node = next_child(dtb, parent, parent); !result && node >= 0;
	     node = next_child(dtb, parent, node))
		if (!fdt_getprop(dtb, node, REGION_MARK, NULL))
			result = visit_reg(&walk, node);
	return result;
}
