// SPDX-License-Identifier: GPL-2.0-only
/*
 * bundle.c - the manifest and the files of a bundle
 *
 * A bundle is untrusted input. A manifest is accepted only if it is sound and is
 * byte for byte what bundle_print() would write. Only regular files directly in the
 * directory are opened, no link is followed, and the size of each file is checked
 * before its content is read.
 */

#define _GNU_SOURCE
/* With a 32-bit long, readdir() fails on file systems with larger inode numbers or
 * offsets. No off_t is passed in or out of this file.
 */
#define _FILE_OFFSET_BITS 64
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "files.h"
#include "say.h"
#include "text.h"

/* The most bytes of a word that a message quotes */
#define SHOWN_MAX	64

static const char *const role_names[] = {
	[BUNDLE_KERNEL] = "kernel",
	[BUNDLE_DTB] = "dtb",
	[BUNDLE_ROOTFS] = "rootfs",
	[BUNDLE_MAP] = "map",
};

#define ROLES	(sizeof(role_names) / sizeof(role_names[0]))

/* The most words after the first one in a line of the manifest */
#define FIELDS	5

/* RAM ends are compared in this unit: a kernel may leave the last bytes of RAM out of
 * /proc/iomem.
 */
#define RAM_UNIT	(1ULL << 20)

void bundle_init(struct bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->dirfd = -1;
	strcpy(bundle->linux_version, "unknown");
	strcpy(bundle->label, "rootfs");
}

static bool is_name(const char *text, size_t max)
{
	return text[0] && text[0] != '.' && text[0] != '-' &&
		strlen(text) <= max &&
		!text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

/* Whether a file with that name belongs to the bundle */
static bool has_name(const struct bundle *bundle, const char *name)
{
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		if (!strcmp(bundle->file[i].name, name))
			return true;
	return !strcmp(name, BUNDLE_MANIFEST);
}

struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name)
{
	struct bundle_file *file;

	if (!is_name(name, BUNDLE_NAME_MAX))
		report("a bundle cannot hold a file called '%.*s'; use 1 to %d of A-Z a-z 0-9 . _ -, not starting with . or -",
		       SHOWN_MAX, name, BUNDLE_NAME_MAX);
	else if (has_name(bundle, name))
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
			return report("the %s '%.*s': a character that is not printable ASCII",
				      what, SHOWN_MAX, text);
	strcpy(to, text);
	return 0;
}

int bundle_set_append(struct bundle *bundle, const char *append)
{
	char *plain = must_print("%s word=1", append);
	bool open = text_unquote(plain) % 2;
	bool arrives = text_word(plain, "word", NULL, 0);

	free(plain);
	if (open)
		return report("the words to append: a quote is open at the end; the words that follow would be in it");
	if (!arrives)
		return report("the words to append: leave out the lone --: words after it go to init, and more are added");
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
		return report("invalid label '%.*s'; use 1 to %d of A-Z a-z 0-9 . _ -, not starting with . or -",
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

/* Loading takes the running kernel's copy of the image, and the unpacked kernel file in
 * the memory of kexec. A kernel counts as compressed if its file is less than 3/4 of its
 * size in RAM.
 */
int bundle_check_memory(const struct bundle *bundle, unsigned long long ram,
			unsigned long long available, bool is_there)
{
	unsigned long long taken = bundle->load_end - bundle->load_start;
	unsigned long long size = bundle_find(bundle, BUNDLE_KERNEL)->size;
	unsigned long long need = taken + bundle_size(bundle);
	bool compressed = size < taken / 4 * 3;

	if (compressed)
		need += taken - size;
	if (!is_there)
		need += bundle_size(bundle);
	if (ram && bundle->memory > ram)
		return report("the bundle needs %llu MiB of RAM; the device has %llu MiB",
			      ram_mebibytes(bundle->memory), ram >> 20);
	if (available && need > available)
		return report("%s %llu MiB of memory; %llu MiB are free: stop services, or remove files from /run and /tmp%s",
			      is_there ? "loading it takes" :
					 "the bundle and loading it take",
			      ram_mebibytes(need), available >> 20,
			      compressed ? "" :
			      "; a kernel compressed with gzip takes less");
	return 0;
}

static void print_ranges(char **to, const char *key, const struct ram *ram)
{
	unsigned int i;

	for (i = 0; i < ram->ranges; i++)
		must_add(to, "%s 0x%llx 0x%llx\n", key, ram->range[i].start,
			 ram->range[i].end);
}

char *bundle_print(const struct bundle *bundle)
{
	const struct bundle_file *file;
	char *text = NULL;

	must_add(&text, "format 2\nmachine mips\nendian %s\nbits %u\nlinux %s\n",
		 bundle->big_endian ? "big" : "little", bundle->bits,
		 bundle->linux_version);
	must_add(&text, "load 0x%llx 0x%llx\nmemory %llu\n",
		 bundle->load_start, bundle->load_end, bundle->memory);
	if (bundle->compatible[0])
		must_add(&text, "compatible %s\n", bundle->compatible);
	print_ranges(&text, "ram", &bundle->ram);
	print_ranges(&text, "reserved", &bundle->reserved);
	for (file = bundle->file; file < bundle->file + bundle->files; file++) {
		must_add(&text, "%s %s %llu %s", role_names[file->role],
			 file->name, file->size, file->sum);
		if (file->role == BUNDLE_MAP)
			must_add(&text, file->automatic ? " auto" : " 0x%llx",
				 file->addr);
		must_add(&text, file->label[0] ? " %s\n" : "\n", file->label);
	}
	must_add(&text, "label %s\n", bundle->label);
	if (bundle->append[0])
		must_add(&text, "append %s\n", bundle->append);
	return text;
}

/* bundle_parse() refuses any number that bundle_print() would write differently. */
static unsigned long long number(const char *text)
{
	return strtoull(text, NULL, 0);
}

/* ROLE NAME SIZE SHA256 [ADDRESS [LABEL]]; @field starts with NAME */
static int parse_file(struct bundle *bundle, const char *role,
		      char *const field[FIELDS])
{
	struct bundle_file *file;
	unsigned int i = 0;

	while (i < ROLES && strcmp(role_names[i], role))
		i++;
	if (i == ROLES || strspn(field[2], TEXT_HEX) != SUM_SIZE - 1)
		return -1;
	file = bundle_add(bundle, i, field[0]);
	if (!file)
		return -1;
	file->size = number(field[1]);
	file->addr = number(field[3]);
	file->automatic = i == BUNDLE_MAP && !strcmp(field[3], "auto");
	snprintf(file->sum, sizeof(file->sum), "%s", field[2]);
	snprintf(file->label, sizeof(file->label), "%s", field[4]);
	return 0;
}

static int parse_line(struct bundle *bundle, const char *from, char *line)
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
		return ram_add(&bundle->ram, from, number(field[0]),
			       number(field[1]));
	if (!strcmp(key, "reserved"))
		return ram_add(&bundle->reserved, from, number(field[0]),
			       number(field[1]));
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
	const struct bundle_file *file;
	unsigned int count[ROLES] = { 0 };

	for (file = bundle->file; file < bundle->file + bundle->files; file++) {
		if ((file->label[0] && !is_name(file->label, BUNDLE_LABEL_MAX)) ||
		    !file->size || file->size > BUNDLE_FILE_SIZE_MAX ||
		    file->addr > TEXT_ADDRESS_MAX)
			return false;
		count[file->role]++;
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

/* The number of the first line that differs */
static unsigned int odd_line(const char *text, size_t size, const char *ours)
{
	unsigned int line = 1;
	size_t i;

	for (i = 0; i < size && text[i] == ours[i]; i++)
		line += text[i] == '\n';
	return line;
}

int bundle_parse(struct bundle *bundle, const char *from, const char *text,
		 size_t size)
{
	char *copy, *rest, *ours, sum[SUM_SIZE];
	int result = 0;

	bundle_init(bundle);
	if (size > BUNDLE_MANIFEST_MAX)
		return report("%s: longer than %d bytes, the limit for a manifest",
			      from, BUNDLE_MANIFEST_MAX);
	if (!size || text[size - 1] != '\n' || memchr(text, '\0', size))
		return report("%s: the last line is incomplete; the file is cut",
			      from);
	rest = copy = must_print("%.*s", (int)size, text);
	while (*rest && !parse_line(bundle, from, strsep(&rest, "\n")))
		;
	free(copy);

	/* The parser is lenient; this check is not: the manifest must be byte for
	 * byte what is printed for the parsed bundle. If the parser stopped
	 * early, the rest is missing from the printed text.
	 */
	ours = bundle_print(bundle);
	if (strlen(ours) != size || memcmp(ours, text, size))
		result = report("%s, line %u: not as this kexec-try writes it; pack the bundle with the same version",
				from, odd_line(text, size, ours));
	else if (!is_sound(bundle))
		result = report("%s: a file is missing, or a name, a size or an address is invalid; pack the bundle again",
				from);
	free(ours);
	sum_of_data(text, size, sum);
	snprintf(bundle->id, sizeof(bundle->id), "%.*s", BUNDLE_ID_DIGITS, sum);
	return result;
}

/* O_NONBLOCK: the open must not block on a FIFO, or have a side effect on a device.
 * Anything but a regular file is closed at once.
 */
static int open_regular(int dirfd, const char *path, const char *name,
			unsigned long long *size)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
			O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (fd < 0 && errno == ENOENT)
		return report("%s/%s: %s: the bundle is not whole; pack or send it again",
			      path, name, strerror(errno));
	if (fd < 0)
		return report("%s/%s: %s", path, name, errno == ELOOP ?
			      "a symbolic link, which is not followed" : strerror(errno));
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return report("%s/%s: not a regular file", path, name);
	}
	*size = status.st_size;
	return fd;
}

int bundle_open(struct bundle *bundle, const char *path)
{
	int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd;
	char text[BUNDLE_MANIFEST_MAX + 1], *from;
	unsigned long long size;
	int result = -1;

	if (dirfd < 0)
		report("%s: %s; a bundle is a directory, as kexec-try pack makes it",
		       path, strerror(errno));
	bundle_init(bundle);
	fd = dirfd < 0 ? -1 : open_regular(dirfd, path, BUNDLE_MANIFEST, &size);
	if (fd >= 0) {
		from = must_print("%s/" BUNDLE_MANIFEST, path);
		result = bundle_parse(bundle, from, text,
				      files_read(fd, text, sizeof(text)));
		free(from);
		close(fd);
	}
	bundle->path = must_print("%s", path);
	bundle->dirfd = dirfd;
	if (result)
		bundle_close(bundle);
	return result;
}

void bundle_close(struct bundle *bundle)
{
	if (bundle->dirfd >= 0)
		close(bundle->dirfd);
	free(bundle->path);
	bundle->dirfd = -1;
	bundle->path = NULL;
}

/* Nothing reads an unlisted file, but a user may believe that it was packed. */
static int check_unlisted(const struct bundle *bundle)
{
	struct dirent *entry;
	int result = 0;
	/* A new open file, as dup() would share the position in the directory */
	int fd = openat(bundle->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return report("%s: %s", bundle->path, strerror(errno));
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") &&
		    !has_name(bundle, entry->d_name))
			result = report("%s/%.64s: the manifest does not list it; remove it",
					bundle->path, entry->d_name);
	closedir(dir);
	return result;
}

/* Without @all, only the size is checked. */
static int check_file(const struct bundle *bundle,
		      const struct bundle_file *file, bool all)
{
	unsigned long long size;
	char sum[SUM_SIZE];
	int fd = open_regular(bundle->dirfd, bundle->path, file->name, &size);
	int result = 0;

	if (fd < 0)
		return -1;
	if (size != file->size)
		result = report("%s/%s: it has %llu bytes, the manifest says %llu",
				bundle->path, file->name, size, file->size);
	else if (all && files_sum(fd, size, NULL, NULL, sum) < size)
		result = report("%s/%s: %s", bundle->path, file->name,
				strerror(errno ? errno : ENODATA));
	else if (all && strcmp(sum, file->sum))
		result = report("%s/%s: its SHA-256 is not that of the manifest; send it again",
				bundle->path, file->name);
	close(fd);
	return result;
}

int bundle_verify(const struct bundle *bundle)
{
	int result = check_unlisted(bundle), all;
	unsigned int i;

	for (all = 0; all <= 1 && !result; all++)
		for (i = 0; i < bundle->files; i++)
			if (check_file(bundle, &bundle->file[i], all))
				result = -1;
	return result;
}

/* Whether the first word of @one is a word of @list */
static bool first_is_in(const char *one, const char *list)
{
	char *word = must_print(" %.*s ", (int)strcspn(one, " "), one);
	char *words = must_print(" %s ", list);
	bool found = strstr(words, word);

	free(word);
	free(words);
	return found;
}

/* The first word of `compatible` names the board, or a SoC that only one board has.
 * It must match; the same SoC on another board is not enough.
 */
int bundle_check_board(const struct bundle *bundle, const char *compatible,
		       unsigned long long ram_end)
{
	const struct ram *ram = &bundle->ram;
	unsigned long long end = ram->ranges ?
		ram->range[ram->ranges - 1].end : 0;
	int result = 0;

	if (*compatible && bundle->compatible[0] &&
	    !first_is_in(bundle->compatible, compatible) &&
	    !first_is_in(compatible, bundle->compatible))
		result = report("the bundle's device tree is for '%.64s', and this board is '%.64s'; --other-board if that is right",
				bundle->compatible, compatible);
	ram_end = ram_whole(ram_end, RAM_UNIT);
	if (ram_end && end > ram_end)
		result = report("the bundle's device tree has RAM up to 0x%llx, and this board up to 0x%llx; --other-board if that is right",
				end, ram_end);
	return result;
}
