// SPDX-License-Identifier: GPL-2.0-only
/*
 * image.c - the contract of --map-file, checked on the segments of an image
 *
 * It reads the options and the tree with code of its own, and checks only what
 * kexec accepts: whether kexec should have refused it is for other tests.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/stat.h>

#include <libfdt.h>

#include "kexec.h"
#include "fuzz.h"
#include "world.h"

#define PAGE		4096ULL
#define FILES_MAX	16
#define SECTOR		4096

/* A --map-file option that was accepted */
struct wanted {
	bool automatic, no_reserve, root;
	const char *label;
	char *bytes;
	unsigned long long size, addr;
};

static struct wanted wanted[FILES_MAX];
static unsigned int nr_wanted;
static const void *tree;

static unsigned long long round_up(unsigned long long number,
				   unsigned long long to)
{
	return (number + to - 1) / to * to;
}

/* --- what was asked for -------------------------------------------------- */

static void read_bytes(struct wanted *want, const char *path)
{
	FILE *file = fopen(path, "r");
	struct stat status;

	CHECK(file && !fstat(fileno(file), &status) && S_ISREG(status.st_mode));
	want->size = status.st_size;
	CHECK(want->size);
	want->bytes = malloc(want->size);
	CHECK(fread(want->bytes, want->size, 1, file) == 1);
	fclose(file);
}

static unsigned long long read_address(const char *text)
{
	bool hexadecimal = !strncmp(text, "0x", 2);
	const char *digits = hexadecimal ? "0123456789abcdef" : "0123456789";
	unsigned __int128 number = 0;
	const char *digit;

	text += hexadecimal ? 2 : 0;
	CHECK(*text);
	for (; *text && (digit = strchr(digits, *text | (hexadecimal ? 0x20 : 0)));
	     text++) {
		number = number * strlen(digits) + (digit - digits);
		CHECK(!(number >> 64));
	}
	if (*text) {
		const char *unit = strchr("kmg", *text | 0x20);

		CHECK(unit && !text[1]);
		number <<= 10 * (strchr("kmg", *unit) - "kmg" + 1);
	}
	CHECK(!(number >> 64));
	return number;
}

static void want_file(const char *arg)
{
	struct wanted *want = &wanted[nr_wanted++];
	char *copy = strdup(arg), *at = strrchr(copy, '@'), *word;

	CHECK(nr_wanted <= FILES_MAX && at);
	*at++ = '\0';
	read_bytes(want, copy);
	word = strsep(&at, ",");
	want->automatic = !strcmp(word, "auto");
	if (!want->automatic)
		want->addr = read_address(word);
	while ((word = strsep(&at, ","))) {
		if (!strcmp(word, "root"))
			want->root = true;
		else if (!strcmp(word, "no-reserve"))
			want->no_reserve = true;
		else if (!strncmp(word, "label=", 6))
			want->label = word + 6;
		else
			CHECK(!"a word that is known");
	}
	CHECK(!want->root || want->label);
	CHECK(!want->no_reserve || !(want->label || want->automatic));
}

/* --- segments ------------------------------------------------------------ */

/*
 * Whether all bytes from @at to @last are RAM. For kexec, the byte behind a range
 * still belongs to it.
 */
static bool is_ram(unsigned long long at, unsigned long long last)
{
	FILE *file = fopen("/proc/iomem", "r");
	unsigned long long start, end;
	bool moved = true;
	char name[128];

	CHECK(file);
	while (moved && at <= last) {
		moved = false;
		rewind(file);
		while (fscanf(file, "%llx-%llx : %127[^\n]", &start, &end, name) == 3)
			if (!strcmp(name, "System RAM") && start <= at && end + 1 >= at) {
				moved = end + 2 > at;
				at = moved ? end + 2 : at;
			}
	}
	fclose(file);
	return at > last;
}

static void check_segments(const struct kexec_segment *segments, unsigned long nr)
{
	unsigned long long end = 0;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		unsigned long long mem = (unsigned long)segments[i].mem;

		CHECK(mem % PAGE == 0 && segments[i].memsz % PAGE == 0);
		CHECK(segments[i].memsz && segments[i].bufsz <= segments[i].memsz);
		CHECK(mem >= end);
		end = mem + segments[i].memsz;
		CHECK(end > mem && is_ram(mem, end - 1));
	}
}

static bool is_file(const struct kexec_segment *segment, const struct wanted *want)
{
	return segment->bufsz == want->size &&
		!memcmp(segment->buf, want->bytes, want->size) &&
		(want->automatic || (unsigned long)segment->mem == want->addr);
}

/*
 * Every file has a segment of its own. Those with an address are matched first. kexec
 * puts the others as high as they can go, in their order, and an --initrd, which may
 * have the same bytes, as low as it can.
 */
static void check_files(const struct kexec_segment *segments, unsigned long nr)
{
	unsigned int taken = 0, automatic, i;
	unsigned long j;

	for (automatic = 0; automatic <= 1; automatic++)
		for (i = 0; i < nr_wanted; i++) {
			if (wanted[i].automatic != automatic)
				continue;
			j = nr;
			while (j && (taken & 1 << (j - 1) ||
				     !is_file(&segments[j - 1], &wanted[i])))
				j--;
			CHECK(j);
			taken |= 1 << (j - 1);
			wanted[i].addr = (unsigned long)segments[j - 1].mem;
		}
}

/* --- the device tree ----------------------------------------------------- */

/* Linux looks for a tree from the first segment on. */
static const void *find_tree(const struct kexec_segment *segments, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		const void *buf = segments[i].buf;

		if (segments[i].bufsz < 4 || fdt_magic(buf) != FDT_MAGIC)
			continue;
		CHECK(segments[i].bufsz >= sizeof(struct fdt_header));
		CHECK(!fdt_check_header(buf));
		CHECK(fdt_totalsize(buf) == segments[i].bufsz);
		return buf;
	}
	CHECK(!"a segment with the tree");
	return NULL;
}

static unsigned int cells_of(int node, const char *name)
{
	const uint32_t *cell = fdt_getprop(tree, node, name, NULL);

	return cell ? fdt32_to_cpu(*cell) : 1;
}

static unsigned long long number_at(const uint32_t *cell, unsigned int cells)
{
	unsigned long long number = 0;

	while (cells--)
		number = number << 32 | fdt32_to_cpu(*cell++);
	return number;
}

/* Returns the file that the node is for, or NULL. */
static const struct wanted *owner(int node, unsigned long long addr)
{
	unsigned int i;

	if (!fdt_getprop(tree, node, "kexec,map-file", NULL))
		return NULL;
	for (i = 0; i < nr_wanted; i++)
		if (!wanted[i].no_reserve && wanted[i].addr == addr)
			return &wanted[i];
	CHECK(!"a node of a map file that was asked for");
	return NULL;
}

/* No map file overlaps what something else reserves. */
static void check_free(unsigned long long start, unsigned long long size)
{
	unsigned long long last = start + size - 1;
	unsigned int i;

	if (!size)
		return;
	last = last < start ? ~0ULL : last;
	for (i = 0; i < nr_wanted; i++)
		CHECK(wanted[i].no_reserve || wanted[i].addr > last ||
		      wanted[i].addr + round_up(wanted[i].size, PAGE) <= start);
}

static void check_node(const struct wanted *want, int node, const uint32_t *reg,
		       int len, unsigned int addr_cells, unsigned int size_cells)
{
	const char *label = fdt_getprop(tree, node, "label", NULL);
	const char *compatible = fdt_getprop(tree, node, "compatible", NULL);
	unsigned long long size = number_at(reg + addr_cells, size_cells);

	CHECK((unsigned int)len == 4 * (addr_cells + size_cells));
	CHECK(size == (want->label ? round_up(want->size, SECTOR) : want->size));
	CHECK(!label == !want->label);
	if (want->label)
		CHECK(!strcmp(label, want->label) && !strcmp(compatible, "phram"));
}

static void check_reservations(unsigned int nodes)
{
	int node, parent = fdt_subnode_offset(tree, 0, "reserved-memory");
	unsigned int addr_cells = cells_of(parent, "#address-cells");
	unsigned int size_cells = cells_of(parent, "#size-cells");
	int i, len, depth = 0, nr = fdt_num_mem_rsv(tree);
	const struct wanted *want;
	uint64_t start, size;
	const uint32_t *reg;

	CHECK(parent >= 0 && fdt_getprop(tree, parent, "ranges", NULL));
	CHECK(addr_cells == cells_of(0, "#address-cells"));
	CHECK(size_cells == cells_of(0, "#size-cells"));
	for (i = 0; i < nr; i++) {
		CHECK(!fdt_get_mem_rsv(tree, i, &start, &size));
		check_free(start, size);
	}
	for (node = fdt_next_node(tree, parent, &depth); node >= 0 && depth > 0;
	     node = fdt_next_node(tree, node, &depth)) {
		reg = depth == 1 ? fdt_getprop(tree, node, "reg", &len) : NULL;
		if (!reg || (unsigned int)len < 4 * (addr_cells + size_cells))
			continue;
		want = owner(node, number_at(reg, addr_cells));
		if (want) {
			check_node(want, node, reg, len, addr_cells, size_cells);
			nodes--;
			continue;
		}
		for (; (unsigned int)len >= 4 * (addr_cells + size_cells);
		     len -= 4 * (addr_cells + size_cells)) {
			check_free(number_at(reg, addr_cells),
				   number_at(reg + addr_cells, size_cells));
			reg += addr_cells + size_cells;
		}
	}
	CHECK(!nodes);
}

/* Only the node of the file that is to be the root has linux,rootfs. */
static void check_root(const struct wanted *want)
{
	const uint32_t *reg;
	const char *args;
	int node, len, nr = 0;

	for (node = 0; node >= 0; node = fdt_next_node(tree, node, NULL)) {
		if (!fdt_getprop(tree, node, "linux,rootfs", NULL))
			continue;
		reg = fdt_getprop(tree, node, "reg", NULL);
		CHECK(reg && owner(node, number_at(reg, cells_of(0, "#address-cells"))) == want);
		nr++;
	}
	CHECK(nr == 1);
	args = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", &len);
	if (args && len) {
		char *copy = strndup(args, len);

		CHECK(strncmp(copy, "root=", 5) && !strstr(copy, " root="));
	}
}

static void check_bootargs(const struct world *world)
{
	const char *line = NULL, *args;
	int i, len;

	for (i = 0; i < world->argc; i++) {
		const char *arg = world->argv[i];

		if (!strncmp(arg, "--command-line=", 15) || !strncmp(arg, "--append=", 9))
			line = strchr(arg, '=') + 1;
		if (!strcmp(arg, "--reuse-cmdline") || !strcmp(arg, "-p"))
			return;
	}
	if (!line)
		return;
	args = fdt_getprop(tree, fdt_path_offset(tree, "/chosen"), "bootargs", &len);
	CHECK(args && (size_t)len == strlen(line) + 1 && !memcmp(args, line, len));
}

void image_check(const struct world *world,
		 const struct kexec_segment *segments, unsigned long nr)
{
	unsigned int nodes = 0, i;
	int arg;

	for (arg = 0; arg < world->argc; arg++) {
		if (!strncmp(world->argv[arg], "--map-file=", 11))
			want_file(world->argv[arg] + 11);
		/* An initrd that looks like a tree is for upstream to refuse. */
		if (!strcmp(world->argv[arg], "--initrd=tree") ||
		    !strcmp(world->argv[arg], "--initrd=dtb"))
			return;
	}
	check_segments(segments, nr);
	check_files(segments, nr);
	CHECK(!world->dtb_is_bad);
	tree = find_tree(segments, nr);
	for (i = 0; i < nr_wanted; i++)
		nodes += !wanted[i].no_reserve;
	if (nodes)
		check_reservations(nodes);
	for (i = 0; i < nr_wanted; i++)
		if (wanted[i].root)
			check_root(&wanted[i]);
	if (world->dtb)
		check_bootargs(world);
}
