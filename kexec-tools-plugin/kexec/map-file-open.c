// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file-open.c - the content of the files of --map-file
 *
 * A file is mapped: a copy in kexec would take as much memory as the file, on
 * machines that have little and beside the copy that the kernel makes. What
 * cannot be mapped is read: files of proc and sysfs, and the character devices
 * of MTD and UBI.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "map-file.h"

/* A file without a size is read into a buffer that starts with this one */
#define FIRST_BUFFER	65536

/**
 * struct content - what a file says of its content
 * @size: in bytes; 0 for a file in proc, whatever it holds
 * @exact: whether there are just as many bytes to read
 */
struct content {
	unsigned long long size;
	bool exact;
};

/* A device has the size that its end is at; one without an end has none. */
static int device_size(struct map_files *files, const struct map_file *file,
		       int fd, struct content *content)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return map_files_refuse(files, file,
					"cannot tell the size of the device: %s",
					strerror(errno));
	if (!end)
		return map_files_refuse(files, file,
					"a device without a size; MTD, UBI and block devices have one");
	content->size = end;
	content->exact = true;
	return 0;
}

static int look_at(struct map_files *files, const struct map_file *file,
		   int fd, struct content *content)
{
	struct stat stat;

	if (fstat(fd, &stat) < 0)
		return map_files_refuse(files, file, "cannot stat the file: %s",
					strerror(errno));
	if (S_ISCHR(stat.st_mode) || S_ISBLK(stat.st_mode))
		return device_size(files, file, fd, content);
	if (!S_ISREG(stat.st_mode))
		return map_files_refuse(files, file,
					"not a regular file but a %s; copy what you want to map into one",
					S_ISDIR(stat.st_mode) ? "directory" :
					"FIFO or socket");
	content->size = stat.st_size;
	content->exact = false;
	return 0;
}

static int map_content(struct map_file *file, int fd, const struct content *content)
{
	void *data;

	if (!content->size || content->size > SIZE_MAX)
		return -1;
	data = mmap(NULL, content->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -1;

	/* The kernel reads it once: spare it the marking of each page as used.
	 * A hint only, so it may fail.
	 */
	madvise(data, content->size, MADV_SEQUENTIAL);

	file->data = data;
	file->size = content->size;
	return 0;
}

static ssize_t read_some(int fd, void *to, size_t size)
{
	ssize_t got;

	do
		got = read(fd, to, size);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Up to @limit bytes, or one more to tell that there are more than that. */
static int read_all(struct map_files *files, struct map_file *file, int fd,
		    size_t room, size_t limit)
{
	char *data = NULL;
	size_t size = 0;
	ssize_t got;

	for (;;) {
		char *larger = realloc(data, room);

		if (!larger) {
			free(data);
			return map_files_refuse(files, file,
						"no memory for the %zu bytes that are read; a file that can be mapped needs none",
						room);
		}
		data = larger;

		do {
			got = read_some(fd, data + size, room - size);
			if (got > 0)
				size += got;
		} while (got > 0 && size < room);

		if (got <= 0 || room > limit)
			break;
		room = room < limit / 2 ? room * 2 : limit + 1;
	}

	file->data = data;
	file->size = size;
	if (got < 0)
		return map_files_refuse(files, file,
					"cannot read the file: %s",
					strerror(errno));
	if (size > limit)
		return map_files_refuse(files, file,
					"the file has more than the %zu bytes that the kernel takes (half of its RAM)",
					limit);
	return 0;
}

static int read_content(struct map_files *files, struct map_file *file,
			int fd, const struct content *content, size_t limit)
{
	struct content after;
	size_t room = FIRST_BUFFER;

	if (content->size > limit)
		return map_files_refuse(files, file,
					"the file has %llu bytes, the kernel takes %zu (half of its RAM)",
					content->size, limit);

	/* One more than there should be, to see the end */
	if (content->size)
		room = content->size + 1;
	if (read_all(files, file, fd, room, limit) < 0)
		return -1;

	if (look_at(files, file, fd, &after) < 0)
		return -1;
	if (after.size != content->size ||
	    (content->exact && file->size != content->size))
		return map_files_refuse(files, file,
					"the file changed while it was read: %llu bytes before, now %llu, read %llu; try again when nobody writes to it",
					content->size, after.size, file->size);
	return 0;
}

static int open_content(struct map_files *files, struct map_file *file, int fd,
			unsigned long long limit)
{
	struct content content;
	size_t head;

	if (look_at(files, file, fd, &content) < 0)
		return -1;

	if (!map_content(file, fd, &content)) {
		file->fd = fd;
		/* Not from the mapping, whose pages may be gone already */
		if (pread(fd, file->head, sizeof(file->head), 0) < 0)
			return map_files_refuse(files, file,
						"cannot read the file: %s",
						strerror(errno));
		return 0;
	}

	if (limit > SIZE_MAX - 1)
		limit = SIZE_MAX - 1;
	if (read_content(files, file, fd, &content, limit) < 0)
		return -1;
	if (!file->size)
		return map_files_refuse(files, file,
					"the file is empty; there is nothing to map");

	head = file->size < sizeof(file->head) ? file->size :
		sizeof(file->head);
	memcpy(file->head, file->data, head);
	return 0;
}

/**
 * map_files_open() - look at the files and get their content
 * @files: the options
 * @machine: the machine
 *
 * Each file is mapped, and stays open for map_files_check_unchanged(); one that
 * cannot be mapped is read.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_open(struct map_files *files,
		   const struct map_file_machine *machine)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];
		int fd, result;

		/* A FIFO without a writer must not block */
		fd = open(file->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return map_files_refuse(files, file,
						"cannot open the file: %s",
						strerror(errno));
		result = open_content(files, file, fd, machine->image_max);
		if (file->fd < 0)
			close(fd);
		if (result < 0)
			return -1;
	}
	return 0;
}

/**
 * map_files_check_unchanged() - see whether the files still have their size
 * @files: the options, opened
 *
 * To be called last, since the kernel reads a mapped file only when the image
 * is loaded.
 *
 * Return: 0, or -1 with the reason in @files->error.
 */
int map_files_check_unchanged(struct map_files *files)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];
		struct content now;

		if (file->fd < 0)
			continue;
		if (look_at(files, file, file->fd, &now) < 0)
			return -1;
		if (now.size != file->size)
			return map_files_refuse(files, file,
						"the file changed while it was read: %llu bytes before, now %llu; try again when nobody writes to it",
						file->size, now.size);
	}
	return 0;
}
