/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - the options of a subcommand, as a table
 */
#ifndef TRY_OPTIONS_H
#define TRY_OPTIONS_H

#include <stdbool.h>

/* No subcommand has more */
#define OPTIONS_MAX	16

/* An option, and the one place where it leaves its mark */
struct choice {
	const char *name;	/* NULL ends a table */
	const char **text;	/* its argument */
	char **list;		/* its arguments, of all times, and a NULL */
	long *number;		/* its argument, from @least to @most */
	long least;
	long most;		/* or how many a list takes */
	bool *flag;		/* it has no argument */
};

/**
 * options_take() - read the options among arguments, and set optind after them
 * @choices: all that there are
 * @letters: as for getopt(3): the letter that is short for the first, if any
 *
 * Return: 0, or -1 with one line on stderr.
 */
int options_take(const struct choice *choices, const char *letters, int argc,
		 char **argv);

#endif /* TRY_OPTIONS_H */
