// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - kexec-try, for the machine that makes and sends bundles
 */

#include <stddef.h>

#include "try.h"

const struct subcommand *const subcommands[] = {
	&subcommand_pack,
	&subcommand_plan,
	&subcommand_verify,
	&subcommand_send,
	NULL,
};
