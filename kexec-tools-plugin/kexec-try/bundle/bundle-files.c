// SPDX-License-Identifier: GPL-2.0-only
/*
 * bundle-files.c - the files of a bundle
 *
 * A bundle may come from anywhere: only plain files right in its directory are
 * opened, no link is followed, and each has the size that was told before a
 * byte of it is read.
 */

/* Where long has 32 bits, a directory of a file system with larger numbers could
 * not be read to its end. No off_t goes in or out of this file.
 */
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "files.h"
#include "say.h"

/* Opens without waiting for the other end of a pipe, and without reading a tape
 * back: what is no regular file is closed again at once.
 */
static int open_regular(const struct bundle *bundle, const char *name,
			struct stat *status)
{
	int fd = openat(bundle->dirfd, name, O_RDONLY | O_NOFOLLOW |
			O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return report("%s/%s: %s, and no bundle is whole without it; pack or send it again",
			      bundle->path, name, strerror(errno));
	if (fd < 0)
		return report("%s/%s: %s", bundle->path, name,
			      errno == ELOOP ? "a link, which nobody follows" :
			      strerror(errno));
	if (fstat(fd, status) || !S_ISREG(status->st_mode)) {
		close(fd);
		return report("%s/%s: no regular file", bundle->path, name);
	}
	return fd;
}

int bundle_open(struct bundle *bundle, const char *path)
{
	char *kept = must_print("%s", path), text[BUNDLE_MANIFEST_MAX + 1];
	struct stat status;
	size_t size;
	int fd, dirfd, result = -1;

	bundle_init(bundle);
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bundle->path = kept;
	bundle->dirfd = dirfd;
	if (dirfd < 0)
		report("%s: %s; a bundle is a directory, as kexec-try pack makes it",
		       path, strerror(errno));
	fd = dirfd < 0 ? -1 : open_regular(bundle, BUNDLE_MANIFEST, &status);
	if (fd >= 0) {
		size = files_read(fd, text, sizeof(text));
		close(fd);
		result = bundle_parse(bundle, text, size);
		bundle->path = kept;
		bundle->dirfd = dirfd;
	}
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

/* Nobody would look at them; but they are no part of what was packed, and a user
 * may take them for it.
 */
static int check_unlisted(const struct bundle *bundle)
{
	struct dirent *entry;
	int result = 0;
	/* Another one, because reading moves on in it */
	int fd = openat(bundle->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return report("%s: %s", bundle->path, strerror(errno));
	while ((entry = readdir(dir))) {
		unsigned int i = 0;

		while (i < bundle->files &&
		       strcmp(bundle->file[i].name, entry->d_name))
			i++;
		if (i == bundle->files && strcmp(entry->d_name, ".") &&
		    strcmp(entry->d_name, "..") &&
		    strcmp(entry->d_name, BUNDLE_MANIFEST))
			result = report("%s/%.64s: the manifest does not list it; remove it",
					bundle->path, entry->d_name);
	}
	closedir(dir);
	return result;
}

/* Without @sum only the size is looked at. */
static int check_file(const struct bundle *bundle,
		      const struct bundle_file *file, bool sum)
{
	uint8_t sha256[SUM_SIZE];
	struct stat status;
	int fd = open_regular(bundle, file->name, &status);
	int result = 0;

	if (fd < 0)
		return -1;
	if ((unsigned long long)status.st_size != file->size)
		result = report("%s/%s: it has %lld bytes, the manifest says %llu",
				bundle->path, file->name,
				(long long)status.st_size, file->size);
	else if (sum && files_sum(fd, file->size, sha256))
		result = report("%s/%s: %s", bundle->path, file->name,
				strerror(errno));
	else if (sum && memcmp(sha256, file->sha256, sizeof(sha256)))
		result = report("%s/%s: its SHA-256 is not that of the manifest; send it again",
				bundle->path, file->name);
	close(fd);
	return result;
}

int bundle_verify(const struct bundle *bundle)
{
	int result = check_unlisted(bundle), sum;
	unsigned int i;

	for (sum = 0; sum <= 1 && !result; sum++)
		for (i = 0; i < bundle->files; i++)
			if (check_file(bundle, &bundle->file[i], sum))
				result = -1;
	return result;
}
