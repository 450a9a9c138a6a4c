/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the fuzz targets share
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdlib.h>

/**
 * CHECK() - end the run unless an invariant holds
 * @what: the invariant
 *
 * libFuzzer then keeps the input.
 */
#define CHECK(what) \
	do { \
		if (!(what)) \
			fuzz_broken(__FILE__, __LINE__, #what); \
	} while (0)

void fuzz_broken(const char *file, int line, const char *what)
	__attribute__((noreturn));

/* Page size that add_segment_phys_virt() rounds to; getpagesize() in kexec */
extern unsigned long fuzz_page_size;

/**
 * struct fuzz_bytes - input that is still to be used
 * @at: the next byte
 * @left: how many there are
 */
struct fuzz_bytes {
	const uint8_t *at;
	size_t left;
};

/**
 * fuzz_take() - take a number
 * @bytes: the input; zeros after its end
 * @size: how many bytes the number has, 8 at most; the lowest comes first
 *
 * Return: the number.
 */
unsigned long long fuzz_take(struct fuzz_bytes *bytes, unsigned int size);

#endif /* FUZZ_H */
