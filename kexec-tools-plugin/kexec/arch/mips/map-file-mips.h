/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map-file-mips.h - --map-file on MIPS
 */
#ifndef MAP_FILE_MIPS_H
#define MAP_FILE_MIPS_H

#include <stdbool.h>
#include <sys/types.h>

struct kexec_info;
struct map_file_part;
struct map_file_space;
struct map_files;

/* add_buffer() puts nothing at or above it in an image for MIPS */
#define MIPS_BUFFER_MAX	0x0fffffff

void mips_place_map_files(struct map_files *files,
			  struct map_file_space *space,
			  struct kexec_info *info, bool kernel_is_64_bit,
			  int buffers);
void mips_describe_map_files(struct map_files *files,
			     struct map_file_space *space, char **dtb,
			     off_t *dtb_size);
unsigned long mips_add_buffer(struct map_files *files,
			      const struct map_file_space *space,
			      const char *what, const void *buf,
			      unsigned long size, unsigned long min);
unsigned long mips_add_dtb(struct map_files *files,
			   const struct map_file_space *space,
			   const char *dtb, unsigned long dtb_size,
			   unsigned long min);
void mips_check_map_files(struct map_files *files,
			  const struct map_file_space *space);
void mips_print_plan(const struct map_files *files,
		     const struct map_file_space *space,
		     const struct map_file_part *part, unsigned int parts);

#endif /* MAP_FILE_MIPS_H */
