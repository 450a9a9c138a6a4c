/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map-file.h - files placed in the memory of the new kernel as they are
 */
#ifndef MAP_FILE_H
#define MAP_FILE_H

#include <stdint.h>
#include <sys/types.h>

struct kexec_info;

/* The map file that is to be the root device of the new kernel, or NULL */
extern const struct map_file *map_file_root;

int cell_count(const char *dtb, int node, const char *name, int missing);
void *put_cells(void *cell, uint64_t number, int cells);
void map_file_add(const char *arg);
void map_files_load(struct kexec_info *info, char **dtb, off_t *dtb_size,
		    unsigned long long max, int buffers);
void map_files_check(const struct kexec_info *info);
void map_files_check_dtb(unsigned long dtb_addr);

#endif /* MAP_FILE_H */
