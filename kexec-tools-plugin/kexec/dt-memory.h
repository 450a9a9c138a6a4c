/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dt-memory.h - what a device tree says of the memory of the new kernel
 */
#ifndef DT_MEMORY_H
#define DT_MEMORY_H

#include <stdbool.h>
#include <sys/types.h>

struct memory_range;

/**
 * struct dt_region - a region of RAM that the new kernel must leave alone
 * @arg: the --map-file option that it is from, for messages
 * @addr: physical address, in bytes
 * @size: in bytes, as the MTD has it
 * @span: in bytes, the whole pages that it takes
 * @label: name of the MTD that the new kernel makes of it, or NULL for none
 * @root: whether that MTD is the new kernel's root device
 */
struct dt_region {
	const char *arg;
	unsigned long long addr;
	unsigned long long size;
	unsigned long long span;
	const char *label;
	bool root;
};

int dt_add_ram(char **dtb, off_t *dtb_size, const struct memory_range *range,
	       int ranges);
int dt_check_ram(const char *dtb, const char *file, const char *tree,
		 const struct memory_range *range, int ranges);
int dt_reserved(const char *dtb, struct memory_range **range,
		unsigned int *ranges);
int dt_reserve_regions(char **dtb, off_t *dtb_size,
		       const struct dt_region *region, unsigned int regions);

#endif /* DT_MEMORY_H */
