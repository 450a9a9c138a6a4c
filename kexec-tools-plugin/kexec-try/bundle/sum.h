/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sum.h - SHA-256
 */
#ifndef TRY_SUM_H
#define TRY_SUM_H

#include <stddef.h>
#include <stdint.h>

/* In bytes: a sum, and what is worked on at a time */
#define SUM_SIZE	32
#define SUM_BLOCK	64

/**
 * struct sum - the sum of what was added so far
 * @state: as FIPS 180-4 has it, H
 * @size: bytes that were added
 * @block: those that do not make a whole block yet
 */
struct sum {
	uint32_t state[SUM_SIZE / 4];
	uint64_t size;
	uint8_t block[SUM_BLOCK];
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

#endif /* TRY_SUM_H */
