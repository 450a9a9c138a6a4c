/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * say.h - what kexec-try tells its user, and memory that must be there
 */
#ifndef TRY_SAY_H
#define TRY_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* The longest line that report(), warn() and step() print, in bytes */
#define SAY_MAX		1024

/**
 * report() - say in one line on stderr what is wrong, and what would work
 * @fmt: as for printf(), without a newline
 *
 * What a terminal would obey, and the end of a line, becomes a question mark.
 *
 * Return: -1, for the caller to return.
 */
int report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for what will most likely go wrong, and, on stdout, for what is done */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether all of them also write to /dev/kmsg, and so to the console */
void say_to_kernel_log(bool yes);

/**
 * must_alloc() - get memory, zeroed
 * @size: in bytes; 0 gets some, too
 *
 * Return: the memory, to be freed. Without any the program ends with one line
 * and EXIT_REFUSED.
 */
void *must_alloc(size_t size);

/* asprintf(), to be freed; without memory as must_alloc() */
char *must_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same behind a text, NULL being an empty one, which may move */
void must_add(char **text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TRY_SAY_H */
