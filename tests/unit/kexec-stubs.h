/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kexec-stubs.h - what the tests share
 */
#ifndef KEXEC_STUBS_H
#define KEXEC_STUBS_H

/**
 * assert_contains() - fail the test unless a text has a part
 * @text: the text
 * @part: the part
 */
void assert_contains(const char *text, const char *part);

/**
 * capture_stderr() - call a function and keep what it writes to stderr
 * @call: the function
 * @arg: its argument
 * @result: what it returned
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

#endif /* KEXEC_STUBS_H */
