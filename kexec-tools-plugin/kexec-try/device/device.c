// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c - the subcommands of the device's kexec-try
 */

#include <stddef.h>

#include "try.h"

const struct subcommand *const subcommands[] = {
	&subcommand_run,
	&subcommand_rehearse,
	&subcommand_guard,
	&subcommand_init,
	&subcommand_confirm,
	&subcommand_revert,
	&subcommand_extend,
	&subcommand_status,
	&subcommand_verify,
	NULL,
};
