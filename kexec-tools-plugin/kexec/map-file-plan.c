// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file-plan.c - the image as a table, for --debug
 */

#include <stdint.h>
#include <stdio.h>

#include "kexec.h"
#include "map-file.h"

static void print_row(FILE *to, unsigned long long start,
		      unsigned long long end, const char *what,
		      const char *path)
{
	fprintf(to, "  0x%08llx-0x%08llx %11llu  ", start, end - 1,
		end - start);
	if (path)
		fprintf(to, "%-12s  %s\n", what, path);
	else
		fprintf(to, "%s\n", what);
}

static void print_segment(FILE *to, const struct map_files *files,
			  const struct kexec_segment *segment,
			  const struct map_file_part *part,
			  unsigned int parts)
{
	unsigned long long start = (uintptr_t)segment->mem;
	const struct map_file *file = map_files_find(files, segment);
	const struct map_file_part *found = &part[0];
	unsigned int i;

	for (i = 1; i < parts; i++)
		if (part[i].addr == start)
			found = &part[i];

	print_row(to, start, start + segment->memsz,
		  file ? "map file" : found->what,
		  file ? file->path : found->path);
}

/* The lowest one at or after @from. */
static const struct kexec_segment *next_segment(const struct kexec_info *info,
						unsigned long long from)
{
	const struct kexec_segment *next = NULL;
	int i;

	for (i = 0; i < info->nr_segments; i++) {
		const struct kexec_segment *segment = &info->segment[i];

		if ((uintptr_t)segment->mem >= from &&
		    (!next || segment->mem < next->mem))
			next = segment;
	}
	return next;
}

/**
 * map_files_print_plan() - print what lies where, by address
 * @to: where to print it
 * @files: the options, placed; may be none
 * @space: the machine, the image, and what the device tree reserves
 * @part: what the segments are that are no map files. The first entry is for
 *	all segments that no other tells of; its address means nothing.
 * @parts: how many there are, at least 1
 */
void map_files_print_plan(FILE *to, const struct map_files *files,
			  const struct map_file_space *space,
			  const struct map_file_part *part,
			  unsigned int parts)
{
	const struct kexec_segment *segment = next_segment(space->info, 0);
	struct memory_range gap = { .end = 0 };
	bool free_ram = map_files_next_gap(space, 0, &gap);
	unsigned int i;

	fprintf(to, "The image, by physical address, in bytes:\n");
	while (segment || free_ram) {
		unsigned long long start = segment ?
			(uintptr_t)segment->mem : ~0ULL;

		if (free_ram && gap.start < start) {
			print_row(to, gap.start, gap.end, "free", NULL);
			free_ram = map_files_next_gap(space, gap.end, &gap);
		} else {
			print_segment(to, files, segment, part, parts);
			segment = next_segment(space->info, start + 1);
		}
	}
	for (i = 0; i < space->reserved_nr; i++)
		fprintf(to, "Reserved by the device tree: 0x%08llx-0x%08llx\n",
			space->reserved[i].start, space->reserved[i].end - 1);
}
