// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan-draw.c - RAM as a picture in the terminal, high addresses on top
 *
 *	0x08000000 +------------------------+
 *	           | rootfs.squashfs        | rootfs        4.4 MiB
 *	0x07ba5000 +------------------------+
 *	           |                        | free        115.2 MiB
 *	           :                        :
 *
 * Each piece has the height of its share of RAM, but at least one line.
 */

#include <string.h>

#include "plan.h"

#define WIDTH	32

/* Of the device's addresses, each piece is one of these */
enum kind {
	KIND_PART,
	KIND_FREE,
	KIND_NO_RAM,
};

/**
 * struct picture - a picture that is being drawn
 * @to: where to
 * @unit: bytes of RAM that one line stands for
 * @free: bytes that were seen to be free
 */
struct picture {
	FILE *to;
	unsigned long long unit;
	unsigned long long free;
};

static void draw_border(const struct picture *picture, unsigned long long addr)
{
	char border[WIDTH + 1];

	memset(border, '-', WIDTH);
	border[WIDTH] = '\0';
	fprintf(picture->to, "0x%08llx +%s+\n", addr, border);
}

static void print_size(FILE *to, unsigned long long size)
{
	if (size < 1024 * 1024)
		fprintf(to, "%8.1f KiB", size / 1024.0);
	else
		fprintf(to, "%8.1f MiB", size / 1024.0 / 1024.0);
}

static void draw_line(const struct picture *picture, enum kind kind,
		      const char *inside)
{
	char side = kind == KIND_NO_RAM ? ':' : '|';

	fprintf(picture->to, "%10s %c%-*.*s%c", "", side, WIDTH, WIDTH, inside,
		side);
}

static void draw_piece(struct picture *picture, enum kind kind,
		       const char *what, const char *name,
		       unsigned long long start, unsigned long long end)
{
	unsigned long long lines = (end - start) / picture->unit;
	char inside[WIDTH + 1];

	if (kind == KIND_NO_RAM)
		lines = 1;
	else if (kind == KIND_FREE)
		picture->free += end - start;
	snprintf(inside, sizeof(inside), " %s", name ? name : "");
	draw_line(picture, kind, inside);
	fprintf(picture->to, " %-12s", what);
	print_size(picture->to, end - start);
	fputc('\n', picture->to);

	memset(inside, kind == KIND_PART ? '#' : ' ', WIDTH);
	inside[0] = inside[WIDTH - 1] = ' ';
	inside[WIDTH] = '\0';
	for (; lines > 1; lines--) {
		draw_line(picture, kind, inside);
		fputc('\n', picture->to);
	}
	draw_border(picture, start);
}

/* The highest part that ends at or below @end and begins at or above @start. */
static const struct plan_part *highest_part(const struct plan *plan,
					    unsigned long long start,
					    unsigned long long end)
{
	unsigned int i = plan->parts;

	while (i--)
		if (plan->part[i].end <= end && plan->part[i].start >= start)
			return &plan->part[i];
	return NULL;
}

static void draw_range(struct picture *picture, const struct plan *plan,
		       const struct ram_range *range)
{
	unsigned long long end = range->end;

	while (end > range->start) {
		const struct plan_part *part = highest_part(plan, range->start,
							    end);
		unsigned long long next = part ? part->end : range->start;

		if (next < end)
			draw_piece(picture, KIND_FREE, "free", NULL, next,
				   end);
		if (part)
			draw_piece(picture, KIND_PART, part->what, part->name,
				   part->start, part->end);
		end = part ? part->start : range->start;
	}
}

void plan_draw(FILE *to, const struct plan *plan, unsigned int lines)
{
	const struct ram *ram = &plan->ram;
	struct picture picture = {
		.to = to, .unit = ram_total(ram) / (lines ? lines : 1),
	};
	unsigned int i = ram->ranges;

	if (!picture.unit)
		picture.unit = 1;
	draw_border(&picture, ram->range[i - 1].end);
	while (i--) {
		draw_range(&picture, plan, &ram->range[i]);
		if (i)
			draw_piece(&picture, KIND_NO_RAM, "no RAM", NULL,
				   ram->range[i - 1].end, ram->range[i].start);
	}
	fprintf(to, "RAM:");
	print_size(to, ram_total(ram));
	fprintf(to, ", free for the new system:");
	print_size(to, picture.free);
	fputc('\n', to);
}
