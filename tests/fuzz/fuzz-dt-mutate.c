// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-dt-mutate.c - change a device tree blob so that it stays one
 *
 * Nearly all that libFuzzer does to the bytes of a blob makes it a damaged one,
 * which dt_check() refuses: it has to be done, but not always. Here, whole
 * nodes and properties are changed, copied and removed, and the blob is put
 * together anew.
 */
#include <libfdt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed);

#define BLOB_MAX	4096
#define TOKENS_MAX	1024
#define VALUE_MAX	64

/**
 * struct block - a part of a blob
 */
struct block {
	uint8_t bytes[2 * BLOB_MAX];
	size_t size;
};

/**
 * struct parts - a blob, taken apart
 * @header: its header
 * @reserved: the memory reservation block
 * @structure: the structure block
 * @strings: the strings block
 * @tail: what comes after the blob
 * @token: where tags are in @structure
 * @tokens: how many
 */
struct parts {
	struct fdt_header header;
	struct block reserved;
	struct block structure;
	struct block strings;
	struct block tail;
	size_t token[TOKENS_MAX];
	size_t tokens;
};

static size_t aligned(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static uint32_t get_word(const uint8_t *from)
{
	uint32_t word;

	memcpy(&word, from, sizeof(word));
	return fdt32_to_cpu(word);
}

static void put_word(uint8_t *to, uint32_t number)
{
	uint32_t word = cpu_to_fdt32(number);

	memcpy(to, &word, sizeof(word));
}

static int take_block(struct block *block, const uint8_t *data, size_t size,
		      size_t from, size_t length)
{
	if (from > size || length > size - from || length > BLOB_MAX)
		return -1;
	memcpy(block->bytes, data + from, length);
	block->size = length;
	return 0;
}

/* The list up to an entry of size 0, or to the end of the blob. */
static size_t reserved_size(const uint8_t *data, size_t size, size_t from)
{
	size_t length = 0;

	while (from + length + 16 <= size) {
		length += 16;
		if (!get_word(data + from + length - 8) &&
		    !get_word(data + from + length - 4))
			break;
	}
	return length;
}

/* How many bytes the token at @at has, or 0 when there is none. */
static size_t token_size(const struct block *structure, size_t at)
{
	const uint8_t *token = structure->bytes + at;
	size_t left, size = 4;

	if (at > structure->size || structure->size - at < 4)
		return 0;
	left = structure->size - at;
	switch (get_word(token)) {
	case FDT_BEGIN_NODE:
		if (!memchr(token + 4, '\0', left - 4))
			return 0;
		size += aligned(strlen((const char *)token + 4) + 1);
		break;
	case FDT_PROP:
		if (left < 12 || get_word(token + 4) > BLOB_MAX)
			return 0;
		size += 8 + aligned(get_word(token + 4));
		break;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		break;
	default:
		return 0;
	}
	return size <= left ? size : 0;
}

static int take_apart(struct parts *parts, const uint8_t *data, size_t size)
{
	size_t at = 0, from, length;

	if (size < sizeof(parts->header) || size > BLOB_MAX)
		return -1;
	memcpy(&parts->header, data, sizeof(parts->header));
	if (fdt_magic(&parts->header) != FDT_MAGIC ||
	    fdt_totalsize(&parts->header) > size)
		return -1;
	from = fdt_off_mem_rsvmap(&parts->header);
	if (take_block(&parts->reserved, data, size, from,
		       reserved_size(data, size, from)) < 0 ||
	    take_block(&parts->structure, data, size,
		       fdt_off_dt_struct(&parts->header),
		       fdt_size_dt_struct(&parts->header)) < 0 ||
	    take_block(&parts->strings, data, size,
		       fdt_off_dt_strings(&parts->header),
		       fdt_size_dt_strings(&parts->header)) < 0 ||
	    take_block(&parts->tail, data, size,
		       fdt_totalsize(&parts->header),
		       size - fdt_totalsize(&parts->header)) < 0)
		return -1;

	parts->tokens = 0;
	while (parts->tokens < TOKENS_MAX &&
	       (length = token_size(&parts->structure, at))) {
		parts->token[parts->tokens++] = at;
		at += length;
	}
	return parts->tokens ? 0 : -1;
}

/* Puts @bytes in the place of the @length bytes at @at. */
static void splice(struct block *block, size_t at, size_t length,
		   const uint8_t *bytes, size_t size)
{
	if (block->size - length + size > BLOB_MAX)
		return;
	memmove(block->bytes + at + size, block->bytes + at + length,
		block->size - at - length);
	memcpy(block->bytes + at, bytes, size);
	block->size += size - length;
}

/* All of a node, or the token alone. */
static size_t extent(const struct parts *parts, size_t token)
{
	const struct block *structure = &parts->structure;
	size_t start = parts->token[token], end = start;
	int depth = 0;

	for (; token < parts->tokens; token++) {
		uint32_t tag;

		end = parts->token[token];
		tag = get_word(structure->bytes + end);
		end += token_size(structure, end);
		if (tag == FDT_BEGIN_NODE)
			depth++;
		if (tag == FDT_END_NODE)
			depth--;
		if (depth <= 0)
			break;
	}
	return end - start;
}

/* Another value or name. */
static void change_token(struct parts *parts, size_t token)
{
	struct block *structure = &parts->structure;
	size_t at = parts->token[token];
	size_t old = token_size(structure, at);
	uint32_t tag = get_word(structure->bytes + at);
	size_t head = tag == FDT_PROP ? 12 : 4;
	uint8_t new[12 + BLOB_MAX] = { 0 };
	size_t length;

	if (tag == FDT_PROP)
		length = get_word(structure->bytes + at + 4);
	else if (tag == FDT_BEGIN_NODE)
		length = strlen((char *)structure->bytes + at + 4);
	else
		return;
	if (length > VALUE_MAX)
		length = VALUE_MAX;
	memcpy(new, structure->bytes + at, head + length);
	length = LLVMFuzzerMutate(new + head, length, VALUE_MAX);
	memset(new + head + length, 0, 4);
	if (tag == FDT_PROP)
		put_word(new + 4, length);
	else
		length = strlen((char *)new + 4) + 1;
	splice(structure, at, old, new, head + aligned(length));
}

/* The name of another property. */
static void rename_property(struct parts *parts, size_t token, size_t other)
{
	uint8_t *at = parts->structure.bytes + parts->token[token];
	const uint8_t *from = parts->structure.bytes + parts->token[other];

	if (get_word(at) == FDT_PROP && get_word(from) == FDT_PROP)
		memcpy(at + 8, from + 8, 4);
}

/* A tag, a length or an offset, or two of them, that are at a limit. */
static void put_odd_words(struct parts *parts, size_t token,
			  unsigned int seed)
{
	static const uint32_t odd[] = {
		0, FDT_NOP, FDT_END, 0x7fffffff, 0x80000000, -8, -4, -1,
	};
	size_t at = parts->token[token] + rand_r(&seed) % 3 * 4;
	unsigned int words = 1 + rand_r(&seed) % 2;

	while (words-- && at + 4 <= parts->structure.size) {
		put_word(parts->structure.bytes + at,
			 odd[rand_r(&seed) % 8]);
		at += 4;
	}
}

static void copy_extent(struct parts *parts, size_t token, size_t other)
{
	uint8_t copy[BLOB_MAX];
	size_t size = extent(parts, token);

	memcpy(copy, parts->structure.bytes + parts->token[token], size);
	splice(&parts->structure, parts->token[other], 0, copy, size);
}

static void mutate_block(struct block *block)
{
	block->size = LLVMFuzzerMutate(block->bytes, block->size,
				       block->size + 64 < BLOB_MAX ?
				       block->size + 64 : BLOB_MAX);
}

/* Whole entries, and one of zeros. */
static void end_reserved(struct block *reserved)
{
	reserved->size &= ~(size_t)15;
	memset(reserved->bytes + reserved->size, 0, 16);
	reserved->size += 16;
}

static void mutate_parts(struct parts *parts, unsigned int seed)
{
	size_t token = rand_r(&seed) % parts->tokens;
	size_t other = rand_r(&seed) % parts->tokens;

	switch (rand_r(&seed) % 10) {
	case 0:
	case 1:
	case 2:
		change_token(parts, token);
		break;
	case 3:
		rename_property(parts, token, other);
		break;
	case 4:
		copy_extent(parts, token, other);
		break;
	case 5:
		splice(&parts->structure, parts->token[token],
		       extent(parts, token), parts->structure.bytes, 0);
		break;
	case 6:
		mutate_block(&parts->strings);
		break;
	case 7:
		mutate_block(&parts->tail);
		break;
	case 9:
		mutate_block(&parts->reserved);
		end_reserved(&parts->reserved);
		break;
	case 8:
		put_odd_words(parts, token, seed);
		break;
	}
}

static size_t put_block(uint8_t *data, size_t at, const struct block *block)
{
	memcpy(data + at, block->bytes, block->size);
	return at + block->size;
}

/* Now and then a block begins where no other program would put it. */
static size_t put_together(const struct parts *parts, uint8_t *data,
			   size_t max_size, unsigned int seed)
{
	size_t gap = seed % 16 ? 0 : seed / 16 % 8;
	struct fdt_header header = parts->header;
	size_t at = sizeof(header);

	if (at + gap + parts->reserved.size + parts->structure.size +
	    parts->strings.size + parts->tail.size > max_size)
		return 0;
	memset(data + at, 0, gap);
	if (seed & 0x100)
		at += gap;
	header.off_mem_rsvmap = cpu_to_fdt32(at);
	at = put_block(data, at, &parts->reserved);
	memset(data + at, 0, gap);
	if (!(seed & 0x100))
		at += gap;
	header.off_dt_struct = cpu_to_fdt32(at);
	header.size_dt_struct = cpu_to_fdt32(parts->structure.size);
	at = put_block(data, at, &parts->structure);
	header.off_dt_strings = cpu_to_fdt32(at);
	header.size_dt_strings = cpu_to_fdt32(parts->strings.size);
	at = put_block(data, at, &parts->strings);
	header.totalsize = cpu_to_fdt32(at);
	memcpy(data, &header, sizeof(header));
	return put_block(data, at, &parts->tail);
}

/* libFuzzer calls it for each new input. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	static struct parts parts;
	size_t new;

	if (seed % 4 == 0 || take_apart(&parts, data, size) < 0)
		return LLVMFuzzerMutate(data, size, max_size);
	seed /= 4;
	mutate_parts(&parts, seed);
	new = put_together(&parts, data, max_size, seed);
	return new ? new : LLVMFuzzerMutate(data, size, max_size);
}
