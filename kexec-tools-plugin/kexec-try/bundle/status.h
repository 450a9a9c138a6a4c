/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * status.h - the status of a device's system, and how it is shown to people
 *
 * `kexec-try status --porcelain` prints it as lines KEY=VALUE:
 *
 *	system=		old, or new: started by `run`
 *	state=		none
 *			preparing: a try is being prepared in this system
 *			leaving
 *			starting: guard checks the root file system
 *			pending
 *			confirmed
 *			going-back
 *			unguarded: guard was not started, or was killed after a
 *				confirmation; the watchdog counts
 *			free: needs no confirmation
 *	left=		seconds left to confirm it
 *	why=		the reason, if it goes back, is unguarded or is starting
 *	try=		identity of the try
 *	boot=		identity of the boot
 *	compatible=	of the running device tree's root, one blank between words
 *	ram-end=	first byte after the RAM
 *	available=	bytes of memory available for a try; 0 if unknown
 *	watchdog=	its name, what feeds it, and its timeout
 *	root=		device of the root file system
 *	overlay=	what an overlay on the root is written to; missing without an
 *			overlay
 */
#ifndef TRY_STATUS_H
#define TRY_STATUS_H

#include <stdbool.h>

#include "bundle.h"

/* Room for all of it, and for one value, in bytes: `compatible` is the longest */
#define STATUS_MAX		8192
#define STATUS_VALUE_MAX	(BUNDLE_COMPATIBLE_MAX + 1)

/* Whether @text has a line for @key. @value becomes its value, or "". Ignores other
 * lines, such as a login banner.
 */
bool status_get(const char *text, const char *key,
		char value[STATUS_VALUE_MAX]);

/* Whether @key has that value */
bool status_is(const char *text, const char *key, const char *value);

/* Calls @line with each line to show to people, without its newline. */
void status_tell(const char *text, void (*line)(const char *line));

#endif /* TRY_STATUS_H */
