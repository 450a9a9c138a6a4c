// SPDX-License-Identifier: GPL-2.0-only
/*
 * parts.c - check a device tree, read its RAM, and check a squashfs
 */

#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "parts.h"
#include "program.h"
#include "say.h"
#include "text.h"

/* kexec marks the node of each map file with this property */
#define REGION_MARK	"kexec,map-file"

/* The superblock of a squashfs, always little endian: Linux,
 * fs/squashfs/squashfs_fs.h, struct squashfs_super_block
 */
#define SUPER_SIZE		96
#define SUPER_MAGIC		"hsqs"
#define SUPER_BLOCK_SIZE	12
#define SUPER_COMPRESSION	20
#define SUPER_MAJOR		28
#define SUPER_BYTES_USED	40

#define BLOCK_MIN		4096		/* that Linux takes, in bytes */
#define BLOCK_MAX		(1024 * 1024)

/* Indexed by the number in the superblock; Linux does not know lzma, 2 */
static const char *const compressors[] = {
	NULL, "SQUASHFS_ZLIB", NULL, "SQUASHFS_LZO", "SQUASHFS_XZ",
	"SQUASHFS_LZ4", "SQUASHFS_ZSTD",
};

#define COMPRESSORS	(sizeof(compressors) / sizeof(compressors[0]))

/* dtc has written version 17 since 2005, and kexec takes no older one */
#define TREE_VERSION_MIN	17

int tree_check(const char *path, const char *dtb, size_t size)
{
	int error;

	if (size > TREE_MAX)
		return report("%s: the blob is too large: it has %zu bytes, %d is the most",
			      path, size, TREE_MAX);
	/* For older versions, fdt_check_full() of libfdt 1.6.1 reads the root node's
	 * name at NULL if there is none.
	 */
	if (size >= sizeof(struct fdt_header) && fdt_magic(dtb) == FDT_MAGIC &&
	    fdt_version(dtb) < TREE_VERSION_MIN)
		return report("%s: the blob has version %u of the format, %d is the oldest that will do; make one with dtc",
			      path, fdt_version(dtb), TREE_VERSION_MIN);
	error = fdt_check_full(dtb, size);
	if (error)
		return report("%s: not a valid device tree blob (%s); make one with dtc",
			      path, fdt_strerror(error));
	return 0;
}

char *tree_load(const char *path)
{
	size_t size;
	char *dtb = files_load(path, 2 * TREE_MAX, &size);

	if (dtb && tree_check(path, dtb, size)) {
		free(dtb);
		return NULL;
	}
	return dtb;
}

/* State of tree_ranges() */
struct walk {
	const char *path;
	const char *dtb;
	int addr_cells;
	int size_cells;
	struct ram *ram;
};

/* TEXT_ADDRESS_MAX keeps sums of addresses from overflowing. */
static int add(const struct walk *walk, unsigned long long start,
	       unsigned long long size)
{
	if (!size)
		return 0;
	if (start > TEXT_ADDRESS_MAX || size > TEXT_ADDRESS_MAX - start)
		return report("%s: the range at 0x%llx extends beyond all RAM",
			      walk->path, start);
	return ram_add(walk->ram, walk->path, start, start + size);
}

static unsigned long long get_number(const fdt32_t **reg, int cells)
{
	unsigned long long number = 0;

	while (cells--)
		number = number << 32 | fdt32_to_cpu(*(*reg)++);
	return number;
}

static int add_reg(const struct walk *walk, int node)
{
	int cells = walk->addr_cells + walk->size_cells, len;
	const fdt32_t *reg = fdt_getprop(walk->dtb, node, "reg", &len);
	unsigned long long start;

	/* Without the property, len is negative */
	for (len /= (int)sizeof(*reg); len >= cells; len -= cells) {
		start = get_number(&reg, walk->addr_cells);
		if (add(walk, start, get_number(&reg, walk->size_cells)))
			return -1;
	}
	return 0;
}

/* Linux ignores a memory node with another status */
static bool is_on(const char *dtb, int node)
{
	return !fdt_getprop(dtb, node, "status", NULL) ||
		!fdt_stringlist_search(dtb, node, "status", "okay") ||
		!fdt_stringlist_search(dtb, node, "status", "ok");
}

static bool has_cells(const char *dtb, int node, const char *name, int cells)
{
	int len;
	const fdt32_t *have = fdt_getprop(dtb, node, name, &len);

	return !have || (len == sizeof(*have) &&
			 (int)fdt32_to_cpu(*have) == cells);
}

int tree_ranges(const char *path, const char *dtb, struct ram *ram,
		struct ram *reserved)
{
	struct walk walk = {
		.path = path, .dtb = dtb, .ram = ram,
		/* Without the property, Linux takes 1, and libfdt 2 */
		.addr_cells = fdt_getprop(dtb, 0, "#address-cells", NULL) ?
			fdt_address_cells(dtb, 0) : 1,
		.size_cells = fdt_size_cells(dtb, 0),
	};
	int parent = fdt_path_offset(dtb, "/reserved-memory");
	uint64_t start, size;
	int i, node;

	if (walk.addr_cells < 1 || walk.addr_cells > 2 ||
	    walk.size_cells < 1 || walk.size_cells > 2)
		return report("%s: #address-cells and #size-cells of / must be 1 or 2",
			      path);
	ram->ranges = 0;
	fdt_for_each_subnode(node, dtb, 0)
		if (!fdt_stringlist_search(dtb, node, "device_type", "memory") &&
		    is_on(dtb, node) && add_reg(&walk, node))
			return -1;

	/* Linux ignores such a node, so kexec refuses it */
	if (!has_cells(dtb, parent, "#address-cells", walk.addr_cells) ||
	    !has_cells(dtb, parent, "#size-cells", walk.size_cells))
		return report("%s: #address-cells and #size-cells of /reserved-memory are not those of /",
			      path);
	walk.ram = reserved;
	reserved->ranges = 0;
	for (i = 0; i < fdt_num_mem_rsv(dtb); i++) {
		fdt_get_mem_rsv(dtb, i, &start, &size);
		if (add(&walk, start, size))
			return -1;
	}
	if (parent < 0)
		return 0;
	fdt_for_each_subnode(node, dtb, parent)
		if (!fdt_getprop(dtb, node, REGION_MARK, NULL) &&
		    add_reg(&walk, node))
			return -1;
	return 0;
}

static void take_out(const char *path, char *dtb, int node, const char *name,
		     const char *why)
{
	char where[256];

	/* A blob may have a property twice */
	while (!fdt_nop_property(dtb, node, name)) {
		if (fdt_get_path(dtb, node, where, sizeof(where)))
			snprintf(where, sizeof(where), "... /%.200s",
				 fdt_get_name(dtb, node, NULL));
		step("%s: %s/%s is not in the bundle: %s", path,
		     where[1] ? where : "", name, why);
	}
}

int tree_clean(const char *path, char *dtb)
{
	static const char stale[] = "it is from the last boot, and the new kernel would free that RAM";
	int node, chosen = fdt_path_offset(dtb, "/chosen");

	for (node = 0; node >= 0; node = fdt_next_node(dtb, node, NULL)) {
		if (!strcmp(fdt_get_name(dtb, node, NULL), "__overlay__"))
			return report("%s: this is an overlay, not a board's tree; apply it to the base tree (fdtoverlay) and give the result",
				      path);
		take_out(path, dtb, node, "linux,rootfs",
			 "that partition would become the root in place of the bundle's");
	}
	take_out(path, dtb, chosen, "bootargs-override",
		 "it would win over the command line");
	take_out(path, dtb, chosen, "linux,initrd-start", stale);
	take_out(path, dtb, chosen, "linux,initrd-end", stale);
	return 0;
}

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
		return report("%s: Linux does not support compressor %u; use gzip, xz, lzo, lz4 or zstd",
			      path, compression);
	if (block < BLOCK_MIN || block > BLOCK_MAX || block & (block - 1))
		return report("%s: the squashfs is damaged: it has blocks of %u bytes",
			      path, block);
	if (used < SUPER_SIZE || used > size)
		return report("%s: the squashfs is cut: it has %llu bytes, its superblock says %llu",
			      path, size, used);
	*compressor = compressors[compression];
	return 0;
}

/* Has unsquashfs list two files if they exist, or, with NULL, all files. Return: as
 * program_run().
 */
static int list(const char *path, const char *one, const char *other, char *said,
		size_t size)
{
	/* unsquashfs takes a leading dash for an option */
	char *file = must_print("%s%s", *path == '-' ? "./" : "", path);
	char *argv[] = { "unsquashfs", "-lc", file, (char *)one, (char *)other,
			 NULL };
	int status = program_run(argv, 0, said, size);

	free(file);
	return status;
}

bool squashfs_has(const char *path, const char *file)
{
	char *usr = must_print("usr/%s", file), said[1024];
	int status = list(path, file, usr, said, sizeof(said));

	free(usr);
	if (status == PROGRAM_MISSING)
		warn("%s: without unsquashfs (squashfs-tools) kexec-try cannot tell whether it has %s; an OpenWrt needs --append init=/usr/sbin/kexec-try",
		     path, file);
	return !status && strstr(said, file);
}

int squashfs_check(const char *path, const char **compressor)
{
	unsigned char super[SUPER_SIZE] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status = { .st_size = 0 };
	char said[1024];
	int listed;

	if (fd < 0)
		return report("%s: %s", path, strerror(errno));
	fstat(fd, &status);
	files_read(fd, super, sizeof(super));
	close(fd);
	if (!S_ISREG(status.st_mode))
		return report("%s: not a regular file", path);
	if (check_super(path, super, status.st_size, compressor))
		return -1;

	/* unsquashfs reads the tables of inodes and directories. Without
	 * squashfs-tools, the file was not made here, and is not checked further.
	 */
	listed = list(path, NULL, NULL, said, sizeof(said));
	if (listed && listed != PROGRAM_MISSING)
		return report("%s: the squashfs is damaged: unsquashfs cannot list it (%s)",
			      path, program_last_line(said));
	return 0;
}
