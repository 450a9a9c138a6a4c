/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - load a new system, arm the watchdog, and leave the running one for it
 */
#ifndef TRY_LEAVE_H
#define TRY_LEAVE_H

#include <stdbool.h>

#include "watchdog.h"

/* In place of a time-out: the user goes without a watchdog */
#define LEAVE_UNGUARDED		-1

/* For a program that is about to: there is but one, no signal ends it, and all that
 * it says goes to the kernel log too. Return: 0, to be followed by leave_unlock(),
 * or -1 after a line on stderr.
 */
int leave_lock(void);
void leave_unlock(void);

/* Whether the system's own shutdown must run kexec -e; @now as in leave_for() */
bool leave_by_script(bool now);

/**
 * leave_for() - leave for a new system
 * @argv: kexec -l and its arguments
 * @timeout: the watchdog's, in seconds; 0: what a boot takes; LEAVE_UNGUARDED
 * @now: sync, file systems read-only, `kexec -e`; else, where procd is not init, by
 *	the system's own shutdown, with `kexec -e` at the end
 * @rehearsal: a system that does not start the new one is not reset
 *
 * Return: 0: a process of its own leaves; -1 with lines on stderr, the old system
 * being as it was.
 */
int leave_for(char *const argv[], long timeout, bool now, bool rehearsal);

/* What that process does; returns only when the system is still there. Return:
 * whether it stays, and the watchdog is to be fed.
 */
bool leave_go(struct watchdog *watchdog, const struct owner *owner, bool now,
	      bool rehearsal);

/* mount(), and what feeds on in a system that stays; the tests have their own */
extern int (*leave_mount)(const char *source, const char *target,
			  const char *type, unsigned long flags,
			  const void *data);
extern void (*leave_keep)(const struct watchdog *watchdog);

#endif /* TRY_LEAVE_H */
