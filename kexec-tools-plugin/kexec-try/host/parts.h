/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parts.h - what the parts of a bundle tell: kernel, device tree, root file system
 */
#ifndef TRY_PARTS_H
#define TRY_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "bundle.h"

/* Largest kernel, as it is in its file and decompressed, in bytes. The largest
 * vmlinux of a MIPS router with all its symbols stripped has a quarter of it.
 */
#define KERNEL_MAX	(128 * 1024 * 1024)

/* What a kernel's file tells beside what is in the manifest */
struct kernel {
	unsigned long long file_end;	/* what follows in it, only debuggers use */
	char *config;			/* or NULL; to be freed */
};

/* The content of a kernel's file, decompressed and ended by a NUL that does not
 * count, to be freed; or NULL after a line on stderr
 */
char *kernel_load(const char *path, size_t *size);

/* What gzip makes of a kernel, to be freed; NULL where that is no smaller */
char *kernel_gzip(const char *data, size_t size, size_t *gzip_size);

/* Whether gzip made the file */
bool kernel_is_gzip(const char *path);

/* Whether kexec can start a kernel: vmlinux, as ELF, or that compressed. What it
 * tells goes to a bundle that has no kernel yet. Return: 0, or -1 with one line on
 * stderr.
 */
int kernel_read(const char *path, struct bundle *bundle, struct kernel *kernel);

/* The end of what the kernel may write to before it looks at what is reserved:
 * more than its file says, where it unpacks itself (a vmlinuz tells no
 * version), or moves itself (CONFIG_RANDOMIZE_BASE)
 */
unsigned long long kernel_reach(const struct bundle *bundle, const char *config);

/* The part of that which is about ELF: byte order, word size and addresses */
int kernel_take_elf(const char *path, char *image, size_t size,
		    struct bundle *bundle, struct kernel *kernel);

/* The configuration in a kernel (CONFIG_IKCONFIG), to be freed, or NULL; one
 * that is damaged is a warning
 */
char *kconfig_find(const char *image, size_t size);

/* A symbol's value, to the end of its line, or NULL; @symbol has no CONFIG_ */
const char *kconfig_value(const char *config, const char *symbol);

/* Warns, one line on stderr each, of what a bundle needs and its kernel lacks;
 * @compressor is the symbol for that of the root file system.
 */
void kconfig_check(const char *config, const struct bundle *bundle,
		   const char *compressor);

/* Whether a file is a whole squashfs, and the symbol that its compressor needs.
 * Return: 0, or -1 with one line on stderr.
 */
int squashfs_check(const char *path, const char **compressor);

/* Whether it has a file, without the slash before it, or has it in /usr. Without
 * unsquashfs: false, after a warning.
 */
bool squashfs_has(const char *path, const char *file);

/* Largest device tree, in bytes. No board has one of a tenth of it. */
#define TREE_MAX	(1024 * 1024)

/* Whether a blob from anywhere is sound. Return: 0, or -1 after a line. */
int tree_check(const char *path, const char *dtb, size_t size);

/* Reads a sound blob, to be freed, or NULL after a line on stderr */
char *tree_load(const char *path);

/* The RAM of its memory nodes, if any, and what it reserves: /memreserve/, and
 * the children of /reserved-memory but for those that an earlier kexec left,
 * which kexec drops. Return: 0, or -1 after a line.
 */
int tree_ranges(const char *path, const char *dtb, struct ram *ram,
		struct ram *reserved);

/* Takes out what would win over a trial, and says so on stdout: /chosen's
 * bootargs-override, what the last boot left there of an initrd, and
 * `linux,rootfs`, the mark of a root device on flash. Return: 0, or -1 after a
 * line: the blob is an overlay.
 */
int tree_clean(const char *path, char *dtb);

#endif /* TRY_PARTS_H */
