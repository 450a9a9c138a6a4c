// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec-stubs.c - helpers for all unit tests
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kexec-stubs.h"

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
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

void put_file(const char *name, const void *content, size_t size)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(content, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}
