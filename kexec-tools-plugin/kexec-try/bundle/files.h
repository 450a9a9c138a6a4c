/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * files.h - files read and written to their end, and their SHA-256
 */
#ifndef TRY_FILES_H
#define TRY_FILES_H

#include <stddef.h>

/* A SHA-256 as text: 64 lower case hexadecimal digits, and a NUL */
#define SUM_SIZE	65

void sum_of_data(const void *data, size_t size, char sum[SUM_SIZE]);

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
 * @size: how many bytes, at most
 * @tick: called now and then with @data, as it takes its time; may be NULL
 * @sum: their sum
 *
 * Return: how many bytes there were: less than @size as from files_read().
 */
unsigned long long files_sum(int fd, unsigned long long size,
			     void (*tick)(void *data), void *data,
			     char sum[SUM_SIZE]);

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
