/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.h - files read and written to their end, and their SHA-256
 */
#ifndef TRY_FILES_H
#define TRY_FILES_H

#include <stddef.h>
#include <stdint.h>

/* In bytes: a sum, and what is worked on at a time */
#define SUM_SIZE	32
#define SUM_BLOCK	64

/* The sum of what was added so far */
struct sum {
	uint32_t state[SUM_SIZE / 4];	/* as FIPS 180-4 has it, H */
	uint64_t size;			/* bytes that were added */
	uint8_t block[SUM_BLOCK];	/* those that make no whole block yet */
};

void sum_begin(struct sum *sum);
void sum_add(struct sum *sum, const void *data, size_t size);

/* The SHA-256 of all that was added; ends it. */
void sum_end(struct sum *sum, uint8_t sha256[SUM_SIZE]);

/* All three */
void sum_of_data(const void *data, size_t size, uint8_t sha256[SUM_SIZE]);

/* The first @size bytes of a sum as text: lower case hexadecimal, two digits for
 * each byte, and a NUL
 */
void sum_digits(const uint8_t *sha256, unsigned int size, char *digits);

/* Reads as much as there is, up to @size bytes. Return: how many: less than @size
 * at the end of the file, or after a failure, with errno not 0.
 */
size_t files_read(int fd, void *to, size_t size);

/* Writes all. Return: 0, or -1 with errno set. */
int files_write(int fd, const void *from, size_t size);

/* The SHA-256 of the next @size bytes of a file. Return: 0, or -1 with errno set;
 * ENODATA when there are fewer.
 */
int files_sum(int fd, unsigned long long size, uint8_t *sha256);

/* Reads a whole file, or one of /proc, of at most @max bytes. Return: the
 * content, ended by a NUL that does not count in @size, to be freed; or NULL
 * with one line on stderr.
 */
char *files_load(const char *path, size_t max, size_t *size);

#endif /* TRY_FILES_H */
