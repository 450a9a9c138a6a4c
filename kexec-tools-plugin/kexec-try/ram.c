// SPDX-License-Identifier: GPL-2.0-only
/*
 * ram.c - the RAM of a device
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "plan.h"
#include "say.h"
#include "tree.h"

/* More than /proc/iomem has, in bytes */
#define TEXT_MAX	(1024 * 1024)

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

/* A device tree that is read, and the RAM that it has */
struct reading {
	const char *path;
	struct ram *ram;
};

static int add_visited(void *data, unsigned long long start,
		       unsigned long long end)
{
	struct reading *reading = data;

	return add_range(reading->path, reading->ram, start, end);
}

int ram_from_dtb(const char *path, struct ram *ram)
{
	struct reading reading = { path, ram };
	size_t size;
	char *dtb;
	int result;

	memset(ram, 0, sizeof(*ram));
	dtb = tree_load(path, &size);
	if (!dtb)
		return -1;
	result = tree_ram(path, dtb, add_visited, &reading);
	free(dtb);
	if (!result && !ram->ranges)
		result = report("%s: it tells of no RAM; give --iomem with a copy of the device's /proc/iomem",
				path);
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
