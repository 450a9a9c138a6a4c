/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bundle.h - a new system, as it is sent to a device
 *
 * A bundle is a directory without directories in it. It holds the files of the
 * new system, `boot.sh` for devices without kexec-try, and the file `manifest`,
 * which tells what all of them are. Nothing else may be there.
 *
 * The manifest is text: one `KEY VALUE` a line, one blank between words, each
 * line ended by a newline, printable ASCII, 16 KiB at most. The first line is
 * `format 1`; the others come in any order, each key once, but for `map`. All
 * but `map`, `label` and `append` must be there:
 *
 *	format 1
 *	machine mips			what ELF calls it
 *	endian big			or little
 *	bits 32				or 64: of the kernel
 *	linux 6.1.192			the kernel's version, or `unknown`
 *	load 0x100000 0x7cb000		physical addresses that the kernel takes
 *					from its first instruction on: start,
 *					and the first byte after
 *	memory 20971520			bytes of RAM that the device must have:
 *					twice the image, as kexec takes no image
 *					of more than half of it
 *	kernel vmlinux 5681152 SHA256	a file: name, size in bytes, SHA-256 as
 *	dtb dtb 4573 SHA256		64 lower case hexadecimal digits
 *	rootfs rootfs.squashfs 4567040 SHA256
 *	boot boot.sh 4321 SHA256
 *	map calibration 65536 SHA256 0x6000000
 *					another map file, and its physical
 *					address, or `auto`; repeatable
 *	label rootfs			name of the MTD that the rootfs becomes
 *	append console=ttyS0		words for the kernel's command line
 *
 * A file's name is 1 to 63 characters of A-Z a-z 0-9 . _ - and begins with
 * neither a dot nor a dash; no two files have the same.
 *
 * A bundle is not to be trusted until bundle_verify() has seen all of it.
 */
#ifndef TRY_BUNDLE_H
#define TRY_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BUNDLE_MANIFEST		"manifest"

/* What a manifest may have: bounds that a device can afford and no bundle needs
 * a tenth of. An image has at most 16 segments, so there are fewer files.
 */
#define BUNDLE_MANIFEST_MAX	(16 * 1024)
#define BUNDLE_FILES_MAX	16
#define BUNDLE_NAME_MAX		63

/* Largest size of one file in bytes: more than a MIPS board's RAM takes */
#define BUNDLE_FILE_SIZE_MAX	(1ULL << 30)

/* As kexec has it, --map-file's label= */
#define BUNDLE_LABEL_MAX	63

/* COMMAND_LINE_SIZE of kexec-tools for MIPS, less what it puts in front, and
 * the NUL at the end: kexec/arch/mips/kexec-mips.h
 */
#define BUNDLE_APPEND_MAX	(512 - 6 - 1)

#define BUNDLE_VERSION_MAX	64

#define BUNDLE_SHA256_SIZE	32

/* Enough of a bundle's identity to tell it from others, in hexadecimal digits */
#define BUNDLE_ID_DIGITS	16

/**
 * enum bundle_role - what a file is for
 * @BUNDLE_KERNEL: vmlinux, as ELF, or that compressed by gzip or xz
 * @BUNDLE_DTB: the device tree blob
 * @BUNDLE_ROOTFS: the root file system, a squashfs
 * @BUNDLE_BOOT: boot.sh, for a device without kexec-try
 * @BUNDLE_MAP: another map file
 */
enum bundle_role {
	BUNDLE_KERNEL,
	BUNDLE_DTB,
	BUNDLE_ROOTFS,
	BUNDLE_BOOT,
	BUNDLE_MAP,
};

/**
 * struct bundle_file - one file of a bundle
 * @role: what it is for
 * @name: its plain name
 * @size: in bytes
 * @sha256: of its content
 * @automatic: for a map file: whether kexec chooses the address
 * @addr: for a map file with an address: physical, in bytes
 */
struct bundle_file {
	enum bundle_role role;
	char name[BUNDLE_NAME_MAX + 1];
	unsigned long long size;
	uint8_t sha256[BUNDLE_SHA256_SIZE];
	bool automatic;
	unsigned long long addr;
};

/**
 * struct bundle - what a manifest says
 * @path: the directory, as the user named it; NULL when there is none
 * @dirfd: the directory, open; -1 when there is none
 * @big_endian: byte order of the new system
 * @bits: word size of its kernel, 32 or 64
 * @linux_version: version of its kernel, "unknown" when the kernel does not say
 * @load_start: first physical address that the kernel takes
 * @load_end: the first byte after
 * @memory: bytes of RAM that the device must have
 * @label: name of the MTD that the rootfs becomes, "rootfs" unless the manifest
 *	has another
 * @append: words for the kernel's command line, or ""
 * @files: how many entries of @file are in use
 * @file: the files; one of each role but BUNDLE_MAP, of which there may be none
 *	or several
 * @id: begin of the SHA-256 of the manifest, and so an identity for all of the
 *	bundle: BUNDLE_ID_DIGITS hexadecimal digits; "" while it is being made
 */
struct bundle {
	char *path;
	int dirfd;
	bool big_endian;
	unsigned int bits;
	char linux_version[BUNDLE_VERSION_MAX];
	unsigned long long load_start;
	unsigned long long load_end;
	unsigned long long memory;
	char label[BUNDLE_LABEL_MAX + 1];
	char append[BUNDLE_APPEND_MAX + 1];
	unsigned int files;
	struct bundle_file file[BUNDLE_FILES_MAX];
	char id[BUNDLE_ID_DIGITS + 1];
};

/**
 * bundle_init() - begin with an empty bundle
 * @bundle: the bundle
 */
void bundle_init(struct bundle *bundle);

/**
 * bundle_parse() - read a manifest
 * @bundle: what it says; set up anew
 * @text: the manifest, of any bytes, not ended by a NUL
 * @size: how many bytes there are at @text
 *
 * Return: 0, or -1 with one line on stderr that names the line of the manifest
 * and what is wrong with it.
 */
int bundle_parse(struct bundle *bundle, const char *text, size_t size);

/**
 * bundle_print() - write a manifest
 * @bundle: the bundle, complete
 *
 * Return: the text, to be freed; bundle_parse() takes it.
 */
char *bundle_print(const struct bundle *bundle);

/**
 * bundle_open() - read the manifest of a directory
 * @bundle: what it says; its directory stays open
 * @path: the directory
 *
 * No other file is looked at.
 *
 * Return: 0, to be followed by bundle_close(), or -1 with one line on stderr:
 * there is no such directory, it has no manifest, the manifest is no regular
 * file or too large, or bundle_parse() refuses it.
 */
int bundle_open(struct bundle *bundle, const char *path);

/**
 * bundle_close() - give back what bundle_open() took
 * @bundle: the bundle; may be one that was only bundle_init()ed or parsed
 */
void bundle_close(struct bundle *bundle);

/**
 * bundle_verify() - see whether the files are those that the manifest lists
 * @bundle: the bundle, opened
 *
 * All sizes are looked at before the first file is read.
 *
 * Return: 0, or -1 with a line on stderr for each file that is missing, no
 * regular file, of another size, of another SHA-256, or in no line of the
 * manifest.
 */
int bundle_verify(const struct bundle *bundle);

/**
 * bundle_find() - the file of a role
 * @bundle: the bundle, parsed or opened
 * @role: any but BUNDLE_MAP
 *
 * Return: the file; NULL only for a bundle that is being made.
 */
const struct bundle_file *bundle_find(const struct bundle *bundle,
				      enum bundle_role role);

/**
 * bundle_open_file() - open a file of a bundle
 * @bundle: the bundle, opened
 * @file: one of its files
 *
 * Return: a file descriptor of a regular file of the size that the manifest has
 * for it, or -1 with one line on stderr.
 */
int bundle_open_file(const struct bundle *bundle,
		     const struct bundle_file *file);

/**
 * bundle_send() - write a bundle as a tar stream
 * @bundle: the bundle, opened
 * @to: file descriptor of the stream
 *
 * The manifest comes first. tar_unpack() reads it, and so does tar(1).
 *
 * Return: 0, or with one line on stderr: -1 when the stream is cut, and nobody
 * can take it for a bundle; 1 when only its end was not taken.
 */
int bundle_send(const struct bundle *bundle, int to);

/**
 * bundle_add() - add a file to a bundle that is being made
 * @bundle: the bundle
 * @role: what the file is for
 * @name: its name in the bundle
 *
 * Return: the file, its size and sum to be filled in, or NULL with one line on
 * stderr: the name cannot be in a bundle, or is there already, or there are
 * BUNDLE_FILES_MAX files.
 */
struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name);

/**
 * bundle_set_append() - set the words for the kernel's command line
 * @bundle: the bundle
 * @append: the words
 *
 * Return: 0, or -1 with one line on stderr: they are too long, or have
 * characters that a manifest cannot hold.
 */
int bundle_set_append(struct bundle *bundle, const char *append);

/**
 * bundle_set_label() - set the name of the MTD that the rootfs becomes
 * @bundle: the bundle
 * @label: letters, digits, dot, dash and underscore, at most BUNDLE_LABEL_MAX
 *
 * Return: 0, or -1 with one line on stderr.
 */
int bundle_set_label(struct bundle *bundle, const char *label);

/**
 * bundle_linux() - compare the version of a bundle's kernel
 * @bundle: the bundle
 * @major: 6 of 6.2
 * @minor: 2 of 6.2
 *
 * Return: whether it is that one or later. An unknown one is.
 */
bool bundle_linux(const struct bundle *bundle, unsigned int major,
		  unsigned int minor);

#endif /* TRY_BUNDLE_H */
