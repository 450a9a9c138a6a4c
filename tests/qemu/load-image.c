// SPDX-License-Identifier: GPL-2.0-only
/*
 * load-image.c - load files as the segments of a kexec image, unchecked
 *
 * load-image FILE@ADDRESS...
 *
 * kexec-tools would refuse what the kernel must refuse as well: this asks the
 * kernel. Each segment has the bytes of its file, mapped and not copied, and as
 * many whole pages as they need. The entry is that of the first file. Exit status
 * 1, with the reason, when the kernel refuses.
 */

#include <err.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SEGMENTS_MAX	16

static void *map_file(const char *name, size_t *size)
{
	int fd = open(name, O_RDONLY);
	struct stat stat;
	void *data;

	if (fd < 0 || fstat(fd, &stat))
		err(2, "%s", name);
	*size = stat.st_size;
	data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		err(2, "%s", name);
	close(fd);
	return data;
}

static void set_segment(struct kexec_segment *segment, char *arg)
{
	char *at = strrchr(arg, '@');
	size_t page = getpagesize();

	if (!at)
		errx(2, "%s: no address", arg);
	*at = '\0';
	segment->buf = map_file(arg, &segment->bufsz);
	segment->mem = (void *)strtoul(at + 1, NULL, 0);
	segment->memsz = (segment->bufsz + page - 1) / page * page;
}

int main(int argc, char **argv)
{
	struct kexec_segment segment[SEGMENTS_MAX];
	int i;

	if (argc < 2 || argc - 1 > SEGMENTS_MAX)
		errx(2, "usage: load-image FILE@ADDRESS...");
	for (i = 1; i < argc; i++)
		set_segment(&segment[i - 1], argv[i]);
	if (syscall(SYS_kexec_load, segment[0].mem, (unsigned long)argc - 1,
		    segment, KEXEC_ARCH_DEFAULT))
		err(1, "kexec_load");
	return 0;
}
