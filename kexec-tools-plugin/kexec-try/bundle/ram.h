/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ram.h - the RAM of a device
 */
#ifndef TRY_RAM_H
#define TRY_RAM_H

#include <stdbool.h>

/* MAX_MEMORY_RANGES of kexec-tools, kexec/arch/mips/kexec-mips.h */
#define RAM_RANGES_MAX	64

/* Physical addresses: the first byte, and the first byte after */
struct ram_range {
	unsigned long long start;
	unsigned long long end;
};

/* Ranges sorted by address. Adjacent ranges are merged. */
struct ram {
	unsigned int ranges;
	struct ram_range range[RAM_RANGES_MAX];
};

/**
 * ram_add() - add a range
 * @from: where the range is from, for the message
 *
 * Return: 0, or -1 with one line on stderr if there are RAM_RANGES_MAX already.
 */
int ram_add(struct ram *ram, const char *from, unsigned long long start,
	    unsigned long long end);

/**
 * ram_from_iomem() - read the RAM of a device
 * @path: /proc/iomem, or a copy of it
 * @ram: the RAM
 *
 * Return: 0, or -1 with one line on stderr: the file cannot be read, lists no
 * System RAM or an invalid range, or has only zeros, as for anyone but root.
 */
int ram_from_iomem(const char *path, struct ram *ram);

/* Total size in bytes */
unsigned long long ram_total(const struct ram *ram);

/* Whether a range lies completely in one range of @ram */
bool ram_has(const struct ram *ram, unsigned long long start,
	     unsigned long long end);

/* Rounds @bytes up to a multiple of @unit. */
unsigned long long ram_whole(unsigned long long bytes, unsigned long long unit);

/* In MiB, rounded up, for messages */
unsigned long long ram_mebibytes(unsigned long long bytes);

#endif /* TRY_RAM_H */
