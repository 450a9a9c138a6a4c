// SPDX-License-Identifier: GPL-2.0-only
/*
 * ram.c - the RAM of a device
 */

#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dt-check.h"
#include "files.h"
#include "plan.h"
#include "say.h"

/* More than any of these files has, in bytes */
#define TEXT_MAX	(1024 * 1024)
#define DTB_MAX		(2 * 1024 * 1024)

static int add_range(const char *path, struct ram *ram,
		     unsigned long long start, unsigned long long end)
{
	if (ram->ranges == RAM_RANGES_MAX)
		return report("%s: more than %d pieces of RAM", path,
			      RAM_RANGES_MAX);
	ram->range[ram->ranges].start = start;
	ram->range[ram->ranges].end = end;
	ram->ranges++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct ram_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* By address, and one where they touch. */
static void tidy(struct ram *ram)
{
	unsigned int i, kept = 0;

	qsort(ram->range, ram->ranges, sizeof(ram->range[0]), compare);
	for (i = 1; i < ram->ranges; i++) {
		struct ram_range *last = &ram->range[kept];

		if (ram->range[i].start > last->end)
			ram->range[++kept] = ram->range[i];
		else if (ram->range[i].end > last->end)
			last->end = ram->range[i].end;
	}
	ram->ranges = ram->ranges ? kept + 1 : 0;
}

static int read_iomem(const char *path, char *text, struct ram *ram)
{
	unsigned long long start, last;
	char *line, *rest = text;
	bool zeros = false;

	while ((line = strsep(&rest, "\n"))) {
		int at = 0;

		if (sscanf(line, "%llx-%llx : %n", &start, &last, &at) != 2 ||
		    !at || strcmp(line + at, "System RAM"))
			continue;
		if (!last)
			zeros = true;
		else if (last <= start || last == ~0ULL)
			return report("%s: no range: %.64s", path, line);
		else if (add_range(path, ram, start, last + 1))
			return -1;
	}
	if (ram->ranges)
		return 0;
	return report(zeros ? "%s: it tells nothing of RAM to users; run this as root" :
		      "%s: no line for System RAM", path);
}

int ram_from_iomem(const char *path, struct ram *ram)
{
	size_t size;
	char *text;
	int result;

	memset(ram, 0, sizeof(*ram));
	text = files_load(path, TEXT_MAX, &size);
	if (!text)
		return -1;
	result = read_iomem(path, text, ram);
	free(text);
	tidy(ram);
	return result;
}

/* As Linux has it when a tree says nothing: 1. */
static unsigned int read_cells(const char *dtb, const char *name)
{
	const uint32_t *cells;
	int len;

	cells = fdt_getprop(dtb, 0, name, &len);
	if (!cells)
		return 1;
	return len == sizeof(*cells) ? fdt32_to_cpu(*cells) : 0;
}

static unsigned long long get_number(const uint32_t **reg, unsigned int cells)
{
	unsigned long long number = 0;

	while (cells--)
		number = number << 32 | fdt32_to_cpu(*(*reg)++);
	return number;
}

static int add_node(const char *path, const char *dtb, int node,
		    struct ram *ram)
{
	unsigned int addr_cells = read_cells(dtb, "#address-cells");
	unsigned int size_cells = read_cells(dtb, "#size-cells");
	const uint32_t *reg, *end;
	int len;

	if (addr_cells < 1 || addr_cells > 2 || size_cells < 1 || size_cells > 2)
		return report("%s: #address-cells and #size-cells of / must be 1 or 2",
			      path);
	reg = fdt_getprop(dtb, node, "reg", &len);
	if (!reg)
		return 0;
	end = reg + len / sizeof(*reg);
	while (end - reg >= (int)(addr_cells + size_cells)) {
		unsigned long long start = get_number(&reg, addr_cells);
		unsigned long long size = get_number(&reg, size_cells);

		if (!size)
			continue;
		if (start + size < start)
			return report("%s: RAM at 0x%llx goes on beyond 64 bits",
				      path, start);
		if (add_range(path, ram, start, start + size))
			return -1;
	}
	return 0;
}

static int read_tree(const char *path, const char *dtb, struct ram *ram)
{
	int node, depth = 0;

	for (node = fdt_next_node(dtb, 0, &depth); node >= 0 && depth > 0;
	     node = fdt_next_node(dtb, node, &depth)) {
		int len;
		const char *type = fdt_getprop(dtb, node, "device_type", &len);

		if (depth != 1 || !type || len != sizeof("memory") ||
		    memcmp(type, "memory", sizeof("memory")))
			continue;
		if (add_node(path, dtb, node, ram))
			return -1;
	}
	if (!ram->ranges)
		return report("%s: it tells of no RAM; give --iomem with a copy of the device's /proc/iomem",
			      path);
	return 0;
}

int ram_from_dtb(const char *path, struct ram *ram)
{
	size_t size;
	char *dtb;
	int result;

	memset(ram, 0, sizeof(*ram));
	dtb = files_load(path, DTB_MAX, &size);
	if (!dtb)
		return -1;
	result = dt_check(dtb, size, path) ? -1 : read_tree(path, dtb, ram);
	free(dtb);
	tidy(ram);
	return result;
}

unsigned long long ram_total(const struct ram *ram)
{
	unsigned long long total = 0;
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		total += ram->range[i].end - ram->range[i].start;
	return total;
}
