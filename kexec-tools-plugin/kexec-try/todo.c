// SPDX-License-Identifier: GPL-2.0-only
/*
 * todo.c - subcommands that are not written yet
 */

#include "say.h"
#include "try.h"

static int todo(int argc, char **argv)
{
	(void)argc;
	report("%s: not written yet", argv[0]);
	return EXIT_REFUSED;
}

#define TODO(name) \
	const struct subcommand __attribute__((weak)) subcommand_##name = { \
		#name, "not written yet", "\n", todo, \
	}

TODO(pack);
TODO(plan);
TODO(send);
TODO(verify);
TODO(unpack);
TODO(run);
TODO(guard);
TODO(confirm);
TODO(revert);
TODO(status);
