// SPDX-License-Identifier: GPL-2.0-only
/*
 * bundle.c - the manifest of a bundle
 *
 * Its text is hostile until it is read: each word is held against what it may be
 * before it is kept. bundle-files.c has the files.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "say.h"
#include "text.h"
#include "try.h"

/* How much of a word a message repeats, in bytes */
#define SHOWN_MAX	64

static const char *const role_names[] = {
	[BUNDLE_KERNEL] = "kernel",
	[BUNDLE_DTB] = "dtb",
	[BUNDLE_ROOTFS] = "rootfs",
	[BUNDLE_MAP] = "map",
};

#define ROLES	(sizeof(role_names) / sizeof(role_names[0]))

/* The most words that follow the first one in a line of the manifest */
#define FIELDS	5

void bundle_init(struct bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->dirfd = -1;
	strcpy(bundle->linux_version, "unknown");
	strcpy(bundle->label, "rootfs");
}

static bool is_name(const char *text, size_t max)
{
	size_t len = strlen(text);

	return len && len <= max && text[0] != '.' && text[0] != '-' &&
		!text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name)
{
	struct bundle_file *file;
	unsigned int i;
	bool taken = !strcmp(name, BUNDLE_MANIFEST);

	for (i = 0; i < bundle->files; i++)
		if (!strcmp(bundle->file[i].name, name))
			taken = true;
	if (!is_name(name, BUNDLE_NAME_MAX))
		report("a bundle cannot hold a file called '%.*s'; 1 to %d of A-Z a-z 0-9 . _ - can be a name, not with . or - at its begin",
		       SHOWN_MAX, name, BUNDLE_NAME_MAX);
	else if (taken)
		report("the bundle would have two files called '%s'; rename one",
		       name);
	else if (bundle->files == BUNDLE_FILES_MAX)
		report("a bundle has at most %d files; '%s' is one too many",
		       BUNDLE_FILES_MAX, name);
	else {
		file = &bundle->file[bundle->files++];
		file->role = role;
		strcpy(file->name, name);
		return file;
	}
	return NULL;
}

static int set_text(char *to, size_t max, const char *what, const char *text)
{
	size_t i, len = strlen(text);

	if (len > max)
		return report("the %s: %zu bytes; %zu is the most", what, len,
			      max);
	for (i = 0; i < len; i++)
		if (!isprint((unsigned char)text[i]))
			return report("the %s '%.*s': a character that is no printable ASCII",
				      what, SHOWN_MAX, text);
	strcpy(to, text);
	return 0;
}

int bundle_set_append(struct bundle *bundle, const char *append)
{
	return set_text(bundle->append, BUNDLE_APPEND_MAX, "words to append",
			append);
}

int bundle_set_compatible(struct bundle *bundle, const char *compatible)
{
	return set_text(bundle->compatible, BUNDLE_COMPATIBLE_MAX,
			"compatible", compatible);
}

int bundle_set_label(char to[BUNDLE_LABEL_MAX + 1], const char *label)
{
	if (!is_name(label, BUNDLE_LABEL_MAX))
		return report("the label '%.*s' cannot be; 1 to %d of A-Z a-z 0-9 . _ - can, not with . or - at its begin",
			      SHOWN_MAX, label, BUNDLE_LABEL_MAX);
	strcpy(to, label);
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
	const char *version = bundle->linux_version;
	unsigned long have_major, have_minor;
	char *rest;

	have_major = strtoul(version, &rest, 10);
	have_minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;
	return rest == version || have_major > major ||
		(have_major == major && have_minor >= minor);
}

unsigned long long bundle_size(const struct bundle *bundle)
{
	unsigned long long bytes = 0;
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		bytes += bundle->file[i].size;
	return bytes;
}

unsigned long long bundle_loading(const struct bundle *bundle)
{
	return bundle->load_end - bundle->load_start + bundle_size(bundle);
}

static void print_ranges(char **to, const char *key, const struct ram *ram)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		must_add(to, "%s 0x%llx 0x%llx\n", key, ram->range[i].start,
			 ram->range[i].end);
}

static void print_file(char **to, const struct bundle_file *file)
{
	char digits[2 * SUM_SIZE + 1];

	sum_digits(file->sha256, SUM_SIZE, digits);
	must_add(to, "%s %s %llu %s", role_names[file->role], file->name,
		 file->size, digits);
	if (file->role == BUNDLE_MAP)
		must_add(to, file->automatic ? " auto" : " 0x%llx", file->addr);
	must_add(to, file->label[0] ? " %s\n" : "\n", file->label);
}

char *bundle_print(const struct bundle *bundle)
{
	char *text = NULL;
	unsigned int i;

	must_add(&text, "format 2\nmachine mips\nendian %s\nbits %u\nlinux %s\n",
		 bundle->big_endian ? "big" : "little", bundle->bits,
		 bundle->linux_version);
	must_add(&text, "load 0x%llx 0x%llx\nmemory %llu\n",
		 bundle->load_start, bundle->load_end, bundle->memory);
	if (bundle->compatible[0])
		must_add(&text, "compatible %s\n", bundle->compatible);
	print_ranges(&text, "ram", &bundle->ram);
	print_ranges(&text, "reserved", &bundle->reserved);
	for (i = 0; i < bundle->files; i++)
		print_file(&text, &bundle->file[i]);
	must_add(&text, "label %s\n", bundle->label);
	if (bundle->append[0])
		must_add(&text, "append %s\n", bundle->append);
	return text;
}

/* Whatever strtoull() takes: one that is written otherwise is not as we write it. */
static unsigned long long number(const char *text)
{
	return strtoull(text, NULL, 0);
}

/* ROLE NAME SIZE SHA256 [ADDRESS [LABEL]], @field being what follows ROLE */
static int parse_file(struct bundle *bundle, const char *role,
		      char *const field[FIELDS])
{
	char sum[2 * SUM_SIZE + 1] = "", digits[3] = "";
	struct bundle_file *file;
	unsigned int i = 0;

	while (i < ROLES && strcmp(role_names[i], role))
		i++;
	file = i < ROLES ? bundle_add(bundle, i, field[0]) : NULL;
	if (!file)
		return -1;
	file->size = number(field[1]);
	file->addr = number(field[3]);
	file->automatic = i == BUNDLE_MAP && !strcmp(field[3], "auto");
	snprintf(file->label, sizeof(file->label), "%s", field[4]);
	snprintf(sum, sizeof(sum), "%s", field[2]);
	for (i = 0; i < SUM_SIZE; i++) {
		memcpy(digits, sum + 2 * i, 2);
		file->sha256[i] = strtoul(digits, NULL, 16);
	}
	return 0;
}

static int parse_line(struct bundle *bundle, char *line)
{
	char *key = strsep(&line, " "), *field[FIELDS];
	unsigned int i;

	if (line && !strcmp(key, "compatible"))
		return bundle_set_compatible(bundle, line);
	if (line && !strcmp(key, "append"))
		return bundle_set_append(bundle, line);
	for (i = 0; i < FIELDS; i++)
		field[i] = line ? strsep(&line, " ") : "";
	if (!strcmp(key, "ram"))
		return ram_add(&bundle->ram, BUNDLE_MANIFEST, number(field[0]),
			       number(field[1]));
	if (!strcmp(key, "reserved"))
		return ram_add(&bundle->reserved, BUNDLE_MANIFEST,
			       number(field[0]), number(field[1]));
	if (!strcmp(key, "endian")) {
		bundle->big_endian = !strcmp(field[0], "big");
	} else if (!strcmp(key, "bits")) {
		bundle->bits = number(field[0]);
	} else if (!strcmp(key, "linux")) {
		snprintf(bundle->linux_version, sizeof(bundle->linux_version),
			 "%s", field[0]);
	} else if (!strcmp(key, "memory")) {
		bundle->memory = number(field[0]);
	} else if (!strcmp(key, "label")) {
		snprintf(bundle->label, sizeof(bundle->label), "%s", field[0]);
	} else if (!strcmp(key, "load")) {
		bundle->load_start = number(field[0]);
		bundle->load_end = number(field[1]);
	} else if (strcmp(key, "format") && strcmp(key, "machine")) {
		return parse_file(bundle, key, field);
	}
	return 0;
}

static bool ranges_are_sound(const struct ram *ram)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		if (ram->range[i].start >= ram->range[i].end ||
		    ram->range[i].end > TEXT_ADDRESS_MAX)
			return false;
	return true;
}

static bool files_are_sound(const struct bundle *bundle)
{
	unsigned int i, count[ROLES] = { 0 };

	for (i = 0; i < bundle->files; i++) {
		const char *label = bundle->file[i].label;

		if ((*label && !is_name(label, BUNDLE_LABEL_MAX)) ||
		    !bundle->file[i].size ||
		    bundle->file[i].size > BUNDLE_FILE_SIZE_MAX ||
		    bundle->file[i].addr > TEXT_ADDRESS_MAX)
			return false;
		count[bundle->file[i].role]++;
	}
	return count[BUNDLE_KERNEL] == 1 && count[BUNDLE_DTB] == 1 &&
		count[BUNDLE_ROOTFS] == 1;
}

static bool is_sound(const struct bundle *bundle)
{
	return (bundle->bits == 32 || bundle->bits == 64) &&
		is_name(bundle->linux_version, BUNDLE_VERSION_MAX) &&
		is_name(bundle->label, BUNDLE_LABEL_MAX) &&
		bundle->load_start < bundle->load_end &&
		bundle->load_end <= TEXT_ADDRESS_MAX &&
		bundle->memory <= TEXT_ADDRESS_MAX &&
		ranges_are_sound(&bundle->ram) &&
		ranges_are_sound(&bundle->reserved) && files_are_sound(bundle);
}

/* The first line that is not as we would write it */
static unsigned int odd_line(const char *text, const char *ours)
{
	unsigned int line = 1;

	for (; *text && *text == *ours; text++, ours++)
		line += *text == '\n';
	return line;
}

static void set_id(struct bundle *bundle, const char *text, size_t size)
{
	uint8_t sha256[SUM_SIZE];
	struct sum sum;

	sum_begin(&sum);
	sum_add(&sum, text, size);
	sum_end(&sum, sha256);
	sum_digits(sha256, BUNDLE_ID_DIGITS / 2, bundle->id);
}

/* What a line says is read first, and not looked at closely: a manifest that is
 * not, byte for byte, what its bundle would be written as is none.
 */
static int parse(struct bundle *bundle, char *copy, const char *text)
{
	char *ours, *rest = copy;
	unsigned int number = 0;
	int result;

	while (*rest) {
		number++;
		if (parse_line(bundle, strsep(&rest, "\n")))
			return report("%s, line %u: nothing that this kexec-try knows; pack the bundle with the same version",
				      BUNDLE_MANIFEST, number);
	}
	ours = bundle_print(bundle);
	if (strcmp(ours, text))
		result = report("%s, line %u: not as this kexec-try writes it; pack the bundle with the same version",
				BUNDLE_MANIFEST, odd_line(text, ours));
	else
		result = is_sound(bundle) ? 0 :
			report("%s: a file is missing, or a name, a size or an address cannot be; pack the bundle anew",
			       BUNDLE_MANIFEST);
	free(ours);
	return result;
}

int bundle_parse(struct bundle *bundle, const char *text, size_t size)
{
	char *copy, *whole;
	int result;

	bundle_init(bundle);
	if (size > BUNDLE_MANIFEST_MAX)
		return report("%s: it has %zu bytes, %d is the most",
			      BUNDLE_MANIFEST, size, BUNDLE_MANIFEST_MAX);
	if (!size || text[size - 1] != '\n' || memchr(text, '\0', size))
		return report("%s: the last line has no end; the file is cut",
			      BUNDLE_MANIFEST);
	whole = must_print("%.*s", (int)size, text);
	copy = must_print("%s", whole);
	result = parse(bundle, copy, whole);
	if (!result)
		set_id(bundle, text, size);
	free(copy);
	free(whole);
	return result;
}
