// SPDX-License-Identifier: GPL-2.0-only
/*
 * dtb-check.c - see whether a file is a sound device tree
 */

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "dt-check.h"
#include "dt-memory.h"
#include "files.h"
#include "kernel.h"
#include "say.h"

/* Twice what dt_check() takes: it says better what is wrong with a larger one */
#define DTB_MAX		(2 * 1024 * 1024)

static int check_tree(const char *path, const char *dtb, size_t size)
{
	struct memory_range *reserved = NULL;
	unsigned int ranges;
	int result;

	if (dt_check(dtb, size, path))
		return -1;
	/* What kexec will ask of it, and refuse on the device */
	result = dt_reserved(dtb, &reserved, &ranges);
	free(reserved);
	if (result)
		return -1;
	if (!fdt_getprop(dtb, 0, "compatible", NULL))
		warn("%s: no `compatible` says for which board it is", path);
	return 0;
}

int dtb_check(const char *path, size_t *size)
{
	char *dtb = files_load(path, DTB_MAX, size);
	int result;

	if (!dtb)
		return -1;
	result = check_tree(path, dtb, *size);
	free(dtb);
	return result;
}
