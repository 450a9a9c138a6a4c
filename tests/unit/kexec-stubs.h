/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kexec-stubs.h - what the tests see of the stubs
 */
#ifndef KEXEC_STUBS_H
#define KEXEC_STUBS_H

#include <stddef.h>

#define ADDED_MAX	16

/**
 * struct added_segment - one call of add_segment_phys_virt()
 * @buf: its data
 * @bufsz: size of the data, in bytes
 * @base: physical address
 * @memsz: size in memory, in bytes, before it is rounded up
 * @phys: whether virt_to_phys() would be applied to @base
 */
struct added_segment {
	const void *buf;
	size_t bufsz;
	unsigned long base;
	size_t memsz;
	int phys;
};

extern struct added_segment added[ADDED_MAX];
extern int nr_added;

/**
 * capture_stderr() - call a function and keep what it writes to stderr
 * @call: the function
 * @arg: its argument
 * @result: what it returned
 *
 * Return: the text, to be freed.
 */
char *capture_stderr(int (*call)(void *arg), void *arg, int *result);

#endif /* KEXEC_STUBS_H */
