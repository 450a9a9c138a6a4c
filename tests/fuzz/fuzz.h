/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - what the fuzz targets share
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/**
 * CHECK() - end the run unless an invariant holds
 * @what: the invariant
 *
 * libFuzzer then keeps the input. A target may keep stderr for itself, so the
 * message goes to the file descriptor.
 */
#define CHECK(what) \
	do { \
		if (!(what)) { \
			dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", \
				__FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

#endif /* FUZZ_H */
