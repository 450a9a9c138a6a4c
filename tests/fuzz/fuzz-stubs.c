// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-stubs.c - what the code under test calls in the rest of kexec-tools
 *
 * They do what kexec/kexec.c does. There die() ends kexec without a word of
 * what was wrong with the option, so here it is a finding.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kexec.h"
#include "fuzz.h"

int kexec_debug;
unsigned long fuzz_page_size = 4096;

unsigned long long mem_min;
unsigned long long mem_max = ~0ULL;

/* To the file descriptor: a target may keep stderr for itself. */
void fuzz_broken(const char *file, int line, const char *what)
{
	dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

unsigned long long fuzz_take(struct fuzz_bytes *bytes, unsigned int size)
{
	unsigned long long number = 0;
	unsigned int i;

	for (i = 0; i < size && bytes->left; i++) {
		number |= (unsigned long long)*bytes->at++ << 8 * i;
		bytes->left--;
	}
	return number;
}

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vdprintf(STDERR_FILENO, fmt, args);
	va_end(args);
	abort();
}

void *xmalloc(size_t size)
{
	void *buf = malloc(size);

	if (!buf)
		die("no memory for %zu bytes\n", size);
	return buf;
}

void *xrealloc(void *ptr, size_t size)
{
	void *buf = realloc(ptr, size);

	if (!buf)
		die("no memory for %zu bytes\n", size);
	return buf;
}

static bool valid_range(const struct kexec_info *info, unsigned long base,
			unsigned long last)
{
	int i;

	for (i = 0; i < info->memory_ranges; i++)
		if (base <= last && base >= info->memory_range[i].start &&
		    last < info->memory_range[i].end)
			return true;
	return false;
}

void add_segment_phys_virt(struct kexec_info *info, const void *buf,
			   size_t bufsz, unsigned long base, size_t memsz,
			   int phys)
{
	struct kexec_segment *segment;

	CHECK(!phys);
	if (!memsz)
		return;
	memsz = _ALIGN(memsz, fuzz_page_size);
	if (base % fuzz_page_size)
		die("Base address: 0x%lx is not page aligned\n", base);
	if (!valid_range(info, base, base + memsz - 1))
		die("Invalid memory segment 0x%lx-0x%lx\n", base,
		    base + memsz - 1);

	info->segment = xrealloc(info->segment, (info->nr_segments + 1) *
				 sizeof(*info->segment));
	segment = &info->segment[info->nr_segments++];
	segment->buf = buf;
	segment->bufsz = bufsz;
	segment->mem = (void *)base;
	segment->memsz = memsz;
}
