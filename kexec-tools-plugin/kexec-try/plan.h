/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plan.h - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * With `auto`, and for the command line and the device tree, the places are what
 * kexec will choose, as far as can be foreseen; it chooses them on the device.
 */
#ifndef TRY_PLAN_H
#define TRY_PLAN_H

#include <stdbool.h>
#include <stdio.h>

#include "bundle.h"

/* As kexec-tools, kexec/arch/mips/kexec-mips.h, MAX_MEMORY_RANGES */
#define RAM_RANGES_MAX	64

/**
 * struct ram_range - one piece of RAM
 * @start: physical address of its first byte
 * @end: the first byte after
 */
struct ram_range {
	unsigned long long start;
	unsigned long long end;
};

/**
 * struct ram - the RAM of a device, by address
 * @ranges: how many entries of @range are in use
 * @range: the ranges; those that touch are one
 */
struct ram {
	unsigned int ranges;
	struct ram_range range[RAM_RANGES_MAX];
};

/**
 * ram_from_iomem() - read the RAM of a device from a file like /proc/iomem
 * @path: the file
 * @ram: the RAM
 *
 * Return: 0, or -1 with one line on stderr: the file cannot be read, or has no
 * System RAM, or has only zeros, as it has for all but root.
 */
int ram_from_iomem(const char *path, struct ram *ram);

/**
 * ram_from_dtb() - read the RAM of a device from the memory nodes of its device
 *	tree
 * @path: a device tree blob; /sys/firmware/fdt on a device that runs
 * @ram: the RAM
 *
 * Return: 0, or -1 with one line on stderr: the file cannot be read, is no sound
 * device tree, or tells of no RAM.
 */
int ram_from_dtb(const char *path, struct ram *ram);

/**
 * ram_total() - how much RAM a device has
 * @ram: the RAM
 *
 * Return: bytes.
 */
unsigned long long ram_total(const struct ram *ram);

/* The number of an MTD that nobody could count */
#define PLAN_MTD_UNKNOWN	-1

/**
 * plan_count_mtds() - the number that the next MTD gets in a new system
 * @proc_mtd: /proc/mtd, or a file like it
 * @reserved: /proc/device-tree/reserved-memory, or a directory like it
 *
 * MTDs are numbered as they are found, flash first. The new system finds the
 * flash that the running one has, but not the map files that the running one
 * itself was started with.
 *
 * Return: the number, 0 where there is no MTD; or PLAN_MTD_UNKNOWN without a
 * word when @proc_mtd cannot be read.
 */
int plan_count_mtds(const char *proc_mtd, const char *reserved);

/**
 * enum plan_form - how the new kernel is told of its root
 * @PLAN_BEST: the shortest form that the new kernel knows
 * @PLAN_SHORT: by device tree: a label, and from 6.2 on the root; Linux 5.18
 *	and later
 * @PLAN_NUMBERS: by command line: memmap=, phram.phram=, mtdparts= and root=;
 *	any Linux
 */
enum plan_form {
	PLAN_BEST,
	PLAN_SHORT,
	PLAN_NUMBERS,
};

/**
 * struct plan_options - what a plan depends on beside bundle and RAM
 * @form: how the new kernel is told of its root
 * @page_size: of the running kernel, in bytes; 0 is 4096
 * @mtd: number that the MTD of the rootfs will have, from plan_count_mtds(), or
 *	PLAN_MTD_UNKNOWN, which makes the command line say `/dev/mtdblockN`
 * @more: more words for the new kernel's command line, at its end; may be NULL
 * @kexec: the kexec program; NULL is "kexec"
 * @load_only: whether kexec is to load (-l) and not to start a shutdown
 */
struct plan_options {
	enum plan_form form;
	unsigned long page_size;
	int mtd;
	const char *more;
	const char *kexec;
	bool load_only;
};

/* Kernel, device tree, command line and the files */
#define PLAN_PARTS_MAX	(BUNDLE_FILES_MAX + 3)

/* Four words before the map files, two for each of them, and a NULL */
#define PLAN_ARGS_MAX	(8 + 2 * BUNDLE_FILES_MAX)

/**
 * struct plan_part - something that lies in RAM
 * @what: what it is, "kernel", say
 * @name: name of its file in the bundle, or NULL
 * @start: physical address of its first byte
 * @end: the first byte after, in whole pages
 */
struct plan_part {
	const char *what;
	const char *name;
	unsigned long long start;
	unsigned long long end;
};

/**
 * struct plan - where all of a bundle lies, and the command that puts it there
 * @ram: the RAM of the device
 * @parts: how many entries of @part are in use
 * @part: what lies there, by address
 * @numbers: whether it is the form with every number
 * @root_by_tree: whether the device tree names the rootfs as the root device
 * @root_by_mtd: whether the command line names the MTD of the rootfs by its
 *	number, and so depends on the device's flash
 * @cmdline: the new kernel's command line
 * @argc: how many entries of @argv are in use
 * @argv: kexec and its arguments, ended by a NULL; paths are those of the
 *	bundle's files, under the path that the bundle was opened by
 */
struct plan {
	struct ram ram;
	unsigned int parts;
	struct plan_part part[PLAN_PARTS_MAX];
	bool numbers;
	bool root_by_tree;
	bool root_by_mtd;
	char *cmdline;
	unsigned int argc;
	char *argv[PLAN_ARGS_MAX];
};

/**
 * plan_make() - work out where a bundle goes
 * @bundle: the bundle, opened; must stay as long as @plan is used
 * @ram: the RAM of the device
 * @options: what else counts
 * @plan: the plan, to be given back by plan_free() also after a failure
 *
 * Return: 0, or -1 with one line on stderr that says what does not fit: too
 * little RAM, no room for a file, an address that cannot be had, a command line
 * that is too long, or a form that the kernel does not know.
 */
int plan_make(const struct bundle *bundle, const struct ram *ram,
	      const struct plan_options *options, struct plan *plan);

/**
 * plan_argv() - the command to run
 * @plan: the plan
 *
 * Return: an argv for execvp(), owned by @plan.
 */
char *const *plan_argv(const struct plan *plan);

/**
 * plan_command() - the command, as a user would type it
 * @plan: the plan
 *
 * Return: text for a shell, quoted where need be, to be freed.
 */
char *plan_command(const struct plan *plan);

/**
 * plan_draw() - draw the RAM, to scale
 * @to: where to
 * @plan: the plan
 * @lines: height of the picture, about
 */
void plan_draw(FILE *to, const struct plan *plan, unsigned int lines);

/**
 * plan_free() - give back what a plan holds
 * @plan: the plan
 */
void plan_free(struct plan *plan);

#endif /* TRY_PLAN_H */
