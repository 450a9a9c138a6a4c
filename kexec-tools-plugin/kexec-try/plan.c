// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan.c - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * kexec, kexec/arch/mips/kexec-elf-mips.c, elf_mips_load(), adds to its image:
 * the kernel, the map files with an address, those with `auto`, the command
 * line, the device tree. So does this, by the same code, in the same order.
 */

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kexec.h"
#include "kexec-syscall.h"
#include "dt-check.h"
#include "dt-memory.h"
#include "files.h"
#include "kernel.h"
#include "map-file.h"
#include "plan.h"
#include "say.h"

/* Of MIPS, as kexec/arch/mips/map-file-mips.c has them, and says from where */
#define VECTORS_END	0x5000
#define KSEG0_SIZE	(512ULL << 20)
#define BUFFERS_END	0x10000000ULL

/* What comes after the map files: command line and device tree */
#define BUFFERS		2

/* kexec's buffer for the command line, in bytes */
#define CMDLINE_BUFFER	512

/* Largest device tree, in bytes, as dt_check() has it */
#define DTB_MAX		(1024 * 1024)

/* Room for bootargs and its name in the device tree, in bytes */
#define BOOTARGS_ROOM	64

/*
 * phram wants a size that is a multiple of the erase size, which is the page
 * size of the new kernel unless it is given: Linux, drivers/mtd/devices/phram.c,
 * phram_setup(), 6.1 and 6.12. Nobody here knows that page size, and before 5.3
 * phram takes no erase size. 64 KiB is a multiple of every page size of MIPS.
 */
#define PHRAM_UNIT	(64 * 1024ULL)

/* The name of the phram device in the form with every number */
#define PHRAM_NAME	"phram0"

static const struct map_file_window no_windows[] = { { NULL, 0, 0, 0 } };

/**
 * struct draft - a plan that is being made
 * @bundle: the bundle
 * @options: what else counts
 * @plan: the plan
 * @machine: the machine
 * @info: the image
 * @space: both, for the code of --map-file
 * @reserved: what the device tree reserves
 * @files: the rootfs, and then the other map files
 * @source: for each of these, the file of the bundle
 * @dtb: the device tree
 * @dtb_size: its size in bytes
 */
struct draft {
	const struct bundle *bundle;
	const struct plan_options *options;
	struct plan *plan;
	struct map_file_machine machine;
	struct kexec_info info;
	struct map_file_space space;
	struct memory_range *reserved;
	struct map_files files;
	const struct bundle_file *source[MAP_FILE_MAX];
	char *dtb;
	off_t dtb_size;
};

/* Segments are told from each other by their buffers, which nobody reads. */
static const char kernel_buffer[1], cmdline_buffer[1], dtb_buffer[1];
static const char file_buffers[MAP_FILE_MAX];

static unsigned long long round_up(unsigned long long size,
				   unsigned long long unit)
{
	return (size + unit - 1) / unit * unit;
}

static int refuse_files(const struct draft *draft)
{
	return report("%s", draft->files.error);
}

static void set_machine(struct draft *draft)
{
	unsigned long page = draft->options->page_size ?
		draft->options->page_size : 4096;
	bool wide = draft->bundle->bits == 64;

	draft->machine = (struct map_file_machine) {
		.page_size = page,
		.vectors_end = VECTORS_END,
		.reach_end = wide ? ULONG_MAX : KSEG0_SIZE,
		.reach_name = wide ? "the addresses that kexec can name" :
			"KSEG0, which is all that a 32-bit kernel reaches directly",
		.window = no_windows,
		.segments_max = KEXEC_MAX_SEGMENTS,
		.segments_after = BUFFERS,
		.image_max = ram_total(&draft->plan->ram) / page / 2 * page,
	};
	draft->space.machine = &draft->machine;
	draft->space.info = &draft->info;
}

static void set_ram(struct draft *draft, const struct ram *ram)
{
	struct memory_range *range = must_alloc(ram->ranges * sizeof(*range));
	unsigned int i;

	for (i = 0; i < ram->ranges; i++) {
		range[i].start = ram->range[i].start;
		range[i].end = ram->range[i].end;
		range[i].type = RANGE_RAM;
	}
	draft->info.memory_range = range;
	draft->info.memory_ranges = ram->ranges;
}

static void add_part(struct draft *draft, const char *what, const char *name,
		     unsigned long long start, unsigned long long size)
{
	struct plan *plan = draft->plan;
	struct plan_part part = { what, name, start, start +
				  round_up(size, draft->machine.page_size) };
	unsigned int i = plan->parts++;

	for (; i && plan->part[i - 1].start > start; i--)
		plan->part[i] = plan->part[i - 1];
	plan->part[i] = part;
}

/* Memory that an address of kexec can name, and a range of it that is RAM. */
static int place_kernel(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	const struct ram *ram = &draft->plan->ram;
	unsigned long long page = draft->machine.page_size;
	unsigned long long start = bundle->load_start / page * page;
	unsigned long long end = round_up(bundle->load_end, page);
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		if (start >= ram->range[i].start && end <= ram->range[i].end)
			break;
	if (i == ram->ranges || end > KSEG0_SIZE)
		return report("the kernel goes to 0x%llx-0x%llx, which is not all RAM of this device; its RAM begins at 0x%llx and has %llu bytes",
			      start, end - 1, ram->range[0].start,
			      ram_total(ram));
	add_segment_phys_virt(&draft->info, kernel_buffer, 0, start,
			      end - start, 0);
	add_part(draft, "kernel", bundle_find(bundle, BUNDLE_KERNEL)->name,
		 start, end - start);
	return 0;
}

static int read_head(const struct draft *draft, const struct bundle_file *file,
		     struct map_file *map)
{
	int fd = bundle_open_file(draft->bundle, file);

	if (fd < 0)
		return -1;
	files_read(fd, map->head, sizeof(map->head));
	close(fd);
	return 0;
}

static int add_file(struct draft *draft, const struct bundle_file *file)
{
	unsigned int i = draft->files.nr;
	struct map_file *map = &draft->files.file[i];
	bool rootfs = file->role == BUNDLE_ROOTFS;

	if (i == MAP_FILE_MAX)
		return report("%s is one map file too many; kexec takes %d",
			      file->name, MAP_FILE_MAX);
	*map = (struct map_file) {
		.arg = file->name,
		.path = (char *)file->name,
		.reserve = true,
		.automatic = rootfs || file->automatic,
		.addr = file->addr,
		.size = rootfs && draft->plan->numbers ?
			round_up(file->size, PHRAM_UNIT) : file->size,
		.data = &file_buffers[i],
		.fd = -1,
	};
	draft->source[i] = file;
	draft->files.nr++;
	return read_head(draft, file, map);
}

static int add_files(struct draft *draft)
{
	const struct bundle *bundle = draft->bundle;
	unsigned int i;

	if (add_file(draft, bundle_find(bundle, BUNDLE_ROOTFS)))
		return -1;
	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role == BUNDLE_MAP &&
		    add_file(draft, &bundle->file[i]))
			return -1;
	return 0;
}

static int read_dtb(struct draft *draft)
{
	const struct bundle_file *file = bundle_find(draft->bundle, BUNDLE_DTB);
	int fd;

	if (file->size > DTB_MAX)
		return report("%s: %llu bytes are no device tree; %d is the most",
			      file->name, file->size, DTB_MAX);
	fd = bundle_open_file(draft->bundle, file);
	if (fd < 0)
		return -1;
	draft->dtb = must_alloc(file->size);
	draft->dtb_size = files_read(fd, draft->dtb, file->size);
	close(fd);
	return dt_check(draft->dtb, draft->dtb_size, file->name) ||
		dt_reserved(draft->dtb, &draft->reserved,
			    &draft->space.reserved_nr) ? -1 : 0;
}

/* The form with every number: the address of the rootfs is ours to choose, as
 * kexec would, but in units of phram.
 */
static int place_rootfs(struct draft *draft)
{
	struct map_file_machine machine = draft->machine;
	struct map_file_space space = draft->space;
	struct map_files rootfs = draft->files;

	machine.page_size = PHRAM_UNIT;
	space.machine = &machine;
	rootfs.nr = 1;
	if (map_files_place_auto(&rootfs, &space))
		return report("%s", rootfs.error);
	draft->files.file[0].addr = rootfs.file[0].addr;
	draft->files.file[0].automatic = false;
	return 0;
}

static int place_files(struct draft *draft)
{
	unsigned int i;

	draft->space.reserved = draft->reserved;
	if (map_files_place_fixed(&draft->files, &draft->space))
		return refuse_files(draft);
	if (draft->plan->numbers && place_rootfs(draft))
		return -1;
	if (map_files_place_auto(&draft->files, &draft->space))
		return refuse_files(draft);
	for (i = 0; i < draft->files.nr; i++)
		add_part(draft, draft->source[i]->role == BUNDLE_ROOTFS ?
			 "rootfs" : "map file", draft->source[i]->name,
			 draft->files.file[i].addr, draft->files.file[i].size);
	return 0;
}

/* The tree that kexec will make of it: its size counts, and whether it can. */
static int grow_dtb(struct draft *draft)
{
	struct dt_region region[MAP_FILE_MAX];
	char *before = draft->dtb;
	unsigned int i;
	int result;

	for (i = 0; i < draft->files.nr; i++) {
		const struct map_file *file = &draft->files.file[i];

		region[i] = (struct dt_region) {
			.arg = file->arg,
			.addr = file->addr,
			.size = draft->source[i]->size,
			.span = round_up(file->size, draft->machine.page_size),
			.label = i || draft->plan->numbers ? NULL :
				draft->bundle->label,
			.root = !i && draft->plan->root_by_tree,
		};
	}
	dt_add_ram(&draft->dtb, &draft->dtb_size, draft->info.memory_range,
		   draft->info.memory_ranges);
	if (draft->dtb != before)
		free(before);
	before = draft->dtb;
	result = dt_reserve_regions(&draft->dtb, &draft->dtb_size, region,
				    draft->files.nr);
	if (draft->dtb != before)
		free(before);
	draft->dtb_size += strlen(draft->plan->cmdline) + BOOTARGS_ROOM;
	return result ? -1 : 0;
}

static int place_buffers(struct draft *draft)
{
	unsigned long long page = draft->machine.page_size;
	unsigned long long end = round_up(draft->bundle->load_end, page);
	unsigned long long addr;

	if (map_files_find_room(&draft->files, &draft->space,
				"the command line", CMDLINE_BUFFER, 0,
				BUFFERS_END, &addr))
		return refuse_files(draft);
	add_segment_phys_virt(&draft->info, cmdline_buffer, 0, addr, page, 0);
	add_part(draft, "command line", NULL, addr, CMDLINE_BUFFER);

	if (map_files_find_dtb(&draft->files, &draft->space, draft->dtb_size,
			       end, BUFFERS_END, &addr))
		return refuse_files(draft);
	add_segment_phys_virt(&draft->info, dtb_buffer, 0, addr,
			      round_up(draft->dtb_size, page), 0);
	add_part(draft, "device tree",
		 bundle_find(draft->bundle, BUNDLE_DTB)->name, addr,
		 draft->dtb_size);

	if (map_files_check_image(&draft->files, &draft->space))
		return refuse_files(draft);
	return 0;
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
	const struct map_file *rootfs = &draft->files.file[0];

	if (!draft->plan->numbers)
		return must_print("%s", "");
	return must_print("mtdparts=%s:%llu(%s) phram.phram=%s,%llu,%llu memmap=%llu$%llu ",
			  PHRAM_NAME, draft->source[0]->size,
			  draft->bundle->label, PHRAM_NAME, rootfs->addr,
			  rootfs->size, rootfs->size, rootfs->addr);
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
	const struct map_file *file = &draft->files.file[i];
	char *path = path_of(draft, draft->source[i]);
	struct plan *plan = draft->plan;

	add_arg(plan, must_print("--map-file"));
	if (i || plan->numbers)
		add_arg(plan, file->automatic ?
			must_print("%s@auto", path) :
			must_print("%s@0x%llx", path, file->addr));
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
	for (i = 0; i < draft->files.nr; i++)
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

static int make_plan(struct draft *draft, const struct ram *ram)
{
	set_machine(draft);
	set_ram(draft, ram);
	if (choose_form(draft) || place_kernel(draft) || add_files(draft) ||
	    read_dtb(draft) || place_files(draft) || make_cmdline(draft) ||
	    grow_dtb(draft) || place_buffers(draft))
		return -1;
	make_argv(draft);
	return 0;
}

int plan_make(const struct bundle *bundle, const struct ram *ram,
	      const struct plan_options *options, struct plan *plan)
{
	struct draft draft = {
		.bundle = bundle, .options = options, .plan = plan,
	};
	int result;

	memset(plan, 0, sizeof(*plan));
	plan->ram = *ram;
	result = make_plan(&draft, ram);
	free(draft.info.segment);
	free(draft.info.memory_range);
	free(draft.reserved);
	free(draft.dtb);
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
