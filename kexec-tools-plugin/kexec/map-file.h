/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map-file.h - files put into the memory of the new kernel as they are
 */
#ifndef MAP_FILE_H
#define MAP_FILE_H

#include <stdbool.h>
#include <stdint.h>

struct kexec_info;

/* More than fit beside a kernel in the 16 segments of an image */
#define MAP_FILE_MAX		16

#define MAP_FILE_ERROR_MAX	1024

/**
 * struct map_file_machine - what the option has to know of the machine
 * @page_size: unit of segments and reservations, in bytes, a power of two
 * @reach_end: end (first byte after) of the physical addresses that both the
 *	running kernel's copy loop and the new kernel reach without a mapping
 * @reach_name: how the machine's documentation calls that window
 * @segments_max: how many segments the kernel takes in an image
 * @segments_after: how many of them come after the map files
 * @image_max: how many bytes it takes, all segments together
 */
struct map_file_machine {
	unsigned long long page_size;
	unsigned long long reach_end;
	const char *reach_name;
	int segments_max;
	int segments_after;
	unsigned long long image_max;
};

/**
 * struct map_file - one --map-file option
 * @arg: the option as the user gave it, for messages
 * @path: the file's name
 * @label: name of the MTD that the new kernel makes of it, or NULL
 * @reserve: whether the region is reserved in the new kernel's device tree
 * @addr: physical address, in bytes
 * @size: size of the file in bytes, 0 until it is opened
 * @data: the file's content, mapped read-only, NULL until it is opened
 */
struct map_file {
	const char *arg;
	char *path;
	char *label;
	bool reserve;
	unsigned long long addr;
	unsigned long long size;
	const void *data;
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

int map_files_add(struct map_files *files, const char *arg);
int map_files_open(struct map_files *files);
int map_files_check(struct map_files *files,
		    const struct map_file_machine *machine,
		    const struct kexec_info *info);
int map_files_check_image(struct map_files *files,
			  const struct map_file_machine *machine,
			  const struct kexec_info *info,
			  unsigned long long dtb_addr);
void map_files_add_segments(const struct map_files *files,
			    struct kexec_info *info);

#endif /* MAP_FILE_H */
