/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root.h - whether the root file system that runs is the one that was sent
 */
#ifndef TRY_ROOT_FS_H
#define TRY_ROOT_FS_H

#include <stdbool.h>
#include <stddef.h>

/* Longest identity, with its NUL, and reason, in bytes */
#define ROOT_ID_MAX	96
#define ROOT_WHY_MAX	224

/* The identity of a root file system of @size bytes: SIZE,SHA256 */
void root_id(unsigned long long size, const char *sum, char id[ROOT_ID_MAX]);

/* In place of an answer: the device cannot be opened. Init may not have made it yet. */
#define ROOT_NOT_YET	1

/**
 * root_check() - compare what / is on with an identity
 * @id: from root_id()
 * @tick: called now and then, as it takes its time
 * @data: its argument
 * @why: what is wrong, in one line
 *
 * / may be an overlay: then its lower layer counts.
 *
 * Return: 0 when it is that file, -1 when it is not, or ROOT_NOT_YET.
 */
int root_check(const char *id, void (*tick)(void *data), void *data,
	       char why[ROOT_WHY_MAX]);

/* Return: the device that / is on, and as text: mtd3 "rootfs", in RAM; or
 * device 8:1
 */
unsigned long long root_describe(char *text, size_t size);

/* Where the upper layer of an overlay on / is, what is written to: tmpfs, in RAM;
 * jffs2 on /dev/mtdblock5; or unknown. Return: whether / is an overlay.
 */
bool root_overlay(char *text, size_t size);

/* The device of a mounted directory, 0 without one; the tests have their own */
extern unsigned long long (*root_device)(const char *path);

#endif /* TRY_ROOT_FS_H */
