// SPDX-License-Identifier: GPL-2.0-only
/*
 * say.c - what kexec-try tells its user, and memory that must be there
 */

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

/* Levels of the kernel log: Linux, include/linux/kern_levels.h */
#define LEVEL_ERROR	3
#define LEVEL_WARNING	4
#define LEVEL_NOTICE	5

static bool to_kernel_log;

void say_to_kernel_log(bool yes)
{
	to_kernel_log = yes;
}

/* One write is one record. Nothing depends on it, so a failure is no reason to
 * stop.
 */
static void write_to_kernel_log(int level, const char *line)
{
	char record[SAY_MAX + 32];
	int fd, len;

	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return;
	len = snprintf(record, sizeof(record), "<%d>kexec-try: %s\n", level,
		       line);
	if (write(fd, record, len) < 0) {
		/* stdout or stderr has the line */
	}
	close(fd);
}

static void say(FILE *to, int level, const char *prefix, const char *fmt,
		va_list args)
{
	char line[SAY_MAX];
	char *c;

	vsnprintf(line, sizeof(line), fmt, args);
	for (c = line; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	fprintf(to, "kexec-try: %s%s\n", prefix, line);
	fflush(to);
	if (to_kernel_log)
		write_to_kernel_log(level, line);
}

int report(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(stderr, LEVEL_ERROR, "", fmt, args);
	va_end(args);
	return -1;
}

void warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(stderr, LEVEL_WARNING, "warning: ", fmt, args);
	va_end(args);
}

void step(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(stdout, LEVEL_NOTICE, "", fmt, args);
	va_end(args);
}

static void no_memory(size_t size)
{
	report("no memory for %zu bytes", size);
	exit(EXIT_REFUSED);
}

void *must_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		no_memory(size);
	return memory;
}

char *must_print(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);

	text = must_alloc(len + 1);
	va_start(args, fmt);
	vsnprintf(text, len + 1, fmt, args);
	va_end(args);
	return text;
}
