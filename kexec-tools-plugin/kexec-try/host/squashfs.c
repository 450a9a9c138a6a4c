// SPDX-License-Identifier: GPL-2.0-only
/*
 * squashfs.c - see whether a file is a whole squashfs
 *
 * The superblock is little endian on every machine: Linux,
 * fs/squashfs/squashfs_fs.h, struct squashfs_super_block.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "parts.h"
#include "program.h"
#include "say.h"

#define SUPER_SIZE		96
#define SUPER_MAGIC		"hsqs"
#define SUPER_BLOCK_SIZE	12
#define SUPER_COMPRESSION	20
#define SUPER_MAJOR		28
#define SUPER_BYTES_USED	40

/* Blocks of a file system in a file, as Linux has them */
#define BLOCK_MIN		4096
#define BLOCK_MAX		(1024 * 1024)

/* mtdblock shows whole sectors only, in bytes */
#define SECTOR			512

/* By the number in the superblock; lzma, 2, is in no Linux */
static const char *const compressors[] = {
	NULL, "SQUASHFS_ZLIB", NULL, "SQUASHFS_LZO", "SQUASHFS_XZ",
	"SQUASHFS_LZ4", "SQUASHFS_ZSTD",
};

#define COMPRESSORS	(sizeof(compressors) / sizeof(compressors[0]))

static unsigned long long get(const unsigned char *super, size_t offset,
			      size_t size)
{
	unsigned long long value = 0;

	while (size--)
		value = value << 8 | super[offset + size];
	return value;
}

static int check_super(const char *path, const unsigned char *super,
		       unsigned long long size, const char **compressor)
{
	unsigned long long used = get(super, SUPER_BYTES_USED, 8);
	unsigned int block = get(super, SUPER_BLOCK_SIZE, 4);
	unsigned int compression = get(super, SUPER_COMPRESSION, 2);

	if (memcmp(super, SUPER_MAGIC, 4) || get(super, SUPER_MAJOR, 2) != 4)
		return report("%s: no squashfs of version 4; make one with mksquashfs",
			      path);
	if (compression >= COMPRESSORS || !compressors[compression])
		return report("%s: Linux does not know its compressor, number %u; gzip, xz, lzo, lz4 and zstd are good",
			      path, compression);
	if (block < BLOCK_MIN || block > BLOCK_MAX || block & (block - 1))
		return report("%s: the squashfs is damaged: it has blocks of %u bytes",
			      path, block);
	if (used < SUPER_SIZE || used > size)
		return report("%s: the squashfs is cut: it has %llu bytes, its superblock says %llu",
			      path, size, used);
	if (used > size / SECTOR * SECTOR)
		return report("%s: its %llu bytes are no whole sectors of %d, and an MTD shows whole ones only; make it without -nopad",
			      path, size, SECTOR);
	*compressor = compressors[compression];
	return 0;
}

/* The superblock is the first of many tables. unsquashfs reads those of inodes
 * and directories; who has no squashfs-tools did not make it here.
 */
static int check_tables(const char *path)
{
	char *argv[] = { "unsquashfs", "-lc", (char *)path, NULL };
	char said[1024];
	int status = program_run(argv, 0, said, sizeof(said));

	if (!status || status == PROGRAM_MISSING)
		return 0;
	return report("%s: the squashfs is damaged: unsquashfs cannot list it (%s)",
		      path, program_last_line(said));
}

int squashfs_check(const char *path, const char **compressor)
{
	unsigned char super[SUPER_SIZE] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status = { .st_size = 0 };

	if (fd < 0)
		return report("%s: %s", path, strerror(errno));
	fstat(fd, &status);
	files_read(fd, super, sizeof(super));
	close(fd);
	if (!S_ISREG(status.st_mode))
		return report("%s: no regular file", path);
	return check_super(path, super, status.st_size, compressor) ?
		-1 : check_tables(path);
}
