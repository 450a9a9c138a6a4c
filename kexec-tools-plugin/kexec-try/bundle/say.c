// SPDX-License-Identifier: GPL-2.0-only
/*
 * say.c - messages to the user, and memory allocation that cannot fail
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "say.h"
#include "try.h"

static bool to_kernel_log;

void say_to_kernel_log(bool yes)
{
	to_kernel_log = yes;
}

/* One write is one record. If it fails, the user still has the line. */
static void write_to_kernel_log(int level, const char *line)
{
	char record[960];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	/* devkmsg_write() in kernel/printk/printk.c refuses long records. Without a
	 * newline, a record is not shown until the next one comes.
	 */
	int len = snprintf(record, sizeof(record), "<%d>kexec-try: %.900s\n",
			   level, line);

	if (fd < 0)
		return;
	if (write(fd, record, len) < 0)
		to_kernel_log = false;
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

#define SAY(to, level, prefix, fmt) do { \
	va_list args; \
	va_start(args, fmt); \
	say(to, level, prefix, fmt, args); \
	va_end(args); \
} while (0)

int report(const char *fmt, ...)
{
	SAY(stderr, LOG_ERR, "", fmt);
	return -1;
}

void warn(const char *fmt, ...)
{
	SAY(stderr, LOG_WARNING, "warning: ", fmt);
}

void step(const char *fmt, ...)
{
	SAY(stdout, LOG_NOTICE, "", fmt);
}

static void no_memory(void)
{
	report("no memory");
	exit(EXIT_REFUSED);
}

void *must_alloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);

	if (!memory)
		no_memory();
	return memory;
}

static char *print(const char *fmt, va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) < 0)
		no_memory();
	return text;
}

char *must_print(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = print(fmt, args);
	va_end(args);
	return text;
}

void must_add(char **text, const char *fmt, ...)
{
	char *old = *text, *more;
	va_list args;

	va_start(args, fmt);
	more = print(fmt, args);
	va_end(args);
	*text = must_print("%s%s", old ? old : "", more);
	free(old);
	free(more);
}
