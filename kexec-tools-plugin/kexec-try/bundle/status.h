/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * status.h - what a device says of its system, and how people read it
 *
 * Lines KEY=VALUE, which `kexec-try status --porcelain` prints:
 *
 *	system=		old, or new: `run` has started it
 *	state=		none, preparing (a try, in this system), leaving, starting
 *			(guard looks at the root file system), pending, confirmed,
 *			going-back, unguarded (guard was not started, or was
 *			killed after a confirmation: the watchdog counts), or
 *			free (it needs no confirmation)
 *	left=		seconds in which it must be confirmed
 *	why=		it goes back, or is unguarded
 *	try=		identity of the try
 *	boot=		identity of the boot
 *	compatible=	of the running device tree's root, a blank between words
 *	ram-end=	the first byte after its RAM
 *	available=	bytes of memory that a try can have; 0 when nobody knows
 *	watchdog=	its name, who feeds it, and its time
 *	root=		the device of the root file system
 *	overlay=	what an overlay on it is written to; without one there is no
 *			such line
 */
#ifndef TRY_STATUS_H
#define TRY_STATUS_H

#include <stdbool.h>

#include "bundle.h"

/* Room for all of it, and for one value, in bytes: `compatible` is the longest */
#define STATUS_MAX		8192
#define STATUS_VALUE_MAX	(BUNDLE_COMPATIBLE_MAX + 1)

/* Whether @text has a value for a key, and the value, "" without one. Lines
 * without a key of ours, a banner's, do no harm.
 */
bool status_get(const char *text, const char *key,
		char value[STATUS_VALUE_MAX]);

/* Whether the key has that value */
bool status_is(const char *text, const char *key, const char *value);

/* Lines for people, to @line, without a newline */
void status_tell(const char *text, void (*line)(const char *line));

#endif /* TRY_STATUS_H */
