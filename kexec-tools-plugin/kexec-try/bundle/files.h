/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.h - read, write and hash whole files
 */
#ifndef TRY_FILES_H
#define TRY_FILES_H

#include <stddef.h>

/* Size of a SHA-256 as text: 64 lower case hexadecimal digits and a NUL */
#define SUM_SIZE	65

void sum_of_data(const void *data, size_t size, char sum[SUM_SIZE]);

/**
 * files_read() - read up to @size bytes
 *
 * Return: the number of bytes read. It is less than @size at the end of the file,
 * with errno 0, or after an error, with errno set.
 */
size_t files_read(int fd, void *to, size_t size);

/* Writes all @size bytes. Return: 0, or -1 with errno set. */
int files_write(int fd, const void *from, size_t size);

/* Makes a file, which must not exist yet. Return: 0, or -1 with one line on stderr. */
int files_make(const char *directory, const char *name, const void *data,
	       size_t size);

/**
 * files_sum() - compute the SHA-256 of the next bytes of a file
 * @fd: the file
 * @size: the most bytes to read
 * @tick: called with @data after each 64 KiB, as a large file takes long; may be
 *	NULL
 * @data: for @tick
 * @sum: the SHA-256
 *
 * Return: the number of bytes read; less than @size as for files_read().
 */
unsigned long long files_sum(int fd, unsigned long long size,
			     void (*tick)(void *data), void *data,
			     char sum[SUM_SIZE]);

/**
 * files_load() - read a whole file into memory, also one in /proc
 * @path: the file
 * @max: the most bytes that it may have
 * @size: set to its size
 *
 * Return: the content, to be freed, with a NUL added that @size does not count; or
 * NULL with one line on stderr.
 */
char *files_load(const char *path, size_t max, size_t *size);

#endif /* TRY_FILES_H */
