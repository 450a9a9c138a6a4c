/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bundle.h - a new system in the form in which it is sent to a device
 *
 * A bundle is a directory with the files of the new system and `manifest`, which
 * describes them. It holds nothing else, and no directories.
 *
 * The manifest is text: these lines, in this order. `compatible` and `append` may
 * be missing; there may be any number of `ram`, `reserved` and `map`:
 *
 *	format 2
 *	machine mips			as ELF calls it
 *	endian big			or little
 *	bits 32				or 64: word size of the kernel
 *	linux 6.1.192			version of the kernel, or `unknown`
 *	load 0x100000 0x7cb000		physical addresses that the kernel occupies
 *					when it starts: the first byte, and the
 *					first byte after
 *	memory 20971520			bytes of RAM that the device must have:
 *					twice the size of the image, as kexec
 *					refuses an image larger than half the RAM
 *	compatible a,board a,soc	of the device tree's root node
 *	ram 0x0 0x8000000		from the device tree's memory nodes
 *	reserved 0x0 0x1000		what the device tree reserves
 *	kernel vmlinux 5681152 SHA256	a file: name, size in bytes, SHA-256 as
 *	dtb dtb 4573 SHA256		64 lower case hexadecimal digits
 *	rootfs rootfs.squashfs 4567040 SHA256
 *	map calibration 65536 SHA256 0x6000000 factory
 *					another map file: its physical address or
 *					`auto`, and the name of the MTD that it
 *					becomes, if any
 *	label rootfs			name of the MTD that the rootfs becomes
 *	append console=ttyS0		words for the kernel's command line
 *
 * A file name is 1 to 63 characters of A-Z a-z 0-9 . _ - and starts with neither
 * a dot nor a dash. Names are unique.
 *
 * Do not trust a bundle before bundle_verify() has checked it.
 */
#ifndef TRY_BUNDLE_H
#define TRY_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "files.h"
#include "ram.h"

#define BUNDLE_MANIFEST		"manifest"

/* Limits that a device can afford, far above what a bundle needs. An image has at
 * most 16 segments, and one of them is the command line: 15 files.
 */
#define BUNDLE_MANIFEST_MAX	(16 * 1024)
#define BUNDLE_FILES_MAX	15
#define BUNDLE_NAME_MAX		63
#define BUNDLE_FILE_SIZE_MAX	(1ULL << 30)
#define BUNDLE_LABEL_MAX	63
#define BUNDLE_COMPATIBLE_MAX	512
#define BUNDLE_VERSION_MAX	64

/* COMMAND_LINE_SIZE of Linux for MIPS, without the NUL */
#define BUNDLE_APPEND_MAX	4095

/* Length of a bundle's identity, in hexadecimal digits */
#define BUNDLE_ID_DIGITS	16

/* Smallest and largest page size of MIPS in bytes; page sizes are powers of 2 */
#define PAGE_MIN		4096ULL
#define PAGE_MAX		(64 * 1024ULL)

/* Size of KSEG0, the lowest physical addresses: all that a 32-bit kernel reaches
 * directly. Every new kernel lies there.
 */
#define KSEG0_SIZE		(512ULL << 20)

/* What a file is for. A bundle has exactly one of each but BUNDLE_MAP. */
enum bundle_role {
	BUNDLE_KERNEL,		/* vmlinux: ELF, or compressed ELF */
	BUNDLE_DTB,
	BUNDLE_ROOTFS,		/* a squashfs */
	BUNDLE_MAP,
};

/* One file of a bundle. Only a map file has the last three members. */
struct bundle_file {
	enum bundle_role role;
	char name[BUNDLE_NAME_MAX + 1];
	unsigned long long size;	/* in bytes */
	char sum[SUM_SIZE];
	bool automatic;			/* kexec chooses the address */
	unsigned long long addr;	/* physical, unless @automatic */
	char label[BUNDLE_LABEL_MAX + 1]; /* of the MTD that it becomes, or "" */
};

/* The contents of a manifest, as described above. @path is the directory as the
 * user named it, or NULL; @dirfd is the open directory, or -1. @id is the start
 * of the manifest's SHA-256, which identifies the whole bundle; it is "" while
 * the bundle is being made.
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
	char compatible[BUNDLE_COMPATIBLE_MAX + 1];
	struct ram ram;
	struct ram reserved;
	char label[BUNDLE_LABEL_MAX + 1];
	char append[BUNDLE_APPEND_MAX + 1];
	unsigned int files;
	struct bundle_file file[BUNDLE_FILES_MAX];
	char id[BUNDLE_ID_DIGITS + 1];
};

/* Makes an empty bundle */
void bundle_init(struct bundle *bundle);

/**
 * bundle_parse() - read a manifest
 * @bundle: filled in from the manifest
 * @from: path of the manifest, for messages
 * @text: the manifest; untrusted, without a NUL at the end
 * @size: its size in bytes
 *
 * Return: 0, or -1 with a line on stderr that names the line of the manifest.
 */
int bundle_parse(struct bundle *bundle, const char *from, const char *text,
		 size_t size);

/* Return: the manifest of a complete bundle, to be freed. */
char *bundle_print(const struct bundle *bundle);

/**
 * bundle_open() - open a directory and read only its manifest
 *
 * Return: 0, and the caller must call bundle_close(); or -1 with one line on
 * stderr.
 */
int bundle_open(struct bundle *bundle, const char *path);

/* Releases what bundle_open() acquired, if anything */
void bundle_close(struct bundle *bundle);

/**
 * bundle_verify() - check the files against the manifest
 * @bundle: an open bundle
 *
 * Opens no file outside the directory, follows no link, and checks all sizes
 * before it reads the first file.
 *
 * Return: 0, or -1 with a line on stderr for each file that is missing, not a
 * regular file, not listed, or has a wrong size or SHA-256.
 */
int bundle_verify(const struct bundle *bundle);

/* The file with a role other than BUNDLE_MAP. NULL only while the bundle is being
 * made.
 */
const struct bundle_file *bundle_find(const struct bundle *bundle,
				      enum bundle_role role);

/**
 * bundle_add() - add a file to a bundle that is being made
 *
 * Return: the file, for the caller to fill in its size and sum; or NULL with one
 * line on stderr: the name is invalid or taken, or there are too many files.
 */
struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name);

/* Bytes of all files: the RAM they take on the device before they are loaded */
unsigned long long bundle_size(const struct bundle *bundle);

/**
 * bundle_check_memory() - check that a device has the memory for a bundle
 * @ram: bytes of RAM; 0 if unknown
 * @available: bytes that are free; 0 if unknown
 * @is_there: the device has the bundle, so its files need no more memory
 *
 * Return: 0, or -1 with one line on stderr.
 */
int bundle_check_memory(const struct bundle *bundle, unsigned long long ram,
			unsigned long long available, bool is_there);

/**
 * bundle_check_board() - compare a bundle's device tree with a board
 * @compatible: `compatible` of the running tree's root, one blank between words;
 *	"" if unknown
 * @ram_end: the first byte after the board's RAM; 0 if unknown
 *
 * Return: 0, or -1 with a line on stderr for each difference.
 */
int bundle_check_board(const struct bundle *bundle, const char *compatible,
		       unsigned long long ram_end);

/* Check a text, and store it. Return: 0, or -1 with one line on stderr. */
int bundle_set_append(struct bundle *bundle, const char *append);
int bundle_set_label(char to[BUNDLE_LABEL_MAX + 1], const char *label);
int bundle_set_compatible(struct bundle *bundle, const char *compatible);

/* Whether the kernel is that version or later. An unknown version counts as later. */
bool bundle_linux(const struct bundle *bundle, unsigned int major,
		  unsigned int minor);

#endif /* TRY_BUNDLE_H */
