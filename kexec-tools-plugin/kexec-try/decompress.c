// SPDX-License-Identifier: GPL-2.0-only
/*
 * decompress.c - gzip and xz, in memory
 *
 * kexec takes kernels compressed by either, and so does a bundle. The size of
 * the result is bounded, whatever the data say.
 */

#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "kernel.h"
#include "say.h"

/* The first buffer for the result, in bytes; it doubles as need be */
#define FIRST_ROOM	(1024 * 1024)

/* zlib: the largest window, and a gzip header */
#define WINDOW_GZIP	(15 + 16)

/* More than `xz -9` needs to decompress, in bytes: xz(1) has 65 MiB */
#define XZ_MEMORY_MAX	(80ULL << 20)

/**
 * struct output - a result that grows
 * @data: what is there, with room for a NUL
 * @size: how many bytes there are
 * @room: how many there can be
 * @max: how many there may be
 */
struct output {
	unsigned char *data;
	size_t size;
	size_t room;
	size_t max;
};

static void output_init(struct output *output, size_t max)
{
	output->size = 0;
	output->max = max;
	output->room = FIRST_ROOM < max ? FIRST_ROOM : max;
	output->data = must_alloc(output->room + 1);
}

/* Room for at least one byte more, unless there are @max. */
static int output_grow(struct output *output)
{
	unsigned char *larger;

	if (output->size < output->room)
		return 0;
	if (output->room == output->max)
		return -1;
	output->room = output->room < output->max / 2 ? output->room * 2 :
		output->max;
	larger = must_alloc(output->room + 1);
	memcpy(larger, output->data, output->size);
	free(output->data);
	output->data = larger;
	return 0;
}

static int too_large(const char *path, const struct output *output)
{
	return report("%s: it decompresses to more than %zu bytes, the most that it may have",
		      path, output->max);
}

static int run_inflate(const char *path, z_stream *stream,
		       struct output *output)
{
	int result = Z_OK;

	while (result == Z_OK) {
		if (output_grow(output))
			return too_large(path, output);
		stream->next_out = output->data + output->size;
		stream->avail_out = output->room - output->size;
		result = inflate(stream, Z_NO_FLUSH);
		output->size = output->room - stream->avail_out;
	}
	if (result == Z_STREAM_END)
		return 0;
	return report("%s: what gzip made is damaged or cut", path);
}

static int gunzip(const char *path, const unsigned char *data, size_t size,
		  struct output *output)
{
	z_stream stream = { .next_in = (unsigned char *)data,
			    .avail_in = size };
	int result;

	if (inflateInit2(&stream, WINDOW_GZIP) != Z_OK)
		return report("%s: no memory to decompress it", path);
	result = run_inflate(path, &stream, output);
	inflateEnd(&stream);
	return result;
}

static int run_lzma(const char *path, lzma_stream *stream,
		    struct output *output)
{
	lzma_ret result = LZMA_OK;

	while (result == LZMA_OK) {
		if (output_grow(output))
			return too_large(path, output);
		stream->next_out = output->data + output->size;
		stream->avail_out = output->room - output->size;
		result = lzma_code(stream, LZMA_FINISH);
		output->size = output->room - stream->avail_out;
	}
	if (result == LZMA_STREAM_END)
		return 0;
	return report("%s: what xz made is damaged or cut", path);
}

static int unxz(const char *path, const unsigned char *data, size_t size,
		struct output *output)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	int result;

	if (lzma_stream_decoder(&stream, XZ_MEMORY_MAX, 0) != LZMA_OK)
		return report("%s: no memory to decompress it", path);
	stream.next_in = data;
	stream.avail_in = size;
	result = run_lzma(path, &stream, output);
	lzma_end(&stream);
	return result;
}

static int copy(const char *path, const unsigned char *data, size_t size,
		struct output *output)
{
	if (size > output->max)
		return too_large(path, output);
	free(output->data);
	output->data = must_alloc(size + 1);
	output->size = size;
	memcpy(output->data, data, size);
	return 0;
}

static bool begins(const unsigned char *data, size_t size, const char *magic,
		   size_t magic_size)
{
	return size >= magic_size && !memcmp(data, magic, magic_size);
}

unsigned char *decompress(const char *path, const unsigned char *data,
			  size_t size, size_t max, size_t *out_size)
{
	struct output output;
	int result = 0;

	output_init(&output, max);
	if (begins(data, size, "\x1f\x8b", 2))
		result = gunzip(path, data, size, &output);
	else if (begins(data, size, "\xfd" "7zXZ\0", 6))
		result = unxz(path, data, size, &output);
	else
		result = copy(path, data, size, &output);
	if (result) {
		free(output.data);
		return NULL;
	}
	output.data[output.size] = '\0';
	*out_size = output.size;
	return output.data;
}
