/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - load a new system, arm the watchdog, and leave the running one for it
 */
#ifndef TRY_LEAVE_H
#define TRY_LEAVE_H

#include <stdbool.h>

#include "watchdog.h"

/* Who guards the try */
enum leave_guard {
	GUARD_WATCHDOG,		/* a watchdog that lives, as far as we know */
	GUARD_TRUSTED,		/* one that does, as the user knows */
	GUARD_NOBODY,		/* the user wants it so */
};

/* How the user wants the system to be left */
struct leave {
	int guard;		/* enum leave_guard */
	long timeout;		/* the watchdog's, in seconds; 0: what a boot takes */
	bool now;		/* sync, file systems read-only, `kexec -e`; else,
				 * where procd is not init, by the system's own
				 * shutdown, with `kexec -e` at the end
				 */
	bool rehearsal;		/* one that does not start the new system is not
				 * reset
				 */
};

/* For a program that is about to: there is but one, no signal ends it, and all that
 * it says goes to the kernel log too. Return: 0, to be followed by leave_unlock(),
 * or -1 after a line on stderr.
 */
int leave_lock(void);
void leave_unlock(void);

/* Whether the system's own shutdown must run kexec -e; @now as in struct leave */
bool leave_by_script(bool now);

/**
 * leave_for() - leave for a new system
 * @leave: how
 * @argv: kexec -l and its arguments
 *
 * Return: 0: a process of its own leaves; -1 with lines on stderr, the old system
 * being as it was.
 */
int leave_for(const struct leave *leave, char *const argv[]);

/* What that process does; returns only when the system is still there. Return:
 * whether it stays, and the watchdog is to be fed.
 */
bool leave_go(const struct leave *leave, struct watchdog *watchdog,
	      const struct owner *owner);

/* mount(), and what feeds on in a system that stays; the tests have their own */
extern int (*leave_mount)(const char *source, const char *target,
			  const char *type, unsigned long flags,
			  const void *data);
extern void (*leave_keep)(const struct watchdog *watchdog);

#endif /* TRY_LEAVE_H */
