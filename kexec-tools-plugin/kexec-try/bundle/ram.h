/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ram.h - the RAM of a device
 */
#ifndef TRY_RAM_H
#define TRY_RAM_H

#include <stdbool.h>

/* As kexec-tools, kexec/arch/mips/kexec-mips.h, MAX_MEMORY_RANGES */
#define RAM_RANGES_MAX	64

/* Physical addresses: of the first byte, and of the first one after */
struct ram_range {
	unsigned long long start;
	unsigned long long end;
};

/* Ranges by address; those that touch are one */
struct ram {
	unsigned int ranges;
	struct ram_range range[RAM_RANGES_MAX];
};

/**
 * ram_add() - add a range
 * @from: who has it, for the message
 *
 * Return: 0, or -1 with one line on stderr: there are RAM_RANGES_MAX already.
 */
int ram_add(struct ram *ram, const char *from, unsigned long long start,
	    unsigned long long end);

/**
 * ram_from_iomem() - read the RAM of a device
 * @path: /proc/iomem, or a copy of it
 * @ram: the RAM
 *
 * Return: 0, or -1 with one line on stderr: the file cannot be read, or has no
 * System RAM, or has only zeros, as it has for all but root.
 */
int ram_from_iomem(const char *path, struct ram *ram);

/* Bytes in all */
unsigned long long ram_total(const struct ram *ram);

/* Whether all of a range is in one of @ram */
bool ram_has(const struct ram *ram, unsigned long long start,
	     unsigned long long end);

/* @bytes, or what makes the next multiple of @unit of them */
unsigned long long ram_whole(unsigned long long bytes, unsigned long long unit);

/* MiB, for people: the last one counts whole */
unsigned long long ram_mebibytes(unsigned long long bytes);

#endif /* TRY_RAM_H */
