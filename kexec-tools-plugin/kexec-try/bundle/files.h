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

/**
 * sum_digits() - a sum as text
 * @sha256: the sum
 * @size: bytes of it, from the first one on
 * @digits: lower case hexadecimal, two for each byte, and a NUL
 */
void sum_digits(const uint8_t *sha256, unsigned int size, char *digits);

/**
 * files_read() - read as much as there is, up to @size bytes
 *
 * Return: how many bytes were read: less than @size at the end of the file, or
 * after a failure, with errno not 0.
 */
size_t files_read(int fd, void *to, size_t size);

/* Writes all. Return: 0, or -1 with errno set. */
int files_write(int fd, const void *from, size_t size);

/* Makes a file, which must not be there. Return: 0, or -1 with one line on stderr. */
int files_make(const char *directory, const char *name, const void *data,
	       size_t size);

/**
 * files_sum() - the SHA-256 of the next bytes of a file
 * @fd: the file
 * @size: how many bytes
 * @sha256: 32 bytes
 *
 * Return: 0, or -1 with errno set; ENODATA when there are fewer.
 */
int files_sum(int fd, unsigned long long size, uint8_t *sha256);

/**
 * files_load() - read a whole file, or one of /proc, into memory
 * @path: the file
 * @max: most bytes that it may have
 * @size: how many it has
 *
 * Return: the content, ended by a NUL that does not count, to be freed; or NULL
 * with one line on stderr.
 */
char *files_load(const char *path, size_t max, size_t *size);

#endif /* TRY_FILES_H */
