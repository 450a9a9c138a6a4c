// SPDX-License-Identifier: GPL-2.0-only
/*
 * root.c - whether the root file system is the one that was sent
 *
 * A kernel may mount another root than the one it was given, because of a property
 * in its device tree, another MTD with that number, or overwritten RAM. Such a
 * system comes up and looks fine.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "root.h"
#include "system.h"

/* OpenWrt's lower layer of an overlay on / */
#define LOWER		"/rom"

static unsigned long long real_device(const char *path)
{
	struct stat status;

	return stat(path, &status) ? 0 : status.st_dev;
}

unsigned long long (*root_device)(const char *path) = real_device;

/* A layer of the overlay on /, and the file system that contains it */
struct layer {
	const char *option;	/* the mount option that names the layer */
	char path[SYSTEM_PATH_MAX];
	size_t length;		/* of the longest mount point that matches */
	char *text;		/* describes what is mounted there */
	size_t size;
};

/* The first directory of the option; "/" is the former root, out of reach now */
static void find_layer(const struct system_mount *mount, void *data)
{
	struct layer *layer = data;
	const char *at = strstr(mount->options, layer->option);

	if (strcmp(mount->dir, "/") || !at)
		return;
	at += strlen(layer->option);
	if (strcspn(at, ":,") > 1)
		snprintf(layer->path, SYSTEM_PATH_MAX, "%.*s",
			 (int)strcspn(at, ":,"), at);
}

/* The mount that contains the layer, other than / */
static void find_mount(const struct system_mount *mount, void *data)
{
	struct layer *layer = data;
	size_t length = strlen(mount->dir);

	if (length < 2 || length < layer->length ||
	    strncmp(layer->path, mount->dir, length) ||
	    (layer->path[length] && layer->path[length] != '/'))
		return;
	layer->length = length;
	if (!strcmp(mount->type, "tmpfs"))
		snprintf(layer->text, layer->size, "tmpfs, in RAM");
	else
		snprintf(layer->text, layer->size, "%s on %s", mount->type,
			 mount->source);
}

bool root_overlay(char *text, size_t size)
{
	struct layer upper = {
		.option = "upperdir=", .text = text, .size = size,
	};

	snprintf(text, size, "unknown");
	system_mounts(find_layer, &upper);
	system_mounts(find_mount, &upper);
	return upper.path[0];
}

unsigned long long root_describe(char *text, size_t size)
{
	struct layer lower = { .option = "lowerdir=", .path = LOWER };
	unsigned long long device = root_device("/");
	char path[SYSTEM_PATH_MAX], name[64], type[16];
	unsigned int n;

	if (!major(device)) {
		system_mounts(find_layer, &lower);
		device = root_device(lower.path);
	}
	n = minor(device);
	if (major(device) != MTD_BLOCK_MAJOR) {
		snprintf(text, size, "device %u:%u", major(device), n);
		return device;
	}
	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%u/name", n);
	system_read(path, name, sizeof(name));
	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%u/type", n);
	system_read(path, type, sizeof(type));
	snprintf(text, size, "mtd%u \"%s\", in %s", n, name,
		 strcmp(type, "ram") ? "flash" : "RAM");
	return device;
}

/* By the kernel's name for it or, before /dev is mounted, by a node of our own */
static int open_device(unsigned long long device)
{
	char path[SYSTEM_PATH_MAX], uevent[512], *name, *own;
	int fd = -1;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent",
		 major(device), minor(device));
	system_read(path, uevent, sizeof(uevent));
	name = strstr(uevent, "DEVNAME=");
	if (name) {
		name += strlen("DEVNAME=");
		name[strcspn(name, "\n")] = '\0';
		if (!system_path(path, "/dev/%s", name))
			fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	own = fd < 0 ? system_run_file("root") : NULL;
	if (!own)
		return fd;
	if (!mknod(own, S_IFBLK | 0600, device))
		fd = open(own, O_RDONLY | O_CLOEXEC);
	unlink(own);
	free(own);
	return fd;
}

void root_id(unsigned long long size, const char *sum, char id[ROOT_ID_MAX])
{
	snprintf(id, ROOT_ID_MAX, "%llu,%s", size, sum);
}

int root_check(const char *id, void (*tick)(void *data), void *data,
	       char why[ROOT_WHY_MAX])
{
	char have[ROOT_ID_MAX], sum[SUM_SIZE], what[96];
	unsigned long long device = root_describe(what, sizeof(what)), size;
	int fd = open_device(device);

	snprintf(why, ROOT_WHY_MAX, fd < 0 && major(device) ?
		 "the root file system cannot be opened yet: / is %s" :
		 "the root file system is not the one that was sent, or damaged: / is %s",
		 what);
	if (fd < 0)
		return major(device) ? ROOT_NOT_YET : -1;
	size = files_sum(fd, strtoull(id, NULL, 10), tick, data, sum);
	close(fd);
	root_id(size, sum, have);
	return strcmp(have, id) ? -1 : 0;
}
