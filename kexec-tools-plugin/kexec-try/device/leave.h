/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leave.h - check the device, load a new system, arm the watchdog, and leave the
 *	running one for it
 */
#ifndef TRY_LEAVE_H
#define TRY_LEAVE_H

#include <stdbool.h>

#include "bundle.h"
#include "watchdog.h"

/* How to leave the system */
struct leave {
	bool trusted;		/* the user knows that the watchdog survives kexec; a
				 * rehearsal takes one of which that is unknown, too
				 */
	bool no_watchdog;	/* nothing brings the old system back, at the user's
				 * wish, whatever @trusted says
				 */
	long timeout;		/* of the watchdog, in seconds; 0: default */
	bool now;		/* sync, remount read-only, `kexec -e`, as always with
				 * procd; if not, the system's own shutdown, which
				 * ends with `kexec -e`
				 */
	bool rehearsal;		/* no reset if `kexec -e` fails */
};

/**
 * check_device() - check that the device has what a try needs
 * @leave: how the system will be left
 * @bundle: the bundle to try, opened; NULL in a rehearsal, or if not yet known
 * @other_board: accept a bundle for another board
 * @ram: filled in with the device's RAM
 *
 * Changes nothing, and does not open the watchdog.
 *
 * Return: the number of problems, each reported in a line on stderr with a remedy.
 */
int check_device(const struct leave *leave, const struct bundle *bundle,
		 bool other_board, struct ram *ram);

/* Takes the lock that allows one try at a time, ignores the signals that end a
 * program, and copies all messages to the kernel log. Return: 0, to be followed
 * by leave_unlock(), or -1 after a line on stderr.
 */
int leave_lock(void);
void leave_unlock(void);

/* Whether a shutdown script must run kexec -e; @now as in struct leave */
bool leave_by_script(bool now);

/**
 * leave_for() - load a new system and leave for it
 * @leave: how
 * @argv: kexec -l and its arguments
 *
 * Return: 0 if a child process is leaving; -1 with lines on stderr if the old system is
 * as it was.
 */
int leave_for(const struct leave *leave, char *const argv[]);

/* The body of that process; returns only if the system is still up. Return:
 * whether it stays up and its watchdog must be fed here.
 */
bool leave_go(const struct leave *leave, struct watchdog *watchdog,
	      const struct owner *owner);

/* mount(), and guard_keep() for a system that stays up; tests replace them */
extern int (*leave_mount)(const char *source, const char *target,
			  const char *type, unsigned long flags,
			  const void *data);
extern void (*leave_keep)(const struct watchdog *watchdog);

#endif /* TRY_LEAVE_H */
