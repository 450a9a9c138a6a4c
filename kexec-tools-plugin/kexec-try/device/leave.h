/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - load a new system, and leave the running one for it
 */
#ifndef TRY_LEAVE_H
#define TRY_LEAVE_H

#include "owner.h"

/* How the running system goes down */
enum leave_way {
	LEAVE_AUTO,		/* LEAVE_NOW where procd is init, else the next */
	LEAVE_SHUTDOWN,		/* its own shutdown, with `kexec -e` at the end */
	LEAVE_NOW,		/* sync, file systems read-only, `kexec -e` */
};

/* How long the watchdog is fed on while a system goes down, in seconds: one that
 * hangs then is reset
 */
#define LEAVE_WITHIN		120

/* Loads an image. Return: 0, or -1 after what kexec says, and nothing is loaded. */
int leave_load(char *const argv[]);

/* Takes back what leave_load() did */
void leave_unload(void);

/**
 * leave_begin() - have a process of its own leave the running system
 * @watchdog: fed by that process until the system is gone, at most for
 *	LEAVE_WITHIN seconds: one that hangs on its way down is reset
 * @owner: who gets it back if the system does not go down
 * @way: how
 * @lock: of this try, given back when the system does not go down
 *
 * It has no terminal, and waits a moment, so that what the caller says arrives.
 * When the system refuses to go down, nothing is loaded, and the watchdog is fed
 * on.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int leave_begin(struct watchdog *watchdog, const struct owner *owner,
		enum leave_way way, int lock);

/* What that process does; returns only when the system is still there. Return:
 * whether it stays, as it was, and the watchdog is to be fed.
 */
bool leave_go(struct watchdog *watchdog, const struct owner *owner,
	      enum leave_way way);

/* mount(), and what feeds on in a system that stays; the tests have their own */
extern int (*leave_mount)(const char *source, const char *target,
			  const char *type, unsigned long flags,
			  const void *data);
extern void (*leave_keep)(const struct watchdog *watchdog);

#endif /* TRY_LEAVE_H */
