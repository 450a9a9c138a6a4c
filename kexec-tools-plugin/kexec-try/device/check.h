/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * check.h - what a device must have for a try
 */
#ifndef TRY_CHECK_H
#define TRY_CHECK_H

#include <stdbool.h>

#include "bundle.h"
#include "leave.h"

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

#endif /* TRY_CHECK_H */
