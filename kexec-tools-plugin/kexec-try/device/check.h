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
	GUARD_REHEARSED,	/* one of which a rehearsal is to show it */
};

/**
 * check_device() - see whether the device has what a try needs
 * @ram: its RAM, which is found out
 * @bundle: the bundle, opened; NULL for a rehearsal
 * @guard: who is to guard the try
 * @other_board: whether the bundle may be for another board
 *
 * Nothing is changed; the watchdog is not opened.
 *
 * Return: how many things are missing, each told in a line on stderr, with what
 * would help.
 */
int check_device(struct ram *ram, const struct bundle *bundle,
		 enum check_guard guard, bool other_board);

#endif /* TRY_CHECK_H */
