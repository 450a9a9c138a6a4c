/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * options.h - the options of a subcommand, as a table
 */
#ifndef TRY_OPTIONS_H
#define TRY_OPTIONS_H

#include <stdbool.h>

/* No subcommand has more */
#define OPTIONS_MAX	16

/**
 * struct choice - an option, and the one place where it leaves its mark
 * @name: its long name; NULL ends a table
 * @text: its argument
 * @list: its arguments, one each time that it is there, and a NULL
 * @number: its argument is a number
 * @least: the smallest number
 * @most: the largest number, or how many a list takes
 * @flag: it has no argument
 */
struct choice {
	const char *name;
	const char **text;
	char **list;
	long *number;
	long least;
	long most;
	bool *flag;
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
