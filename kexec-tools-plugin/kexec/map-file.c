// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file.c - files put into the memory of the new kernel as they are
 *
 * --map-file=FILE@ADDRESS[,label=NAME][,no-reserve] adds FILE to the image as
 * a segment of its own. The file lies at exactly ADDRESS or the load fails:
 * the new kernel, its command line or its device tree name that address, so
 * any other place is as good as none.
 *
 * Nothing in here depends on an architecture. What has to be known of one is
 * in struct map_file_machine.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kexec.h"
#include "map-file.h"

/* phram's own parameter takes names of up to 63 bytes */
#define LABEL_MAX	63

/* How much of an option a message repeats */
#define ARG_SHOWN_MAX	256

static int __attribute__((format(printf, 3, 4)))
refuse(struct map_files *files, const char *arg, const char *fmt, ...)
{
	va_list args;
	int len;

	/* An absurd argument must leave room for the reason */
	len = snprintf(files->error, sizeof(files->error),
		       "--map-file %.*s%s: ", ARG_SHOWN_MAX, arg,
		       strlen(arg) > ARG_SHOWN_MAX ? "..." : "");

	va_start(args, fmt);
	vsnprintf(files->error + len, sizeof(files->error) - len, fmt, args);
	va_end(args);
	return -1;
}

static unsigned long long map_file_end(const struct map_file *file,
				       unsigned long long page_size)
{
	return file->addr + _ALIGN(file->size, page_size);
}

static int suffix_shift(char suffix)
{
	switch (suffix) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/*
 * A number is all of @text: decimal, or hexadecimal after 0x, and at most one
 * of K, M and G. strtoull() alone would also take blanks, signs and octal.
 */
static int parse_number(const char *text, unsigned long long *number)
{
	bool hex = !strncasecmp(text, "0x", 2);
	const char *digits = hex ? text + 2 : text;
	unsigned long long value;
	char *end;
	int shift;

	if (hex ? !isxdigit((unsigned char)*digits) :
		  !isdigit((unsigned char)*digits))
		return -EINVAL;

	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno)
		return -ERANGE;

	shift = suffix_shift(*end);
	if (shift)
		end++;
	if (*end)
		return -EINVAL;
	if (value << shift >> shift != value)
		return -ERANGE;

	*number = value << shift;
	return 0;
}

static int parse_address(struct map_files *files, struct map_file *file,
			 const char *text)
{
	int result;

	if (!*text)
		return refuse(files, file->arg,
			      "no address after the last @; write FILE@ADDRESS");

	result = parse_number(text, &file->addr);
	if (result == -ERANGE)
		return refuse(files, file->arg,
			      "the address %s does not fit in 64 bits", text);
	if (result)
		return refuse(files, file->arg,
			      "\"%s\" is not an address; write a decimal number, or 0x and a hexadecimal one, with K, M or G after it if you like",
			      text);
	return 0;
}

static int parse_label(struct map_files *files, struct map_file *file,
		       const char *name)
{
	const char *c;

	if (file->label)
		return refuse(files, file->arg, "label= is given twice");
	if (!*name)
		return refuse(files, file->arg,
			      "label= is empty; name the MTD that the new kernel makes of the file");
	if (strlen(name) > LABEL_MAX)
		return refuse(files, file->arg,
			      "the label has %zu characters; %d is the most",
			      strlen(name), LABEL_MAX);
	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c))
			return refuse(files, file->arg,
				      "the label holds a character that is not printable ASCII or is a blank");

	file->label = strdup(name);
	if (!file->label)
		return refuse(files, file->arg, "out of memory");
	return 0;
}

static int parse_suboption(struct map_files *files, struct map_file *file,
			   const char *word)
{
	if (!strncmp(word, "label=", strlen("label=")))
		return parse_label(files, file, word + strlen("label="));

	if (!strcmp(word, "no-reserve")) {
		if (!file->reserve)
			return refuse(files, file->arg,
				      "no-reserve is given twice");
		file->reserve = false;
		return 0;
	}

	return refuse(files, file->arg,
		      "unknown option \"%s\"; known are label=NAME and no-reserve",
		      word);
}

/* @tail is what follows the last @; it is cut into words in place. */
static int parse_tail(struct map_files *files, struct map_file *file,
		      char *tail)
{
	char *word = strsep(&tail, ",");

	if (parse_address(files, file, word) < 0)
		return -1;

	while ((word = strsep(&tail, ",")))
		if (parse_suboption(files, file, word) < 0)
			return -1;

	if (file->label && !file->reserve)
		return refuse(files, file->arg,
			      "label= and no-reserve exclude each other: the MTD is made of the reserved region; drop one of the two");
	return 0;
}

static int parse_option(struct map_files *files, struct map_file *file)
{
	char *at;

	file->path = strdup(file->arg);
	if (!file->path)
		return refuse(files, file->arg, "out of memory");

	at = strrchr(file->path, '@');
	if (!at)
		return refuse(files, file->arg,
			      "no address; write FILE@ADDRESS, for example %.*s@100M",
			      ARG_SHOWN_MAX, *file->arg ? file->arg : "FILE");
	if (at == file->path)
		return refuse(files, file->arg,
			      "no file name before the @; write FILE@ADDRESS");

	*at = '\0';
	return parse_tail(files, file, at + 1);
}

static void forget(struct map_file *file)
{
	free(file->path);
	free(file->label);
	memset(file, 0, sizeof(*file));
}

/**
 * map_files_add() - take one --map-file option
 * @files: the options so far; starts as all zeros
 * @arg: FILE@ADDRESS[,label=NAME][,no-reserve]; the last @ divides, so that
 *	the name of a file may hold one. Must stay valid as long as @files.
 *
 * The text is checked, the file is not looked at.
 *
 * Return: 0, or -1 with the reason in @files->error and the list unchanged.
 */
int map_files_add(struct map_files *files, const char *arg)
{
	struct map_file *file = &files->file[files->nr];
	unsigned int i;

	if (files->nr == MAP_FILE_MAX)
		return refuse(files, arg,
			      "more than %d map files; an image has no room for more",
			      MAP_FILE_MAX);

	memset(file, 0, sizeof(*file));
	file->arg = arg;
	file->reserve = true;
	if (parse_option(files, file) < 0) {
		forget(file);
		return -1;
	}

	for (i = 0; file->label && i < files->nr; i++) {
		if (!files->file[i].label ||
		    strcmp(files->file[i].label, file->label))
			continue;
		forget(file);
		return refuse(files, arg,
			      "%.*s has the same label; give each a name of its own",
			      ARG_SHOWN_MAX, files->file[i].path);
	}

	files->nr++;
	return 0;
}

static int map_file_open(struct map_files *files, struct map_file *file,
			 int fd)
{
	struct stat stat;
	void *data;

	if (fstat(fd, &stat) < 0)
		return refuse(files, file->arg, "cannot stat the file: %s",
			      strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return refuse(files, file->arg,
			      "not a regular file; copy what you want to map into one");
	if (!stat.st_size)
		return refuse(files, file->arg,
			      "the file is empty; there is nothing to map");
	if ((unsigned long long)stat.st_size > SIZE_MAX)
		return refuse(files, file->arg,
			      "the file is larger than the address space");

	/* Mapped, not read: a copy would take as much memory as the file */
	data = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return refuse(files, file->arg, "cannot map the file: %s",
			      strerror(errno));

	file->data = data;
	file->size = stat.st_size;
	return 0;
}

/**
 * map_files_open() - look at the files and map their content
 * @files: the options
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_open(struct map_files *files)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];
		int fd, result;

		/* A FIFO without a writer must not block */
		fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return refuse(files, file->arg, "cannot open the file: %s",
				      strerror(errno));
		result = map_file_open(files, file, fd);
		close(fd);
		if (result < 0)
			return -1;
	}
	return 0;
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

static int check_place(struct map_files *files, const struct map_file *file,
		       const struct map_file_machine *machine,
		       const struct kexec_info *info)
{
	unsigned long long page = machine->page_size;
	unsigned long long end;

	if (file->addr % page)
		return refuse(files, file->arg,
			      "the address 0x%llx is not a multiple of the page size %llu; the nearest that are: 0x%llx and 0x%llx",
			      file->addr, page, file->addr - file->addr % page,
			      file->addr - file->addr % page + page);

	end = map_file_end(file, page);
	if (end < file->addr)
		return refuse(files, file->arg,
			      "its %llu bytes would end beyond 64 bits; System RAM is %s",
			      file->size, ram_text(info));
	if (!in_ram(info, file->addr, end))
		return refuse(files, file->arg,
			      "0x%llx-0x%llx is not all System RAM, which is %s",
			      file->addr, end - 1, ram_text(info));
	if (end > machine->reach_end)
		return refuse(files, file->arg,
			      "0x%llx-0x%llx ends above %s; end below 0x%llx",
			      file->addr, end - 1, machine->reach_name,
			      machine->reach_end);
	return 0;
}

static int check_overlap(struct map_files *files, const struct map_file *file,
			 unsigned long long end, const char *what,
			 unsigned long long other_start,
			 unsigned long long other_end)
{
	unsigned long long from = file->addr;
	unsigned long long to = end;

	if (from < other_start)
		from = other_start;
	if (to > other_end)
		to = other_end;
	if (from >= to)
		return 0;
	return refuse(files, file->arg,
		      "0x%llx-0x%llx overlaps %.*s at 0x%llx-0x%llx by %llu bytes; the first address after it is 0x%llx",
		      file->addr, end - 1, ARG_SHOWN_MAX, what, other_start,
		      other_end - 1,
		      to - from, other_end);
}

static int check_overlaps(struct map_files *files, unsigned int nr,
			  const struct map_file_machine *machine,
			  const struct kexec_info *info)
{
	const struct map_file *file = &files->file[nr];
	unsigned long long end = map_file_end(file, machine->page_size);
	unsigned int i;
	int j;

	for (i = 0; i < nr; i++) {
		const struct map_file *other = &files->file[i];

		if (check_overlap(files, file, end, other->path, other->addr,
				  map_file_end(other, machine->page_size)) < 0)
			return -1;
	}
	for (j = 0; j < info->nr_segments; j++) {
		const struct kexec_segment *segment = &info->segment[j];
		unsigned long long start = (uintptr_t)segment->mem;

		if (check_overlap(files, file, end, "the kernel", start,
				  start + segment->memsz) < 0)
			return -1;
	}
	return 0;
}

/**
 * map_files_check() - see whether every file may lie where it was asked for
 * @files: the options, opened
 * @machine: the machine
 * @info: the image so far, with the kernel as its only segments, and the
 *	System RAM of the running kernel
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_check(struct map_files *files,
		    const struct map_file_machine *machine,
		    const struct kexec_info *info)
{
	int segments = info->nr_segments + files->nr + machine->segments_after;
	unsigned int i;

	if (files->nr && segments > machine->segments_max)
		return refuse(files, files->file[files->nr - 1].arg,
			      "the image would have %d segments, the kernel takes %d; map %d less",
			      segments, machine->segments_max,
			      segments - machine->segments_max);

	for (i = 0; i < files->nr; i++)
		if (check_place(files, &files->file[i], machine, info) < 0 ||
		    check_overlaps(files, i, machine, info) < 0)
			return -1;
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

static unsigned long long image_size(const struct kexec_info *info)
{
	unsigned long long size = 0;
	int i;

	for (i = 0; i < info->nr_segments; i++)
		size += info->segment[i].memsz;
	return size;
}

/* The magic number of a blob: Devicetree Specification, release v0.4, 5.2 */
static bool looks_like_dtb(const struct map_file *file)
{
	return file->size >= 4 && !memcmp(file->data, "\xd0\x0d\xfe\xed", 4);
}

/**
 * map_files_check_image() - see whether the kernel will take the whole image
 * @files: the options, opened; none is fine
 * @machine: the machine
 * @info: the image, complete
 * @dtb_addr: physical address of the device tree for the new kernel
 *
 * The kernel answers an image that is too large with a bare EINVAL, and takes
 * the first segment that begins like a device tree for the one to hand over.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_check_image(struct map_files *files,
			  const struct map_file_machine *machine,
			  const struct kexec_info *info,
			  unsigned long long dtb_addr)
{
	unsigned long long size = image_size(info);
	unsigned int i;

	if (!files->nr)
		return 0;
	if (size > machine->image_max)
		return refuse(files, largest(files)->arg,
			      "the image has %llu bytes in all, the kernel takes %llu (half of its RAM); map %llu bytes less",
			      size, machine->image_max,
			      size - machine->image_max);

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];

		if (looks_like_dtb(file) && file->addr < dtb_addr)
			return refuse(files, file->arg,
				      "the file begins like a device tree and lies below the real one at 0x%llx, so the kernel would take it for that; map it above",
				      dtb_addr);
	}
	return 0;
}

/**
 * map_files_add_segments() - add the files to the image
 * @files: the options, opened and checked
 * @info: the image
 *
 * add_segment_phys_virt() takes physical addresses as they are; add_segment()
 * would clear bit 31 of them on MIPS.
 */
void map_files_add_segments(const struct map_files *files,
			    struct kexec_info *info)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];

		dbgprintf("map file %s: %llu bytes at 0x%llx\n",
			  file->path, file->size, file->addr);
		add_segment_phys_virt(info, file->data, file->size, file->addr,
				      file->size, 0);
	}
}
