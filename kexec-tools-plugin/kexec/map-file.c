// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file.c - files placed in the memory of the new kernel as they are
 *
 * --map-file=FILE@ADDRESS[,label=NAME][,root][,no-reserve] adds FILE to the image as a
 * segment of its own and reserves the region in the new kernel's device tree.
 * The file lies at exactly ADDRESS, or kexec loads nothing and exits with one
 * line on stderr. The node follows reserved-memory.yaml and, its name apart,
 * phram.yaml in Documentation/devicetree/bindings/reserved-memory/ of Linux.
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>
#include <libfdt.h>

#include "kexec.h"
#include "kexec-syscall.h"
#include "map-file.h"

/* Marks the nodes that kexec adds below /reserved-memory */
#define MARK		"kexec,map-file"

/* More bytes than such a node takes, or its parent, less the option's text */
#define NODE_ROOM	512

/* File systems read whole blocks: the MTD must not end within the last one. */
#define MTD_ALIGN	4096

/* A --map-file option; sizes and physical addresses are in bytes */
struct map_file {
	const char *arg;
	char *path;
	const char *label;
	bool automatic;
	bool no_reserve;
	unsigned long long addr;
	const char *buf;
	off_t size;
};

#define refuse(file, fmt, ...) \
	die("--map-file %s: " fmt "\n", (file)->arg, ##__VA_ARGS__)

static struct map_file files[KEXEC_MAX_SEGMENTS];
static int nr_files;

/* The new kernel's device tree, unless all files have no-reserve */
static char *tree;
static int addr_cells, size_cells;

const struct map_file *map_file_root;

static void parse_address(struct map_file *file, const char *text)
{
	static const char units[] = "kKmMgG";
	const char *unit;
	int shift = 0;
	char *end;

	file->automatic = !strcmp(text, "auto");
	if (file->automatic)
		return;

	errno = 0;
	file->addr = strtoull(text, &end, strncmp(text, "0x", 2) ? 10 : 16);
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		shift = 10 * ((unit - units) / 2 + 1);
		end++;
	}
	if (!isdigit((unsigned char)*text) || *end)
		refuse(file, "\"%s\" is not an address like 0x6400000, 100M or auto", text);
	if (errno || file->addr << shift >> shift != file->addr)
		refuse(file, "%s does not fit in 64 bits", text);
	file->addr <<= shift;
}

static void parse_label(struct map_file *file, const char *name)
{
	const struct map_file *other;
	const char *c = name;

	while (isgraph((unsigned char)*c))
		c++;
	if (c == name || *c)
		refuse(file, "the label is empty, or has blanks or unprintable characters");
	for (other = files; other < file; other++)
		if (other->label && !strcmp(name, other->label))
			refuse(file, "%s has the same label", other->path);
	file->label = name;
}

static void parse_word(struct map_file *file, const char *word)
{
	if (!strncmp(word, "label=", strlen("label=")) && !file->label)
		parse_label(file, word + strlen("label="));
	else if (!strcmp(word, "no-reserve") && !file->no_reserve)
		file->no_reserve = true;
	else if (!strcmp(word, "root") && !map_file_root)
		map_file_root = file;
	else
		refuse(file, "\"%s\" is unknown or repeated", word);
}

/**
 * map_file_add() - take a --map-file option
 * @arg: FILE@ADDRESS[,WORD]...; the last @ counts, so FILE may contain others
 *
 * Exits with one line on stderr if @arg is wrong. Does not look at FILE.
 */
void map_file_add(const char *arg)
{
	struct map_file *file = &files[nr_files];
	char *at, *word;

	if (nr_files == KEXEC_MAX_SEGMENTS)
		die("--map-file %s: more than %d files\n", arg, nr_files);
	file->arg = arg;
	file->path = xmalloc(strlen(arg) + 1);
	strcpy(file->path, arg);
	at = strrchr(file->path, '@');
	if (!at || at == file->path)
		refuse(file, "write FILE@ADDRESS");
	*at++ = '\0';
	parse_address(file, strsep(&at, ","));
	while ((word = strsep(&at, ",")))
		parse_word(file, word);
	if (file->no_reserve && (file->label || file->automatic))
		refuse(file, "label= and auto need the node that no-reserve leaves out");
	if (file == map_file_root && !file->label)
		refuse(file, "root needs label=NAME");
	nr_files++;
}

/* Half of the RAM: sanity_check_segment_list() in Linux, kernel/kexec_core.c */
static unsigned long long image_max(void)
{
	struct sysinfo info;

	sysinfo(&info);
	return (unsigned long long)info.totalram * info.mem_unit / 2;
}

static void open_file(struct map_file *file)
{
	struct stat st;

	if (stat(file->path, &st))
		refuse(file, "cannot open the file: %s", strerror(errno));
	if (!S_ISREG(st.st_mode) || !st.st_size)
		refuse(file, "not a regular file, or empty");
	if ((unsigned long long)st.st_size > image_max())
		refuse(file, "%llu bytes are more than half of the RAM, which is %llu",
		       (unsigned long long)st.st_size, image_max());
	file->buf = slurp_file_mmap(file->path, &file->size);
	/* The kernel reads it once: spare it the bookkeeping for each page. */
	madvise((void *)file->buf, file->size, MADV_SEQUENTIAL);
}

static int tree_result(int result)
{
	if (result < 0)
		die("--map-file: cannot change the device tree: %s\n", fdt_strerror(result));
	return result;
}

static unsigned long long get_cells(const void *cell, int cells)
{
	uint64_t number = 0;

	memcpy((uint32_t *)&number + 2 - cells, cell, cells * 4);
	return fdt64_to_cpu(number);
}

/**
 * put_cells() - write a number as cells of a device tree
 * @cell: the first cell; aligned to 4 bytes, not more
 * @number: the number
 * @cells: how many cells it takes, 1 or 2
 *
 * Return: the cell after the last one.
 */
void *put_cells(void *cell, uint64_t number, int cells)
{
	number = cpu_to_fdt64(number);
	memcpy(cell, (uint32_t *)&number + 2 - cells, cells * 4);
	return (uint32_t *)cell + cells;
}

static int next_child(int node, int *depth)
{
	do
		node = fdt_next_node(tree, node, depth);
	while (node >= 0 && *depth > 1);
	return *depth == 1 ? node : -1;
}

/**
 * cell_count() - read #address-cells or #size-cells of a device tree
 * @dtb: the tree
 * @node: offset of the node
 * @name: the property
 * @missing: what counts if there is no such property
 *
 * Return: the number, or 0 if the property is malformed.
 */
int cell_count(const char *dtb, int node, const char *name, int missing)
{
	int len;
	const uint32_t *cells = fdt_getprop(dtb, node, name, &len);

	return !cells ? missing : len == 4 ? (int)fdt32_to_cpu(*cells) : 0;
}

/* Linux ignores /reserved-memory if its cells differ from the root's. */
static int complete_cells(int node, const char *name)
{
	int cells = cell_count(tree, 0, name, 1);

	if (cells < 1 || cells > 2 || cell_count(tree, node, name, cells) != cells)
		die("--map-file: %s of / and /reserved-memory must be equal, and 1 or 2\n", name);
	tree_result(fdt_setprop_cell(tree, node, name, cells));
	return cells;
}

/* Copy the tree, with a valid /reserved-memory and room for all nodes. */
static void open_tree(const char *dtb)
{
	size_t size = fdt_totalsize(dtb) + NODE_ROOM;
	int i, parent, node, depth = 0;

	for (i = 0; i < nr_files; i++)
		size += NODE_ROOM + strlen(files[i].arg);
	tree = xmalloc(size);
	tree_result(fdt_open_into(dtb, tree, size));

	parent = fdt_subnode_offset(tree, 0, "reserved-memory");
	if (parent == -FDT_ERR_NOTFOUND)
		parent = fdt_add_subnode(tree, 0, "reserved-memory");
	if (!fdt_getprop(tree, parent, "ranges", NULL))
		tree_result(fdt_setprop(tree, parent, "ranges", "", 0));
	size_cells = complete_cells(parent, "#size-cells");
	addr_cells = complete_cells(parent, "#address-cells");

	/* The tree of the running system may have nodes of an earlier kexec. */
	for (node = parent; (node = next_child(node, &depth)) >= 0; ) {
		if (!fdt_getprop(tree, node, MARK, NULL))
			continue;
		tree_result(fdt_del_node(tree, node));
		node = parent;
		depth = 0;
	}
}

/* Whether the range, stored in @hit, overlaps @want. The ends are inclusive. */
static bool overlaps(const struct memory_range *want, unsigned long long start,
		     unsigned long long size, struct memory_range *hit)
{
	unsigned long long end = start + size - 1;

	if (end < start)
		end = ~0ULL;
	*hit = (struct memory_range) { start, end, 0 };
	return size && want->start <= end && want->end >= start;
}

static bool overlaps_reserved(const struct memory_range *want, struct memory_range *hit)
{
	int node = fdt_subnode_offset(tree, 0, "reserved-memory");
	int i, len, depth = 0, nr = fdt_num_mem_rsv(tree);
	uint64_t start, size;
	const uint32_t *reg;

	for (i = 0; i < nr; i++)
		if (!fdt_get_mem_rsv(tree, i, &start, &size) &&
		    overlaps(want, start, size, hit))
			return true;

	while ((node = next_child(node, &depth)) >= 0) {
		reg = fdt_getprop(tree, node, "reg", &len);
		for (i = 0; reg && i + addr_cells + size_cells <= len / 4;
		     i += addr_cells + size_cells)
			if (overlaps(want, get_cells(reg + i, addr_cells),
				     get_cells(reg + i + addr_cells, size_cells), hit))
				return true;
	}
	return false;
}

/* Name what is in the way of @file at @want, and put where into @hit. */
static const char *find_obstacle(const struct kexec_info *info, const struct map_file *file,
				 const struct memory_range *want, struct memory_range *hit)
{
	int i, j;

	for (i = 0; i < info->nr_segments; i++) {
		const struct kexec_segment *segment = &info->segment[i];

		if (!overlaps(want, (unsigned long)segment->mem, segment->memsz, hit))
			continue;
		for (j = 0; j < nr_files; j++)
			if (segment->buf == files[j].buf)
				return files[j].path;
		return "the kernel";
	}
	if (!file->no_reserve && overlaps_reserved(want, hit))
		return "a reservation in the device tree";
	return NULL;
}

static void place_file(struct kexec_info *info, const struct map_file *file, unsigned long long max)
{
	unsigned long page = getpagesize();
	unsigned long long size = _ALIGN(file->size, page);
	struct memory_range want = { file->addr, file->addr + size - 1, 0 };
	struct memory_range hit;
	const char *what;

	if (file->addr & (page - 1))
		refuse(file, "0x%llx is not page aligned; 0x%llx is", file->addr,
		       _ALIGN_DOWN(file->addr, page));
	if (file->addr > max || size - 1 > max - file->addr)
		refuse(file, "ends above 0x%llx, the highest physical address within reach", max);
	if (!valid_memory_range(info, want.start, want.end))
		refuse(file, "0x%llx-0x%llx is not System RAM, which /proc/iomem lists",
		       want.start, want.end);
	what = find_obstacle(info, file, &want, &hit);
	if (what)
		refuse(file, "0x%llx-0x%llx overlaps %s at 0x%llx-0x%llx",
		       want.start, want.end, what, hit.start, hit.end);
	add_segment_phys_virt(info, file->buf, file->size, file->addr, file->size, 0);
}

/* Take the highest free place, from the end of the RAM downwards. */
static void choose_place(struct kexec_info *info, struct map_file *file, unsigned long long max)
{
	unsigned long long end, size = _ALIGN(file->size, getpagesize());
	struct memory_range want, hit, *ram;

	ram = info->memory_range + info->memory_ranges;
	while (ram != info->memory_range) {
		ram--;
		if (ram->type != RANGE_RAM)
			continue;
		for (end = ram->end < max ? ram->end : max;
		     end + 1 >= ram->start + size; end = hit.start - 1) {
			want.start = _ALIGN_DOWN(end + 1 - size, getpagesize());
			want.end = want.start + size - 1;
			if (!valid_memory_range(info, want.start, want.end))
				break;
			if (find_obstacle(info, file, &want, &hit))
				continue;
			file->addr = want.start;
			add_segment_phys_virt(info, file->buf, file->size, want.start,
					      file->size, 0);
			return;
		}
	}
	refuse(file, "no free RAM for %llu bytes up to 0x%llx", size, max);
}

static void add_node(const struct map_file *file)
{
	int parent = fdt_subnode_offset(tree, 0, "reserved-memory");
	char name[sizeof("map-file@") + 16];
	unsigned long long size = file->size;
	uint32_t reg[4];
	int node;

	if (file->label)
		size = _ALIGN(size, MTD_ALIGN);
	if ((addr_cells == 1 && (file->addr + size - 1) >> 32) ||
	    (size_cells == 1 && size >> 32))
		refuse(file, "the device tree has 32-bit addresses; use one below 4G");
	put_cells(put_cells(reg, file->addr, addr_cells), size, size_cells);

	snprintf(name, sizeof(name), "map-file@%llx", file->addr);
	node = tree_result(fdt_add_subnode(tree, parent, name));
	tree_result(fdt_setprop(tree, node, MARK, "", 0));
	tree_result(fdt_setprop(tree, node, "reg", reg, 4 * (addr_cells + size_cells)));
	if (!file->label)
		return;
	tree_result(fdt_setprop_string(tree, node, "label", file->label));
	tree_result(fdt_setprop_string(tree, node, "compatible", "phram"));
	if (file == map_file_root)
		tree_result(fdt_setprop(tree, node, "linux,rootfs", "", 0));
}

/* Linux takes the last MTD that has linux,rootfs, unless there is a root=. */
static void claim_root(const struct map_file *file)
{
	int len, node = fdt_path_offset(tree, "/chosen");
	const char *args = fdt_getprop(tree, node, "bootargs", &len);
	char *copy = args ? strndup(args, len) : NULL;
	char *word;

	for (word = copy; word && (word = strstr(word, "root=")); word++)
		if (word == copy || isspace((unsigned char)word[-1]))
			refuse(file, "root contradicts root= in the command line");
	free(copy);
	for (node = 0; node >= 0; node = fdt_next_node(tree, node, NULL))
		fdt_delprop(tree, node, "linux,rootfs");
}

/**
 * map_files_load() - add the map files to the image
 * @info: the image, with the kernel as its only segments, and the RAM
 * @dtb: the new kernel's device tree; a new buffer if it changes
 * @dtb_size: its size in bytes
 * @max: the highest physical address that both kernels reach directly
 * @buffers: how many segments the loader will add
 *
 * Exits with one line on stderr if a file cannot be had or placed.
 */
void map_files_load(struct kexec_info *info, char **dtb, off_t *dtb_size,
		    unsigned long long max, int buffers)
{
	int room = KEXEC_MAX_SEGMENTS - info->nr_segments - buffers;
	struct map_file *file, *end = files + nr_files;

	if (!nr_files)
		return;
	if (info->kexec_flags & KEXEC_ON_CRASH)
		refuse(files, "not possible with --load-panic");
	if (nr_files > room)
		refuse(files, "%d files, but this image has room for %d", nr_files, room);
	if (max > mem_max)
		max = mem_max;

	for (file = files; file < end; file++) {
		open_file(file);
		if (!tree && !file->no_reserve)
			open_tree(*dtb);
		if (!file->automatic)
			place_file(info, file, max);
	}
	if (tree && addr_cells == 1 && max > UINT32_MAX)
		max = UINT32_MAX;
	for (file = files; file < end; file++)
		if (file->automatic)
			choose_place(info, file, max);
	if (!tree)
		return;

	/* A new node becomes the first one; MTDs are numbered in their order. */
	while (file != files) {
		file--;
		if (file == map_file_root)
			claim_root(file);
		if (!file->no_reserve)
			add_node(file);
	}
	tree_result(fdt_pack(tree));
	*dtb = tree;
	*dtb_size = fdt_totalsize(tree);
}

/**
 * map_files_check() - refuse an image that is too large for Linux
 * @info: the complete image
 *
 * Exits with one line on stderr.
 */
void map_files_check(const struct kexec_info *info)
{
	unsigned long long size = 0;
	int i;

	for (i = 0; i < info->nr_segments; i++)
		size += info->segment[i].memsz;
	if (nr_files && size > image_max())
		refuse(files, "the image has %llu bytes, more than half of the RAM, which is %llu",
		       size, image_max());
}

/**
 * map_files_check_dtb() - refuse a file that would be taken for the device tree
 * @dtb_addr: the physical address of the image's device tree
 *
 * For architectures whose kernel looks for the tree in the first segment that
 * begins with a header of one. Exits with one line on stderr.
 */
void map_files_check_dtb(unsigned long dtb_addr)
{
	const struct map_file *file;

	for (file = files; file < files + nr_files; file++)
		if (file->addr < dtb_addr && file->size >= 4 &&
		    fdt_magic(file->buf) == FDT_MAGIC)
			refuse(file, "begins like a device tree; put it above the real one, 0x%lx",
			       dtb_addr);
}
