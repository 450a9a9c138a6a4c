/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bundle.h - a new system, as it is sent to a device
 *
 * A bundle is a directory without directories in it: the files of the new system,
 * and `manifest`, which tells what all of them are. Nothing else may be there.
 *
 * The manifest is text, these lines in this order, and nothing else; `compatible`
 * and `append` may be missing, `ram`, `reserved` and `map` come as often as need be:
 *
 *	format 2
 *	machine mips			what ELF calls it
 *	endian big			or little
 *	bits 32				or 64: of the kernel
 *	linux 6.1.192			the kernel's version, or `unknown`
 *	load 0x100000 0x7cb000		physical addresses that the kernel takes
 *					from its first instruction on: start, and
 *					the first byte after
 *	memory 20971520			bytes of RAM that the device must have:
 *					twice the image, as kexec takes no image
 *					of more than half of it
 *	compatible a,board a,soc	of the device tree's root; may be missing
 *	ram 0x0 0x8000000		of its memory nodes, and what it reserves
 *	reserved 0x0 0x1000
 *	kernel vmlinux 5681152 SHA256	a file: name, size in bytes, SHA-256 as
 *	dtb dtb 4573 SHA256		64 lower case hexadecimal digits
 *	rootfs rootfs.squashfs 4567040 SHA256
 *	map calibration 65536 SHA256 0x6000000 factory
 *					another map file, its physical address,
 *					or `auto`, and the name of the MTD that
 *					it becomes, if any
 *	label rootfs			name of the MTD that the rootfs becomes
 *	append console=ttyS0		words for the kernel's command line; may be
 *					missing
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

#include "files.h"
#include "ram.h"

#define BUNDLE_MANIFEST		"manifest"

/* Bounds that a device can afford and no bundle needs a tenth of. An image has at
 * most 16 segments, of which one is the command line.
 */
#define BUNDLE_MANIFEST_MAX	(16 * 1024)
#define BUNDLE_FILES_MAX	15
#define BUNDLE_NAME_MAX		63
#define BUNDLE_FILE_SIZE_MAX	(1ULL << 30)
#define BUNDLE_LABEL_MAX	63
#define BUNDLE_COMPATIBLE_MAX	512
#define BUNDLE_VERSION_MAX	64

/* COMMAND_LINE_SIZE of Linux for MIPS, less the NUL at the end */
#define BUNDLE_APPEND_MAX	4095

/* Enough of a bundle's identity to tell it from others, in hexadecimal digits */
#define BUNDLE_ID_DIGITS	16

/* Pages of MIPS have that many bytes at least and at most, a power of 2 */
#define PAGE_MIN		4096ULL
#define PAGE_MAX		(64 * 1024ULL)

/* Of KSEG0, the begin of the physical addresses: all that a 32-bit kernel reaches
 * directly, and where every new kernel lies
 */
#define KSEG0_SIZE		(512ULL << 20)

/* What a file is for; there is one of each but the last */
enum bundle_role {
	BUNDLE_KERNEL,		/* vmlinux, as ELF, or that compressed */
	BUNDLE_DTB,
	BUNDLE_ROOTFS,		/* a squashfs */
	BUNDLE_MAP,
};

/* One file of a bundle; the last three are of a map file. */
struct bundle_file {
	enum bundle_role role;
	char name[BUNDLE_NAME_MAX + 1];
	unsigned long long size;	/* in bytes */
	char sum[SUM_SIZE];
	bool automatic;			/* kexec chooses the address */
	unsigned long long addr;	/* physical, if not */
	char label[BUNDLE_LABEL_MAX + 1]; /* of the MTD that it becomes, or "" */
};

/* What a manifest says, see above. The directory is as the user named it, and
 * open; NULL and -1 when there is none. @id is the begin of the SHA-256 of the
 * manifest, and so an identity of all of it; "" while the bundle is being made.
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

/* Begins with an empty bundle */
void bundle_init(struct bundle *bundle);

/**
 * bundle_parse() - read a manifest
 * @bundle: what it says
 * @from: its path, for messages
 * @text: the manifest, of any bytes, not ended by a NUL
 * @size: how many bytes there are
 *
 * Return: 0, or -1 with a line on stderr that names the manifest's line.
 */
int bundle_parse(struct bundle *bundle, const char *from, const char *text,
		 size_t size);

/* The manifest of a complete bundle, to be freed */
char *bundle_print(const struct bundle *bundle);

/**
 * bundle_open() - read the manifest of a directory, and nothing else of it
 *
 * Return: 0, to be followed by bundle_close(), or -1 with one line on stderr.
 */
int bundle_open(struct bundle *bundle, const char *path);

/* Gives back what bundle_open() took, if anything */
void bundle_close(struct bundle *bundle);

/**
 * bundle_verify() - see whether the files are those that the manifest lists
 * @bundle: the bundle, opened
 *
 * No file outside the directory is opened, no link is followed, and all sizes
 * are looked at before the first file is read.
 *
 * Return: 0, or -1 with a line on stderr for each file that is missing, no
 * regular file, of another size or SHA-256, or not listed.
 */
int bundle_verify(const struct bundle *bundle);

/* The file of a role but BUNDLE_MAP; NULL only in a bundle that is being made */
const struct bundle_file *bundle_find(const struct bundle *bundle,
				      enum bundle_role role);

/**
 * bundle_add() - add a file to a bundle that is being made
 *
 * Return: the file, its size and sum to be filled in, or NULL with one line on
 * stderr: the name cannot be, or is there already, or there are too many.
 */
struct bundle_file *bundle_add(struct bundle *bundle, enum bundle_role role,
			       const char *name);

/* Bytes of all files: what they take in the device's RAM before they are loaded */
unsigned long long bundle_size(const struct bundle *bundle);

/* Bytes that kexec and the kernel need beside these while it is loaded: the kernel's
 * copy of all of it, and the kernel file, unpacked, in the memory of kexec
 */
unsigned long long bundle_loading(const struct bundle *bundle);

/* What would help where there is too little memory for that: "", or more of a sentence */
const char *bundle_advice(const struct bundle *bundle);

/* Compares a bundle's device tree with a board: `compatible` of the running
 * tree's root, a blank between words, and the first byte after its RAM; "" and
 * 0 where nobody knows. Return: 0, or -1 with a line on stderr for what
 * differs.
 */
int bundle_check_board(const struct bundle *bundle, const char *compatible,
		       unsigned long long ram_end);

/* Set text that is checked. Return: 0, or -1 with one line on stderr. */
int bundle_set_append(struct bundle *bundle, const char *append);
int bundle_set_label(char to[BUNDLE_LABEL_MAX + 1], const char *label);
int bundle_set_compatible(struct bundle *bundle, const char *compatible);

/* Whether the kernel is of that version or later; an unknown one is */
bool bundle_linux(const struct bundle *bundle, unsigned int major,
		  unsigned int minor);

#endif /* TRY_BUNDLE_H */
