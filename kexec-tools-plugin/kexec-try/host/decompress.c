// SPDX-License-Identifier: GPL-2.0-only
/*
 * decompress.c - what gzip, xz and lzma made
 *
 * kexec takes kernels compressed by any of them. The size of the result is
 * bounded, whatever the data say.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "files.h"
#include "parts.h"
#include "program.h"
#include "say.h"

/* zlib: the largest window, and a gzip header */
#define WINDOW_GZIP	(15 + 16)

char *gunzip(const char *path, const char *data, size_t size, size_t max,
	     size_t *out_size)
{
	z_stream stream = { .next_in = (Bytef *)data, .avail_in = size };
	char *text = must_alloc(max + 1);
	int result = inflateInit2(&stream, WINDOW_GZIP);

	stream.next_out = (Bytef *)text;
	stream.avail_out = max;
	if (result == Z_OK)
		result = inflate(&stream, Z_FINISH);
	*out_size = stream.total_out;
	inflateEnd(&stream);
	if (result == Z_STREAM_END)
		return text;
	report(stream.avail_out ? "%s: what gzip made is damaged or cut" :
	       "%s: it decompresses to more than %zu bytes, the most that it may have",
	       path, max);
	free(text);
	return NULL;
}

static char *unxz(const char *path, size_t max, size_t *out_size)
{
	char *argv[] = { "xz", "-dc", "-M", "80MiB", "--", (char *)path, NULL };
	char *text = must_alloc(max + 1);
	struct program program;

	*out_size = 0;
	if (!program_start(&program, argv, PROGRAM_STDOUT))
		*out_size = files_read(program.from, text, max);
	if (program_wait(&program) == 0)
		return text;
	report("%s: xz -dc fails, or makes more than %zu bytes of it, the most that it may have",
	       path, max);
	free(text);
	return NULL;
}

char *decompress(const char *path, size_t max, size_t *size)
{
	char *data = files_load(path, max, size), *plain;

	if (data && *size > 2 && !memcmp(data, "\x1f\x8b", 2))
		plain = gunzip(path, data, *size, max, size);
	else if (data && *size > 3 && (!memcmp(data, "\xfd" "7z", 3) ||
				       !memcmp(data, "\x5d\0\0", 3)))
		plain = unxz(path, max, size);
	else
		return data;
	free(data);
	return plain;
}
