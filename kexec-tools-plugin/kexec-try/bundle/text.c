// SPDX-License-Identifier: GPL-2.0-only
/*
 * text.c - parse and print numbers, options, words and identities
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "program.h"
#include "say.h"
#include "text.h"

int text_number(const char *text, long least, long most, long *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	*number = strtol(text, &end, 10);
	return errno || *end || *number < least || *number > most ? -1 : 0;
}

static int take(const struct choice *choice)
{
	long i = 0;

	if (choice->flag)
		*choice->flag = true;
	if (choice->text)
		*choice->text = optarg;
	if (choice->number &&
	    text_number(optarg, choice->least, choice->most, choice->number))
		return report("--%s %s: not a number from %ld to %ld",
			      choice->name, optarg, choice->least,
			      choice->most);
	if (!choice->list)
		return 0;
	while (choice->list[i])
		i++;
	if (i == choice->most)
		return report("--%s %s: one too many", choice->name, optarg);
	choice->list[i] = optarg;
	return 0;
}

int text_options(const struct choice *choices, const char *letters, int argc,
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
	optind = 0; /* restart the scan, see getopt(3) */
	while ((i = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (i == '?' || take(&choices[i < OPTIONS_MAX ? i : 0]))
			return -1; /* getopt_long() or take() has said why */
	return 0;
}

int text_address(const char *text, unsigned long long *address)
{
	static const char units[] = "KMG";
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *unit;
	int shift = 0;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	*address = strtoull(text, &end, hex ? 16 : 10);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (errno || *end || *address > TEXT_ADDRESS_MAX >> shift)
		return -1;
	*address <<= shift;
	return 0;
}

static bool same_name(const char *word, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((word[i] == '-' ? '_' : word[i]) !=
		    (name[i] == '-' ? '_' : name[i]))
			return false;
	return true;
}

unsigned int text_unquote(char *text)
{
	unsigned int quotes = 0;
	char *to = text;

	for (; *text; text++)
		if (*text == '"')
			quotes++;
		else
			*to++ = *text;
	*to = '\0';
	return quotes;
}

bool text_word(const char *cmdline, const char *name, char *value, size_t size)
{
	size_t name_length = strlen(name);
	bool found = false;

	for (;;) {
		size_t length;

		cmdline += strspn(cmdline, " \t\n");
		length = strcspn(cmdline, " \t\n");
		if (!length || (length == 2 && !strncmp(cmdline, "--", 2)))
			return found;
		if (length > name_length && cmdline[name_length] == '=' &&
		    same_name(cmdline, name, name_length) &&
		    (!value || length - name_length <= size)) {
			found = true;
			snprintf(value, size, "%.*s",
				 (int)(length - name_length - 1),
				 cmdline + name_length + 1);
		}
		cmdline += length;
	}
}

/* A single quote in the word becomes '\'': it ends the quotes, is escaped, and starts
 * them again.
 */
char *text_quoted(const char *word)
{
	char *copy, *rest, *text;

	if (*word && !word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=:,./@%")])
		return must_print("%s", word);
	rest = copy = must_print("%s", word);
	text = must_print("'%s", strsep(&rest, "'"));
	while (rest)
		must_add(&text, "'\\''%s", strsep(&rest, "'"));
	must_add(&text, "'");
	free(copy);
	return text;
}

void text_make_id(char id[TEXT_ID_SIZE])
{
	unsigned int number;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = clock_now() ^ getpid();
	snprintf(id, TEXT_ID_SIZE, "%08x", number);
}

bool text_is_id(const char *id)
{
	return id[0] && strlen(id) < TEXT_ID_SIZE && !id[strspn(id, TEXT_HEX)];
}
