/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tree.h - device tree blobs: whether one is sound, and what it says of RAM
 */
#ifndef TRY_TREE_H
#define TRY_TREE_H

#include <stddef.h>

/* Largest device tree, in bytes. No board has one of a tenth of it. */
#define TREE_MAX	(1024 * 1024)

/**
 * tree_check() - see whether a device tree blob can be worked on
 * @path: its name, for messages
 * @dtb: the blob
 * @size: how many bytes there are at @dtb
 *
 * libfdt takes a blob for whole. One from a file may be cut, damaged or made to
 * do harm, so all that libfdt relies on is checked: Devicetree Specification,
 * release v0.4, chapter 5.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int tree_check(const char *path, const char *dtb, size_t size);

/**
 * tree_load() - read a device tree blob from a file
 * @path: the file
 * @size: its size in bytes
 *
 * Return: the blob, sound by tree_check(), to be freed; or NULL with one line on
 * stderr.
 */
char *tree_load(const char *path, size_t *size);

/**
 * tree_visit_t - what is called for each range of addresses
 * @data: of the caller
 * @start: physical address of the first byte
 * @end: the first byte after
 *
 * Return: 0 to go on.
 */
typedef int tree_visit_t(void *data, unsigned long long start,
			 unsigned long long end);

/**
 * tree_ram() - visit the ranges of RAM that a device tree has
 * @path: its name, for messages
 * @dtb: the blob, sound
 * @visit: called for each range of a memory node
 * @data: its first argument
 *
 * Return: 0, or -1: @visit did not go on, or, with one line on stderr, the
 * numbers cannot be read.
 */
int tree_ram(const char *path, const char *dtb, tree_visit_t *visit,
	     void *data);

/**
 * tree_reserved() - visit the ranges that a device tree reserves
 * @path: its name, for messages
 * @dtb: the blob, sound
 * @visit: called for each range of /memreserve/ and of a child of
 *	/reserved-memory; not for those that an earlier kexec left, which kexec
 *	drops
 * @data: its first argument
 *
 * Return: as tree_ram().
 */
int tree_reserved(const char *path, const char *dtb, tree_visit_t *visit,
		  void *data);

#endif /* TRY_TREE_H */
