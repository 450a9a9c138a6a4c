// SPDX-License-Identifier: GPL-2.0-only
/*
 * bundle.c - a new system, as it is sent to a device: its manifest
 *
 * The text of a manifest is hostile until it is read: each word is held against
 * what it may be before it is kept. bundle-files.c has the files.
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sha256.h>

#include "bundle.h"
#include "say.h"

/* How much of a word a message repeats, in bytes */
#define SHOWN_MAX	64

/* The longest line: `append` with all that it may have */
#define WORDS_MAX	6

/* A bound for addresses and sizes, so that sums of them cannot overflow */
#define NUMBER_MAX	(1ULL << 62)

static const char *const role_names[] = {
	[BUNDLE_KERNEL] = "kernel",
	[BUNDLE_DTB] = "dtb",
	[BUNDLE_ROOTFS] = "rootfs",
	[BUNDLE_BOOT] = "boot",
	[BUNDLE_MAP] = "map",
};

#define ROLES	(sizeof(role_names) / sizeof(role_names[0]))

/* Keys that stand once and are no files; bits of struct parser, @seen */
enum key {
	KEY_MACHINE,
	KEY_ENDIAN,
	KEY_BITS,
	KEY_LINUX,
	KEY_LOAD,
	KEY_MEMORY,
	KEY_LABEL,
	KEY_APPEND,
	KEYS,
};

static const char *const key_names[KEYS] = {
	[KEY_MACHINE] = "machine",
	[KEY_ENDIAN] = "endian",
	[KEY_BITS] = "bits",
	[KEY_LINUX] = "linux",
	[KEY_LOAD] = "load",
	[KEY_MEMORY] = "memory",
	[KEY_LABEL] = "label",
	[KEY_APPEND] = "append",
};

/* Without these a bundle can do */
#define KEYS_OPTIONAL	(1U << KEY_LABEL | 1U << KEY_APPEND)

/**
 * struct parser - a manifest that is being read
 * @bundle: what it says
 * @number: of the line, from 1 on
 * @seen: keys that were there, a bit each
 */
struct parser {
	struct bundle *bundle;
	unsigned int number;
	unsigned int seen;
};

/**
 * struct line - a line of a manifest
 * @key: its first word
 * @value: all after the first blank
 * @words: how many words the value has; more than WORDS_MAX are counted only
 * @word: the words
 */
struct line {
	char *key;
	char *value;
	unsigned int words;
	char *word[WORDS_MAX];
};

void bundle_init(struct bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->dirfd = -1;
	strcpy(bundle->linux_version, "unknown");
	strcpy(bundle->label, "rootfs");
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-';
}

static bool is_name(const char *text, size_t max)
{
	size_t len = strlen(text);
	size_t i;

	if (!len || len > max || text[0] == '.' || text[0] == '-')
		return false;
	for (i = 0; i < len; i++)
		if (!is_name_char(text[i]))
			return false;
	return true;
}

struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name)
{
	struct bundle_file *file;
	unsigned int i;

	if (!is_name(name, BUNDLE_NAME_MAX)) {
		report("a bundle cannot hold a file called '%.*s'; 1 to %d of A-Z a-z 0-9 . _ - can be a name, not with . or - at its begin",
		       SHOWN_MAX, name, BUNDLE_NAME_MAX);
		return NULL;
	}
	if (!strcmp(name, BUNDLE_MANIFEST)) {
		report("a bundle has a file called '%s' of its own; rename yours",
		       name);
		return NULL;
	}
	for (i = 0; i < bundle->files; i++) {
		if (!strcmp(bundle->file[i].name, name)) {
			report("the bundle would have two files called '%s'; rename one",
			       name);
			return NULL;
		}
	}
	if (bundle->files == BUNDLE_FILES_MAX) {
		report("a bundle has at most %d files; '%s' is one too many",
		       BUNDLE_FILES_MAX, name);
		return NULL;
	}

	file = &bundle->file[bundle->files++];
	file->role = role;
	strcpy(file->name, name);
	return file;
}

int bundle_set_append(struct bundle *bundle, const char *append)
{
	size_t i, len = strlen(append);

	if (len > BUNDLE_APPEND_MAX)
		return report("the words to append have %zu bytes; kexec takes a command line of %d",
			      len, BUNDLE_APPEND_MAX);
	for (i = 0; i < len; i++)
		if (!isprint((unsigned char)append[i]))
			return report("the words to append '%.*s' have a character that is no printable ASCII",
				      SHOWN_MAX, append);
	strcpy(bundle->append, append);
	return 0;
}

int bundle_set_label(struct bundle *bundle, const char *label)
{
	if (!is_name(label, BUNDLE_LABEL_MAX))
		return report("the label '%.*s' cannot be; 1 to %d of A-Z a-z 0-9 . _ - can, not with . or - at its begin",
			      SHOWN_MAX, label, BUNDLE_LABEL_MAX);
	strcpy(bundle->label, label);
	return 0;
}

const struct bundle_file *bundle_find(const struct bundle *bundle,
				      enum bundle_role role)
{
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role == role)
			return &bundle->file[i];
	return NULL;
}

bool bundle_linux(const struct bundle *bundle, unsigned int major,
		  unsigned int minor)
{
	unsigned long have_major, have_minor;
	char *end;

	if (!isdigit((unsigned char)bundle->linux_version[0]))
		return true;
	have_major = strtoul(bundle->linux_version, &end, 10);
	have_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return have_major > major ||
		(have_major == major && have_minor >= minor);
}

static int refuse(const struct parser *parser, const char *why,
		  const char *word)
{
	return report("%s, line %u: %s '%.*s'", BUNDLE_MANIFEST,
		      parser->number, why, SHOWN_MAX, word);
}

/* Decimal, or hexadecimal with 0x; no signs, blanks or octal. */
static int parse_number(const struct parser *parser, const char *word,
			unsigned long long max, unsigned long long *number)
{
	bool hex = word[0] == '0' && word[1] == 'x';
	const char *digits = hex ? word + 2 : word;
	char *end;

	if (hex ? !isxdigit((unsigned char)*digits) || digits[1] == 'x' :
	    !isdigit((unsigned char)*digits))
		return refuse(parser, "no number:", word);
	errno = 0;
	*number = strtoull(digits, &end, hex ? 16 : 10);
	if (*end)
		return refuse(parser, "no number:", word);
	if (errno || *number > max)
		return refuse(parser, "the number is too large:", word);
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static int parse_sha256(const struct parser *parser, const char *word,
			uint8_t *sha256)
{
	size_t i;

	if (strlen(word) != 2 * BUNDLE_SHA256_SIZE)
		return refuse(parser, "no SHA-256 of 64 digits:", word);
	for (i = 0; i < BUNDLE_SHA256_SIZE; i++) {
		int high = hex_digit(word[2 * i]);
		int low = hex_digit(word[2 * i + 1]);

		if (high < 0 || low < 0)
			return refuse(parser, "no SHA-256 of lower case digits:",
				      word);
		sha256[i] = high << 4 | low;
	}
	return 0;
}

static int parse_file(struct parser *parser, const struct line *line,
		      enum bundle_role role)
{
	struct bundle_file *file;

	if (line->words != (role == BUNDLE_MAP ? 4 : 3))
		return refuse(parser, role == BUNDLE_MAP ?
			      "not NAME SIZE SHA256 ADDRESS:" :
			      "not NAME SIZE SHA256:", line->value);
	if (role != BUNDLE_MAP && bundle_find(parser->bundle, role))
		return refuse(parser, "a second", line->key);

	file = bundle_add(parser->bundle, role, line->word[0]);
	if (!file)
		return refuse(parser, "cannot take", line->word[0]);
	if (parse_number(parser, line->word[1], BUNDLE_FILE_SIZE_MAX,
			 &file->size) ||
	    parse_sha256(parser, line->word[2], file->sha256))
		return -1;
	if (!file->size)
		return refuse(parser, "a file of no bytes:", file->name);
	if (role != BUNDLE_MAP)
		return 0;

	file->automatic = !strcmp(line->word[3], "auto");
	return file->automatic ? 0 :
		parse_number(parser, line->word[3], NUMBER_MAX, &file->addr);
}

/* One of two words. */
static int parse_choice(const struct parser *parser, const char *word,
			const char *no, const char *yes, bool *is_yes)
{
	*is_yes = !strcmp(word, yes);
	if (!*is_yes && strcmp(word, no))
		return report("%s, line %u: '%.*s' is neither %s nor %s",
			      BUNDLE_MANIFEST, parser->number, SHOWN_MAX,
			      word, no, yes);
	return 0;
}

static int parse_load(const struct parser *parser, const struct line *line)
{
	struct bundle *bundle = parser->bundle;

	if (line->words != 2)
		return refuse(parser, "not START END:", line->value);
	if (parse_number(parser, line->word[0], NUMBER_MAX,
			 &bundle->load_start) ||
	    parse_number(parser, line->word[1], NUMBER_MAX, &bundle->load_end))
		return -1;
	if (bundle->load_start >= bundle->load_end)
		return refuse(parser, "the end is not after the start:",
			      line->value);
	return 0;
}

static int parse_linux(const struct parser *parser, const char *word)
{
	if (!is_name(word, BUNDLE_VERSION_MAX - 1))
		return refuse(parser, "no version:", word);
	strcpy(parser->bundle->linux_version, word);
	return 0;
}

static int parse_value(struct parser *parser, const struct line *line,
		       enum key key)
{
	struct bundle *bundle = parser->bundle;
	bool yes;
	int result;

	if (key == KEY_APPEND)
		return bundle_set_append(bundle, line->value) ?
			refuse(parser, "cannot take", line->key) : 0;
	if (key == KEY_LOAD)
		return parse_load(parser, line);
	if (line->words != 1)
		return refuse(parser, "not one word:", line->value);

	switch (key) {
	case KEY_MACHINE:
		return strcmp(line->word[0], "mips") ?
			refuse(parser, "not for mips but for",
			       line->word[0]) : 0;
	case KEY_ENDIAN:
		return parse_choice(parser, line->word[0], "little", "big",
				    &bundle->big_endian);
	case KEY_BITS:
		result = parse_choice(parser, line->word[0], "32", "64", &yes);
		bundle->bits = yes ? 64 : 32;
		return result;
	case KEY_LINUX:
		return parse_linux(parser, line->word[0]);
	case KEY_LABEL:
		return bundle_set_label(bundle, line->word[0]) ?
			refuse(parser, "cannot take", line->key) : 0;
	default:
		return parse_number(parser, line->word[0], NUMBER_MAX,
				    &bundle->memory);
	}
}

static int parse_line(struct parser *parser, const struct line *line)
{
	unsigned int i;

	for (i = 0; i < ROLES; i++)
		if (!strcmp(line->key, role_names[i]))
			return parse_file(parser, line, i);
	for (i = 0; i < KEYS; i++) {
		if (strcmp(line->key, key_names[i]))
			continue;
		if (parser->seen & 1U << i)
			return refuse(parser, "a second", line->key);
		parser->seen |= 1U << i;
		return parse_value(parser, line, i);
	}
	return refuse(parser, "unknown key", line->key);
}

/* Takes the words of a line apart; @text is kept whole for `value`, @words is a
 * copy of it that gets cut.
 */
static int split_line(const struct parser *parser, char *text, char *words,
		      struct line *line)
{
	char *blank = strchr(text, ' ');

	memset(line, 0, sizeof(*line));
	if (!blank || blank == text || !blank[1])
		return refuse(parser, "not KEY VALUE:", text);
	words += blank + 1 - text;
	*blank = '\0';
	line->key = text;
	line->value = blank + 1;

	while (words) {
		char *next = strchr(words, ' ');

		if (next)
			*next++ = '\0';
		if (line->words < WORDS_MAX)
			line->word[line->words] = words;
		line->words++;
		words = next;
	}
	return 0;
}

static int parse_text_line(struct parser *parser, char *text)
{
	char *words = must_print("%s", text);
	struct line line;
	int result;

	parser->number++;
	if (parser->number == 1)
		result = strcmp(text, "format 1") ?
			refuse(parser, "this kexec-try reads `format 1` only, not",
			       text) : 0;
	else if (split_line(parser, text, words, &line))
		result = -1;
	else
		result = parse_line(parser, &line);
	free(words);
	return result;
}

static int check_complete(const struct parser *parser)
{
	unsigned int i;

	if (!parser->number)
		return report("%s: it is empty", BUNDLE_MANIFEST);
	for (i = 0; i < KEYS; i++)
		if (!((parser->seen | KEYS_OPTIONAL) & 1U << i))
			return report("%s: no line `%s`", BUNDLE_MANIFEST,
				      key_names[i]);
	for (i = 0; i < BUNDLE_MAP; i++)
		if (!bundle_find(parser->bundle, i))
			return report("%s: no line `%s`", BUNDLE_MANIFEST,
				      role_names[i]);
	return 0;
}

static int check_text(const char *text, size_t size)
{
	size_t i;

	if (size > BUNDLE_MANIFEST_MAX)
		return report("%s: it has %zu bytes, %d is the most",
			      BUNDLE_MANIFEST, size, BUNDLE_MANIFEST_MAX);
	for (i = 0; i < size; i++)
		if (text[i] != '\n' && !isprint((unsigned char)text[i]))
			return report("%s: byte %zu is no printable ASCII",
				      BUNDLE_MANIFEST, i + 1);
	if (size && text[size - 1] != '\n')
		return report("%s: the last line has no end; the file is cut",
			      BUNDLE_MANIFEST);
	return 0;
}

static void set_id(struct bundle *bundle, const char *text, size_t size)
{
	sha256_context context;
	sha256_digest_t digest;
	unsigned int i;

	sha256_starts(&context);
	sha256_update(&context, (const uint8_t *)text, size);
	sha256_finish(&context, digest);
	for (i = 0; i < BUNDLE_ID_DIGITS / 2; i++)
		sprintf(bundle->id + 2 * i, "%02x", digest[i]);
}

int bundle_parse(struct bundle *bundle, const char *text, size_t size)
{
	struct parser parser = { .bundle = bundle };
	char *copy, *line, *end;
	int result = 0;

	bundle_init(bundle);
	if (check_text(text, size))
		return -1;

	copy = must_alloc(size + 1);
	memcpy(copy, text, size);
	for (line = copy; *line && !result; line = end + 1) {
		end = strchr(line, '\n');
		*end = '\0';
		result = parse_text_line(&parser, line);
	}
	free(copy);

	if (!result)
		result = check_complete(&parser);
	if (!result)
		set_id(bundle, text, size);
	return result;
}

static void print_file(FILE *to, const struct bundle_file *file)
{
	unsigned int i;

	fprintf(to, "%s %s %llu ", role_names[file->role], file->name,
		file->size);
	for (i = 0; i < BUNDLE_SHA256_SIZE; i++)
		fprintf(to, "%02x", file->sha256[i]);
	if (file->role == BUNDLE_MAP && file->automatic)
		fprintf(to, " auto");
	else if (file->role == BUNDLE_MAP)
		fprintf(to, " 0x%llx", file->addr);
	fprintf(to, "\n");
}

char *bundle_print(const struct bundle *bundle)
{
	char *text = NULL;
	unsigned int i;
	size_t size;
	FILE *to;

	to = open_memstream(&text, &size);
	if (!to) {
		report("no memory for a manifest");
		exit(EXIT_REFUSED);
	}
	fprintf(to, "format 1\n");
	fprintf(to, "machine mips\n");
	fprintf(to, "endian %s\n", bundle->big_endian ? "big" : "little");
	fprintf(to, "bits %u\n", bundle->bits);
	fprintf(to, "linux %s\n", bundle->linux_version);
	fprintf(to, "load 0x%llx 0x%llx\n", bundle->load_start,
		bundle->load_end);
	fprintf(to, "memory %llu\n", bundle->memory);
	for (i = 0; i < bundle->files; i++)
		print_file(to, &bundle->file[i]);
	fprintf(to, "label %s\n", bundle->label);
	if (bundle->append[0])
		fprintf(to, "append %s\n", bundle->append);
	fclose(to);
	return text;
}
