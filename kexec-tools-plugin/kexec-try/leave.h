/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - leave the running system for the one that is loaded
 */
#ifndef TRY_LEAVE_H
#define TRY_LEAVE_H

#include "watchdog.h"

/**
 * enum leave_way - how the running system goes down
 * @LEAVE_AUTO: @LEAVE_NOW where procd is init, else @LEAVE_SHUTDOWN
 * @LEAVE_SHUTDOWN: by its own shutdown, whose last step must be `kexec -e`
 * @LEAVE_NOW: at once: sync, file systems read-only, `kexec -e`
 */
enum leave_way {
	LEAVE_AUTO,
	LEAVE_SHUTDOWN,
	LEAVE_NOW,
};

/**
 * leave_way() - decide how to leave
 * @way: what the user wants
 *
 * Return: LEAVE_SHUTDOWN or LEAVE_NOW.
 */
enum leave_way leave_way(enum leave_way way);

/**
 * leave_remount() - make the file systems on devices read-only
 *
 * Those that are busy stay as they are, with a warning.
 *
 * Return: how many are read-only now that were not.
 */
int leave_remount(void);

/**
 * leave_begin() - have a process of its own leave the running system
 * @watchdog: fed by that process as long as it lives, at most GUARD_LEAVE_WITHIN
 *	seconds: a system that hangs on its way down is reset; may be one that is
 *	not open
 * @way: LEAVE_SHUTDOWN or LEAVE_NOW
 *
 * The process has no file of the caller but the lock, and no terminal; it waits
 * a moment, so that the caller can end and what it said arrives.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int leave_begin(struct watchdog *watchdog, enum leave_way way);

/**
 * leave_go() - leave the running system
 * @watchdog: as for leave_begin()
 * @way: as for leave_begin()
 *
 * Return: only when the system did not go down, the reason having been told in a
 * line on stderr and to the kernel log. Nothing is loaded then, and nobody feeds
 * the watchdog.
 */
void leave_go(struct watchdog *watchdog, enum leave_way way);

/* mount(); the tests have their own */
extern int (*leave_mount)(const char *source, const char *target,
			  const char *type, unsigned long flags,
			  const void *data);

#endif /* TRY_LEAVE_H */
