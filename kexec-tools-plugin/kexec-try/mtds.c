// SPDX-License-Identifier: GPL-2.0-only
/*
 * mtds.c - the MTDs of a device
 */

/* Where long has 32 bits, a directory of a file system with larger numbers could
 * not be read to its end. No off_t goes in or out of this file.
 */
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plan.h"
#include "say.h"

/* What kexec leaves in the device tree for each map file: kexec/dt-memory.c */
#define REGION_MARK	"kexec,map-file"

static bool is_there(const char *directory, const char *name,
		     const char *property)
{
	char *path = must_print("%s/%s/%s", directory, name, property);
	struct stat status;
	bool there = !stat(path, &status);

	free(path);
	return there;
}

/* Regions of the running system that kexec made, and that are MTDs. */
static int count_own_regions(const char *reserved)
{
	DIR *dir = opendir(reserved);
	struct dirent *entry;
	int regions = 0;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' &&
		    is_there(reserved, entry->d_name, REGION_MARK) &&
		    is_there(reserved, entry->d_name, "label"))
			regions++;
	if (dir)
		closedir(dir);
	return regions;
}

int plan_count_mtds(const char *proc_mtd, const char *reserved)
{
	FILE *file = fopen(proc_mtd, "r");
	char line[256];
	int own, mtds = 0;

	if (!file)
		return PLAN_MTD_UNKNOWN;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "mtd", 3))
			mtds++;
	fclose(file);
	own = count_own_regions(reserved);
	return mtds > own ? mtds - own : 0;
}
