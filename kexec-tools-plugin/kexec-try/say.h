/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * say.h - what kexec-try tells its user, and memory that must be there
 */
#ifndef TRY_SAY_H
#define TRY_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* Exit codes; `status` has some of its own */
#define EXIT_GOOD	0
#define EXIT_REFUSED	1
#define EXIT_USAGE	2

/* The longest line that report(), warn() and step() print, in bytes */
#define SAY_MAX		1024

/**
 * report() - say in one line on stderr what is wrong
 * @fmt: as for printf(), without a newline: what is wrong, and what would work
 *
 * What comes from a file may be hostile: all that a terminal would obey, and
 * the end of a line, is printed as a question mark.
 *
 * Return: -1, for the caller to return.
 */
int report(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * warn() - say in one line on stderr what will most likely go wrong
 * @fmt: as for report()
 */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * step() - say in one line on stdout what is done
 * @fmt: as for report()
 *
 * After say_to_kernel_log(true) it is also written to /dev/kmsg, and so to the
 * console; where that cannot be written, stdout is all there is.
 */
void step(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * say_to_kernel_log() - have the kernel log keep what is said
 * @yes: whether step(), warn() and report() also write to /dev/kmsg
 */
void say_to_kernel_log(bool yes);

/**
 * must_alloc() - get memory, zeroed
 * @size: in bytes; 0 gets some, too
 *
 * Return: the memory, to be freed. Without any, the program ends with one line
 * and EXIT_REFUSED.
 */
void *must_alloc(size_t size);

/**
 * must_print() - make text, as asprintf() does
 * @fmt: as for printf()
 *
 * Return: the text, to be freed. Without memory the program ends, as with
 * must_alloc().
 */
char *must_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* TRY_SAY_H */
