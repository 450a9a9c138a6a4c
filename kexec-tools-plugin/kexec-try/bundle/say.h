/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * say.h - messages to the user, and memory allocation that cannot fail
 */
#ifndef TRY_SAY_H
#define TRY_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* The longest line that report(), warn() and step() print, in bytes */
#define SAY_MAX		1024

/**
 * report() - print one line on stderr: what is wrong, and what would help
 * @fmt: as for printf(), without a newline
 *
 * Anything but printable ASCII, such as an escape sequence or a newline, becomes a
 * question mark.
 *
 * Return: -1, for the caller to return.
 */
int report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same, for an exit code to return */
#define report_as(code, ...)	(report(__VA_ARGS__), code)

/* The same for a likely problem, and for a step that is done, on stdout */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Has all three also write to /dev/kmsg, and so to the console, or not */
void say_to_kernel_log(bool yes);

/**
 * must_alloc() - allocate zeroed memory
 * @size: in bytes, may be 0
 *
 * Return: the memory, to be freed; never NULL. Without memory, the program exits
 * with one line on stderr and EXIT_REFUSED.
 */
void *must_alloc(size_t size);

/* asprintf(): the text is to be freed. Exits without memory, as must_alloc() does. */
char *must_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Appends to a text, which may move. NULL is an empty text. */
void must_add(char **text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* TRY_SAY_H */
