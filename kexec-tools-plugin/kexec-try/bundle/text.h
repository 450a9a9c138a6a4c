/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - parse and print numbers, options, words and identities
 */
#ifndef TRY_TEXT_H
#define TRY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * text_number() - read a decimal number
 * @text: the number, and nothing else
 * @least: the smallest that is accepted
 * @most: the largest that is accepted
 * @number: the number
 *
 * Return: 0, or -1 without a message.
 */
int text_number(const char *text, long least, long most, long *number);

/* The most options of a subcommand */
#define OPTIONS_MAX	16

/* An option. Exactly one of the pointers says where to store it. */
struct choice {
	const char *name;	/* NULL ends a table */
	const char **text;	/* its argument */
	char **list;		/* arguments of a repeatable option, then a NULL */
	long *number;		/* its argument, from @least to @most */
	long least;
	long most;		/* or how many @list takes before its NULL */
	bool *flag;		/* set to true; no argument */
};

/**
 * text_options() - parse the options among the arguments
 * @choices: the options
 * @letters: as for getopt(3): the short form of the first option, or ""
 *
 * Sets optind to the first argument that is not an option.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int text_options(const struct choice *choices, const char *letters, int argc,
		 char **argv);

/* Keeps the sum of an address and a size from overflowing */
#define TEXT_ADDRESS_MAX	(1ULL << 62)

/**
 * text_address() - read an address or a size, as kexec does
 * @text: decimal, or hexadecimal after 0x; K, M or G may follow
 * @address: the number, at most TEXT_ADDRESS_MAX
 *
 * Return: 0, or -1 without a message.
 */
int text_address(const char *text, unsigned long long *address);

/**
 * text_word() - get the value of a parameter on a kernel command line
 * @cmdline: the command line; ignored after a lone `--`, as by the kernel
 * @name: the parameter; `-` and `_` are equal, as for the kernel
 * @value: set to the value, that of the last occurrence; may be NULL
 * @size: room at @value in bytes; 0 if @value is NULL
 *
 * Return: whether the parameter is there, with a value that fits.
 */
bool text_word(const char *cmdline, const char *name, char *value, size_t size);

/* Takes all double quotes out. Return: how many. */
unsigned int text_unquote(char *text);

/**
 * text_quoted() - quote a word for a shell, if need be
 *
 * Return: the word, to be freed.
 */
char *text_quoted(const char *word);

/* The digits of sums and identities */
#define TEXT_HEX	"0123456789abcdef"

/* Identity of a try: eight hexadecimal digits. It is not a secret; it only tells
 * tries apart.
 */
#define TEXT_ID_SIZE	9

void text_make_id(char id[TEXT_ID_SIZE]);

/* Whether @id is 1 to 8 hexadecimal digits, and so safe on a command line */
bool text_is_id(const char *id);

#endif /* TRY_TEXT_H */
