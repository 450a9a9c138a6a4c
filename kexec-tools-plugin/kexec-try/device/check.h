/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - what a device must have for a try
 */
#ifndef TRY_CHECK_H
#define TRY_CHECK_H

#include <stdbool.h>

#include "bundle.h"

/* Who guards the try */
enum check_guard {
	GUARD_WATCHDOG,		/* a watchdog that lives, as far as we know */
	GUARD_TRUSTED,		/* one that does, as the user knows */
	GUARD_NOBODY,		/* the user wants it so */
};

/* What is to be done with the device */
struct check {
	const struct bundle *bundle;	/* to try, opened; NULL: not known yet */
	bool rehearsal;			/* no bundle is to be tried */
	enum check_guard guard;
	bool other_board;		/* the bundle may be for another one */
	bool now;			/* leave without the system's shutdown */
};

/**
 * check_device() - see whether the device has what a try needs
 * @check: the try
 * @ram: the device's RAM, which is found out
 *
 * Nothing is changed; the watchdog is not opened.
 *
 * Return: how many things are missing, each told in a line on stderr, with what
 * would help.
 */
int check_device(const struct check *check, struct ram *ram);

#endif /* TRY_CHECK_H */
