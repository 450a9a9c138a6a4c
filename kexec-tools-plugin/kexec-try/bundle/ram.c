// SPDX-License-Identifier: GPL-2.0-only
/*
 * ram.c - the RAM of a device
 */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "ram.h"
#include "say.h"
#include "text.h"

/* Limit for /proc/iomem, far above its real size, in bytes */
#define TEXT_MAX	(1024 * 1024)

int ram_add(struct ram *ram, const char *from, unsigned long long start,
	    unsigned long long end)
{
	unsigned int at = 0, last;

	while (at < ram->ranges && ram->range[at].end < start)
		at++;
	for (last = at; last < ram->ranges && ram->range[last].start <= end;
	     last++) {
		if (ram->range[last].start < start)
			start = ram->range[last].start;
		if (ram->range[last].end > end)
			end = ram->range[last].end;
	}
	if (last == at && ram->ranges == RAM_RANGES_MAX)
		return report("%s: more than %d ranges", from, RAM_RANGES_MAX);
	memmove(&ram->range[at + 1], &ram->range[last],
		(ram->ranges - last) * sizeof(ram->range[0]));
	ram->range[at] = (struct ram_range) { start, end };
	ram->ranges += 1 - (last - at);
	return 0;
}

int ram_from_iomem(const char *path, struct ram *ram)
{
	unsigned long long start, last;
	size_t size;
	char *text = files_load(path, TEXT_MAX, &size);
	char *line, *end, *rest = text;
	int result = text ? 0 : -1;
	bool zeros = false;

	ram->ranges = 0;
	while (!result && (line = strsep(&rest, "\n"))) {
		start = strtoull(line, &end, 16);
		if (*end != '-')
			continue;
		last = strtoull(end + 1, &end, 16);
		if (strcmp(end, " : System RAM"))
			continue;
		if (!last)
			zeros = true;
		else if (last <= start || last >= TEXT_ADDRESS_MAX)
			result = report("%s: invalid range: %.64s", path, line);
		else
			result = ram_add(ram, path, start, last + 1);
	}
	if (!result && !ram->ranges)
		result = report(zeros ? "%s: it shows addresses only to root; run this as root" :
				"%s: no line for System RAM", path);
	free(text);
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

bool ram_has(const struct ram *ram, unsigned long long start,
	     unsigned long long end)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		if (start >= ram->range[i].start && end <= ram->range[i].end)
			return true;
	return false;
}

unsigned long long ram_whole(unsigned long long bytes, unsigned long long unit)
{
	return (bytes + unit - 1) / unit * unit;
}

unsigned long long ram_mebibytes(unsigned long long bytes)
{
	return ram_whole(bytes, 1 << 20) >> 20;
}
