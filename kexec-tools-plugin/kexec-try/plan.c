// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * Files with an address come first, then those with `auto`, each as high as it
 * can go, then the command line and the device tree, each as low. That is the
 * order in which kexec places them. The only place that counts is that of the
 * rootfs in the form with every number: kexec gets it as an address. The others
 * are kexec's to choose, on the device.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "plan.h"
#include "say.h"
#include "tree.h"

/* Exception vectors of MIPS may lie below: kexec leaves that alone */
#define VECTORS_END	0x5000

/* The end of KSEG0, all that a 32-bit kernel reaches directly */
#define KSEG0_SIZE	(512ULL << 20)

/* Where kexec looks for room for the command line and the device tree */
#define BUFFERS_END	0x10000000ULL

/* kexec's buffer for the command line, in bytes */
#define CMDLINE_BUFFER	512

/* Room for what kexec adds to a device tree, in bytes: the name of bootargs, and
 * a node for each file
 */
#define BOOTARGS_ROOM	64
#define REGION_ROOM	256

/*
 * phram wants a size that is a multiple of the erase size, which is the page
 * size of the new kernel unless it is given: Linux, drivers/mtd/devices/phram.c,
 * phram_setup(), 6.1 and 6.12. Nobody here knows that page size, and before 5.3
 * phram takes no erase size. 64 KiB is a multiple of every page size of MIPS.
 */
#define PHRAM_UNIT	(64 * 1024ULL)

/* The name of the phram device in the form with every number */
#define PHRAM_NAME	"phram0"

/* More ranges than a device tree reserves */
#define RESERVED_MAX	64

/**
 * struct placed - a map file and its place
 * @file: the file of the bundle
 * @automatic: whether its place is not in the bundle
 * @start: physical address
 * @size: bytes that it takes, whole pages
 */
struct placed {
	const struct bundle_file *file;
	bool automatic;
	unsigned long long start;
	unsigned long long size;
};

/**
 * struct draft - a plan that is being made
 * @bundle: the bundle
 * @options: what else counts
 * @plan: the plan; its parts are what is taken
 * @page: bytes of a page
 * @reserved: what the device tree reserves
 * @reserved_nr: how many there are of these
 * @map: the rootfs, and then the other map files
 * @maps: how many there are of these
 * @dtb_size: of the device tree, in bytes
 */
struct draft {
	const struct bundle *bundle;
	const struct plan_options *options;
	struct plan *plan;
	unsigned long long page;
	struct ram_range reserved[RESERVED_MAX];
	unsigned int reserved_nr;
	struct placed map[BUNDLE_FILES_MAX];
	unsigned int maps;
	size_t dtb_size;
};

static unsigned long long round_down(unsigned long long size,
				     unsigned long long unit)
{
	return size / unit * unit;
}

static unsigned long long round_up(unsigned long long size,
				   unsigned long long unit)
{
	return round_down(size + unit - 1, unit);
}

/* Whether something is in the way of @start to @end. */
static bool in_the_way(const struct draft *draft, unsigned long long start,
		       unsigned long long end, struct ram_range *other)
{
	const struct plan *plan = draft->plan;
	unsigned int i;

	for (i = 0; i < plan->parts; i++) {
		*other = (struct ram_range) { plan->part[i].start,
					      plan->part[i].end };
		if (start < other->end && end > other->start)
			return true;
	}
	for (i = 0; i < draft->reserved_nr; i++) {
		*other = draft->reserved[i];
		if (start < other->end && end > other->start)
			return true;
	}
	return false;
}

/* The highest free place in a range of RAM, or 0, where nothing can lie. */
static unsigned long long highest_in(const struct draft *draft,
				     unsigned long long start,
				     unsigned long long end,
				     unsigned long long size,
				     unsigned long long unit)
{
	struct ram_range other;

	while (end >= size && round_down(end - size, unit) >= start) {
		unsigned long long at = round_down(end - size, unit);

		if (!in_the_way(draft, at, at + size, &other))
			return at;
		end = other.start;
	}
	return 0;
}

static unsigned long long lowest_in(const struct draft *draft,
				    unsigned long long start,
				    unsigned long long end,
				    unsigned long long size)
{
	struct ram_range other;

	start = round_up(start, draft->page);
	while (start < end && end - start >= size) {
		if (!in_the_way(draft, start, start + size, &other))
			return start;
		if (other.end >= end)
			return 0;
		start = round_up(other.end, draft->page);
	}
	return 0;
}

static unsigned long long reach_end(const struct draft *draft)
{
	return draft->bundle->bits == 64 ? ~0ULL : KSEG0_SIZE;
}

/* In RAM from @min to @max, each time but for the exception vectors. */
static unsigned long long find_place(const struct draft *draft, bool high,
				     unsigned long long min,
				     unsigned long long max,
				     unsigned long long size,
				     unsigned long long unit)
{
	const struct ram *ram = &draft->plan->ram;
	unsigned long long found = 0, at;
	unsigned int i;

	for (i = 0; i < ram->ranges && (high || !found); i++) {
		unsigned long long start = ram->range[i].start;
		unsigned long long end = ram->range[i].end;

		start = start < min ? min : start;
		start = start < VECTORS_END ? VECTORS_END : start;
		end = end > max ? max : end;
		if (start >= end)
			continue;
		at = high ? highest_in(draft, start, end, size, unit) :
			lowest_in(draft, start, end, size);
		found = at ? at : found;
	}
	return found;
}

static int add_part(struct draft *draft, const char *what, const char *name,
		    unsigned long long start, unsigned long long size)
{
	struct plan *plan = draft->plan;
	struct plan_part part = { what, name, start,
				  start + round_up(size, draft->page) };
	unsigned int i = plan->parts++;

	for (; i && plan->part[i - 1].start > start; i--)
		plan->part[i] = plan->part[i - 1];
	plan->part[i] = part;
	return 0;
}

static bool is_ram(const struct ram *ram, unsigned long long start,
		   unsigned long long end)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		if (start >= ram->range[i].start && end <= ram->range[i].end)
			return true;
	return false;
}

static int place_kernel(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	const struct ram *ram = &draft->plan->ram;
	unsigned long long start = round_down(bundle->load_start, draft->page);
	unsigned long long end = round_up(bundle->load_end, draft->page);

	if (bundle->load_end > KSEG0_SIZE || !is_ram(ram, start, end))
		return report("the kernel goes to 0x%llx-0x%llx, which is not all RAM of this device; its RAM begins at 0x%llx and has %llu bytes",
			      start, end - 1, ram->range[0].start,
			      ram_total(ram));
	return add_part(draft, "kernel",
			bundle_find(bundle, BUNDLE_KERNEL)->name, start,
			end - start);
}

static void add_file(struct draft *draft, const struct bundle_file *file)
{
	bool rootfs = file->role == BUNDLE_ROOTFS;

	draft->map[draft->maps++] = (struct placed) {
		.file = file,
		.automatic = rootfs || file->automatic,
		.start = file->addr,
		.size = round_up(file->size, rootfs && draft->plan->numbers ?
				 PHRAM_UNIT : draft->page),
	};
}

static void add_files(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	unsigned int i;

	add_file(draft, bundle_find(bundle, BUNDLE_ROOTFS));
	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role == BUNDLE_MAP)
			add_file(draft, &bundle->file[i]);
}

static int add_reserved(void *data, unsigned long long start,
			unsigned long long end)
{
	struct draft *draft = data;

	if (draft->reserved_nr == RESERVED_MAX)
		return report("the device tree reserves more than %d ranges",
			      RESERVED_MAX);
	draft->reserved[draft->reserved_nr].start = start;
	draft->reserved[draft->reserved_nr++].end = end;
	return 0;
}

static int read_dtb(struct draft *draft)
{
	const struct bundle_file *file = bundle_find(draft->bundle, BUNDLE_DTB);
	char *dtb;
	int fd, result;

	if (file->size > TREE_MAX)
		return report("%s: %llu bytes are no device tree; %d is the most",
			      file->name, file->size, TREE_MAX);
	fd = bundle_open_file(draft->bundle, file);
	if (fd < 0)
		return -1;
	dtb = must_alloc(file->size);
	draft->dtb_size = files_read(fd, dtb, file->size);
	close(fd);
	result = tree_check(file->name, dtb, draft->dtb_size) ||
		tree_reserved(file->name, dtb, add_reserved, draft) ? -1 : 0;
	free(dtb);
	return result;
}

static int place_fixed(struct draft *draft, const struct placed *map)
{
	unsigned long long end = map->start + map->size;
	struct plan *plan = draft->plan;
	unsigned int i;

	if (map->start % draft->page || map->start < VECTORS_END ||
	    end <= map->start || end > reach_end(draft) || !is_ram(&plan->ram, map->start, end))
		return report("%s: 0x%llx-0x%llx is no place for it: whole pages of %llu bytes in RAM, from 0x%x on, which the new kernel reaches; auto finds one",
			      map->file->name, map->start, end - 1,
			      draft->page, VECTORS_END);
	for (i = 0; i < plan->parts; i++)
		if (map->start < plan->part[i].end && end > plan->part[i].start)
			return report("%s: 0x%llx-0x%llx overlaps the %s at 0x%llx-0x%llx; auto finds a free place",
				      map->file->name, map->start, end - 1,
				      plan->part[i].what, plan->part[i].start,
				      plan->part[i].end - 1);
	return 0;
}

static int place_automatic(struct draft *draft, struct placed *map)
{
	bool numbers = map == draft->map && draft->plan->numbers;

	map->start = find_place(draft, true, 0, reach_end(draft), map->size,
				numbers ? PHRAM_UNIT : draft->page);
	if (!map->start)
		return report("%s: no free RAM for its %llu bytes; the device has %llu in all",
			      map->file->name, map->size,
			      ram_total(&draft->plan->ram));
	return 0;
}

static int place_files(struct draft *draft)
{
	bool automatic = false;
	unsigned int i;

	do {
		for (i = 0; i < draft->maps; i++) {
			struct placed *map = &draft->map[i];

			if (map->automatic != automatic)
				continue;
			if (automatic ? place_automatic(draft, map) :
			    place_fixed(draft, map))
				return -1;
			add_part(draft, i ? "map file" : "rootfs",
				 map->file->name, map->start, map->size);
		}
		automatic = !automatic;
	} while (automatic);
	return 0;
}

static int place_buffer(struct draft *draft, const char *what,
			const char *name, unsigned long long min,
			unsigned long long size)
{
	unsigned long long at = find_place(draft, false, min, BUFFERS_END,
					   round_up(size, draft->page), 0);

	if (!at)
		return report("no room is left for the %llu bytes of the %s",
			      size, what);
	return add_part(draft, what, name, at, size);
}

static int place_buffers(struct draft *draft)
{
	return place_buffer(draft, "command line", NULL, 0, CMDLINE_BUFFER) ||
		place_buffer(draft, "device tree",
			     bundle_find(draft->bundle, BUNDLE_DTB)->name,
			     draft->bundle->load_end,
			     draft->dtb_size + strlen(draft->plan->cmdline) +
			     BOOTARGS_ROOM + draft->maps * REGION_ROOM);
}

/* The kernel takes no image of more than half of its RAM. */
static int check_image(const struct draft *draft)
{
	unsigned long long half = ram_total(&draft->plan->ram) / 2, size = 0;
	unsigned int i;

	for (i = 0; i < draft->plan->parts; i++)
		size += draft->plan->part[i].end - draft->plan->part[i].start;
	if (size <= half)
		return 0;
	return report("the image has %llu bytes in all, the kernel takes %llu (half of its RAM)",
		      size, half);
}

/* Is there a word of the command line that begins so? */
static bool has_word(const char *words, const char *begin)
{
	const char *at = words;

	while ((at = strstr(at, begin))) {
		if (at == words || at[-1] == ' ')
			return true;
		at += strlen(begin);
	}
	return false;
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

static char *number_words(const struct draft *draft)
{
	const struct placed *rootfs = &draft->map[0];

	if (!draft->plan->numbers)
		return must_print("%s", "");
	return must_print("mtdparts=%s:%llu(%s) phram.phram=%s,%llu,%llu memmap=%llu$%llu ",
			  PHRAM_NAME, rootfs->file->size,
			  draft->bundle->label, PHRAM_NAME, rootfs->start,
			  rootfs->size, rootfs->size, rootfs->start);
}

static int make_cmdline(struct draft *draft)
{
	const char *more = draft->options->more ? draft->options->more : "";
	const char *append = draft->bundle->append;
	char *root = root_words(draft), *numbers = number_words(draft);
	char *line;
	size_t len;

	line = must_print("%s%s%s%s%s", numbers, root, append,
			  *append && *more ? " " : "", more);
	free(root);
	free(numbers);
	len = strlen(line);
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	draft->plan->cmdline = line;
	if (len > BUNDLE_APPEND_MAX)
		return report("the command line would have %zu bytes, kexec takes %d; pack the bundle with fewer words",
			      len, BUNDLE_APPEND_MAX);
	return 0;
}

static void add_arg(struct plan *plan, char *arg)
{
	plan->argv[plan->argc++] = arg;
}

static char *path_of(const struct draft *draft, const struct bundle_file *file)
{
	return must_print("%s/%s", draft->bundle->path, file->name);
}

static void add_map_file_arg(struct draft *draft, unsigned int i)
{
	const struct placed *map = &draft->map[i];
	char *path = path_of(draft, map->file);
	struct plan *plan = draft->plan;

	add_arg(plan, must_print("--map-file"));
	if (i || plan->numbers)
		add_arg(plan, map->automatic && i ?
			must_print("%s@auto", path) :
			must_print("%s@0x%llx", path, map->start));
	else
		add_arg(plan, must_print("%s@auto,label=%s%s", path,
					 draft->bundle->label,
					 plan->root_by_tree ? ",root" : ""));
	free(path);
}

static void make_argv(struct draft *draft)
{
	const struct plan_options *options = draft->options;
	const struct bundle *bundle = draft->bundle;
	struct plan *plan = draft->plan;
	unsigned int i;

	add_arg(plan, must_print("%s", options->kexec ? options->kexec :
				 "kexec"));
	if (options->load_only)
		add_arg(plan, must_print("-l"));
	for (i = 0; i < draft->maps; i++)
		add_map_file_arg(draft, i);
	add_arg(plan, must_print("--dtb"));
	add_arg(plan, path_of(draft, bundle_find(bundle, BUNDLE_DTB)));
	add_arg(plan, must_print("--command-line"));
	add_arg(plan, must_print("%s", plan->cmdline));
	add_arg(plan, path_of(draft, bundle_find(bundle, BUNDLE_KERNEL)));
	add_arg(plan, NULL);
	plan->argc--;
}

/* From 5.18 on phram looks into the device tree, and from 6.2 on the MTD of the
 * root device is named there: drivers/mtd/devices/phram.c, drivers/mtd/mtdcore.c.
 */
static int choose_form(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	bool own_root = has_word(bundle->append, "root=");
	struct plan *plan = draft->plan;

	if (draft->options->form == PLAN_SHORT && !bundle_linux(bundle, 5, 18))
		return report("Linux %s makes no MTD of what the device tree says; 5.18 and later do; use --numbers",
			      bundle->linux_version);
	plan->numbers = draft->options->form == PLAN_NUMBERS ||
		!bundle_linux(bundle, 5, 18);
	if (plan->numbers && has_word(bundle->append, "mtdparts="))
		return report("the words to append have mtdparts=, and the rootfs needs one of its own; partitions belong into the device tree");

	plan->root_by_tree = !plan->numbers && bundle_linux(bundle, 6, 2) &&
		!own_root;
	/* A kernel of unknown version is given both, and takes this one */
	plan->root_by_mtd = !own_root &&
		(!plan->root_by_tree ||
		 !strcmp(bundle->linux_version, "unknown"));
	return 0;
}

static int make_plan(struct draft *draft)
{
	if (choose_form(draft) || place_kernel(draft))
		return -1;
	add_files(draft);
	if (read_dtb(draft) || place_files(draft) || make_cmdline(draft) ||
	    place_buffers(draft) || check_image(draft))
		return -1;
	make_argv(draft);
	return 0;
}

int plan_make(const struct bundle *bundle, const struct ram *ram,
	      const struct plan_options *options, struct plan *plan)
{
	struct draft *draft = must_alloc(sizeof(*draft));
	int result;

	memset(plan, 0, sizeof(*plan));
	plan->ram = *ram;
	draft->bundle = bundle;
	draft->options = options;
	draft->plan = plan;
	draft->page = options->page_size ? options->page_size : 4096;
	result = make_plan(draft);
	free(draft);
	return result;
}

char *const *plan_argv(const struct plan *plan)
{
	return plan->argv;
}

/* Single quotes where a shell would see more than a word; one in the text ends
 * them, comes with a backslash, and begins them anew.
 */
static void quote(FILE *to, const char *word)
{
	if (*word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=:,./@%")]) {
		fputs(word, to);
		return;
	}
	fputc('\'', to);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", to);
		else
			fputc(*word, to);
	}
	fputc('\'', to);
}

char *plan_command(const struct plan *plan)
{
	char *text = NULL;
	unsigned int i;
	size_t size;
	FILE *to;

	to = open_memstream(&text, &size);
	if (!to) {
		report("no memory for a command");
		exit(EXIT_REFUSED);
	}
	for (i = 0; i < plan->argc; i++) {
		if (i)
			fputc(' ', to);
		quote(to, plan->argv[i]);
	}
	fclose(to);
	return text;
}

void plan_free(struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->argc; i++)
		free(plan->argv[i]);
	free(plan->cmdline);
	memset(plan, 0, sizeof(*plan));
}
