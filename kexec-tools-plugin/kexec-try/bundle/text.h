/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - numbers, options, words, quotes and identities, as text
 */
#ifndef TRY_TEXT_H
#define TRY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * text_number() - read a decimal number
 * @text: the number, and nothing else
 * @least: the smallest that will do
 * @most: the largest that will do
 * @number: the number
 *
 * Return: 0, or -1 without a word.
 */
int text_number(const char *text, long least, long most, long *number);

/* No subcommand has more */
#define OPTIONS_MAX	16

/* An option, and the one place where it leaves its mark */
struct choice {
	const char *name;	/* NULL ends a table */
	const char **text;	/* its argument */
	char **list;		/* its arguments, of all times, and a NULL */
	long *number;		/* its argument, from @least to @most */
	long least;
	long most;		/* or how many a list takes, or what @set gets */
	bool *flag;		/* becomes true; it has no argument */
	int *set;		/* becomes @most; no argument either */
};

/* Reads the options among arguments, and sets optind after them; @letters are
 * as for getopt(3): the letter that is short for the first, if any. Return: 0,
 * or -1 with one line on stderr.
 */
int text_options(const struct choice *choices, const char *letters, int argc,
		 char **argv);

/* So that no sum of an address and a size overflows */
#define TEXT_ADDRESS_MAX	(1ULL << 62)

/**
 * text_address() - read an address or a size, as kexec does
 * @text: decimal, or 0x and hexadecimal; K, M or G may follow
 * @address: the number, at most TEXT_ADDRESS_MAX
 *
 * Return: 0, or -1 without a word.
 */
int text_address(const char *text, unsigned long long *address);

/**
 * text_word() - the value of a word of a kernel's command line
 * @cmdline: the command line; what follows a lone `--` is not the kernel's
 * @name: the word, up to its `=`; `-` and `_` are the same, as for the kernel
 * @value: its value, ended by a NUL; of several the last one. May be NULL.
 * @size: room at @value, in bytes; without one 0
 *
 * Return: whether the word is there, with a value that fits.
 */
bool text_word(const char *cmdline, const char *name, char *value, size_t size);

/**
 * text_quoted() - a word, as a user would type it for a shell
 * @word: the word
 *
 * Return: the word, quoted where need be, to be freed.
 */
char *text_quoted(const char *word);

/* Identity of a try: eight hexadecimal digits. No secret, it tells one try from
 * another.
 */
#define TEXT_ID_SIZE	9

void text_make_id(char id[TEXT_ID_SIZE]);

/* Whether it may become a word of a command line: 1 to 8 hexadecimal digits */
bool text_is_id(const char *id);

#endif /* TRY_TEXT_H */
