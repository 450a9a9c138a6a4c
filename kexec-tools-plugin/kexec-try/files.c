// SPDX-License-Identifier: GPL-2.0-only
/*
 * files.c - files read and written to their end
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha256.h>

#include "files.h"
#include "say.h"

/* What is read at a time, in bytes: a device has little memory */
#define CHUNK	(64 * 1024)

size_t files_read(int fd, void *to, size_t size)
{
	size_t done = 0;

	errno = 0;
	while (done < size) {
		ssize_t got = read(fd, (char *)to + done, size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += got;
	}
	return done;
}

int files_write(int fd, const void *from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = write(fd, (const char *)from + done,
				    size - done);

		if (put < 0 && errno != EINTR)
			return -1;
		if (put > 0)
			done += put;
	}
	return 0;
}

int files_sum(int fd, unsigned long long size, uint8_t *sha256)
{
	uint8_t *chunk = must_alloc(CHUNK);
	sha256_context context;
	int result = 0;

	sha256_starts(&context);
	while (size && !result) {
		size_t want = size < CHUNK ? size : CHUNK;
		size_t got = files_read(fd, chunk, want);

		if (got < want) {
			errno = errno ? errno : ENODATA;
			result = -1;
		}
		sha256_update(&context, chunk, got);
		size -= got;
	}
	sha256_finish(&context, sha256);
	free(chunk);
	return result;
}

/* Reads to the end of the file, or one byte more than @max. */
static char *read_all(int fd, size_t max, size_t *size)
{
	size_t room = CHUNK, got;
	char *text = must_alloc(room + 1);

	*size = 0;
	for (;;) {
		size_t want = room < max + 1 ? room : max + 1;
		char *larger;

		got = files_read(fd, text + *size, want - *size);
		*size += got;
		if (*size < want || *size > max)
			break;
		room *= 2;
		larger = must_alloc(room + 1);
		memcpy(larger, text, *size);
		free(text);
		text = larger;
	}
	text[*size] = '\0';
	return text;
}

char *files_load(const char *path, size_t max, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	int error = errno;

	if (fd >= 0) {
		text = read_all(fd, max, size);
		error = errno;
		close(fd);
		if (!error && *size <= max)
			return text;
	}
	free(text);
	if (fd < 0 || error)
		report("%s: %s", path, strerror(error));
	else
		report("%s: it has more than %zu bytes, the most that it may have",
		       path, max);
	return NULL;
}
