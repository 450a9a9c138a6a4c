// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-load.c - a kexec_load() that writes the image to files
 *
 * Linked into kexec, its syscall() and sysinfo() replace those of libc. No call
 * reaches a kernel. In the directory $KEXEC_IMAGE, the file `segments` has a line
 * for the entry and the flags, and one for each segment: physical address, bytes
 * in memory, bytes given, all hexadecimal. The content of a segment is in a file
 * whose name is the address.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* struct kexec_segment of Linux, include/uapi/linux/kexec.h */
struct segment {
	const void *buf;
	size_t bufsz;
	const void *mem;
	size_t memsz;
};

static FILE *create(const char *name)
{
	const char *directory = getenv("KEXEC_IMAGE");
	char path[4096];
	FILE *file;

	if (!directory)
		abort();
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	if (!file) {
		perror(path);
		abort();
	}
	return file;
}

static void write_segment(const struct segment *segment)
{
	char name[32];
	FILE *file;

	snprintf(name, sizeof(name), "%lx", (unsigned long)segment->mem);
	file = create(name);
	if (fwrite(segment->buf, 1, segment->bufsz, file) != segment->bufsz ||
	    fclose(file))
		abort();
}

static long load(unsigned long entry, unsigned long nr,
		 const struct segment *segment, unsigned long flags)
{
	FILE *file = create("segments");
	unsigned long i;

	fprintf(file, "entry %lx flags %lx\n", entry, flags);
	for (i = 0; i < nr; i++) {
		fprintf(file, "%lx %zx %zx\n", (unsigned long)segment[i].mem,
			segment[i].memsz, segment[i].bufsz);
		write_segment(&segment[i]);
	}
	return fclose(file);
}

long syscall(long number, ...)
{
	unsigned long arg[4];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 4; i++)
		arg[i] = va_arg(args, unsigned long);
	va_end(args);

	if (number == SYS_kexec_load)
		return load(arg[0], arg[1], (const struct segment *)arg[2],
			    arg[3]);
	errno = ENOSYS;
	return -1;
}

int __real_lstat64(const char *path, struct stat *st);
int __wrap_lstat64(const char *path, struct stat *st);

/* qemu-user looks up absolute paths below $KEXEC_ROOT, but not in this call. */
int __wrap_lstat64(const char *path, struct stat *st)
{
	char below[4096];

	snprintf(below, sizeof(below), "%s%s", getenv("KEXEC_ROOT"), path);
	return __real_lstat64(below, st);
}

/* $KEXEC_RAM is the RAM of the machine, in bytes. */
int sysinfo(struct sysinfo *info)
{
	const char *ram = getenv("KEXEC_RAM");

	memset(info, 0, sizeof(*info));
	info->totalram = strtoul(ram ? ram : "134217728", NULL, 0);
	info->mem_unit = 1;
	return 0;
}
