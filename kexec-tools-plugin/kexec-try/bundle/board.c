// SPDX-License-Identifier: GPL-2.0-only
/*
 * board.c - whether a bundle is for the board that there is
 */

#include <string.h>

#include "board.h"
#include "say.h"

/* A kernel keeps some of its RAM out of /proc/iomem, at the end */
#define RAM_UNIT	(1ULL << 20)

/* Whether the first word of @one is a word of @list */
static bool first_is_in(const char *one, const char *list)
{
	size_t length = strcspn(one, " ");
	const char *at;

	for (at = list; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == length && !memcmp(at, one, length))
			return true;
		at += word;
	}
	return false;
}

/* The first word is the board, or the SoC where there is but one board of it; the
 * same SoC on another board is not enough.
 */
int board_check(const struct bundle *bundle, const char *compatible,
		unsigned long long ram_end)
{
	const struct ram *ram = &bundle->ram;
	unsigned long long end = ram->ranges ?
		ram->range[ram->ranges - 1].end : 0;
	int result = 0;

	if (*compatible && bundle->compatible[0] &&
	    !first_is_in(bundle->compatible, compatible) &&
	    !first_is_in(compatible, bundle->compatible))
		result = report("the bundle's device tree is for '%.64s', and this board is '%.64s'; --other-board if that is right",
				bundle->compatible, compatible);
	ram_end = (ram_end + RAM_UNIT - 1) / RAM_UNIT * RAM_UNIT;
	if (ram_end && end > ram_end)
		result = report("the bundle's device tree has RAM up to 0x%llx, and this board up to 0x%llx; --other-board if that is right",
				end, ram_end);
	return result;
}
