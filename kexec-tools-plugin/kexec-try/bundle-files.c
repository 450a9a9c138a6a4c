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

#include <sha256.h>

#include "bundle.h"
#include "files.h"
#include "say.h"
#include "tar.h"

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

/* @bundle has the directory; @manifest gets what its manifest says. */
static int read_manifest(const struct bundle *bundle, struct bundle *manifest)
{
	struct stat status;
	char *text;
	size_t size;
	int fd, result;

	fd = open_regular(bundle, BUNDLE_MANIFEST, &status);
	if (fd < 0)
		return -1;
	if (status.st_size > BUNDLE_MANIFEST_MAX) {
		close(fd);
		return report("%s/%s: it has %lld bytes, %d is the most",
			      bundle->path, BUNDLE_MANIFEST,
			      (long long)status.st_size, BUNDLE_MANIFEST_MAX);
	}
	text = must_alloc(status.st_size);
	size = files_read(fd, text, status.st_size);
	close(fd);

	/* It may have been cut in between: then it does not end well. */
	result = bundle_parse(manifest, text, size);
	free(text);
	return result;
}

int bundle_open(struct bundle *bundle, const char *path)
{
	struct bundle manifest;

	bundle_init(bundle);
	bundle->dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (bundle->dirfd < 0)
		return report("%s: %s; a bundle is a directory, as kexec-try pack makes it",
			      path, strerror(errno));
	bundle->path = must_print("%s", path);
	if (read_manifest(bundle, &manifest)) {
		bundle_close(bundle);
		return -1;
	}
	manifest.path = bundle->path;
	manifest.dirfd = bundle->dirfd;
	*bundle = manifest;
	return 0;
}

void bundle_close(struct bundle *bundle)
{
	if (bundle->dirfd >= 0)
		close(bundle->dirfd);
	free(bundle->path);
	bundle->dirfd = -1;
	bundle->path = NULL;
}

int bundle_open_file(const struct bundle *bundle,
		     const struct bundle_file *file)
{
	struct stat status;
	int fd = open_regular(bundle, file->name, &status);

	if (fd < 0)
		return -1;
	if ((unsigned long long)status.st_size != file->size) {
		close(fd);
		return report("%s/%s: it has %lld bytes, the manifest says %llu",
			      bundle->path, file->name,
			      (long long)status.st_size, file->size);
	}
	return fd;
}

static bool is_listed(const struct bundle *bundle, const char *name)
{
	unsigned int i;

	if (!strcmp(name, BUNDLE_MANIFEST))
		return true;
	for (i = 0; i < bundle->files; i++)
		if (!strcmp(bundle->file[i].name, name))
			return true;
	return false;
}

/* Nobody would look at them; but they are no part of what was packed, and a user
 * may take them for it.
 */
static int check_unlisted(const struct bundle *bundle)
{
	struct dirent *entry;
	int result = 0;
	DIR *dir;
	int fd;

	/* Another one, because reading moves on in it */
	fd = openat(bundle->dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return report("%s: %s", bundle->path, strerror(errno));
	}
	while ((errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") &&
		    strcmp(entry->d_name, "..") &&
		    !is_listed(bundle, entry->d_name))
			result = report("%s/%.64s: the manifest does not list it; remove it",
					bundle->path, entry->d_name);
	if (errno)
		result = report("%s: %s", bundle->path, strerror(errno));
	closedir(dir);
	return result;
}

static int check_sizes(const struct bundle *bundle)
{
	int result = 0;
	unsigned int i;

	for (i = 0; i < bundle->files; i++) {
		int fd = bundle_open_file(bundle, &bundle->file[i]);

		if (fd < 0)
			result = -1;
		else
			close(fd);
	}
	return result;
}

static int check_sum(const struct bundle *bundle,
		     const struct bundle_file *file)
{
	uint8_t sha256[BUNDLE_SHA256_SIZE];
	int fd = bundle_open_file(bundle, file);
	int result;

	if (fd < 0)
		return -1;
	result = files_sum(fd, file->size, sha256);
	close(fd);
	if (result)
		return report("%s/%s: %s", bundle->path, file->name,
			      strerror(errno));
	if (memcmp(sha256, file->sha256, sizeof(sha256)))
		return report("%s/%s: its SHA-256 is not that of the manifest; send it again",
			      bundle->path, file->name);
	return 0;
}

int bundle_verify(const struct bundle *bundle)
{
	int result = check_unlisted(bundle);
	unsigned int i;

	if (check_sizes(bundle))
		return -1;
	for (i = 0; i < bundle->files; i++)
		if (check_sum(bundle, &bundle->file[i]))
			result = -1;
	return result;
}

static int send_file(const struct bundle *bundle, const char *name,
		     unsigned long long size, unsigned int mode, int to)
{
	struct stat status;
	int fd = open_regular(bundle, name, &status);
	int result;

	if (fd < 0)
		return -1;
	result = tar_put_file(to, name, mode, fd,
			      size ? size : (unsigned long long)status.st_size);
	close(fd);
	return result;
}

int bundle_send(const struct bundle *bundle, int to)
{
	unsigned int i;

	if (send_file(bundle, BUNDLE_MANIFEST, 0, 0644, to))
		return -1;
	for (i = 0; i < bundle->files; i++) {
		const struct bundle_file *file = &bundle->file[i];

		if (send_file(bundle, file->name, file->size,
			      file->role == BUNDLE_BOOT ? 0755 : 0644, to))
			return -1;
	}
	return tar_put_end(to) ? 1 : 0;
}
