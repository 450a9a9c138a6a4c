/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * start.h - load a new system, arm the watchdog, and leave for it
 */
#ifndef TRY_START_H
#define TRY_START_H

#include <stdbool.h>

#include "leave.h"

/**
 * struct start - how a new system is started
 * @timeout: the watchdog's, in seconds; 0: what a boot takes
 * @unguarded: whether the user goes without a watchdog
 * @way: how to leave
 * @lock: from start_lock()
 */
struct start {
	long timeout;
	bool unguarded;
	enum leave_way way;
	int lock;
};

/* For a program that is about to: there is but one, all it says goes to the kernel
 * log too. Return: the lock, to be closed, or negative after a line on stderr.
 */
int start_lock(void);

/**
 * start_system() - start a new system
 * @argv: kexec -l and its arguments
 *
 * Return: 0: a process of its own leaves; -1 with lines on stderr, the old system
 * being as it was.
 */
int start_system(const struct start *start, char *const argv[]);

#endif /* TRY_START_H */
