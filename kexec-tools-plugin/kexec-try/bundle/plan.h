/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * plan.h - where a bundle will lie in RAM, and the kexec command that puts it
 *	there
 *
 * kexec places files with `auto` on the device; for these, a plan is a forecast.
 * The form with every number is the exception: there the plan places the rootfs.
 */
#ifndef TRY_PLAN_H
#define TRY_PLAN_H

#include <stdbool.h>

#include "bundle.h"
#include "ram.h"

/* The number of an MTD is unknown */
#define PLAN_MTD_UNKNOWN	-1

/* Eight words, two for each map file, and a NULL */
#define PLAN_ARGS_MAX	(9 + 2 * BUNDLE_FILES_MAX)

/* Where a file lies in RAM; for the kernel, where it is unpacked */
struct plan_part {
	const struct bundle_file *file;
	struct ram_range at;
};

/* A plan; the caller fills in the first members. @numbers tells the new kernel on the
 * command line where its root is: memmap=, phram.phram=, mtdparts= and root=,
 * which any Linux knows. It is implied for a kernel before 5.18, which does not
 * read that from its device tree. With PLAN_MTD_UNKNOWN, the command line has
 * `/dev/mtdblockN`.
 */
struct plan {
	const struct bundle *bundle;
	struct ram ram;			/* of the device */
	unsigned long page_size;	/* of the running kernel, in bytes */
	bool load_only;			/* only load (kexec -l) */
	bool numbers;
	int mtd;			/* number of the rootfs' MTD */
	const char *more;		/* words for the command line, or "" */

	unsigned int parts;
	struct plan_part part[BUNDLE_FILES_MAX]; /* sorted by address */
	struct ram_range rootfs;	/* where it lies */
	bool root_by_tree;		/* the device tree names the root device */
	bool root_by_mtd;		/* the command line does, by an MTD number
					 * that depends on the device's flash
					 */
	char *cmdline;
	char *argv[PLAN_ARGS_MAX];	/* kexec and its arguments, and a NULL */
};

/**
 * plan_make() - work out where a bundle goes
 * @plan: what to plan, and the plan; plan_free() it, also after a failure
 *
 * Return: 0, or -1 with one line on stderr that says what does not fit.
 */
int plan_make(struct plan *plan);

/* Works out how the new kernel is told where its root is. Needs only @bundle and
 * @numbers of @plan. Return: as plan_make().
 */
int plan_choose_form(struct plan *plan);

/* Return: the command as a user would type it, to be freed. */
char *plan_command(const struct plan *plan);

void plan_free(struct plan *plan);

#endif /* TRY_PLAN_H */
