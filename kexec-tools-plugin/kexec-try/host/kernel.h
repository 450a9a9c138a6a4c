/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.h - what a kernel's file and a root file system tell
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

/**
 * struct kernel - what a kernel's file tells
 * @big_endian: its byte order
 * @bits: its word size, 32 or 64
 * @start: first physical address that it takes when it starts
 * @end: the first byte after
 * @version: its version, or "unknown"
 * @config: its configuration, or NULL when it carries none; to be freed
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
 * @path: vmlinux, as ELF, or that compressed by gzip, xz or lzma
 * @kernel: what it tells
 *
 * Return: 0, or -1 with one line on stderr.
 */
int kernel_read(const char *path, struct kernel *kernel);

/* The end of what the kernel may write to before it looks at what is reserved: more
 * than its file says, where it unpacks itself (a vmlinuz tells no version), or
 * moves itself (CONFIG_RANDOMIZE_BASE)
 */
unsigned long long kernel_reach(const struct kernel *kernel);

/* The part of that which is about ELF: byte order, word size and addresses */
int kernel_take_elf(const char *path, char *image, size_t size,
		    struct kernel *kernel);

/**
 * decompress() - read a file, plain or compressed by gzip, xz or lzma
 * @path: the file
 * @max: most bytes that it may decompress to
 * @size: how many it does
 *
 * Return: the content, ended by a NUL that does not count, to be freed; NULL
 * with one line on stderr.
 */
char *decompress(const char *path, size_t max, size_t *size);

/* The same for gzip in memory */
char *gunzip(const char *path, const char *data, size_t size, size_t max,
	     size_t *out_size);

/* The configuration in a kernel (CONFIG_IKCONFIG), to be freed, or NULL; one that
 * is damaged is a warning
 */
char *kconfig_find(const char *image, size_t size);

/* The value of a symbol, without CONFIG_, to the end of its line; NULL without one */
const char *kconfig_value(const char *config, const char *symbol);

/**
 * kconfig_check() - warn of what a bundle needs and its kernel lacks
 * @config: the configuration
 * @bundle: the bundle
 * @compressor: symbol of the compressor of the root file system
 *
 * Return: how many warnings there were, one line each on stderr.
 */
unsigned int kconfig_check(const char *config, const struct bundle *bundle,
			   const char *compressor);

/**
 * squashfs_check() - see whether a file is a whole squashfs
 * @compressor: symbol of the kernel configuration that its compressor needs
 *
 * Return: 0, or -1 with one line on stderr.
 */
int squashfs_check(const char *path, const char **compressor);

#endif /* TRY_KERNEL_H */
