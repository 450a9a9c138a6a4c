/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plan.h - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * Where a file has `auto`, the place is what kexec will choose, as far as can be
 * foreseen; it chooses on the device. Only in the form with every number is the
 * place of the rootfs ours.
 */
#ifndef TRY_PLAN_H
#define TRY_PLAN_H

#include <stdbool.h>

#include "bundle.h"
#include "ram.h"

/* The number of an MTD that nobody could count */
#define PLAN_MTD_UNKNOWN	-1

/**
 * struct plan_options - what a plan depends on beside bundle and RAM
 * @numbers: whether the new kernel is told by command line where its root is:
 *	memmap=, phram.phram=, mtdparts= and root=, which any Linux knows; so it is
 *	by itself for a kernel before 5.18, which does not read that from its tree
 * @load_only: whether kexec is to load (-l) and not to start a shutdown
 * @page_size: of the running kernel, in bytes
 * @mtd: number that the MTD of the rootfs will have, or PLAN_MTD_UNKNOWN, which
 *	makes the command line say `/dev/mtdblockN`
 * @more: more words for the new kernel's command line, or ""
 */
struct plan_options {
	bool numbers;
	bool load_only;
	unsigned long page_size;
	int mtd;
	const char *more;
};

/* The kernel and the files */
#define PLAN_PARTS_MAX	(BUNDLE_FILES_MAX + 1)

/* Eight words, two for each map file, and a NULL */
#define PLAN_ARGS_MAX	(9 + 2 * BUNDLE_FILES_MAX)

/* Something that lies in RAM */
struct plan_part {
	const struct bundle_file *file;
	struct ram_range at;
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
 * @argv: kexec and its arguments, ended by a NULL
 */
struct plan {
	struct ram ram;
	unsigned int parts;
	struct plan_part part[PLAN_PARTS_MAX];
	bool numbers;
	bool root_by_tree;
	bool root_by_mtd;
	char *cmdline;
	char *argv[PLAN_ARGS_MAX];
};

/**
 * plan_make() - work out where a bundle goes
 * @bundle: the bundle, opened; must stay as long as @plan is used
 * @ram: the RAM of the device
 * @options: what else counts
 * @plan: the plan, to be given back by plan_free() also after a failure
 *
 * Return: 0, or -1 with one line on stderr that says what does not fit.
 */
int plan_make(const struct bundle *bundle, const struct ram *ram,
	      const struct plan_options *options, struct plan *plan);

/* The command, as a user would type it, to be freed */
char *plan_command(const struct plan *plan);

void plan_free(struct plan *plan);

#endif /* TRY_PLAN_H */
