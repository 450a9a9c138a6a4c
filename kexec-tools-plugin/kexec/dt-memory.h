/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dt-memory.h - what a device tree says of the memory of the new kernel
 */
#ifndef DT_MEMORY_H
#define DT_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

struct memory_range;

/**
 * struct dt_region - a region of RAM that the new kernel must leave alone
 * @name: what is there, for messages
 * @addr: physical address, in bytes
 * @size: in bytes; the kernel rounds it up to whole pages
 * @label: name of the MTD that the new kernel makes of it, or NULL for none
 */
struct dt_region {
	const char *name;
	unsigned long long addr;
	unsigned long long size;
	const char *label;
};

int dt_check(const char *dtb, off_t dtb_size, const char *name);
int dt_add_ram(char **dtb, off_t *dtb_size, const struct memory_range *range,
	       int ranges);
int dt_reserve(char **dtb, off_t *dtb_size, const struct dt_region *region,
	       unsigned int regions);

#endif /* DT_MEMORY_H */
