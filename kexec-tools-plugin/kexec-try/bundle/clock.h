/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.h - the time since the system booted
 */
#ifndef TRY_CLOCK_H
#define TRY_CLOCK_H

/* Milliseconds of CLOCK_MONOTONIC, less clock_booted: 0, but in tests */
long long clock_now(void);
extern long long clock_booted;

/* Sleep for milliseconds; the tests have their own */
extern void (*clock_sleep)(int milliseconds);

#endif /* TRY_CLOCK_H */
