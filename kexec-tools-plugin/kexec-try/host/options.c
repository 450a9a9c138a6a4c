// SPDX-License-Identifier: GPL-2.0-only
/*
 * options.c - the options of a subcommand, as a table
 */

#include <getopt.h>
#include <stddef.h>

#include "options.h"
#include "say.h"
#include "text.h"

static int take(const struct choice *choice)
{
	long i = 0;

	if (choice->flag)
		*choice->flag = true;
	if (choice->text)
		*choice->text = optarg;
	if (choice->number)
		return text_option(choice->name, optarg, choice->least,
				   choice->most, choice->number);
	if (!choice->list)
		return 0;
	while (choice->list[i])
		i++;
	if (i == choice->most)
		return report("--%s %s: one too many", choice->name, optarg);
	choice->list[i] = optarg;
	return 0;
}

int options_take(const struct choice *choices, const char *letters, int argc,
		 char **argv)
{
	struct option options[OPTIONS_MAX + 1] = { { NULL, 0, NULL, 0 } };
	int i;

	for (i = 0; choices[i].name; i++)
		options[i] = (struct option) {
			choices[i].name,
			choices[i].flag ? no_argument : required_argument,
			NULL, i,
		};
	optind = 0; /* all anew, getopt(3) */
	while ((i = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (i == '?' || take(&choices[i < OPTIONS_MAX ? i : 0]))
			return -1; /* getopt has said why, or take() */
	return 0;
}
