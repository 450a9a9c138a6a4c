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

/* What a plan depends on beside bundle and RAM. With @numbers the new kernel is
 * told by command line where its root is: memmap=, phram.phram=, mtdparts= and
 * root=, which any Linux knows; so it is by itself for a kernel before 5.18,
 * which does not read that from its tree. PLAN_MTD_UNKNOWN makes the command
 * line say `/dev/mtdblockN`.
 */
struct plan_options {
	bool numbers;
	bool load_only;			/* kexec is to load (-l), and not to start */
	unsigned long page_size;	/* of the running kernel, in bytes */
	int mtd;			/* number that the rootfs' MTD will have */
	const char *more;		/* words for the command line, or "" */
};

/* Eight words, two for each map file, and a NULL */
#define PLAN_ARGS_MAX	(9 + 2 * BUNDLE_FILES_MAX)

/* A file, or the kernel unpacked, as it lies in RAM */
struct plan_part {
	const struct bundle_file *file;
	struct ram_range at;
};

/* Where all of a bundle lies, and the command that puts it there */
struct plan {
	const struct bundle *bundle;
	const struct plan_options *options; /* NULL after plan_make() */
	struct ram ram;			/* of the device */
	unsigned int parts;
	struct plan_part part[BUNDLE_FILES_MAX]; /* by address */
	bool numbers;			/* it is the form with every number */
	bool root_by_tree;		/* the device tree names the root device */
	bool root_by_mtd;		/* the command line does, by a number, which
					 * depends on the device's flash
					 */
	char *cmdline;
	char *argv[PLAN_ARGS_MAX];	/* kexec and its arguments, and a NULL */
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

/* Works out how the new kernel is told where its root is, without any RAM: of @plan
 * @bundle and @options are there. Return: as plan_make().
 */
int plan_choose_form(struct plan *plan);

/* The command, as a user would type it, to be freed */
char *plan_command(const struct plan *plan);

void plan_free(struct plan *plan);

#endif /* TRY_PLAN_H */
