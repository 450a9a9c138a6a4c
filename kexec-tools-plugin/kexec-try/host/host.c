// SPDX-License-Identifier: GPL-2.0-only
/*
 * host.c - kexec-try for the build machine: its subcommands
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
