// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file-place.c - the place of the files of --map-file in the image
 *
 * First come the files with an address, when the kernel is all there is, so
 * that all else makes room for them; then those with `auto`, which keep clear
 * of what the device tree reserves.
 *
 * Ends are the first byte after, as in the memory ranges of MIPS.
 */

#include <stdint.h>
#include <string.h>

#include "kexec.h"
#include "map-file.h"

/* The magic number of a device tree blob: Devicetree Specification, release
 * v0.4, 5.2
 */
static const unsigned char dtb_magic[MAP_FILE_HEAD_MAX] = {
	0xd0, 0x0d, 0xfe, 0xed,
};

/**
 * map_files_find() - tell which file a segment is
 * @files: the options, opened
 * @segment: the segment
 *
 * Return: the file, or NULL when it is something else.
 */
const struct map_file *map_files_find(const struct map_files *files,
				      const struct kexec_segment *segment)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++)
		if (files->file[i].data == segment->buf)
			return &files->file[i];
	return NULL;
}

static unsigned long long pages_up(unsigned long long bytes,
				   const struct map_file_machine *machine)
{
	return _ALIGN_UP(bytes, machine->page_size);
}

static unsigned long long map_file_end(const struct map_file *file,
				       const struct map_file_machine *machine)
{
	return file->addr + pages_up(file->size, machine);
}

static struct memory_range segment_range(const struct kexec_segment *segment)
{
	struct memory_range range = { .start = (uintptr_t)segment->mem };

	range.end = range.start + segment->memsz;
	return range;
}

/* Takes @next for @busy when it is the first one after @from. */
static void keep_first(struct memory_range *busy, unsigned long long from,
		       struct memory_range next)
{
	if (next.end > from && next.start < busy->start)
		*busy = next;
}

/* The lowest range after @from that is not free; starts at the end of all
 * addresses when there is none.
 */
static struct memory_range next_busy(const struct map_file_space *space,
				     unsigned long long from)
{
	struct memory_range busy = { .start = ~0ULL, .end = ~0ULL };
	unsigned int i;
	int j;

	for (j = 0; j < space->info->nr_segments; j++)
		keep_first(&busy, from,
			   segment_range(&space->info->segment[j]));
	for (i = 0; i < space->reserved_nr; i++)
		keep_first(&busy, from, space->reserved[i]);
	return busy;
}

static unsigned long long highest_of(unsigned long long a,
				     unsigned long long b)
{
	return a > b ? a : b;
}

/* The first gap in one range of RAM, but for what --mem-min and --mem-max keep
 * from kexec.
 */
static bool gap_in_range(const struct map_file_space *space,
			 const struct memory_range *ram,
			 unsigned long long from, struct memory_range *gap)
{
	unsigned long long page = space->machine->page_size;
	unsigned long long end;

	if (ram->type != RANGE_RAM || ram->end > ~0ULL - page)
		return false;
	from = highest_of(from, ram->start);
	from = highest_of(from, mem_min);
	from = highest_of(from, space->machine->vectors_end);
	end = ram->end - 1 > mem_max ? mem_max + 1 : ram->end;

	gap->start = _ALIGN_UP(from, page);
	while (gap->start < end) {
		struct memory_range busy = next_busy(space, gap->start);

		gap->end = busy.start < end ? busy.start : end;
		gap->end = _ALIGN_DOWN(gap->end, page);
		if (gap->end > gap->start)
			return true;
		if (busy.start >= end || busy.end > ~0ULL - page)
			return false;
		gap->start = _ALIGN_UP(busy.end, page);
	}
	return false;
}

/**
 * map_files_next_gap() - the next RAM that is free
 * @space: where to look
 * @from: physical address to look from, in bytes
 * @gap: the whole pages found, @end the first byte after
 *
 * To see all of them, call again with the end of the last one.
 *
 * Return: whether there is one.
 */
bool map_files_next_gap(const struct map_file_space *space,
			unsigned long long from, struct memory_range *gap)
{
	int i;

	for (i = 0; i < space->info->memory_ranges; i++) {
		const struct memory_range *ram = &space->info->memory_range[i];

		if (ram->end > from && gap_in_range(space, ram, from, gap))
			return true;
	}
	return false;
}

/**
 * struct hole - free RAM of a size, and what was seen on the way to it
 * @lowest: physical address of the lowest place for it
 * @highest: of the highest
 * @largest: size of the largest gap, in bytes
 * @found: whether there is a place for it
 */
struct hole {
	unsigned long long lowest;
	unsigned long long highest;
	unsigned long long largest;
	bool found;
};

static struct hole find_hole(const struct map_file_space *space,
			     unsigned long long size, unsigned long long min,
			     unsigned long long end)
{
	unsigned long long pages = pages_up(size, space->machine);
	struct hole hole = { .found = false };
	struct memory_range gap = { .end = min };

	while (map_files_next_gap(space, gap.end, &gap) && gap.start < end) {
		unsigned long long top = gap.end < end ? gap.end : end;

		if (top - gap.start > hole.largest)
			hole.largest = top - gap.start;
		if (top - gap.start < pages || pages < size)
			continue;
		if (!hole.found)
			hole.lowest = gap.start;
		hole.highest = _ALIGN_DOWN(top - pages,
					   space->machine->page_size);
		hole.found = true;
	}
	return hole;
}

/* The RAM ranges as text, for a message; cut short when there are many. */
static const char *ram_text(const struct kexec_info *info)
{
	static char text[512];
	size_t len = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < info->memory_ranges && len < sizeof(text); i++) {
		const struct memory_range *range = &info->memory_range[i];

		if (range->type != RANGE_RAM)
			continue;
		len += snprintf(text + len, sizeof(text) - len,
				"%s0x%llx-0x%llx", len ? ", " : "",
				range->start, range->end - 1);
	}
	return text;
}

static bool in_ram(const struct kexec_info *info, unsigned long long start,
		   unsigned long long end)
{
	int i;

	/* /proc/iomem is in order, and ranges that touch are merged */
	for (i = 0; i < info->memory_ranges; i++) {
		const struct memory_range *range = &info->memory_range[i];

		if (range->type == RANGE_RAM && start >= range->start &&
		    end <= range->end)
			return true;
	}
	return false;
}

/* An address that is no RAM may be a virtual one: that is how boot loaders and
 * linker scripts write them.
 */
static int check_virtual(struct map_files *files, const struct map_file *file,
			 const struct map_file_machine *machine)
{
	const struct map_file_window *window = machine->window;

	for (; window->name; window++)
		if (file->addr >= window->start && file->addr <= window->last)
			return map_files_refuse(files, file,
						"0x%llx is a virtual address, in %s; the physical one is 0x%llx",
						file->addr, window->name,
						file->addr & window->mask);
	return 0;
}

static int check_place(struct map_files *files, const struct map_file *file,
		       const struct map_file_space *space)
{
	const struct map_file_machine *machine = space->machine;
	unsigned long long page = machine->page_size;
	unsigned long long below = _ALIGN_DOWN(file->addr, page);
	unsigned long long end = map_file_end(file, machine);
	bool ram = end > file->addr && in_ram(space->info, file->addr, end);

	if (!ram && check_virtual(files, file, machine) < 0)
		return -1;
	if (file->addr != below)
		return map_files_refuse(files, file,
					"the address 0x%llx is not a multiple of the page size %llu; the nearest that are: 0x%llx and 0x%llx",
					file->addr, page, below,
					highest_of(below, below + page));
	if (end <= file->addr)
		return map_files_refuse(files, file,
					"its %llu bytes would end beyond 64 bits; System RAM is %s",
					file->size, ram_text(space->info));
	if (!ram)
		return map_files_refuse(files, file,
					"0x%llx-0x%llx is not all System RAM, which is %s",
					file->addr, end - 1,
					ram_text(space->info));
	if (end > machine->reach_end)
		return map_files_refuse(files, file,
					"0x%llx-0x%llx ends above %s; end below 0x%llx, or let auto choose",
					file->addr, end - 1,
					machine->reach_name,
					machine->reach_end);
	if (file->addr < machine->vectors_end)
		return map_files_refuse(files, file,
					"below 0x%llx the new kernel may put its exception vectors; begin there or higher",
					machine->vectors_end);
	if (file->addr < mem_min || end - 1 > mem_max)
		return map_files_refuse(files, file,
					"0x%llx-0x%llx is not in 0x%llx-0x%llx, which is all that --mem-min and --mem-max leave",
					file->addr, end - 1, mem_min, mem_max);
	return 0;
}

static int check_overlaps(struct map_files *files, const struct map_file *file,
			  const struct map_file_space *space)
{
	unsigned long long end = map_file_end(file, space->machine);
	int i;

	for (i = 0; i < space->info->nr_segments; i++) {
		const struct kexec_segment *segment = &space->info->segment[i];
		const struct map_file *other_file =
			map_files_find(files, segment);
		struct memory_range other = segment_range(segment);
		unsigned long long from, to;

		from = file->addr > other.start ? file->addr : other.start;
		to = end < other.end ? end : other.end;
		if (from >= to)
			continue;
		return map_files_refuse(files, file,
					"0x%llx-0x%llx overlaps %.*s at 0x%llx-0x%llx by %llu bytes; the first address after it is 0x%llx; auto finds a free one",
					file->addr, end - 1,
					MAP_FILE_SHOWN_MAX,
					other_file ? other_file->path :
					"the kernel",
					other.start, other.end - 1, to - from,
					other.end);
	}
	return 0;
}

/* add_segment_phys_virt() takes the address as it is; add_segment() would clear
 * bit 31 of it on MIPS.
 */
static void add_file(const struct map_file *file,
		     const struct map_file_space *space)
{
	add_segment_phys_virt(space->info, file->data, file->size, file->addr,
			      file->size, 0);
}

/**
 * map_files_place_fixed() - add the files that have an address to the image
 * @files: the options, opened
 * @space: the machine, and the image with the kernel as its only segments; what
 *	the device tree reserves need not be known yet
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_place_fixed(struct map_files *files,
			  const struct map_file_space *space)
{
	const struct map_file_machine *machine = space->machine;
	int segments = space->info->nr_segments + files->nr +
		machine->segments_after;
	unsigned int i;

	if (files->nr && segments > machine->segments_max)
		return map_files_refuse(files, &files->file[files->nr - 1],
					"the image would have %d segments, the kernel takes %d; map %d less",
					segments, machine->segments_max,
					segments - machine->segments_max);

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];

		if (file->automatic)
			continue;
		if (check_place(files, file, space) < 0 ||
		    check_overlaps(files, file, space) < 0)
			return -1;
		add_file(file, space);
	}
	return 0;
}

/**
 * map_files_place_auto() - choose an address for the other files, and add them
 * @files: the options, those with an address placed
 * @space: the machine, the image, and what the device tree reserves
 *
 * Each file gets the highest free RAM that can be reached: what else is placed
 * goes low, behind the kernel.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_place_auto(struct map_files *files,
			 const struct map_file_space *space)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];
		struct hole hole;

		if (!file->automatic)
			continue;
		hole = find_hole(space, file->size, 0,
				 space->machine->reach_end);
		if (!hole.found)
			return map_files_refuse(files, file,
						"no free RAM for its %llu bytes below 0x%llx; the largest gap there has %llu; System RAM is %s",
						file->size,
						space->machine->reach_end,
						hole.largest,
						ram_text(space->info));
		file->addr = hole.highest;
		add_file(file, space);
	}
	return 0;
}

static const struct map_file *largest(const struct map_files *files)
{
	const struct map_file *file = &files->file[0];
	unsigned int i;

	for (i = 1; i < files->nr; i++)
		if (files->file[i].size > file->size)
			file = &files->file[i];
	return file;
}

/**
 * map_files_find_room() - find the place for something else beside the files
 * @files: the options, placed; at least one
 * @space: the machine, the image, and what the device tree reserves
 * @what: what needs the room
 * @size: its size in bytes
 * @min: lowest physical address where it may begin
 * @end: the first byte after the highest where it may end
 * @addr: its physical address, the lowest that there is
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_find_room(struct map_files *files,
			const struct map_file_space *space, const char *what,
			unsigned long long size, unsigned long long min,
			unsigned long long end, unsigned long long *addr)
{
	struct hole hole = find_hole(space, size, min, end);

	if (!hole.found)
		return map_files_refuse(files, largest(files),
					"no room is left for the %llu bytes of %s in 0x%llx-0x%llx, where the largest gap has %llu; map the file elsewhere",
					size, what, min, end - 1,
					hole.largest);
	*addr = hole.lowest;
	return 0;
}

static bool looks_like_dtb(const struct map_files *files,
			   const struct kexec_segment *segment)
{
	const struct map_file *file = map_files_find(files, segment);

	if (file)
		return !memcmp(file->head, dtb_magic, sizeof(dtb_magic));
	return segment->bufsz >= sizeof(dtb_magic) &&
		!memcmp(segment->buf, dtb_magic, sizeof(dtb_magic));
}

/* The first segment that looks like a device tree, or NULL. */
static const struct kexec_segment *
first_look_alike(const struct map_files *files, const struct kexec_info *info)
{
	const struct kexec_segment *first = NULL;
	int i;

	for (i = 0; i < info->nr_segments; i++) {
		const struct kexec_segment *segment = &info->segment[i];

		if ((!first || segment->mem < first->mem) &&
		    looks_like_dtb(files, segment))
			first = segment;
	}
	return first;
}

/**
 * map_files_find_dtb() - find the place for the device tree
 * @files: the options, placed; at least one
 * @space: the machine, the image, and what the device tree reserves
 * @size: size of the device tree, in bytes
 * @min: lowest physical address where it goes as long as it may
 * @end: the first byte after the highest where it may end
 * @addr: its physical address
 *
 * The running kernel hands over the first segment that begins like a device
 * tree, so this one must come before all others that do. Where there is no room
 * between @min and these, it goes as far below @min as need be.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_find_dtb(struct map_files *files,
		       const struct map_file_space *space,
		       unsigned long long size, unsigned long long min,
		       unsigned long long end, unsigned long long *addr)
{
	const struct kexec_segment *other = first_look_alike(files,
							     space->info);
	unsigned long long below = end;
	const struct map_file *file;
	struct hole hole;

	if (other && (uintptr_t)other->mem < end)
		below = (uintptr_t)other->mem;

	hole = find_hole(space, size, min, below);
	if (hole.found) {
		*addr = hole.lowest;
		return 0;
	}
	if (below == end)
		return map_files_find_room(files, space, "the device tree",
					   size, min, end, addr);

	hole = find_hole(space, size, 0, below);
	if (hole.found) {
		*addr = hole.highest;
		return 0;
	}

	file = map_files_find(files, other);
	if (file)
		return map_files_refuse(files, file,
					"it begins like a device tree, and there is no room below 0x%llx for the %llu bytes of the real one, which must come first; map it higher",
					below, size);
	return map_files_refuse(files, largest(files),
				"the initrd or the kernel at 0x%llx begins like a device tree, and there is no room below for the %llu bytes of the real one, which must come first; map the file elsewhere",
				below, size);
}

static unsigned long long image_size(const struct kexec_info *info)
{
	unsigned long long size = 0;
	int i;

	for (i = 0; i < info->nr_segments; i++)
		size += info->segment[i].memsz;
	return size;
}

/**
 * map_files_check_image() - see whether the kernel will take the whole image
 * @files: the options, placed; none is fine
 * @space: the machine, and the image, complete
 *
 * The kernel answers an image that is too large with a bare EINVAL.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_check_image(struct map_files *files,
			  const struct map_file_space *space)
{
	unsigned long long size = image_size(space->info);
	unsigned long long max = space->machine->image_max;

	if (!files->nr || size <= max)
		return 0;
	return map_files_refuse(files, largest(files),
				"the image has %llu bytes in all, the kernel takes %llu (half of its RAM); map %llu bytes less",
				size, max, size - max);
}
