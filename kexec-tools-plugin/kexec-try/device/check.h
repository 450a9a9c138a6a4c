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
 * check_device() - see whether the device has what a try needs
 * @leave: how it is to be left
 * @bundle: to try, opened; NULL: in a rehearsal, or where it is not known yet
 * @other_board: the bundle may be for another one
 * @ram: the device's RAM, which is found out
 *
 * Nothing is changed; the watchdog is not opened.
 *
 * Return: how many things are missing, each told in a line on stderr, with what
 * would help.
 */
int check_device(const struct leave *leave, const struct bundle *bundle,
		 bool other_board, struct ram *ram);

#endif /* TRY_CHECK_H */
