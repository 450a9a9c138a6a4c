// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-try.c - try a whole new system, and go back unless it is confirmed
 *
 * One program for the machine that builds a bundle and for the device that
 * tries it; each of its subcommands has a file of its own.
 */

#include <stdio.h>
#include <string.h>

#include "say.h"
#include "try.h"

/* In the order in which a user meets them */
static const struct subcommand *const subcommands[] = {
	&subcommand_pack,
	&subcommand_plan,
	&subcommand_send,
	&subcommand_verify,
	&subcommand_unpack,
	&subcommand_run,
	&subcommand_guard,
	&subcommand_confirm,
	&subcommand_revert,
	&subcommand_status,
};

#define SUBCOMMANDS	(sizeof(subcommands) / sizeof(subcommands[0]))

static void print_usage(FILE *to)
{
	size_t i;

	fprintf(to, "kexec-try SUBCOMMAND ...: try a new system from RAM, and go back unless it is confirmed\n\n");
	for (i = 0; i < SUBCOMMANDS; i++)
		fprintf(to, "  %-8s  %s\n", subcommands[i]->name,
			subcommands[i]->summary);
	fprintf(to, "\nkexec-try SUBCOMMAND --help tells more of one; kexec-try(8) of all.\n");
}

static const struct subcommand *find(const char *name)
{
	size_t i;

	for (i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(subcommands[i]->name, name))
			return subcommands[i];
	return NULL;
}

/* Not what follows `--`: that is for another program. */
static int asks_for_help(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help"))
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	const struct subcommand *subcommand;
	int status;

	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help")) {
		print_usage(stdout);
		return EXIT_GOOD;
	}

	subcommand = find(argv[1]);
	if (!subcommand) {
		report("no subcommand '%s'; kexec-try --help lists them",
		       argv[1]);
		return EXIT_USAGE;
	}
	if (asks_for_help(argc - 2, argv + 2)) {
		printf("kexec-try %s %s", subcommand->name, subcommand->help);
		return EXIT_GOOD;
	}

	status = subcommand->run(argc - 1, argv + 1);
	if (status == EXIT_USAGE)
		fprintf(stderr, "kexec-try %s --help tells how\n",
			subcommand->name);
	return status;
}
