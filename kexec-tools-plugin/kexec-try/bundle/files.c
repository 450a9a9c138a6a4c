// SPDX-License-Identifier: GPL-2.0-only
/*
 * files.c - read, write and hash whole files
 *
 * SHA-256 is written as FIPS 180-4 describes it. Its rounds are a loop, not
 * unrolled: a device's flash is small.
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "say.h"

/* Bytes read at a time, between two ticks: a device has little memory */
#define CHUNK		(64 * 1024)

#define BLOCK		64 /* bytes */
#define ROUNDS		64
#define WORDS		16 /* of 32 bits, in a block */

/* Offset of the message length in the last block, in bytes */
#define LENGTH_AT	56

/* A SHA-256 in progress */
struct sum {
	uint32_t state[8];	/* H in FIPS 180-4 */
	uint64_t size;		/* bytes added so far */
	uint32_t block[WORDS];	/* the last block, while it is incomplete */
};

/* Fractional parts of the square roots of the first 8 primes */
static const struct sum begin = { .state = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
} };

/* Fractional parts of the cube roots of the first 64 primes */
static const uint32_t round_words[ROUNDS] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
	0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
	0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
	0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

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

int files_make(const char *directory, const char *name, const void *data,
	       size_t size)
{
	char *path = must_print("%s/%s", directory, name);
	int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int result = to < 0 ? -1 : files_write(to, data, size);

	if (to < 0 || close(to) || result)
		result = report("%s: %s", path, strerror(errno));
	free(path);
	return result;
}

static uint32_t rotate(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

static void add_block(struct sum *sum)
{
	uint32_t a = sum->state[0], b = sum->state[1], c = sum->state[2];
	uint32_t d = sum->state[3], e = sum->state[4], f = sum->state[5];
	uint32_t g = sum->state[6], h = sum->state[7];
	uint32_t words[ROUNDS], first, second;
	int i;

	for (i = 0; i < WORDS; i++)
		words[i] = be32toh(sum->block[i]);
	for (; i < ROUNDS; i++) {
		first = words[i - 15];
		second = words[i - 2];
		words[i] = words[i - 16] + words[i - 7] +
			(rotate(first, 7) ^ rotate(first, 18) ^ first >> 3) +
			(rotate(second, 17) ^ rotate(second, 19) ^ second >> 10);
	}
	for (i = 0; i < ROUNDS; i++) {
		first = h + round_words[i] + words[i] +
			(rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			((e & f) ^ (~e & g));
		second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			((a & b) ^ (a & c) ^ (b & c));
		h = g;
		g = f;
		f = e;
		e = d + first;
		d = c;
		c = b;
		b = a;
		a = first + second;
	}
	sum->state[0] += a;
	sum->state[1] += b;
	sum->state[2] += c;
	sum->state[3] += d;
	sum->state[4] += e;
	sum->state[5] += f;
	sum->state[6] += g;
	sum->state[7] += h;
}

static void sum_add(struct sum *sum, const void *data, size_t size)
{
	const uint8_t *from = data;
	size_t part;

	for (; size; size -= part, from += part) {
		size_t used = sum->size % BLOCK;

		part = size < BLOCK - used ? size : BLOCK - used;
		memcpy((uint8_t *)sum->block + used, from, part);
		sum->size += part;
		if (used + part == BLOCK)
			add_block(sum);
	}
}

static void sum_end(struct sum *sum, char digits[SUM_SIZE])
{
	uint64_t bits = htobe64(sum->size * 8);
	int i;

	sum_add(sum, "\x80", 1);
	while (sum->size % BLOCK != LENGTH_AT)
		sum_add(sum, "", 1);
	sum_add(sum, &bits, sizeof(bits));
	for (i = 0; i < 8; i++)
		sprintf(digits + 8 * i, "%08x", sum->state[i]);
}

void sum_of_data(const void *data, size_t size, char digits[SUM_SIZE])
{
	struct sum sum = begin;

	sum_add(&sum, data, size);
	sum_end(&sum, digits);
}

unsigned long long files_sum(int fd, unsigned long long size,
			     void (*tick)(void *data), void *data,
			     char digits[SUM_SIZE])
{
	uint8_t *chunk = must_alloc(CHUNK);
	unsigned long long done = 0;
	struct sum sum = begin;
	size_t got;

	do {
		got = files_read(fd, chunk, size - done < CHUNK ?
				 size - done : CHUNK);
		sum_add(&sum, chunk, got);
		done += got;
		if (tick)
			tick(data);
	} while (got && done < size);
	sum_end(&sum, digits);
	free(chunk);
	return done;
}

char *files_load(const char *path, size_t max, size_t *size)
{
	/* Pages that are never written take no memory. */
	char *text = must_alloc(max + 2);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int result = 0;

	*size = fd < 0 ? 0 : files_read(fd, text, max + 1);
	if (fd < 0 || errno)
		result = report("%s: %s", path, strerror(errno));
	else if (*size > max)
		result = report("%s: larger than %zu bytes, the limit",
				path, max);
	if (fd >= 0)
		close(fd);
	if (!result)
		return text;
	free(text);
	return NULL;
}
