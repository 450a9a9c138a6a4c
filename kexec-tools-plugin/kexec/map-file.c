// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file.c - files put into the memory of the new kernel as they are
 *
 * --map-file=FILE@ADDRESS[,label=NAME][,root][,no-reserve] adds FILE to the
 * image as a segment of its own. The file lies at exactly ADDRESS or the load
 * fails: the new kernel, its command line or its device tree name that address,
 * so any other place is as good as none.
 *
 * Here the options are read; map-file-open.c has the content of the files,
 * map-file-place.c their place in the image. None of it depends on an
 * architecture: what has to be known of one is in struct map_file_machine.
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "map-file.h"

/* phram's own parameter takes names of up to 63 bytes */
#define LABEL_MAX	63

/**
 * map_files_refuse() - say why an option cannot be had
 * @files: the options; @files->error gets the line
 * @file: the one that is refused; of it, only @arg need be set
 * @fmt: the reason and the remedy, as for printf()
 *
 * Return: -1, for the caller to return.
 */
int map_files_refuse(struct map_files *files, const struct map_file *file,
		     const char *fmt, ...)
{
	va_list args;
	char *c;
	int len;

	/* An absurd argument must leave room for the reason */
	len = snprintf(files->error, sizeof(files->error),
		       "--map-file %.*s%s: ", MAP_FILE_SHOWN_MAX, file->arg,
		       strlen(file->arg) > MAP_FILE_SHOWN_MAX ? "..." : "");

	va_start(args, fmt);
	vsnprintf(files->error + len, sizeof(files->error) - len, fmt, args);
	va_end(args);

	/* One line, and nothing that a terminal would obey */
	for (c = files->error; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	return -1;
}

static int suffix_shift(char suffix)
{
	switch (suffix) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

/*
 * A number is all of @text: decimal, or hexadecimal after 0x, and at most one
 * of K, M and G. strtoull() alone would also take blanks, signs and octal.
 */
static int parse_number(const char *text, unsigned long long *number)
{
	bool hex = !strncasecmp(text, "0x", 2);
	const char *digits = hex ? text + 2 : text;
	unsigned long long value;
	char *end;
	int shift;

	if (hex ? !isxdigit((unsigned char)*digits) :
		  !isdigit((unsigned char)*digits))
		return -EINVAL;
	/* Nor a 0x of its own */
	if (hex && !strncasecmp(digits, "0x", 2))
		return -EINVAL;

	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno)
		return -ERANGE;

	shift = suffix_shift(*end);
	if (shift)
		end++;
	if (*end)
		return -EINVAL;
	if (value << shift >> shift != value)
		return -ERANGE;

	*number = value << shift;
	return 0;
}

static int parse_address(struct map_files *files, struct map_file *file,
			 const char *text)
{
	int result;

	if (!*text)
		return map_files_refuse(files, file,
					"no address after the last @; write FILE@ADDRESS, or FILE@auto");

	file->automatic = !strcmp(text, "auto");
	if (file->automatic)
		return 0;

	result = parse_number(text, &file->addr);
	if (result == -ERANGE)
		return map_files_refuse(files, file,
					"the address %s does not fit in 64 bits",
					text);
	if (result)
		return map_files_refuse(files, file,
					"\"%s\" is not an address; write auto, a decimal number, or 0x and a hexadecimal one, with K, M or G after it if you like",
					text);
	return 0;
}

static int parse_label(struct map_files *files, struct map_file *file,
		       const char *name)
{
	const char *c;

	if (file->label)
		return map_files_refuse(files, file, "label= is given twice");
	if (!*name)
		return map_files_refuse(files, file,
					"label= is empty; name the MTD that the new kernel makes of the file");
	if (strlen(name) > LABEL_MAX)
		return map_files_refuse(files, file,
					"the label has %zu characters; %d is the most",
					strlen(name), LABEL_MAX);
	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c))
			return map_files_refuse(files, file,
						"the label holds a character that is not printable ASCII or is a blank");

	file->label = strdup(name);
	if (!file->label)
		return map_files_refuse(files, file, "out of memory");
	return 0;
}

static int parse_suboption(struct map_files *files, struct map_file *file,
			   const char *word)
{
	if (!strncmp(word, "label=", strlen("label=")))
		return parse_label(files, file, word + strlen("label="));

	if (!strcmp(word, "root")) {
		if (file->root)
			return map_files_refuse(files, file,
						"root is given twice");
		file->root = true;
		return 0;
	}

	if (!strcmp(word, "no-reserve")) {
		if (!file->reserve)
			return map_files_refuse(files, file,
						"no-reserve is given twice");
		file->reserve = false;
		return 0;
	}

	return map_files_refuse(files, file,
				"unknown option \"%s\"; known are label=NAME, root and no-reserve",
				word);
}

static int check_suboptions(struct map_files *files,
			    const struct map_file *file)
{
	if (file->label && !file->reserve)
		return map_files_refuse(files, file,
					"label= and no-reserve exclude each other: the MTD is made of the reserved region; drop one of the two");
	if (file->automatic && !file->reserve)
		return map_files_refuse(files, file,
					"auto and no-reserve exclude each other: the address would be written nowhere; drop one of the two");
	if (file->root && !file->label)
		return map_files_refuse(files, file,
					"root needs label=NAME: it is the MTD of that name that becomes the root device");
	return 0;
}

/* @tail is what follows the last @; it is cut into words in place. */
static int parse_tail(struct map_files *files, struct map_file *file,
		      char *tail)
{
	char *word = strsep(&tail, ",");

	if (parse_address(files, file, word) < 0)
		return -1;

	while ((word = strsep(&tail, ",")))
		if (parse_suboption(files, file, word) < 0)
			return -1;

	return check_suboptions(files, file);
}

static int parse_option(struct map_files *files, struct map_file *file)
{
	char *at;

	file->path = strdup(file->arg);
	if (!file->path)
		return map_files_refuse(files, file, "out of memory");

	at = strrchr(file->path, '@');
	if (!at)
		return map_files_refuse(files, file,
					"no address; write FILE@ADDRESS, for example %.*s@100M",
					MAP_FILE_SHOWN_MAX,
					*file->arg ? file->arg : "FILE");
	if (at == file->path)
		return map_files_refuse(files, file,
					"no file name before the @; write FILE@ADDRESS");

	*at = '\0';
	return parse_tail(files, file, at + 1);
}

/* A label names one MTD, and there is one root device. */
static int check_others(struct map_files *files, const struct map_file *file)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		const struct map_file *other = &files->file[i];

		if (file->label && other->label &&
		    !strcmp(file->label, other->label))
			return map_files_refuse(files, file,
						"%.*s has the same label; give each a name of its own",
						MAP_FILE_SHOWN_MAX,
						other->path);
		if (file->root && other->root)
			return map_files_refuse(files, file,
						"%.*s is the root device already; give root to one of the two",
						MAP_FILE_SHOWN_MAX,
						other->path);
	}
	return 0;
}

/**
 * map_files_add() - take one --map-file option
 * @files: the options so far; starts as all zeros
 * @arg: FILE@ADDRESS[,label=NAME][,root][,no-reserve]; the last @ divides, so
 *	that the name of a file may hold one. Must stay valid as long as @files.
 *
 * The text is checked, the file is not looked at.
 *
 * Return: 0, or -1 with the reason in @files->error and the list unchanged.
 */
int map_files_add(struct map_files *files, const char *arg)
{
	struct map_file file = { .arg = arg, .reserve = true, .fd = -1 };

	if (files->nr == MAP_FILE_MAX)
		return map_files_refuse(files, &file,
					"more than %d map files; an image has no room for more",
					MAP_FILE_MAX);

	if (parse_option(files, &file) < 0 || check_others(files, &file) < 0) {
		free(file.path);
		free(file.label);
		return -1;
	}

	files->file[files->nr++] = file;
	return 0;
}
