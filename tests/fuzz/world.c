// SPDX-License-Identifier: GPL-2.0-only
/*
 * world.c - makes the files that kexec reads from the text of an input
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "world.h"

/* More than the kernel writes into a line of /proc/iomem */
#define IOMEM_LINE	120

/* Enough for the paths of both forms of a tree */
#define DEPTH_MAX	6
#define NODE_NAME_MAX	31
#define SEEN_MAX	64

#define BLOB_MAX	(1 << 18)
#define VALUE_ZEROS_MAX	0x3fff

/* kexec gets no other options: none may start or unload a kernel. */
static const char *const option_prefixes[] = {
	"--map-file=", "--dtb=", "--command-line=", "--append=", "--initrd=",
	"--mem-min=", "--mem-max=", "--reuse-cmdline", "--debug", "-p",
};

/* A path stays below the current directory, and --dtb is "dtb" or no tree. */
static bool is_option(const char *line)
{
	unsigned int i;

	if (strstr(line, "..") || (!strncmp(line, "--dtb=", 6) && strchr(line, '/')))
		return false;
	for (i = 0; i < sizeof(option_prefixes) / sizeof(*option_prefixes); i++) {
		size_t size = strlen(option_prefixes[i]);

		if (!strncmp(line, option_prefixes[i], size) &&
		    (line[size - 1] == '=' || !line[size]))
			return true;
	}
	return false;
}

static void create_arguments(struct world *world, char *text)
{
	int max = sizeof(world->argv) / sizeof(*world->argv) - 2;
	char *line;

	world->argv[world->argc++] = "kexec";
	world->argv[world->argc++] = "-l";
	world->argv[world->argc++] = "-c";
	while ((line = strsep(&text, "\n")) && world->argc < max) {
		if (!is_option(line))
			continue;
		world->argv[world->argc++] = line;
		if (!strncmp(line, "--dtb=", 6))
			world->dtb = line + 6;
	}
	world->argv[world->argc++] = "vmlinux";
	world->argv[world->argc] = NULL;
}

static void create_iomem(struct world *world, char *text)
{
	FILE *file = fopen("proc/iomem", "w");
	unsigned long long start, end;
	char *line;
	int name;

	CHECK(file);
	while ((line = strsep(&text, "\n"))) {
		name = 0;
		sscanf(line, "%llx-%llx : %n", &start, &end, &name);
		if (!name || !line[name] || start > end ||
		    strlen(line) > IOMEM_LINE)
			continue;
		fprintf(file, "%s\n", line);
		if (!strcmp(line + name, "System RAM"))
			world->ram += end - start + 1;
	}
	fclose(file);
}

/* The text up to a line of "%"; @text is what follows. */
static char *next_part(char **text)
{
	char *part = *text, *end = part;

	while (end && strncmp(end, "%\n", 2)) {
		end = strchr(end, '\n');
		end += !!end;
	}
	*text = end ? end + 2 : part + strlen(part);
	if (end)
		*end = '\0';
	return part;
}

void world_create(struct world *world, char *text)
{
	memset(world, 0, sizeof(*world));
	create_arguments(world, next_part(&text));
	create_iomem(world, next_part(&text));
	world->dtb_is_bad = !tree_create(text, !world->dtb);
}

/* --- the device tree ----------------------------------------------------- */

struct block {
	char data[BLOB_MAX];
	size_t size;
};

static struct block structure, strings, reservations;

/* The node's path in proc/device-tree, if the tree goes there, and its depth */
static char path[512];
static int depth;

/* The properties of the node so far; none comes after a child. */
static uint32_t seen[SEEN_MAX];
static unsigned int nr_seen;
static bool had_child;

static void put(struct block *block, const void *data, size_t size)
{
	memcpy(block->data + block->size, data, size);
	block->size += size;
}

static void put_cell(struct block *block, uint32_t cell)
{
	cell = cpu_to_fdt32(cell);
	put(block, &cell, sizeof(cell));
}

static void put_padded(const void *data, size_t size)
{
	put(&structure, data, size);
	put(&structure, "\0\0\0", -size & 3);
}

static uint64_t hex(char **text)
{
	return strtoull(*text, text, 16);
}

/* The offset of @name in the strings block, which gets @name if it is new */
static uint32_t string_offset(const char *name)
{
	size_t at;

	for (at = 0; at < strings.size; at += strlen(strings.data + at) + 1)
		if (!strcmp(strings.data + at, name))
			return at;
	put(&strings, name, strlen(name) + 1);
	return at;
}

/* Returns the size of the value that @text, behind a property's name, describes. */
static size_t parse_value(char *text, char *bytes)
{
	size_t size = 0;
	uint32_t cell;
	char *end;

	switch (*text++) {
	case '<':
		for (;; text = end, size += sizeof(cell)) {
			end = text;
			cell = cpu_to_fdt32(hex(&end));
			if (end == text)
				return size;
			memcpy(bytes + size, &cell, sizeof(cell));
		}
	case '"':
		strcpy(bytes, text);
		return strlen(text) + 1;
	case '\'':
		size = strlen(text);
		memcpy(bytes, text, size);
		return size;
	case '*':
		size = hex(&text) & VALUE_ZEROS_MAX;
		memset(bytes, 0, size);
		return size;
	}
	return 0;
}

/* Makes @name one that a file can have, so that both forms of a tree have it. */
static void mend_name(char *name)
{
	if (strlen(name) > NODE_NAME_MAX)
		name[NODE_NAME_MAX] = '\0';
	for (; *name; name++)
		if (*name == '/' || (*name == '.' && !isalnum((unsigned char)name[1])))
			*name = '_';
}

static void begin_node(char *name)
{
	mend_name(name);
	if (depth == DEPTH_MAX || !depth != !*name)
		return; /* only the root has no name */
	depth++;
	put_cell(&structure, FDT_BEGIN_NODE);
	put_padded(name, strlen(name) + 1);
	nr_seen = 0;
	had_child = false;
	if (*path) {
		strcat(path, "/");
		strcat(path, name);
		mkdir(path, 0700);
	}
}

static void end_node(void)
{
	put_cell(&structure, FDT_END_NODE);
	had_child = true;
	depth--;
	if (*path)
		*strrchr(path, '/') = '\0';
}

static void create_property_file(const char *name, const char *bytes, size_t size)
{
	char file[sizeof(path) + NODE_NAME_MAX + 1];
	int fd;

	/* fs2dt wants a NUL at the end of it, which the kernel does not promise. */
	if (strstr(name, "stdout-path"))
		return;
	snprintf(file, sizeof(file), "%s/%s", path, name);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	if (fd < 0)
		return; /* a node has that name */
	CHECK(write(fd, bytes, size) == (ssize_t)size && !close(fd));
}

static void add_property(char *text)
{
	static char bytes[BLOB_MAX];
	char *name = strsep(&text, " ");
	uint32_t offset;
	unsigned int i;
	size_t size;

	mend_name(name);
	if (!*name || had_child || nr_seen == SEEN_MAX)
		return;
	offset = string_offset(name);
	for (i = 0; i < nr_seen; i++)
		if (seen[i] == offset)
			return;
	seen[nr_seen++] = offset;
	size = text ? parse_value(text, bytes) : 0;
	put_cell(&structure, FDT_PROP);
	put_cell(&structure, size);
	put_cell(&structure, offset);
	put_padded(bytes, size);
	if (*path)
		create_property_file(name, bytes, size);
}

static void add_reservation(char *text)
{
	uint64_t start = hex(&text), size = hex(&text);

	/* Two zeros would be the end. */
	if (!start && !size)
		return;
	put_cell(&reservations, start >> 32);
	put_cell(&reservations, start);
	put_cell(&reservations, size >> 32);
	put_cell(&reservations, size);
}

/*
 * Word @i of the header becomes @number. Returns whether the header is still
 * good. A wrong offset or size that kexec would accept is made too large.
 */
static bool spoil_header(struct fdt_header *header, unsigned int i, uint32_t number)
{
	uint32_t *word = (uint32_t *)header + i, old;
	uint32_t total = fdt32_to_cpu(header->totalsize);
	bool good = false;

	if (i >= sizeof(*header) / sizeof(*word))
		return true;
	old = fdt32_to_cpu(*word);
	if (word == &header->version)
		good = number >= 16;
	else if (word == &header->last_comp_version)
		good = number <= 17;
	else if (word == &header->boot_cpuid_phys)
		good = true;
	else if (word != &header->magic && word != &header->totalsize)
		number = number < total ? total + number : number;
	if (number == old)
		return true;
	*word = cpu_to_fdt32(number);
	return good;
}

static bool write_blob(char *spoil, const char *cut)
{
	uint32_t structs = sizeof(struct fdt_header) + reservations.size;
	uint32_t strs = structs + structure.size;
	uint32_t total = strs + strings.size;
	struct fdt_header header = {
		.magic = cpu_to_fdt32(FDT_MAGIC),
		.totalsize = cpu_to_fdt32(total),
		.off_dt_struct = cpu_to_fdt32(structs),
		.off_dt_strings = cpu_to_fdt32(strs),
		.off_mem_rsvmap = cpu_to_fdt32(sizeof(header)),
		.version = cpu_to_fdt32(17),
		.last_comp_version = cpu_to_fdt32(16),
		.size_dt_strings = cpu_to_fdt32(strings.size),
		.size_dt_struct = cpu_to_fdt32(structure.size),
	};
	bool good = true;
	FILE *file;

	if (spoil) {
		unsigned int word = hex(&spoil);

		good = spoil_header(&header, word, hex(&spoil));
	}
	file = fopen("dtb", "w");
	CHECK(file);
	fwrite(&header, sizeof(header), 1, file);
	fwrite(reservations.data, reservations.size, 1, file);
	fwrite(structure.data, structure.size, 1, file);
	fwrite(strings.data, strings.size, 1, file);
	fclose(file);
	if (cut) {
		CHECK(!truncate("dtb", strtoul(cut, NULL, 16) % total));
		good = false;
	}
	return good;
}

static int remove_one(const char *name, const struct stat *status, int type,
		      struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(name);
}

void remove_tree(const char *name)
{
	nftw(name, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void start_tree(bool as_files)
{
	remove_tree("proc/device-tree");
	unlink("dtb");
	structure.size = strings.size = reservations.size = 0;
	depth = 0;
	strcpy(path, as_files ? "proc/device-tree" : "");
	if (as_files)
		mkdir(path, 0700);
	begin_node((char []){ "" });
}

bool tree_create(char *text, bool as_files)
{
	char *line, *spoil = NULL, *cut = NULL;

	start_tree(as_files);
	while ((line = strsep(&text, "\n")) &&
	       structure.size < BLOB_MAX - 2 * (VALUE_ZEROS_MAX + 1)) {
		if (*line == '{')
			begin_node(line + 1);
		else if (*line == '}' && depth > 1)
			end_node();
		else if (*line == '=')
			add_property(line + 1);
		else if (*line == '!')
			add_reservation(line + 1);
		else if (*line == '#')
			spoil = line + 1;
		else if (*line == '-')
			cut = line + 1;
	}
	while (depth)
		end_node();
	put_cell(&structure, FDT_END);
	put(&reservations, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	return as_files || write_blob(spoil, cut);
}
