/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kexec-stubs.h - helpers for all unit tests
 */
#ifndef KEXEC_STUBS_H
#define KEXEC_STUBS_H

/* Fails the test unless @text contains @part. */
void assert_contains(const char *text, const char *part);

/**
 * capture_stderr() - call a function and capture what it writes to stderr
 * @call: the function
 * @arg: its argument
 * @result: set to its return value
 *
 * Return: the text, to be freed.
 */
char *capture_stderr(int (*call)(void *arg), void *arg, int *result);

/* Makes a file of @size bytes. Fails the test if that is not possible. */
void put_file(const char *name, const void *content, size_t size);

#endif /* KEXEC_STUBS_H */
