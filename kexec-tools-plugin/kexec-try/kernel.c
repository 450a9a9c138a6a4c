// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - what a kernel's file tells of the kernel
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "kernel.h"
#include "say.h"

/* The begin of linux_banner: Linux, init/version.c. linux_proc_banner has a
 * `%s` where this has the version.
 */
#define BANNER	"Linux version "

static void find_version(const unsigned char *image, size_t size,
			 struct kernel *kernel)
{
	const char *at = (const char *)image;
	const char *end = at + size; /* a NUL is there */
	size_t len;

	strcpy(kernel->version, "unknown");
	while ((at = memmem(at, end - at, BANNER, strlen(BANNER)))) {
		at += strlen(BANNER);
		for (len = 0; isalnum((unsigned char)at[len]) ||
		     (at[len] && strchr("._-+", at[len])); len++)
			;
		if (!isdigit((unsigned char)*at) || len >= BUNDLE_VERSION_MAX)
			continue;
		memcpy(kernel->version, at, len);
		kernel->version[len] = '\0';
		return;
	}
}

/* A local version may have a `+`, which a manifest does not take. */
static void tidy_version(char *version)
{
	for (; *version; version++)
		if (*version == '+')
			*version = '_';
}

int kernel_read(const char *path, struct kernel *kernel)
{
	unsigned char *image = NULL;
	size_t size, image_size;
	char *file;
	int result = -1;

	memset(kernel, 0, sizeof(*kernel));
	file = files_load(path, KERNEL_MAX, &size);
	if (file)
		image = decompress(path, (unsigned char *)file, size,
				   KERNEL_MAX, &image_size);
	free(file);
	if (image)
		result = elf_check(path, image, image_size, kernel);
	if (!result) {
		find_version(image, image_size, kernel);
		tidy_version(kernel->version);
		kernel->config = kconfig_find(image, image_size);
	}
	free(image);
	return result;
}

void kernel_free(struct kernel *kernel)
{
	free(kernel->config);
	kernel->config = NULL;
}
