/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kexec-stubs.h - what the tests see of the stubs
 */
#ifndef KEXEC_STUBS_H
#define KEXEC_STUBS_H

/**
 * assert_contains() - fail the test unless a text has a part
 * @text: the text
 * @part: the part
 */
void assert_contains(const char *text, const char *part);

struct map_files;

/**
 * free_map_files() - give back what the options and their files hold
 * @files: the options; kexec itself keeps all of it until it ends
 *
 * Content that is not mapped is from malloc().
 */
void free_map_files(struct map_files *files);

/**
 * capture_stderr() - call a function and keep what it writes to stderr
 * @call: the function; it may die()
 * @arg: its argument
 * @result: what it returned, or DIED
 *
 * Return: the text, to be freed.
 */
char *capture_stderr(int (*call)(void *arg), void *arg, int *result);

/**
 * put_file() - make a file, or the test fails
 * @name: its path
 * @content: what it will hold
 * @size: how many bytes of it
 */
void put_file(const char *name, const void *content, size_t size);

/* What capture_stderr() says of a function that called die() or exit() */
#define DIED	-1000

#endif /* KEXEC_STUBS_H */
