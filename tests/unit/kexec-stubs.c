// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-stubs.c - what the code under test calls in the rest of kexec-tools
 *
 * add_segment_phys_virt() keeps what it was asked for, the others do what
 * kexec/kexec.c does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kexec.h"
#include "kexec-stubs.h"

int kexec_debug;
struct added_segment added[ADDED_MAX];
int nr_added;

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	abort();
}

void *xmalloc(size_t size)
{
	void *buf = malloc(size);

	if (!buf)
		abort();
	return buf;
}

void add_segment_phys_virt(struct kexec_info *info, const void *buf,
			   size_t bufsz, unsigned long base, size_t memsz,
			   int phys)
{
	(void)info;
	if (nr_added == ADDED_MAX)
		abort();
	added[nr_added++] = (struct added_segment) {
		.buf = buf, .bufsz = bufsz, .base = base, .memsz = memsz,
		.phys = phys,
	};
}

char *capture_stderr(int (*call)(void *arg), void *arg, int *result)
{
	FILE *real = stderr;
	char *text = NULL;
	size_t size;

	fflush(stderr);
	stderr = open_memstream(&text, &size);
	*result = call(arg);
	fclose(stderr);
	stderr = real;
	return text;
}
