/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try-fixtures.h - small kernels, device trees and file systems for the tests of
 *	kexec-try
 */
#ifndef TRY_FIXTURES_H
#define TRY_FIXTURES_H

#include <stdbool.h>
#include <stddef.h>

#include "bundle.h"

/**
 * struct fixture_elf - the kernel that fixture_elf() makes
 * @big_endian: byte order
 * @wide: 64 bits, or 32
 * @machine: e_machine; 0 is EM_MIPS
 * @type: e_type; 0 is ET_EXEC
 * @paddr: p_paddr of its only segment; 0 is 0x80100000, as on Malta
 * @memsz: size of the segment in memory; 0 is the size of its content
 * @entry: e_entry; 0 is @paddr
 * @version: of Linux; NULL is none
 * @config: its configuration; NULL is none
 */
struct fixture_elf {
	bool big_endian;
	bool wide;
	unsigned int machine;
	unsigned int type;
	unsigned long long paddr;
	unsigned long long memsz;
	unsigned long long entry;
	const char *version;
	const char *config;
};

/* Offset of the segment in the file that fixture_elf() makes */
#define FIXTURE_CONTENT	0x100

/**
 * fixture_elf() - make a kernel in memory
 * @elf: the kernel
 * @size: set to its size in bytes
 *
 * Return: the file, to be freed.
 */
unsigned char *fixture_elf(const struct fixture_elf *elf, size_t *size);

/* Writes a file of @size bytes. */
void fixture_write(const char *path, const void *data, size_t size);

/* Writes the kernel that fixture_elf() makes to a file. */
void fixture_kernel(const char *path, const struct fixture_elf *elf);

/* Runs a shell command, which must succeed. */
void fixture_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * fixture_parts() - write the files that a bundle is made of
 *
 * Into the current directory: vmlinux (big endian, 32 bits, 6.1.192, 64 KiB at
 * 1 MiB), dtb (128 MiB of RAM), root (a squashfs with gzip and one file, padded to
 * a multiple of 4096 bytes) and iomem (128 MiB of RAM).
 */
void fixture_parts(void);

/**
 * fixture_bundle() - make a bundle without kexec-try pack
 * @path: the directory
 * @bundle: the manifest; the files, which are dummies, are added to it
 */
void fixture_bundle(const char *path, struct bundle *bundle);

/**
 * fixture_capture() - run a function and capture what it prints
 * @run: the function, such as the run() of a subcommand
 * @argc: its arguments
 * @argv: likewise; argv[argc] is NULL
 * @status: set to its return value
 *
 * Return: what it wrote to stdout and stderr, to be freed.
 */
char *fixture_capture(int (*run)(int argc, char **argv), int argc,
		      char **argv, int *status);

#endif /* TRY_FIXTURES_H */
