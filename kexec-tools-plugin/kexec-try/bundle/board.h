/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * board.h - whether a bundle is for the board that there is
 */
#ifndef TRY_BOARD_H
#define TRY_BOARD_H

#include "bundle.h"

/**
 * board_check() - compare a bundle's device tree with a board
 * @bundle: the bundle
 * @compatible: of the running device tree's root, a blank between words; "" where
 *	nobody knows
 * @ram_end: the first byte after its RAM; 0 where nobody knows
 *
 * Return: 0, or -1 with a line on stderr for what differs.
 */
int board_check(const struct bundle *bundle, const char *compatible,
		unsigned long long ram_end);

#endif /* TRY_BOARD_H */
