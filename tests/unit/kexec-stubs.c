// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-stubs.c - what the code under test calls in the rest of kexec-tools
 *
 * They do what kexec/kexec.c does, but for die(), which goes back to the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec.h"
#include "kexec-stubs.h"
#include "map-file.h"

int kexec_debug;
unsigned long long mem_min;
unsigned long long mem_max = ~0ULL;

static jmp_buf *dead;

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (!dead)
		abort();
	longjmp(*dead, 1);
}

void *xmalloc(size_t size)
{
	void *buf = malloc(size);

	if (!buf)
		abort();
	return buf;
}

void *xrealloc(void *ptr, size_t size)
{
	void *buf = realloc(ptr, size);

	if (!buf)
		abort();
	return buf;
}

void add_segment_phys_virt(struct kexec_info *info, const void *buf,
			   size_t bufsz, unsigned long base, size_t memsz,
			   int phys)
{
	struct kexec_segment *segment;

	assert_false(phys);
	assert_int_equal(base % getpagesize(), 0);
	info->segment = xrealloc(info->segment, (info->nr_segments + 1) *
				 sizeof(*info->segment));
	segment = &info->segment[info->nr_segments++];
	segment->buf = buf;
	segment->bufsz = bufsz;
	segment->mem = (void *)base;
	segment->memsz = _ALIGN(memsz, getpagesize());
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

void free_map_files(struct map_files *files)
{
	unsigned int i;

	for (i = 0; i < files->nr; i++) {
		struct map_file *file = &files->file[i];

		if (file->fd >= 0) {
			munmap((void *)file->data, file->size);
			close(file->fd);
		} else {
			free((void *)file->data);
		}
		free(file->path);
		free(file->label);
	}
}

char *capture_stderr(int (*call)(void *arg), void *arg, int *result)
{
	FILE *real = stderr;
	char *text = NULL;
	jmp_buf here;
	size_t size;

	fflush(stderr);
	stderr = open_memstream(&text, &size);
	dead = &here;
	if (setjmp(here))
		*result = DIED;
	else
		*result = call(arg);
	dead = NULL;
	fclose(stderr);
	stderr = real;
	return text;
}

void put_file(const char *name, const void *content, size_t size)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}
