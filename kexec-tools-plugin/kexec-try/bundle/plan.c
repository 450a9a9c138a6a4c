// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * As in kexec, files with an address are placed first, then those with `auto`, each
 * as high as possible.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "say.h"
#include "text.h"

/* Exception vectors of MIPS may lie below; kexec leaves that range alone, too. */
#define VECTORS_END	0x5000

/* phram needs a size that is a multiple of the erase size, which defaults to the page
 * size of the new kernel: phram_setup(), drivers/mtd/devices/phram.c, 6.1 and 6.12.
 * That page size is unknown, and phram before 5.3 has no erase size parameter.
 * 64 KiB is a multiple of every page size of MIPS.
 */
#define PHRAM_UNIT	(64 * 1024ULL)

/* In bytes. mtdblock shows only whole sectors, and a squashfs may end inside one. */
#define SECTOR		512ULL

static bool overlap(const struct ram_range *a, const struct ram_range *b)
{
	return a->start < b->end && a->end > b->start;
}

/* Return: a part or reserved range that overlaps @range, or NULL. */
static const struct ram_range *in_the_way(const struct plan *plan,
					  const struct ram_range *range)
{
	const struct ram *reserved = &plan->bundle->reserved;
	unsigned int i;

	for (i = 0; i < plan->parts; i++)
		if (overlap(&plan->part[i].at, range))
			return &plan->part[i].at;
	for (i = 0; i < reserved->ranges; i++)
		if (overlap(&reserved->range[i], range))
			return &reserved->range[i];
	return NULL;
}

/* The first byte that the new kernel does not reach */
static unsigned long long end_of_reach(const struct plan *plan)
{
	return plan->bundle->bits == 64 ? ~0ULL : KSEG0_SIZE;
}

/* Return: the highest free address for @size bytes, a multiple of @unit; or 0, which is
 * never a free address.
 */
static unsigned long long find_place(const struct plan *plan,
				     unsigned long long size,
				     unsigned long long unit)
{
	unsigned long long reach = end_of_reach(plan);
	const struct ram *ram = &plan->ram;
	const struct ram_range *other;
	unsigned int i = ram->ranges;

	while (i--) {
		unsigned long long start = ram->range[i].start;
		unsigned long long end = ram->range[i].end;

		if (start < VECTORS_END)
			start = VECTORS_END;
		if (end > reach)
			end = reach;
		while ((end = end / unit * unit) >= start + size) {
			struct ram_range at = { end - size, end };

			other = in_the_way(plan, &at);
			if (!other)
				return at.start;
			end = other->start;
		}
	}
	return 0;
}

static void add_part(struct plan *plan, const struct bundle_file *file,
		     unsigned long long start, unsigned long long end)
{
	unsigned int i = plan->parts++;

	for (; i && plan->part[i - 1].at.start > start; i--)
		plan->part[i] = plan->part[i - 1];
	plan->part[i] = (struct plan_part) { file, { start, end } };
}

/* Refuses what kexec would refuse. */
static int add_fixed(struct plan *plan, const struct bundle_file *file)
{
	struct ram_range at = { file->addr, file->addr + file->size };
	const struct ram_range *other = in_the_way(plan, &at);

	if (at.end > end_of_reach(plan) ||
	    !ram_has(&plan->ram, at.start, at.end))
		return report("%s: 0x%llx-0x%llx is not in RAM that the new kernel reaches; choose another address, or auto",
			      file->name, at.start, at.end - 1);
	if (other)
		return report("%s: 0x%llx-0x%llx overlaps 0x%llx-0x%llx, which is taken; choose another address, or auto",
			      file->name, at.start, at.end - 1, other->start,
			      other->end - 1);
	add_part(plan, file, at.start, at.end);
	return 0;
}

static int place_files(struct plan *plan)
{
	const struct bundle *bundle = plan->bundle;
	const struct bundle_file *file;

	if (!ram_has(&plan->ram, bundle->load_start, bundle->load_end))
		return report("the kernel loads at 0x%llx-0x%llx, which is not in the device's RAM; build it for this board",
			      bundle->load_start, bundle->load_end - 1);
	for (file = bundle->file; file < bundle->file + bundle->files; file++)
		if (file->role == BUNDLE_KERNEL)
			add_part(plan, file, bundle->load_start,
				 bundle->load_end);
		else if (file->role == BUNDLE_MAP && !file->automatic &&
			 add_fixed(plan, file))
			return -1;
	for (file = bundle->file; file < bundle->file + bundle->files; file++) {
		unsigned long long unit = plan->page_size, size, at;

		if (file->role != BUNDLE_ROOTFS && !file->automatic)
			continue;
		if (file->role == BUNDLE_ROOTFS && plan->numbers)
			unit = PHRAM_UNIT;
		size = ram_whole(file->size, unit);
		at = find_place(plan, size, unit);
		if (!at)
			return report("%s: no free RAM for its %llu bytes; the device has %llu in all",
				      file->name, size, ram_total(&plan->ram));
		add_part(plan, file, at, at + size);
		if (file->role == BUNDLE_ROOTFS)
			plan->rootfs = (struct ram_range) { at, at + size };
	}
	return 0;
}

static int make_cmdline(struct plan *plan)
{
	const char *append = plan->bundle->append, *more = plan->more;
	const struct ram_range *at = &plan->rootfs;
	char **line = &plan->cmdline;
	size_t len;

	if (plan->numbers)
		must_add(line, "mtdparts=phram0:%llu(%s) phram.phram=phram0,%llu,%llu memmap=%llu$%llu ",
			 ram_whole(bundle_find(plan->bundle,
					       BUNDLE_ROOTFS)->size, SECTOR),
			 plan->bundle->label, at->start, at->end - at->start,
			 at->end - at->start, at->start);
	if (plan->root_by_mtd && plan->mtd == PLAN_MTD_UNKNOWN)
		must_add(line, "root=/dev/mtdblockN rootfstype=squashfs ");
	else if (plan->root_by_mtd)
		must_add(line, "root=/dev/mtdblock%d rootfstype=squashfs ",
			 plan->mtd);
	must_add(line, "%s%s%s", append, *append && *more ? " " : "", more);
	len = strlen(*line);
	while (len && (*line)[len - 1] == ' ')
		(*line)[--len] = '\0';
	if (len > BUNDLE_APPEND_MAX)
		return report("the command line would have %zu bytes, kexec takes %d; pack the bundle with fewer words",
			      len, BUNDLE_APPEND_MAX);
	return 0;
}

static char *map_file_arg(const struct plan *plan,
			  const struct bundle_file *file)
{
	bool is_root = file->role == BUNDLE_ROOTFS;
	const char *label = file->label;
	char where[24] = "auto";

	if (is_root && !plan->numbers)
		label = plan->bundle->label;
	else if (!file->automatic)
		snprintf(where, sizeof(where), "0x%llx", is_root ?
			 plan->rootfs.start : file->addr);
	return must_print("%s/%s@%s%s%s%s", plan->bundle->path, file->name,
			  where, *label ? ",label=" : "", label,
			  is_root && plan->root_by_tree ? ",root" : "");
}

static void make_argv(struct plan *plan)
{
	const struct bundle *bundle = plan->bundle;
	const struct bundle_file *file;
	char **arg = plan->argv;

	*arg++ = must_print("kexec");
	if (plan->load_only)
		*arg++ = must_print("-l");
	/* pack lists the rootfs before the other map files. */
	for (file = bundle->file; file < bundle->file + bundle->files; file++)
		if (file->role == BUNDLE_ROOTFS || file->role == BUNDLE_MAP) {
			*arg++ = must_print("--map-file");
			*arg++ = map_file_arg(plan, file);
		}
	*arg++ = must_print("--dtb");
	*arg++ = must_print("%s/%s", bundle->path,
			    bundle_find(bundle, BUNDLE_DTB)->name);
	*arg++ = must_print("--command-line");
	*arg++ = must_print("%s", plan->cmdline);
	*arg++ = must_print("%s/%s", bundle->path,
			    bundle_find(bundle, BUNDLE_KERNEL)->name);
}

/* phram reads the device tree from 5.18 on, and the device tree can name the MTD of
 * the root device from 6.2 on: drivers/mtd/devices/phram.c, drivers/mtd/mtdcore.c.
 */
int plan_choose_form(struct plan *plan)
{
	const struct bundle *bundle = plan->bundle;
	bool own_root = text_word(bundle->append, "root", NULL, 0);
	unsigned int i;

	plan->numbers |= !bundle_linux(bundle, 5, 18);
	if (plan->numbers && text_word(bundle->append, "mtdparts", NULL, 0))
		return report("the words to append have mtdparts=, and the rootfs needs one of its own; partitions belong in the device tree");
	plan->root_by_tree = !plan->numbers && bundle_linux(bundle, 6, 2) &&
		!own_root;
	plan->root_by_mtd = !own_root && !plan->root_by_tree;
	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].label[0] &&
		    (plan->numbers || plan->root_by_mtd))
			return report("%s: with another MTD, '%s', the root's number is unknown; use Linux 6.2, or 5.18 with a root= of your own",
				      bundle->file[i].name,
				      bundle->file[i].label);
	return 0;
}

int plan_make(struct plan *plan)
{
	if (plan_choose_form(plan) || place_files(plan) || make_cmdline(plan))
		return -1;
	make_argv(plan);
	return 0;
}

char *plan_command(const struct plan *plan)
{
	char *text = must_print("%s", plan->argv[0]), *word;
	char *const *arg = plan->argv;

	while (*++arg) {
		word = text_quoted(*arg);
		must_add(&text, " %s", word);
		free(word);
	}
	return text;
}

void plan_free(struct plan *plan)
{
	char **arg;

	for (arg = plan->argv; *arg; arg++)
		free(*arg);
	free(plan->cmdline);
	memset(plan, 0, sizeof(*plan));
}
