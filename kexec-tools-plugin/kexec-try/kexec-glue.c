// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-glue.c - what the code of --map-file calls in the rest of kexec
 *
 * kexec-try has that code in it to work out places as kexec does. No image is
 * loaded here, so a segment is an entry in a list and no more.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kexec.h"
#include "say.h"

/* --mem-min and --mem-max, which nobody gives */
unsigned long long mem_min;
unsigned long long mem_max = ~0ULL;

void die(const char *fmt, ...)
{
	char line[SAY_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	report("%s", line);
	exit(EXIT_REFUSED);
}

void *xmalloc(size_t size)
{
	return must_alloc(size);
}

void *xrealloc(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (!memory)
		die("no memory for %zu bytes", size);
	return memory;
}

void add_segment_phys_virt(struct kexec_info *info, const void *buf,
			   size_t bufsz, unsigned long base, size_t memsz,
			   int phys)
{
	struct kexec_segment *segment;

	(void)phys;
	info->segment = xrealloc(info->segment, (info->nr_segments + 1) *
				 sizeof(*info->segment));
	segment = &info->segment[info->nr_segments++];
	segment->buf = buf;
	segment->bufsz = bufsz;
	segment->mem = (void *)base;
	segment->memsz = _ALIGN(memsz, getpagesize());
}
