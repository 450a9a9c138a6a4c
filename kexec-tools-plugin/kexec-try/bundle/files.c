// SPDX-License-Identifier: GPL-2.0-only
/*
 * files.c - files read and written to their end
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "say.h"
#include "sum.h"

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
	struct sum sum;
	int result = 0;

	sum_begin(&sum);
	while (size && !result) {
		size_t want = size < CHUNK ? size : CHUNK;
		size_t got = files_read(fd, chunk, want);

		if (got < want) {
			errno = errno ? errno : ENODATA;
			result = -1;
		}
		sum_add(&sum, chunk, got);
		size -= got;
	}
	sum_end(&sum, sha256);
	free(chunk);
	return result;
}

char *files_load(const char *path, size_t max, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t room = CHUNK, got;
	char *text = NULL;

	*size = 0;
	errno = fd < 0 ? errno : 0;
	while (fd >= 0) {
		text = must_grow(text, room + 1);
		got = files_read(fd, text + *size, room - *size);
		*size += got;
		if (*size < room || *size > max)
			break;
		room = room < max ? 2 * room : max + 1;
	}
	if (errno || *size > max) {
		if (errno)
			report("%s: %s", path, strerror(errno));
		else
			report("%s: it has more than %zu bytes, the most that it may have",
			       path, max);
		free(text);
		text = NULL;
	} else {
		text[*size] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return text;
}
