// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-map-file.c - options of --map-file, and the place of their files
 *
 * The input is text: an option a line, then, after a line that is "--", bytes
 * that choose the machine, the kernel, the sizes of the files and what the
 * device tree reserves. Whatever it is, the code has to decide as the simple
 * models here do, which try everything in turn.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kexec.h"
#include "map-file.h"
#include "fuzz.h"

#define SEPARATOR	"--"

#define LABEL_MAX	63

#define RAM_MAX		3
#define RESERVED_MAX	8
#define BUSY_MAX	64

#define VECTORS_END	0x5000
#define KERNEL_ADDR	0x100000ULL

/* Where add_buffer() ends on MIPS */
#define BUFFER_END	0x10000000ULL

static const char dtb_magic[MAP_FILE_HEAD_MAX] = "\xd0\x0d\xfe\xed";
static const char no_magic[MAP_FILE_HEAD_MAX] = "\x7f" "ELF";

/* The content of a file or part is known by its address alone */
static const char contents[MAP_FILE_MAX];
static const char command_line[] = "console=ttyS0";

static const struct map_file_window windows[] = {
	{ "KSEG0", 0x80000000ULL, 0x9fffffffULL, 0x1fffffff },
	{ "KSEG1", 0xa0000000ULL, 0xbfffffffULL, 0x1fffffff },
	{ "XKPHYS", 0x8000000000000000ULL, 0xbfffffffffffffffULL,
	  0x07ffffffffffffffULL },
	{ NULL, 0, 0, 0 },
};

struct range {
	unsigned long long start;
	unsigned long long end;
};

struct layout {
	unsigned long long reach_end;
	struct range ram[RAM_MAX];
};

static const struct layout layouts[] = {
	/* Malta with 128 MiB */
	{ 0x20000000, { { 0, 0x7fff000 } } },
	/* Malta with 512 MiB, half of it high */
	{ 0x20000000, { { 0, 0x10000000 }, { 0x90000000, 0xa0000000 } } },
	/* ath79 with 64 MiB */
	{ 0x20000000, { { 0, 0x4000000 } } },
	/* Malta with 64 bits and 2.5 GiB */
	{ ~0ULL, { { 0, 0x10000000 }, { 0x90000000, 0xa0000000 },
		   { 0x100000000, 0x180000000 } } },
};

/* --- the options ----------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static bool model_address(const char *text, unsigned long long *addr)
{
	unsigned __int128 value = 0;
	const char *start;
	int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	for (start = text; digit(*text) < base; text++) {
		value = value * base + digit(*text);
		if (value >> 64)
			return false;
	}
	if (text == start)
		return false;
	if (*text) {
		static const char suffix[] = "KMG";
		const char *found = strchr(suffix, *text++);

		if (!found)
			return false;
		value <<= 10 * (found - suffix + 1);
	}
	*addr = value;
	return !*text && !(value >> 64);
}

/**
 * struct option - what an option says, as the model sees it
 */
struct option {
	size_t path_len;
	char label[LABEL_MAX + 1];
	bool root;
	bool no_reserve;
	bool automatic;
	unsigned long long addr;
};

static bool model_label(struct option *option, const char *name)
{
	size_t i, len = strlen(name);

	if (option->label[0] || !len || len > LABEL_MAX)
		return false;
	for (i = 0; i < len; i++)
		if (name[i] < 0x21 || name[i] > 0x7e)
			return false;
	strcpy(option->label, name);
	return true;
}

static bool model_word(struct option *option, const char *word)
{
	bool *flag;

	if (!strncmp(word, "label=", 6))
		return model_label(option, word + 6);
	if (!strcmp(word, "root"))
		flag = &option->root;
	else if (!strcmp(word, "no-reserve"))
		flag = &option->no_reserve;
	else
		return false;
	if (*flag)
		return false;
	*flag = true;
	return true;
}

static bool model_words(struct option *option, char *tail)
{
	char *next = strchr(tail, ',');

	if (next)
		*next++ = '\0';
	option->automatic = !strcmp(tail, "auto");
	if (!option->automatic && !model_address(tail, &option->addr))
		return false;
	while (next) {
		char *word = next;

		next = strchr(word, ',');
		if (next)
			*next++ = '\0';
		if (!model_word(option, word))
			return false;
	}
	return true;
}

static bool model_fits_others(const struct option *option,
			      const struct map_files *files)
{
	unsigned int i;

	if (files->nr == MAP_FILE_MAX)
		return false;
	for (i = 0; i < files->nr; i++) {
		const struct map_file *other = &files->file[i];

		if (option->root && other->root)
			return false;
		if (option->label[0] && other->label &&
		    !strcmp(option->label, other->label))
			return false;
	}
	return true;
}

/* Whether @arg is one that README.md allows after those of @files. */
static bool model_option(struct option *option, const char *arg,
			 const struct map_files *files)
{
	const char *at = strrchr(arg, '@');
	char *tail;
	bool good;

	memset(option, 0, sizeof(*option));
	if (!at || at == arg)
		return false;
	option->path_len = at - arg;
	tail = strdup(at + 1);
	good = model_words(option, tail);
	free(tail);
	if (!good || (option->root && !option->label[0]) ||
	    (option->no_reserve && (option->label[0] || option->automatic)))
		return false;
	return model_fits_others(option, files);
}

static void check_error(const struct map_files *files)
{
	static const char start[] = "--map-file ";
	size_t i, len = strnlen(files->error, sizeof(files->error));

	CHECK(len < sizeof(files->error));
	CHECK(!strncmp(files->error, start, strlen(start)));
	CHECK(strstr(files->error, ": "));
	for (i = 0; i < len; i++)
		CHECK(!iscntrl((unsigned char)files->error[i]));
}

static void check_file(const struct map_file *file, const char *arg,
		       const struct option *option)
{
	CHECK(file->arg == arg);
	CHECK(option->path_len > 0);
	CHECK(strlen(file->path) == option->path_len);
	CHECK(!strncmp(file->path, arg, option->path_len));
	CHECK(!strcmp(file->label ? file->label : "", option->label));
	CHECK(!file->label || file->label[0]);
	CHECK(file->root == option->root);
	CHECK(file->reserve == !option->no_reserve);
	CHECK(file->automatic == option->automatic);
	CHECK(file->addr == option->addr);
	CHECK(file->fd == -1 && !file->data && !file->size);
}

/* An address is the same one when it is written in the other form. */
static void check_rewritten(const struct map_file *file)
{
	struct map_files *again = calloc(1, sizeof(*again));
	char arg[32];

	snprintf(arg, sizeof(arg), "f@0x%llX", file->addr);
	CHECK(!map_files_add(again, arg));
	snprintf(arg, sizeof(arg), "f@%llu", file->addr);
	CHECK(!map_files_add(again, arg));
	CHECK(again->file[0].addr == file->addr);
	CHECK(again->file[1].addr == file->addr);
	free(again->file[0].path);
	free(again->file[1].path);
	free(again);
}

static void add_option(struct map_files *files, const char *line, size_t len)
{
	unsigned int nr = files->nr;
	char *arg = strndup(line, len);
	struct option option;
	bool good = model_option(&option, arg, files);
	int result = map_files_add(files, arg);

	CHECK(result == (good ? 0 : -1));
	CHECK(files->nr == nr + good);
	if (good) {
		check_file(&files->file[nr], arg, &option);
		check_rewritten(&files->file[nr]);
	} else {
		check_error(files);
		free(arg);
	}
}

static void add_options(struct map_files *files, struct fuzz_bytes *bytes)
{
	while (bytes->left) {
		const char *line = (const char *)bytes->at;
		size_t len = 0;

		while (len < bytes->left && line[len] && line[len] != '\n')
			len++;
		bytes->at += len;
		bytes->left -= len;
		fuzz_take(bytes, 1);
		if (len == strlen(SEPARATOR) && !memcmp(line, SEPARATOR, len))
			return;
		add_option(files, line, len);
	}
}

/* --- their places ---------------------------------------------------------- */

/**
 * struct model - what is where, for the models
 * @page: page size in bytes
 * @ram: the RAM
 * @ram_nr: how many ranges that are
 * @busy: whole pages that are taken or reserved
 * @busy_nr: how many ranges these are
 * @low: nothing may begin below
 * @high: nothing may end above
 */
struct model {
	unsigned long long page;
	unsigned long long low;
	unsigned long long high;
	struct range ram[RAM_MAX];
	unsigned int ram_nr;
	struct range busy[BUSY_MAX];
	unsigned int busy_nr;
};

static unsigned long long down(const struct model *model,
			       unsigned long long addr)
{
	return addr - addr % model->page;
}

/* Saturates at the highest page. */
static unsigned long long up(const struct model *model,
			     unsigned long long addr)
{
	if (addr > ~0ULL - model->page)
		return down(model, ~0ULL);
	return down(model, addr + model->page - 1);
}

static void add_busy(struct model *model, unsigned long long start,
		     unsigned long long end)
{
	CHECK(model->busy_nr < BUSY_MAX);
	model->busy[model->busy_nr++] = (struct range){ start, end };
}

static bool is_ram(const struct model *model, unsigned long long start,
		   unsigned long long end)
{
	unsigned int i;

	for (i = 0; i < model->ram_nr; i++)
		if (start < end && start >= model->ram[i].start &&
		    end <= model->ram[i].end)
			return true;
	return false;
}

static bool is_busy(const struct model *model, unsigned long long start,
		    unsigned long long end)
{
	unsigned int i;

	for (i = 0; i < model->busy_nr; i++)
		if (start < model->busy[i].end && model->busy[i].start < end)
			return true;
	return false;
}

/**
 * struct search - a place that is looked for
 */
struct search {
	const struct model *model;
	unsigned long long pages;
	unsigned long long min;
	unsigned long long end;
	bool found;
	unsigned long long lowest;
	unsigned long long highest;
};

static void try_place(struct search *search, unsigned long long addr)
{
	unsigned long long end = addr + search->pages;

	if (addr < search->min || end < addr || end > search->end ||
	    addr < search->model->low || end > search->model->high ||
	    !is_ram(search->model, addr, end) ||
	    is_busy(search->model, addr, end))
		return;
	if (!search->found || addr < search->lowest)
		search->lowest = addr;
	if (!search->found || addr > search->highest)
		search->highest = addr;
	search->found = true;
}

static void try_below(struct search *search, unsigned long long end)
{
	end = down(search->model, end);
	if (end >= search->pages)
		try_place(search, end - search->pages);
}

/* The lowest place begins, and the highest ends, where something else does. */
static struct search model_search(const struct model *model,
				  unsigned long long size,
				  unsigned long long min,
				  unsigned long long end)
{
	struct search search = { .model = model, .pages = up(model, size),
				 .min = min, .end = end };
	unsigned int i;

	try_place(&search, up(model, min));
	try_place(&search, up(model, model->low));
	try_below(&search, end);
	try_below(&search, model->high);
	for (i = 0; i < model->ram_nr; i++) {
		try_place(&search, up(model, model->ram[i].start));
		try_below(&search, model->ram[i].end);
	}
	for (i = 0; i < model->busy_nr; i++) {
		try_place(&search, model->busy[i].end);
		try_below(&search, model->busy[i].start);
	}
	return search;
}

/**
 * struct image - what is loaded, and where
 */
struct image {
	struct map_file_machine machine;
	struct kexec_info info;
	struct memory_range ram[RAM_MAX];
	struct memory_range reserved[RESERVED_MAX];
	struct map_file_space space;
	struct model model;
};

static void set_machine(struct image *image, struct fuzz_bytes *bytes)
{
	static const unsigned long pages[] = { 4096, 4096, 16384, 65536 };
	unsigned int choice = fuzz_take(bytes, 1);
	const struct layout *layout = &layouts[choice & 3];
	struct model *model = &image->model;
	unsigned long long ram = 0;
	bool ragged = choice & 0x40;

	model->page = fuzz_page_size = pages[choice >> 4 & 3];
	model->low = VECTORS_END;
	model->high = ~0ULL;
	mem_min = 0;
	mem_max = ~0ULL;
	if (choice & 0x80) {
		model->low = mem_min = 0x1800000;
		model->high = 0x3400000;
		mem_max = model->high - 1;
	}
	while (model->ram_nr < RAM_MAX && layout->ram[model->ram_nr].end) {
		struct range range = layout->ram[model->ram_nr];

		if (ragged) {
			range.start += 0x456;
			range.end -= 0x123;
		}
		model->ram[model->ram_nr] = range;
		image->ram[model->ram_nr].start = range.start;
		image->ram[model->ram_nr].end = range.end;
		image->ram[model->ram_nr++].type = RANGE_RAM;
		ram += range.end - range.start;
	}
	image->machine = (struct map_file_machine) {
		.page_size = model->page,
		.vectors_end = VECTORS_END,
		.reach_end = layout->reach_end,
		.reach_name = "what a kernel reaches",
		/* Or none: its entry that ends the list */
		.window = choice & 8 ? &windows[3] : windows,
		.segments_max = 16,
		.segments_after = 2,
		.image_max = ram / 2,
	};
	image->info.memory_range = image->ram;
	image->info.memory_ranges = model->ram_nr;
	image->space.machine = &image->machine;
	image->space.info = &image->info;
}

static void add_part(struct image *image, const char *buf, size_t bufsz,
		     unsigned long long addr, unsigned long long size)
{
	add_segment_phys_virt(&image->info, buf, bufsz, addr, size, 0);
	add_busy(&image->model, addr, addr + up(&image->model, size));
}

/* Up to 12 MiB, in one segment or two. */
static unsigned long long add_kernel(struct image *image,
				     struct fuzz_bytes *bytes)
{
	unsigned int choice = fuzz_take(bytes, 1);
	unsigned long long size = (choice & 0xf) * 0x60000 + 0x1234;
	unsigned long long addr = KERNEL_ADDR;

	if (choice & 0x40) {
		add_part(image, no_magic, sizeof(no_magic), addr, size);
		addr += up(&image->model, size);
	}
	add_part(image, choice & 0x20 ? dtb_magic : no_magic,
		 choice & 0x10 ? sizeof(no_magic) : sizeof(no_magic) - 1,
		 addr, size);
	return addr + up(&image->model, size);
}

/* Anything from one byte to the largest that off_t can hold, most of them
 * small.
 */
static void set_contents(struct map_files *files, struct fuzz_bytes *bytes)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];
		unsigned int choice = fuzz_take(bytes, 1);
		unsigned int shift = choice & 0x1f;

		file->size = (fuzz_take(bytes, 2) << shift) + 1;
		if (choice & 0x80)
			file->size = INT64_MAX - file->size;
		file->data = &contents[i];
		file->fd = -1;
		memcpy(file->head, choice & 0x40 && file->size >= 4 ?
		       dtb_magic : no_magic, sizeof(file->head));
	}
}

static void set_reserved(struct image *image, struct fuzz_bytes *bytes)
{
	unsigned int i, nr = fuzz_take(bytes, 1) % (RESERVED_MAX + 1);

	for (i = 0; i < nr; i++) {
		struct memory_range *range = &image->reserved[i];
		unsigned int shift = fuzz_take(bytes, 1) % 49;
		unsigned long long size;

		range->type = RANGE_RESERVED;
		range->start = fuzz_take(bytes, 2) << shift;
		size = (fuzz_take(bytes, 2) << shift) + 1;
		range->end = range->start + size;
		if (range->end < range->start)
			range->end = ~0ULL;
		add_busy(&image->model, down(&image->model, range->start),
			 up(&image->model, range->end));
	}
	image->space.reserved = image->reserved;
	image->space.reserved_nr = nr;
}

static bool model_place_fixed(struct model *model,
			      const struct map_files *files,
			      const struct image *image)
{
	unsigned int i;

	if (files->nr && image->info.nr_segments + files->nr + 2 > 16)
		return false;
	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];
		unsigned long long end = file->addr + up(model, file->size);

		if (file->automatic)
			continue;
		if (file->addr % model->page || end < file->addr ||
		    end > image->machine.reach_end ||
		    file->addr < model->low || end > model->high ||
		    !is_ram(model, file->addr, end) ||
		    is_busy(model, file->addr, end))
			return false;
		add_busy(model, file->addr, end);
	}
	return true;
}

static bool model_place_auto(struct model *model,
			     const struct map_files *files,
			     const struct image *image,
			     unsigned long long *addr)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];
		struct search search;

		addr[i] = file->addr;
		if (!file->automatic)
			continue;
		search = model_search(model, file->size, 0,
				      image->machine.reach_end);
		if (!search.found)
			return false;
		addr[i] = search.highest;
		add_busy(model, addr[i], addr[i] + up(model, file->size));
	}
	return true;
}

/* Where the files have to lie is known now; see that each has its segment. */
static void check_files(const struct map_files *files,
			const struct image *image,
			const unsigned long long *addr)
{
	unsigned int i;
	int j, found = 0;

	for (i = 0; i < files->nr; i++)
		CHECK(files->file[i].addr == addr[i]);
	for (j = 0; j < image->info.nr_segments; j++) {
		const struct kexec_segment *segment = &image->info.segment[j];
		const struct map_file *file = map_files_find(files, segment);

		if (!file)
			continue;
		found++;
		CHECK((uintptr_t)segment->mem == file->addr);
		CHECK(segment->bufsz == file->size);
		CHECK(segment->memsz == up(&image->model, file->size));
	}
	CHECK(found == (int)files->nr);
}

static bool place_files(struct map_files *files, struct image *image,
			struct fuzz_bytes *bytes)
{
	unsigned long long addr[MAP_FILE_MAX];
	struct model before = image->model;
	bool good = model_place_fixed(&image->model, files, image);
	struct model then;
	unsigned int i;

	CHECK(map_files_place_fixed(files, &image->space) == (good ? 0 : -1));
	if (!good) {
		check_error(files);
		return false;
	}

	set_reserved(image, bytes);
	then = image->model;
	good = model_place_auto(&image->model, files, image, addr);
	CHECK(map_files_place_auto(files, &image->space) == (good ? 0 : -1));
	if (!good) {
		check_error(files);
		return false;
	}
	check_files(files, image, addr);

	/* The models may share a mistake with the code: this is plain */
	for (i = 0; i < files->nr; i++) {
		unsigned long long end = addr[i] +
			up(&image->model, files->file[i].size);

		CHECK(end <= image->machine.reach_end);
		CHECK(is_ram(&before, addr[i], end));
		CHECK(!is_busy(&before, addr[i], end));
		CHECK(!files->file[i].automatic ||
		      !is_busy(&then, addr[i], end));
	}
	return true;
}

static bool add_command_line(struct map_files *files, struct image *image,
			     struct fuzz_bytes *bytes, unsigned long long min)
{
	unsigned long long size = (fuzz_take(bytes, 1) << 12) + 1;
	struct search search = model_search(&image->model, size, min,
					    BUFFER_END);
	unsigned long long addr;
	int result;

	if (!files->nr)
		return false;
	result = map_files_find_room(files, &image->space, "the command line",
				     size, min, BUFFER_END, &addr);
	CHECK(result == (search.found ? 0 : -1));
	if (result) {
		check_error(files);
		return false;
	}
	CHECK(addr == search.lowest);
	add_part(image, command_line, sizeof(command_line), search.lowest,
		 size);
	return true;
}

static unsigned long long lowest_look_alike(const struct map_files *files,
					    const struct image *image)
{
	unsigned long long lowest = ~0ULL;
	int i;

	for (i = 0; i < image->info.nr_segments; i++) {
		const struct kexec_segment *segment = &image->info.segment[i];
		const struct map_file *file = map_files_find(files, segment);
		const void *head = file ? (const void *)file->head :
			segment->buf;

		if (segment->bufsz >= sizeof(dtb_magic) &&
		    !memcmp(head, dtb_magic, sizeof(dtb_magic)) &&
		    (uintptr_t)segment->mem < lowest)
			lowest = (uintptr_t)segment->mem;
	}
	return lowest;
}

static bool add_dtb(struct map_files *files, struct image *image,
		    struct fuzz_bytes *bytes, unsigned long long min)
{
	unsigned long long size = (fuzz_take(bytes, 1) << 12) + 1;
	unsigned long long look_alike = lowest_look_alike(files, image);
	unsigned long long end = look_alike < BUFFER_END ? look_alike :
		BUFFER_END;
	unsigned long long addr = ~0ULL, want;
	struct search search;
	int result;

	if (!files->nr)
		return false;
	search = model_search(&image->model, size, min, end);
	want = search.lowest;
	if (!search.found && look_alike < BUFFER_END) {
		search = model_search(&image->model, size, 0, end);
		want = search.highest;
	}

	result = map_files_find_dtb(files, &image->space, size, min,
				    BUFFER_END, &addr);
	CHECK(result == (search.found ? 0 : -1));
	if (result) {
		check_error(files);
		return false;
	}
	CHECK(addr == want);
	CHECK(addr + up(&image->model, size) <= look_alike);
	add_part(image, dtb_magic, sizeof(dtb_magic), addr, size);
	return true;
}

static void check_segments(const struct image *image)
{
	const struct kexec_segment *segment = image->info.segment;
	int i, j, nr = image->info.nr_segments;

	for (i = 0; i < nr; i++) {
		uintptr_t start = (uintptr_t)segment[i].mem;

		CHECK(start % image->model.page == 0);
		CHECK(is_ram(&image->model, start, start + segment[i].memsz));
		for (j = 0; j < i; j++)
			CHECK(start >= (uintptr_t)segment[j].mem +
			      segment[j].memsz ||
			      (uintptr_t)segment[j].mem >=
			      start + segment[i].memsz);
	}
}

static void check_size(struct map_files *files, const struct image *image)
{
	unsigned long long size = 0;
	int i, result;

	for (i = 0; i < image->info.nr_segments; i++)
		size += image->info.segment[i].memsz;
	result = map_files_check_image(files, &image->space);
	CHECK(result == (!files->nr || size <= image->machine.image_max ?
			 0 : -1));
	if (result)
		check_error(files);
}

static void print_plan(const struct map_files *files,
		       const struct image *image)
{
	static const struct map_file_part part[] = {
		{ .what = "kernel", .path = "vmlinux" },
		{ .what = "command line", .addr = KERNEL_ADDR },
	};
	static FILE *null;

	if (!null)
		null = fopen("/dev/null", "w");
	map_files_print_plan(null, files, &image->space, part, 2);
}

static void place(struct map_files *files, struct fuzz_bytes *bytes)
{
	struct image *image = calloc(1, sizeof(*image));
	unsigned long long min;

	set_machine(image, bytes);
	min = add_kernel(image, bytes);
	set_contents(files, bytes);
	if (place_files(files, image, bytes) &&
	    add_command_line(files, image, bytes, min) &&
	    add_dtb(files, image, bytes, min))
		check_size(files, image);
	check_segments(image);
	print_plan(files, image);
	free(image->info.segment);
	free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	struct map_files *files = calloc(1, sizeof(*files));
	unsigned int i;

	add_options(files, &bytes);
	place(files, &bytes);

	for (i = 0; i < files->nr; i++) {
		free((char *)files->file[i].arg);
		free(files->file[i].path);
		free(files->file[i].label);
	}
	free(files);
	return 0;
}
