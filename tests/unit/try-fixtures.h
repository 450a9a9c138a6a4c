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
 * struct fixture_elf - a kernel that is to be made
 * @big_endian: byte order
 * @wide: 64 bits, or 32
 * @machine: e_machine; 0 is EM_MIPS
 * @type: e_type; 0 is ET_EXEC
 * @paddr: physical address of its only segment; 0 is 0x80100000, as a Malta's
 * @memsz: size of the segment in memory; 0 is that of its content
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

/* Where things are in what fixture_elf() makes, for a test to spoil them */
#define FIXTURE_CONTENT	0x100

/**
 * fixture_elf() - make a kernel in memory
 * @elf: what it is like
 * @size: its size in bytes
 *
 * Return: the file, to be freed.
 */
unsigned char *fixture_elf(const struct fixture_elf *elf, size_t *size);

/**
 * fixture_write() - write a file
 * @path: the file
 * @data: its content
 * @size: of it, in bytes
 */
void fixture_write(const char *path, const void *data, size_t size);

/**
 * fixture_kernel() - write a kernel into a file
 * @path: the file
 * @elf: what it is like
 */
void fixture_kernel(const char *path, const struct fixture_elf *elf);

/**
 * fixture_run() - run a command of the shell, which must succeed
 * @fmt: the command, as for printf()
 */
void fixture_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * fixture_parts() - write what a bundle is made of
 *
 * Into the current directory: vmlinux (big endian, 32 bits, 6.1.192, 64 KiB at
 * 1 MiB), dtb (128 MiB of RAM), root (a squashfs of gzip with a few files, of
 * whole 4096 bytes) and iomem (128 MiB of RAM).
 */
void fixture_parts(void);

/**
 * fixture_bundle() - make a bundle without kexec-try pack
 * @path: the directory
 * @bundle: what its manifest says but for the files, which are none that run
 */
void fixture_bundle(const char *path, struct bundle *bundle);

/**
 * fixture_capture() - run a function and keep what it prints
 * @run: the function: main() of a subcommand
 * @argc: its arguments
 * @argv: likewise, argv[argc] being NULL
 * @status: what it returns
 *
 * Return: what it wrote to stdout and stderr, to be freed.
 */
char *fixture_capture(int (*run)(int argc, char **argv), int argc,
		      char **argv, int *status);

#endif /* TRY_FIXTURES_H */
