/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - what a kernel's file tells of the kernel
 */
#ifndef TRY_KERNEL_H
#define TRY_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "bundle.h"

/* Largest kernel, as it is in its file and decompressed, in bytes. The largest
 * vmlinux of a MIPS router with all its symbols stripped has a quarter of it.
 */
#define KERNEL_MAX	(128 * 1024 * 1024)

/* Largest configuration, in bytes: one with every symbol has half of it */
#define KCONFIG_MAX	(1024 * 1024)

/**
 * struct kernel - what a kernel's file tells
 * @big_endian: its byte order
 * @bits: its word size, 32 or 64
 * @start: first physical address that it takes when it starts
 * @end: the first byte after
 * @version: its version, "unknown" when its text is nowhere
 * @config: its configuration, as text ended by a NUL, or NULL when it carries
 *	none
 */
struct kernel {
	bool big_endian;
	unsigned int bits;
	unsigned long long start;
	unsigned long long end;
	char version[BUNDLE_VERSION_MAX];
	char *config;
};

/**
 * kernel_read() - see what a kernel is, and whether kexec can start it
 * @path: vmlinux, as ELF, or that compressed by gzip or xz
 * @kernel: what it tells; to be given back by kernel_free() also after a failure
 *
 * Return: 0, or -1 with one line on stderr.
 */
int kernel_read(const char *path, struct kernel *kernel);

/**
 * kernel_free() - give back what kernel_read() took
 * @kernel: the kernel
 */
void kernel_free(struct kernel *kernel);

/**
 * elf_check() - see whether an ELF file is a MIPS kernel that kexec can start
 * @path: its name, for messages
 * @image: the file, decompressed
 * @size: its size in bytes
 * @kernel: byte order, word size and addresses are filled in
 *
 * Return: 0, or -1 with one line on stderr.
 */
int elf_check(const char *path, const unsigned char *image, size_t size,
	      struct kernel *kernel);

/**
 * decompress() - decompress what gzip or xz made
 * @path: its name, for messages
 * @data: the data
 * @size: its size in bytes
 * @max: most bytes that it may decompress to
 * @out_size: how many it does
 *
 * Return: the content, ended by a NUL that does not count, to be freed; a copy
 * when @data is not compressed. NULL with one line on stderr when it is damaged
 * or too large.
 */
unsigned char *decompress(const char *path, const unsigned char *data,
			  size_t size, size_t max, size_t *out_size);

/**
 * kconfig_find() - find the configuration in a kernel
 * @image: the kernel, decompressed
 * @size: its size in bytes
 *
 * Return: the text, to be freed, or NULL: without a word when the kernel carries
 * none (CONFIG_IKCONFIG), with a warning when it is damaged.
 */
char *kconfig_find(const unsigned char *image, size_t size);

/**
 * kconfig_value() - look up a symbol
 * @config: the configuration
 * @symbol: the symbol, without CONFIG_
 *
 * Return: 'y', 'm', or another first character of its value; 0 when it is not
 * set.
 */
char kconfig_value(const char *config, const char *symbol);

/**
 * kconfig_check() - warn of what a bundle needs and its kernel lacks
 * @config: the configuration
 * @bundle: the bundle; its version of Linux counts
 * @compressor: symbol of the compressor of the root file system,
 *	"SQUASHFS_XZ", say
 *
 * Return: how many warnings there were, one line each on stderr.
 */
unsigned int kconfig_check(const char *config, const struct bundle *bundle,
			   const char *compressor);

/**
 * squashfs_check() - see whether a file is a whole squashfs
 * @path: the file
 * @compressor: symbol of the kernel configuration that its compressor needs
 *
 * Return: 0, or -1 with one line on stderr.
 */
int squashfs_check(const char *path, const char **compressor);

#endif /* TRY_KERNEL_H */
