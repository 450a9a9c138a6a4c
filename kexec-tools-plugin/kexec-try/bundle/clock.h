/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.h - the time since the system booted
 */
#ifndef TRY_CLOCK_H
#define TRY_CLOCK_H

/* CLOCK_MONOTONIC in milliseconds, minus clock_booted, which is 0 except in tests */
long long clock_now(void);
extern long long clock_booted;

/* Sleeps; tests replace it */
extern void (*clock_sleep)(int milliseconds);

#endif /* TRY_CLOCK_H */
