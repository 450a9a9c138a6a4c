/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parts.h - read and check the parts of a bundle: kernel, device tree, root
 *	file system
 */
#ifndef TRY_PARTS_H
#define TRY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "bundle.h"

/* Largest kernel, compressed or not, in bytes. The largest stripped vmlinux of
 * a MIPS router is a quarter of that.
 */
#define KERNEL_MAX	(128 * 1024 * 1024)

/* What a kernel file has that the manifest does not list */
struct kernel {
	unsigned long long file_end;	/* only debuggers read what follows */
	char *config;			/* to be freed, or NULL */
};

/* Reads a kernel file, and decompresses it. Return: the data, to be freed, with
 * a NUL behind it that @size does not count; or NULL with one line on stderr.
 */
char *kernel_load(const char *path, size_t *size);

/* Compresses a kernel with gzip. Return: the result, to be freed, or NULL if it
 * is no smaller.
 */
char *kernel_gzip(const char *data, size_t size, size_t *gzip_size);

/* Checks that kexec can start a kernel: a vmlinux (ELF), possibly compressed. Fills
 * in @kernel, and the kernel's part of @bundle. Return: 0, or -1 with one line on
 * stderr.
 */
int kernel_read(const char *path, struct bundle *bundle, struct kernel *kernel);

/* The part of kernel_read() for ELF: byte order, word size and addresses */
int kernel_take_elf(const char *path, char *image, size_t size,
		    struct bundle *bundle, struct kernel *kernel);

/* The RAM that a kernel may write to before it knows what is reserved, besides its
 * segments: it unpacks itself (a vmlinuz, whose version is unknown) or moves itself
 * (CONFIG_RELOCATABLE, CONFIG_RANDOMIZE_BASE). @config may be NULL.
 */
struct ram_range kernel_reach(const struct bundle *bundle, const char *config);

/* The configuration in a kernel (CONFIG_IKCONFIG), to be freed, or NULL. Warns
 * if it is damaged.
 */
char *kconfig_find(const char *image, size_t size);

/* The value of @symbol, given without CONFIG_, up to the end of its line; or NULL */
const char *kconfig_value(const char *config, const char *symbol);

/* Warns of each option that a bundle needs and its kernel lacks. @compressor is
 * the symbol for the compressor of the root file system.
 */
void kconfig_check(const char *config, const struct bundle *bundle,
		   const char *compressor);

/* Checks that a file is a complete squashfs, and finds the symbol for its
 * compressor. Return: 0, or -1 with one line on stderr.
 */
int squashfs_check(const char *path, const char **compressor);

/* Whether a squashfs contains /@file or /usr/@file. Without unsquashfs: false,
 * and a warning.
 */
bool squashfs_has(const char *path, const char *file);

/* Largest device tree, in bytes. No board's has a tenth of that. */
#define TREE_MAX	(1024 * 1024)

/* Checks an untrusted device tree. Return: 0, or -1 with one line on stderr. */
int tree_check(const char *path, const char *dtb, size_t size);

/* Reads and checks a device tree. Return: the blob, to be freed, or NULL with one
 * line on stderr.
 */
char *tree_load(const char *path);

/* Finds the RAM in the memory nodes, and what is reserved in it: /memreserve/ and
 * the children of /reserved-memory, except those that an earlier kexec added:
 * kexec drops these. Return: 0, or -1 with one line on stderr.
 */
int tree_ranges(const char *path, const char *dtb, struct ram *ram,
		struct ram *reserved);

/* Removes what would override the trial, with a line on stdout for each:
 * bootargs-override and the last boot's linux,initrd-* in /chosen, and
 * linux,rootfs, which marks a root device in flash, in any node. Return: 0, or -1
 * with one line on stderr if the blob is an overlay.
 */
int tree_clean(const char *path, char *dtb);

#endif /* TRY_PARTS_H */
