// SPDX-License-Identifier: GPL-2.0-only
/*
 * tar.c - a bundle as a stream
 *
 * A stream is hostile: a member is taken only when all of its header is what
 * this file would write, or what tar(1) writes for a plain file. Names with a
 * directory, links, devices, and the extensions for long names have no place in
 * a bundle.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "files.h"
#include "say.h"
#include "tar.h"

/* The unit of the stream; two blocks of zeros end it */
#define BLOCK		512

/* tar(1) writes 20 blocks at a time, and some read no less */
#define RECORD		(20 * BLOCK)

#define CHUNK		(64 * 1024)

/* How many bytes may follow the end: none is needed, one record is usual */
#define TRAILER_MAX	(64 * 1024)

/* Plain file and directory, `typeflag` */
#define TYPE_FILE	'0'
#define TYPE_FILE_OLD	'\0'
#define TYPE_DIRECTORY	'5'

/**
 * struct header - the block before a file, all of it text
 * @size: in octal digits, as are @mode, @uid, @gid, @mtime and @checksum
 * @checksum: sum of all bytes of the header, its own being blanks
 */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char linkname[100];
	char magic[6];
	char version[2];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char unused[12];
};

static unsigned int checksum(const struct header *header)
{
	const unsigned char *byte = (const unsigned char *)header;
	unsigned int i, sum = 0;

	for (i = 0; i < sizeof(*header); i++)
		sum += byte[i];
	for (i = 0; i < sizeof(header->checksum); i++)
		sum += ' ' - (unsigned char)header->checksum[i];
	return sum;
}

static int put_failed(void)
{
	return report("writing the bundle: %s", strerror(errno));
}

static int put_header(int to, const char *name, unsigned int mode,
		      unsigned long long size)
{
	struct header header;

	memset(&header, 0, sizeof(header));
	memcpy(header.name, name, strlen(name));
	snprintf(header.mode, sizeof(header.mode), "%07o", mode & 0777);
	snprintf(header.uid, sizeof(header.uid), "%07o", 0);
	snprintf(header.gid, sizeof(header.gid), "%07o", 0);
	snprintf(header.size, sizeof(header.size), "%011llo", size);
	/* The same files make the same stream, whenever it is written */
	snprintf(header.mtime, sizeof(header.mtime), "%011o", 0);
	header.type = TYPE_FILE;
	memcpy(header.magic, "ustar", 6);
	memcpy(header.version, "00", 2);
	memcpy(header.uname, "root", 5);
	memcpy(header.gname, "root", 5);
	snprintf(header.checksum, sizeof(header.checksum), "%06o",
		 checksum(&header));
	header.checksum[7] = ' ';
	return files_write(to, &header, sizeof(header)) ? put_failed() : 0;
}

/* Zeros up to the end of the block. */
static int put_padding(int to, unsigned long long size)
{
	static const char zeros[BLOCK];
	size_t over = size % BLOCK;

	if (over && files_write(to, zeros, BLOCK - over))
		return put_failed();
	return 0;
}

int tar_put_file(int to, const char *name, unsigned int mode, int from,
		 unsigned long long size)
{
	unsigned long long left = size;
	char *chunk;
	int result;

	result = put_header(to, name, mode, size);
	chunk = must_alloc(CHUNK);
	while (left && !result) {
		size_t want = left < CHUNK ? left : CHUNK;

		if (files_read(from, chunk, want) < want)
			result = report("%s: %s", name, errno ?
					strerror(errno) :
					"it got shorter while it was read");
		else if (files_write(to, chunk, want))
			result = put_failed();
		left -= want;
	}
	free(chunk);
	return result ? result : put_padding(to, size);
}

int tar_put_text(int to, const char *name, unsigned int mode,
		 const char *text, size_t size)
{
	if (put_header(to, name, mode, size))
		return -1;
	if (files_write(to, text, size))
		return put_failed();
	return put_padding(to, size);
}

int tar_put_end(int to)
{
	static const char zeros[RECORD];

	return files_write(to, zeros, sizeof(zeros)) ? put_failed() : 0;
}

/**
 * struct unpacker - a stream that is being unpacked
 * @from: the stream
 * @dirfd: the directory for its files
 * @files: how many there were, the manifest among them
 * @bytes: how many bytes they have, all together
 */
struct unpacker {
	int from;
	int dirfd;
	unsigned int files;
	unsigned long long bytes;
};

static int get_failed(void)
{
	return report("reading the bundle: %s", errno ? strerror(errno) :
		      "the stream ends too early; it is cut");
}

/* A field of octal digits, blanks before and a blank or NUL after, if there is
 * room. The extension for large numbers, which sets the top bit, is no digit.
 */
static int get_number(const char *field, size_t size,
		      unsigned long long *number)
{
	size_t i = 0, digits = 0;

	*number = 0;
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++, digits++)
		*number = *number << 3 | (field[i] - '0');
	if (!digits || (i < size && field[i] && field[i] != ' '))
		return -1;
	return 0;
}

static bool is_zero(const struct header *header)
{
	static const struct header zero;

	return !memcmp(header, &zero, sizeof(zero));
}

static int check_header(const struct header *header, unsigned long long *size)
{
	unsigned long long sum;

	if (get_number(header->checksum, sizeof(header->checksum), &sum) ||
	    sum != checksum(header))
		return report("reading the bundle: this is no tar stream, or a damaged or compressed one; make it with kexec-try pack -o -");
	if (get_number(header->size, sizeof(header->size), size))
		return report("reading the bundle: '%.64s' has no size that a file of a bundle can have",
			      header->name);
	return 0;
}

/* The name without `./`, which tar(1) puts before it. */
static int check_name(const struct header *header,
		      char name[BUNDLE_NAME_MAX + 1])
{
	const char *text = header->name;
	size_t len = strnlen(text, sizeof(header->name));
	struct bundle check;

	if (len > 2 && text[0] == '.' && text[1] == '/') {
		text += 2;
		len -= 2;
	}
	if (header->prefix[0] || len > BUNDLE_NAME_MAX)
		return report("reading the bundle: '%.64s' is no name of a file in a bundle",
			      header->name);
	memcpy(name, text, len);
	name[len] = '\0';
	if (!strcmp(name, BUNDLE_MANIFEST))
		return 0;
	bundle_init(&check);
	return bundle_add(&check, BUNDLE_MAP, name) ? 0 : -1;
}

/* The directory that `tar -C DIR .` begins with. */
static bool is_top(const struct header *header)
{
	return header->type == TYPE_DIRECTORY && !header->prefix[0] &&
		(!strncmp(header->name, "./", sizeof(header->name)) ||
		 !strncmp(header->name, ".", sizeof(header->name)));
}

static int copy_content(const struct unpacker *unpacker, int fd,
			const char *name, unsigned long long size)
{
	unsigned long long left = (size + BLOCK - 1) / BLOCK * BLOCK;
	char *chunk = must_alloc(CHUNK);
	int result = 0;

	while (left && !result) {
		size_t want = left < CHUNK ? left : CHUNK;
		size_t keep = size < want ? size : want;

		if (files_read(unpacker->from, chunk, want) < want)
			result = get_failed();
		else if (files_write(fd, chunk, keep))
			result = report("%s: %s", name, strerror(errno));
		left -= want;
		size -= keep;
	}
	free(chunk);
	return result;
}

static int unpack_file(struct unpacker *unpacker, const struct header *header,
		       unsigned long long size)
{
	char name[BUNDLE_NAME_MAX + 1];
	int fd, result;

	if (check_name(header, name))
		return -1;
	if (unpacker->files == BUNDLE_FILES_MAX + 1)
		return report("reading the bundle: '%s' is one file too many",
			      name);
	if (size > BUNDLE_FILE_SIZE_MAX ||
	    unpacker->bytes + size > BUNDLE_FILE_SIZE_MAX)
		return report("reading the bundle: with '%s' it has more than %llu bytes",
			      name, BUNDLE_FILE_SIZE_MAX);
	unpacker->files++;
	unpacker->bytes += size;

	fd = openat(unpacker->dirfd, name, O_WRONLY | O_CREAT | O_EXCL |
		    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return report("%s: %s", name, errno == EEXIST ?
			      "it is there already" : strerror(errno));
	result = copy_content(unpacker, fd, name, size);
	if (close(fd) && !result)
		result = report("%s: %s", name, strerror(errno));
	return result;
}

/* Who writes the stream must not find a closed pipe. */
static int read_trailer(const struct unpacker *unpacker)
{
	char *trailer = must_alloc(TRAILER_MAX);
	size_t size = files_read(unpacker->from, trailer, TRAILER_MAX);

	free(trailer);
	if (errno)
		return get_failed();
	return size == TRAILER_MAX ?
		report("reading the bundle: the stream goes on behind its end") :
		0;
}

int tar_unpack(int from, int dirfd)
{
	struct unpacker unpacker = { .from = from, .dirfd = dirfd };
	unsigned long long size = 0;
	struct header header;

	for (;;) {
		if (files_read(from, &header, sizeof(header)) < sizeof(header))
			return get_failed();
		if (is_zero(&header))
			return read_trailer(&unpacker);
		if (check_header(&header, &size))
			return -1;
		if (is_top(&header) && !size)
			continue;
		if (header.type != TYPE_FILE && header.type != TYPE_FILE_OLD)
			return report("reading the bundle: '%.64s' is no plain file; make the stream with kexec-try pack -o -, or in the bundle with tar --format=ustar -cf - .",
				      header.name);
		if (unpack_file(&unpacker, &header, size))
			return -1;
	}
}
