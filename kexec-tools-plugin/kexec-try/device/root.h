/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * root.h - whether the root file system is the one that was sent
 */
#ifndef TRY_ROOT_FS_H
#define TRY_ROOT_FS_H

#include <stdbool.h>
#include <stddef.h>

/* Room for an identity and for a reason, in bytes */
#define ROOT_ID_MAX	96
#define ROOT_WHY_MAX	224

/* The identity of a root file system of @size bytes: SIZE,SHA256 */
void root_id(unsigned long long size, const char *sum, char id[ROOT_ID_MAX]);

/* root_check(): the device cannot be opened; init may not have created it yet */
#define ROOT_NOT_YET	1

/**
 * root_check() - compare the root file system with an identity
 * @id: from root_id()
 * @tick: called from time to time, as reading is slow
 * @data: argument of @tick
 * @why: what is wrong, in one line
 *
 * If / is an overlay, its lower layer is compared.
 *
 * Return: 0 if they match, -1 if not, or ROOT_NOT_YET.
 */
int root_check(const char *id, void (*tick)(void *data), void *data,
	       char why[ROOT_WHY_MAX]);

/* Return: the device that / is on, and its description: mtd3 "rootfs", in RAM;
 * or device 8:1
 */
unsigned long long root_describe(char *text, size_t size);

/* Describes where the upper layer of an overlay on / is: tmpfs, in RAM; jffs2
 * on /dev/mtdblock5; or unknown. Return: whether / is an overlay.
 */
bool root_overlay(char *text, size_t size);

/* The device of a mounted directory, 0 if there is none; tests replace it */
extern unsigned long long (*root_device)(const char *path);

#endif /* TRY_ROOT_FS_H */
