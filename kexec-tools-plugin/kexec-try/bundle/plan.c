// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * Files with an address come first, then those with `auto`, each as high as it
 * can go. That is the order in which kexec places them.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "say.h"
#include "text.h"

/* Exception vectors of MIPS may lie below: kexec leaves that alone */
#define VECTORS_END	0x5000

/* The end of KSEG0, all that a 32-bit kernel reaches directly */
#define KSEG0_SIZE	(512ULL << 20)

/*
 * phram wants a size that is a multiple of the erase size, which is the page
 * size of the new kernel unless it is given: Linux, drivers/mtd/devices/phram.c,
 * phram_setup(), 6.1 and 6.12. Nobody here knows that page size, and before 5.3
 * phram takes no erase size. 64 KiB is a multiple of every page size of MIPS.
 */
#define PHRAM_UNIT	(64 * 1024ULL)

/* A plan that is being made */
struct draft {
	const struct bundle *bundle;
	const struct plan_options *options;
	struct plan *plan;
};

static bool overlap(const struct ram_range *a, const struct ram_range *b)
{
	return a->start < b->end && a->end > b->start;
}

/* What is in the way of a range, or NULL */
static const struct ram_range *in_the_way(const struct draft *draft,
					  const struct ram_range *range)
{
	const struct ram *reserved = &draft->bundle->reserved;
	unsigned int i;

	for (i = 0; i < draft->plan->parts; i++)
		if (overlap(&draft->plan->part[i].at, range))
			return &draft->plan->part[i].at;
	for (i = 0; i < reserved->ranges; i++)
		if (overlap(&reserved->range[i], range))
			return &reserved->range[i];
	return NULL;
}

static unsigned long long reach_end(const struct draft *draft)
{
	return draft->bundle->bits == 64 ? ~0ULL : KSEG0_SIZE;
}

/* The highest free place in RAM, or 0, where nothing can lie */
static unsigned long long find_place(const struct draft *draft,
				     unsigned long long size,
				     unsigned long long unit)
{
	const struct ram *ram = &draft->plan->ram;
	const struct ram_range *other;
	unsigned int i = ram->ranges;

	while (i--) {
		unsigned long long start = ram->range[i].start;
		unsigned long long end = ram->range[i].end;

		if (start < VECTORS_END)
			start = VECTORS_END;
		if (end > reach_end(draft))
			end = reach_end(draft);
		while (end >= size && (end - size) / unit * unit >= start) {
			struct ram_range at = {
				.start = (end - size) / unit * unit,
			};

			at.end = at.start + size;
			other = in_the_way(draft, &at);
			if (!other)
				return at.start;
			end = other->start;
		}
	}
	return 0;
}

static void add_part(struct draft *draft, const struct bundle_file *file,
		     unsigned long long start, unsigned long long end)
{
	struct plan *plan = draft->plan;
	unsigned int i = plan->parts++;

	for (; i && plan->part[i - 1].at.start > start; i--)
		plan->part[i] = plan->part[i - 1];
	plan->part[i] = (struct plan_part) { file, { start, end } };
}

/* What has an address lies there, and kexec says it when it cannot; the others go
 * where there is room.
 */
static int place_files(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	unsigned int i;

	for (i = 0; i < bundle->files; i++) {
		const struct bundle_file *file = &bundle->file[i];

		if (file->role == BUNDLE_KERNEL)
			add_part(draft, file, bundle->load_start,
				 bundle->load_end);
		else if (file->role == BUNDLE_MAP && !file->automatic)
			add_part(draft, file, file->addr,
				 file->addr + file->size);
	}
	for (i = 0; i < bundle->files; i++) {
		const struct bundle_file *file = &bundle->file[i];
		unsigned long long unit = draft->options->page_size, size, at;

		if (file->role != BUNDLE_ROOTFS && !file->automatic)
			continue;
		if (file->role == BUNDLE_ROOTFS && draft->plan->numbers)
			unit = PHRAM_UNIT;
		size = (file->size + unit - 1) / unit * unit;
		at = find_place(draft, size, unit);
		if (!at)
			return report("%s: no free RAM for its %llu bytes; the device has %llu in all",
				      file->name, size,
				      ram_total(&draft->plan->ram));
		add_part(draft, file, at, at + size);
	}
	return 0;
}

/* Where the rootfs lies */
static const struct ram_range *rootfs_at(const struct draft *draft)
{
	const struct plan_part *part = draft->plan->part;

	while (part->file->role != BUNDLE_ROOTFS)
		part++;
	return &part->at;
}

static char *number_words(const struct draft *draft)
{
	const struct ram_range *at;

	if (!draft->plan->numbers)
		return must_print("%s", "");
	at = rootfs_at(draft);
	return must_print("mtdparts=phram0:%llu(%s) phram.phram=phram0,%llu,%llu memmap=%llu$%llu ",
			  bundle_find(draft->bundle, BUNDLE_ROOTFS)->size,
			  draft->bundle->label, at->start, at->end - at->start,
			  at->end - at->start, at->start);
}

static char *root_words(const struct draft *draft)
{
	if (!draft->plan->root_by_mtd)
		return must_print("%s", "");
	if (draft->options->mtd == PLAN_MTD_UNKNOWN)
		return must_print("root=/dev/mtdblockN rootfstype=squashfs ");
	return must_print("root=/dev/mtdblock%d rootfstype=squashfs ",
			  draft->options->mtd);
}

static int make_cmdline(struct draft *draft)
{
	const char *more = draft->options->more;
	const char *append = draft->bundle->append;
	char *root = root_words(draft), *numbers = number_words(draft);
	char *line = must_print("%s%s%s%s%s", numbers, root, append,
				*append && *more ? " " : "", more);
	size_t len = strlen(line);

	free(root);
	free(numbers);
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	draft->plan->cmdline = line;
	if (len > BUNDLE_APPEND_MAX)
		return report("the command line would have %zu bytes, kexec takes %d; pack the bundle with fewer words",
			      len, BUNDLE_APPEND_MAX);
	return 0;
}

static char *map_file_arg(const struct draft *draft,
			  const struct plan_part *part)
{
	const struct bundle_file *file = part->file;
	const struct bundle *bundle = draft->bundle;
	const char *label = file->label;
	char where[24] = "auto";

	if (file->role == BUNDLE_ROOTFS && !draft->plan->numbers)
		label = bundle->label;
	else if (!file->automatic)
		snprintf(where, sizeof(where), "0x%llx", part->at.start);
	return must_print("%s/%s@%s%s%s%s", bundle->path, file->name, where,
			  *label ? ",label=" : "", label,
			  file->role == BUNDLE_ROOTFS &&
			  draft->plan->root_by_tree ? ",root" : "");
}

static void make_argv(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	struct plan *plan = draft->plan;
	char **arg = plan->argv;
	unsigned int i, j;

	*arg++ = must_print("kexec");
	if (draft->options->load_only)
		*arg++ = must_print("-l");
	/* In the order of the bundle, whose rootfs comes before the others */
	for (i = 0; i < bundle->files; i++)
		for (j = 0; j < plan->parts; j++)
			if (plan->part[j].file == &bundle->file[i] &&
			    bundle->file[i].role != BUNDLE_KERNEL) {
				*arg++ = must_print("--map-file");
				*arg++ = map_file_arg(draft, &plan->part[j]);
			}
	*arg++ = must_print("--dtb");
	*arg++ = must_print("%s/%s", bundle->path,
			    bundle_find(bundle, BUNDLE_DTB)->name);
	*arg++ = must_print("--command-line");
	*arg++ = must_print("%s", plan->cmdline);
	*arg++ = must_print("%s/%s", bundle->path,
			    bundle_find(bundle, BUNDLE_KERNEL)->name);
}

/* From 5.18 on phram looks into the device tree, and from 6.2 on the MTD of the
 * root device is named there: drivers/mtd/devices/phram.c, drivers/mtd/mtdcore.c.
 */
static int choose_form(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	bool own_root = text_word(bundle->append, "root", NULL, 0);
	struct plan *plan = draft->plan;
	unsigned int i;

	plan->numbers = draft->options->numbers || !bundle_linux(bundle, 5, 18);
	if (plan->numbers && text_word(bundle->append, "mtdparts", NULL, 0))
		return report("the words to append have mtdparts=, and the rootfs needs one of its own; partitions belong into the device tree");
	plan->root_by_tree = !plan->numbers && bundle_linux(bundle, 6, 2) &&
		!own_root;
	/* A kernel of unknown version is given both, and takes this one */
	plan->root_by_mtd = !own_root &&
		(!plan->root_by_tree ||
		 !strcmp(bundle->linux_version, "unknown"));
	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].label[0] &&
		    (plan->numbers || plan->root_by_mtd))
			return report("%s: with another MTD, '%s', nobody knows the number of the root's; that takes Linux 6.2, or 5.18 and a root= of your own",
				      bundle->file[i].name,
				      bundle->file[i].label);
	return 0;
}

int plan_make(const struct bundle *bundle, const struct ram *ram,
	      const struct plan_options *options, struct plan *plan)
{
	struct draft draft = { bundle, options, plan };

	memset(plan, 0, sizeof(*plan));
	plan->ram = *ram;
	if (choose_form(&draft) || place_files(&draft) || make_cmdline(&draft))
		return -1;
	make_argv(&draft);
	return 0;
}

char *plan_command(const struct plan *plan)
{
	char *text = must_print("%s", plan->argv[0]), *longer, *word;
	char *const *arg = plan->argv;

	while (*++arg) {
		word = text_quoted(*arg);
		longer = must_print("%s %s", text, word);
		free(text);
		free(word);
		text = longer;
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
