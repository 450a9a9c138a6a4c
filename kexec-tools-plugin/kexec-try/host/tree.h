/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tree.h - device tree blobs: whether one is sound, and what it says
 */
#ifndef TRY_TREE_H
#define TRY_TREE_H

#include <stddef.h>

#include "ram.h"

/* Largest device tree, in bytes. No board has one of a tenth of it. */
#define TREE_MAX	(1024 * 1024)

/* Whether a blob from anywhere is sound. Return: 0, or -1 after a line. */
int tree_check(const char *path, const char *dtb, size_t size);

/* Reads a sound blob, to be freed, or NULL after a line on stderr */
char *tree_load(const char *path);

/* The RAM of its memory nodes, if any. Return: 0, or -1 after a line. */
int tree_ram(const char *path, const char *dtb, struct ram *ram);

/* The same for what it reserves: /memreserve/, and the children of
 * /reserved-memory but for those that an earlier kexec left, which kexec drops
 */
int tree_reserved(const char *path, const char *dtb, struct ram *reserved);

/**
 * tree_clean() - take out what would win over a trial, and say so on stdout
 * @path: its name, for messages
 * @dtb: the blob, sound
 *
 * That is /chosen's bootargs-override, what the last boot left there of an
 * initrd, and `linux,rootfs`, the mark of a root device on flash.
 *
 * Return: 0, or -1 with one line on stderr: the blob is an overlay.
 */
int tree_clean(const char *path, char *dtb);

#endif /* TRY_TREE_H */
