// SPDX-License-Identifier: GPL-2.0-only
/*
 * clock.c - the time since the system booted
 */

#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "clock.h"

long long clock_booted;

long long clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000 - clock_booted;
}

static void real_sleep(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

void (*clock_sleep)(int milliseconds) = real_sleep;
