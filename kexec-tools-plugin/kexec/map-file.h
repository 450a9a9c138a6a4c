/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map-file.h - files put into the memory of the new kernel as they are
 */
#ifndef MAP_FILE_H
#define MAP_FILE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct kexec_info;
struct kexec_segment;
struct memory_range;

/* More than fit beside a kernel in the 16 segments of an image */
#define MAP_FILE_MAX		16

#define MAP_FILE_ERROR_MAX	1024

/* How much of an option or of a name a message repeats, in bytes */
#define MAP_FILE_SHOWN_MAX	256

/* How many bytes at the start of a file tell whether it is a device tree */
#define MAP_FILE_HEAD_MAX	4

/**
 * struct map_file_window - virtual addresses that show physical ones
 * @name: how the machine's documentation calls the window
 * @start: its first virtual address
 * @last: its last one
 * @mask: the bits of a virtual address that are the physical one
 */
struct map_file_window {
	const char *name;
	unsigned long long start;
	unsigned long long last;
	unsigned long long mask;
};

/**
 * struct map_file_machine - what the option has to know of the machine
 * @page_size: unit of segments and reservations, in bytes, a power of two
 * @vectors_end: end (first byte after) of the physical addresses from 0 on that
 *	the new kernel may write to before it reads its device tree
 * @reach_end: end (first byte after) of the physical addresses that both the
 *	running kernel's copy loop and the new kernel reach without a mapping
 * @reach_name: how the machine's documentation calls that window
 * @window: virtual addresses that a user may take for physical ones, in the
 *	order in which they are to be looked at; ends with one without a name
 * @segments_max: how many segments the kernel takes in an image
 * @segments_after: how many of them come after the map files
 * @image_max: how many bytes it takes, all segments together
 */
struct map_file_machine {
	unsigned long long page_size;
	unsigned long long vectors_end;
	unsigned long long reach_end;
	const char *reach_name;
	const struct map_file_window *window;
	int segments_max;
	int segments_after;
	unsigned long long image_max;
};

/**
 * struct map_file - one --map-file option
 * @arg: the option as the user gave it, for messages
 * @path: the file's name
 * @label: name of the MTD that the new kernel makes of it, or NULL
 * @root: whether that MTD is the new kernel's root device
 * @reserve: whether the region is reserved in the new kernel's device tree
 * @automatic: whether @addr is ours to choose
 * @addr: physical address, in bytes
 * @size: size of the file in bytes, 0 until it is opened
 * @data: the file's content, NULL until it is opened. When it is mapped, a
 *	file that gets shorter takes pages away: do not read it, see @head.
 * @head: the first bytes of the file, zeros after its end
 * @fd: the file when its content is mapped, else -1
 */
struct map_file {
	const char *arg;
	char *path;
	char *label;
	bool root;
	bool reserve;
	bool automatic;
	unsigned long long addr;
	unsigned long long size;
	const void *data;
	unsigned char head[MAP_FILE_HEAD_MAX];
	int fd;
};

/**
 * struct map_files - all --map-file options of a command line, in its order
 * @nr: how many entries of @file are in use
 * @file: the files
 * @error: after a failure, one line that names the option, the reason and a
 *	remedy, without a newline
 */
struct map_files {
	unsigned int nr;
	struct map_file file[MAP_FILE_MAX];
	char error[MAP_FILE_ERROR_MAX];
};

/**
 * struct map_file_space - where something can be put
 * @machine: the machine
 * @info: the image so far, and the System RAM of the running kernel, in order
 *	of addresses, each with @end as the first byte after
 * @reserved: what the new kernel's device tree reserves, in any order, each
 *	with @end as the first byte after
 * @reserved_nr: how many there are of these
 */
struct map_file_space {
	const struct map_file_machine *machine;
	struct kexec_info *info;
	const struct memory_range *reserved;
	unsigned int reserved_nr;
};

/**
 * struct map_file_part - a part of the image that is no map file
 * @what: what it is
 * @path: the file that it is from, or NULL
 * @addr: physical address of its segment, in bytes
 */
struct map_file_part {
	const char *what;
	const char *path;
	unsigned long long addr;
};

int map_files_add(struct map_files *files, const char *arg);
int map_files_refuse(struct map_files *files, const struct map_file *file,
		     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

int map_files_open(struct map_files *files,
		   const struct map_file_machine *machine);
int map_files_check_unchanged(struct map_files *files);

int map_files_place_fixed(struct map_files *files,
			  const struct map_file_space *space);
int map_files_place_auto(struct map_files *files,
			 const struct map_file_space *space);
int map_files_find_room(struct map_files *files,
			const struct map_file_space *space, const char *what,
			unsigned long long size, unsigned long long min,
			unsigned long long end, unsigned long long *addr);
int map_files_find_dtb(struct map_files *files,
		       const struct map_file_space *space,
		       unsigned long long size, unsigned long long min,
		       unsigned long long end, unsigned long long *addr);
int map_files_check_image(struct map_files *files,
			  const struct map_file_space *space);
const struct map_file *map_files_find(const struct map_files *files,
				      const struct kexec_segment *segment);
bool map_files_next_gap(const struct map_file_space *space,
			unsigned long long from, struct memory_range *gap);

void map_files_print_plan(FILE *to, const struct map_files *files,
			  const struct map_file_space *space,
			  const struct map_file_part *part,
			  unsigned int parts);

#endif /* MAP_FILE_H */
