// SPDX-License-Identifier: GPL-2.0-only
/*
 * pack.c - kexec-try pack: make a bundle
 *
 * Everything that can be seen before a bundle leaves the build machine is seen
 * here: what does not belong together never reaches a device.
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sha256.h>

#include "bundle.h"
#include "files.h"
#include "kernel.h"
#include "say.h"
#include "tar.h"
#include "tree.h"
#include "try.h"

/* Made from boot.sh by the Makefile */
static const char boot_script[] =
#include "boot-sh.h"
;

/* Pages of MIPS have at least and at most that many bytes; segments are whole
 * pages
 */
#define PAGE_MIN	4096ULL
#define PAGE_MAX	(64 * 1024ULL)

/* The highest address that a map file may have, so that no sum overflows */
#define ADDRESS_MAX	(1ULL << 62)

/* Command line and device tree as kexec makes them, in bytes, no more */
#define BUFFERS_SIZE	(256 * 1024ULL)

/**
 * struct map - another map file that the user names
 * @path: the file
 * @automatic: whether kexec chooses the address
 * @addr: the address, if not
 */
struct map {
	const char *path;
	bool automatic;
	unsigned long long addr;
};

/**
 * struct packer - a bundle that is being made
 * @bundle: what its manifest will say
 * @source: for each of its files where it is from; NULL for boot.sh
 * @output: the directory, or "-"
 * @kernel: the files that the user names
 * @dtb: likewise
 * @rootfs: likewise
 * @map: likewise, the other map files
 * @maps: how many there are of these
 */
struct packer {
	struct bundle bundle;
	const char *source[BUNDLE_FILES_MAX];
	const char *output;
	const char *kernel;
	const char *dtb;
	const char *rootfs;
	struct map map[BUNDLE_FILES_MAX];
	unsigned int maps;
};

/* Size and sum of what a file of the bundle is from. */
static int measure(const char *path, struct bundle_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	int result;

	if (fd < 0)
		return report("%s: %s", path, strerror(errno));
	result = fstat(fd, &status);
	if (!result && !S_ISREG(status.st_mode)) {
		close(fd);
		return report("%s: no regular file", path);
	}
	if (!result && (!status.st_size || (unsigned long long)status.st_size >
			BUNDLE_FILE_SIZE_MAX)) {
		close(fd);
		return report("%s: a file of a bundle has 1 to %llu bytes, this one has %lld",
			      path, BUNDLE_FILE_SIZE_MAX,
			      (long long)status.st_size);
	}
	file->size = status.st_size;
	if (!result)
		result = files_sum(fd, file->size, file->sha256);
	close(fd);
	return result ? report("%s: %s", path, strerror(errno)) : 0;
}

static struct bundle_file *add_source(struct packer *packer,
				      enum bundle_role role, const char *name,
				      const char *path)
{
	struct bundle_file *file = bundle_add(&packer->bundle, role, name);

	if (!file || measure(path, file))
		return NULL;
	packer->source[file - packer->bundle.file] = path;
	return file;
}

static int add_boot(struct packer *packer)
{
	struct bundle_file *file = bundle_add(&packer->bundle, BUNDLE_BOOT,
					      "boot.sh");
	sha256_context context;

	if (!file)
		return -1;
	file->size = strlen(boot_script);
	sha256_starts(&context);
	sha256_update(&context, (const uint8_t *)boot_script, file->size);
	sha256_finish(&context, file->sha256);
	return 0;
}

static int add_maps(struct packer *packer)
{
	unsigned int i;

	for (i = 0; i < packer->maps; i++) {
		const struct map *map = &packer->map[i];
		const char *slash = strrchr(map->path, '/');
		struct bundle_file *file;

		file = add_source(packer, BUNDLE_MAP,
				  slash ? slash + 1 : map->path, map->path);
		if (!file)
			return -1;
		if (!map->automatic && map->addr > ADDRESS_MAX)
			return report("%s: the address 0x%llx is higher than any RAM",
				      map->path, map->addr);
		file->automatic = map->automatic;
		file->addr = map->addr;
	}
	return 0;
}

static unsigned long long pages(unsigned long long size)
{
	return (size + PAGE_MAX - 1) / PAGE_MAX * PAGE_MAX;
}

/* All files but the kernel and boot.sh are in the image as they are. */
static unsigned long long image_size(const struct bundle *bundle)
{
	unsigned long long size = pages(bundle->load_end) -
		bundle->load_start / PAGE_MAX * PAGE_MAX + BUFFERS_SIZE;
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role != BUNDLE_KERNEL &&
		    bundle->file[i].role != BUNDLE_BOOT)
			size += pages(bundle->file[i].size);
	return size;
}

static void take_kernel(struct bundle *bundle, const struct kernel *kernel)
{
	bundle->big_endian = kernel->big_endian;
	bundle->bits = kernel->bits;
	bundle->load_start = kernel->start;
	bundle->load_end = kernel->end;
	strcpy(bundle->linux_version, kernel->version);
}

static void check_config(const struct packer *packer,
			 const struct kernel *kernel, const char *compressor)
{
	if (kernel->config)
		kconfig_check(kernel->config, &packer->bundle, compressor);
	else
		warn("%s: the kernel does not carry its configuration (CONFIG_IKCONFIG), so nobody can see whether it has MTD_PHRAM, MTD_BLOCK, SQUASHFS and %s",
		     packer->kernel, compressor);
	if (!strcmp(kernel->version, "unknown"))
		warn("%s: the kernel does not tell its version; it is taken for one after 6.2",
		     packer->kernel);
}

static int take_any(void *data, unsigned long long start,
		    unsigned long long end)
{
	(void)data;
	(void)start;
	(void)end;
	return 0;
}

static int check_dtb(const char *path)
{
	size_t size;
	char *dtb = tree_load(path, &size);

	if (!dtb)
		return -1;
	/* What kexec will ask of it, and refuse on the device */
	if (tree_reserved(path, dtb, take_any, NULL)) {
		free(dtb);
		return -1;
	}
	if (!fdt_getprop(dtb, 0, "compatible", NULL))
		warn("%s: no `compatible` says for which board it is", path);
	free(dtb);
	return 0;
}

static int check_parts(struct packer *packer)
{
	const char *compressor;
	struct kernel kernel;
	int result = 0;

	/* All of them, so that a user sees at once what is wrong */
	if (kernel_read(packer->kernel, &kernel))
		result = -1;
	if (check_dtb(packer->dtb))
		result = -1;
	if (squashfs_check(packer->rootfs, &compressor))
		result = -1;
	if (!result) {
		take_kernel(&packer->bundle, &kernel);
		check_config(packer, &kernel, compressor);
	}
	kernel_free(&kernel);
	return result;
}

/* Where another map file or the kernel lies; @name NULL is the kernel. */
static int check_clear(const struct bundle_file *map, const char *name,
		       unsigned long long start, unsigned long long end)
{
	if (map->addr >= end || map->addr + map->size <= start)
		return 0;
	return report("%s: 0x%llx-0x%llx overlaps %s at 0x%llx-0x%llx on every device; choose another address, or auto",
		      map->name, map->addr, map->addr + map->size - 1,
		      name ? name : "the kernel", start, end - 1);
}

/* What no device can take; the rest depends on its RAM. */
static int check_map(const struct bundle *bundle, unsigned int i)
{
	const struct bundle_file *map = &bundle->file[i];
	int result = 0;
	unsigned int j;

	if (map->addr % PAGE_MIN)
		result = report("%s: the address 0x%llx is not a multiple of a page, %llu bytes or more; the next that is: 0x%llx",
				map->name, map->addr, PAGE_MIN,
				map->addr / PAGE_MIN * PAGE_MIN + PAGE_MIN);
	if (check_clear(map, NULL, bundle->load_start, bundle->load_end))
		result = -1;
	for (j = 0; j < i; j++) {
		const struct bundle_file *other = &bundle->file[j];

		if (other->role == BUNDLE_MAP && !other->automatic &&
		    check_clear(map, other->name, other->addr,
				other->addr + other->size))
			result = -1;
	}
	return result;
}

static int check_maps(const struct bundle *bundle)
{
	int result = 0;
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role == BUNDLE_MAP &&
		    !bundle->file[i].automatic && check_map(bundle, i))
			result = -1;
	return result;
}

static int gather(struct packer *packer)
{
	struct bundle *bundle = &packer->bundle;

	if (check_parts(packer) ||
	    !add_source(packer, BUNDLE_KERNEL, "vmlinux", packer->kernel) ||
	    !add_source(packer, BUNDLE_DTB, "dtb", packer->dtb) ||
	    !add_source(packer, BUNDLE_ROOTFS, "rootfs.squashfs",
			packer->rootfs) ||
	    add_boot(packer) || add_maps(packer) || check_maps(bundle))
		return -1;
	bundle->memory = 2 * image_size(bundle);
	return 0;
}

static int open_source(const struct packer *packer, unsigned int i)
{
	int fd = open(packer->source[i], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return report("%s: %s", packer->source[i], strerror(errno));
	return fd;
}

static int put_stream_file(const struct packer *packer, unsigned int i, int to)
{
	const struct bundle_file *file = &packer->bundle.file[i];
	int fd, result;

	if (!packer->source[i])
		return tar_put_text(to, file->name, 0755, boot_script,
				    file->size);
	fd = open_source(packer, i);
	if (fd < 0)
		return -1;
	result = tar_put_file(to, file->name, 0644, fd, file->size);
	close(fd);
	return result;
}

static int write_stream(const struct packer *packer, const char *manifest,
			int to)
{
	unsigned int i;

	if (isatty(to))
		return report("-o -: a bundle is nothing for a terminal; send it into a file or a pipe");
	if (tar_put_text(to, BUNDLE_MANIFEST, 0644, manifest,
			 strlen(manifest)))
		return -1;
	for (i = 0; i < packer->bundle.files; i++)
		if (put_stream_file(packer, i, to))
			return -1;
	return tar_put_end(to);
}

static int create(int dirfd, const char *name, unsigned int mode)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			mode);

	return fd < 0 ? report("%s: %s", name, strerror(errno)) : fd;
}

static int put_text(int dirfd, const char *name, unsigned int mode,
		    const char *text)
{
	int fd = create(dirfd, name, mode);
	int result;

	if (fd < 0)
		return -1;
	result = files_write(fd, text, strlen(text));
	if (close(fd) || result)
		return report("%s: %s", name, strerror(errno));
	return 0;
}

static int copy(int from, int to, const char *name)
{
	char *chunk = must_alloc(PAGE_MAX);
	size_t got;
	int result = 0;

	do {
		got = files_read(from, chunk, PAGE_MAX);
		if (errno || files_write(to, chunk, got))
			result = report("%s: %s", name, strerror(errno));
	} while (!result && got == PAGE_MAX);
	free(chunk);
	return result;
}

static int put_file(const struct packer *packer, unsigned int i, int dirfd)
{
	const char *name = packer->bundle.file[i].name;
	int from, to, result;

	if (!packer->source[i])
		return put_text(dirfd, name, 0755, boot_script);
	from = open_source(packer, i);
	if (from < 0)
		return -1;
	to = create(dirfd, name, 0644);
	result = to < 0 ? -1 : copy(from, to, name);
	close(from);
	if (to >= 0 && close(to) && !result)
		result = report("%s: %s", name, strerror(errno));
	return result;
}

static int fill_directory(const struct packer *packer, const char *manifest,
			  int dirfd)
{
	unsigned int i;

	for (i = 0; i < packer->bundle.files; i++)
		if (put_file(packer, i, dirfd))
			return -1;
	return put_text(dirfd, BUNDLE_MANIFEST, 0644, manifest);
}

/* What is not whole must not be taken for a bundle. */
static void remove_directory(const struct packer *packer, int dirfd)
{
	unsigned int i;

	unlinkat(dirfd, BUNDLE_MANIFEST, 0);
	for (i = 0; i < packer->bundle.files; i++)
		unlinkat(dirfd, packer->bundle.file[i].name, 0);
	rmdir(packer->output);
}

/* What was measured may have changed before it was copied. */
static int verify(const char *path)
{
	struct bundle bundle;
	int result;

	if (bundle_open(&bundle, path))
		return -1;
	result = bundle_verify(&bundle);
	if (!result)
		step("%s: bundle %s, Linux %s, %u files; the device needs %llu MiB of RAM",
		     path, bundle.id, bundle.linux_version, bundle.files,
		     (bundle.memory + (1 << 20) - 1) >> 20);
	bundle_close(&bundle);
	return result;
}

static int write_directory(const struct packer *packer, const char *manifest)
{
	int dirfd, result;

	if (mkdir(packer->output, 0777))
		return report("%s: %s", packer->output, errno == EEXIST ?
			      "it is there already; remove it, or choose another name" :
			      strerror(errno));
	dirfd = open(packer->output, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0)
		return report("%s: %s", packer->output, strerror(errno));
	result = fill_directory(packer, manifest, dirfd);
	if (!result)
		result = verify(packer->output);
	if (result)
		remove_directory(packer, dirfd);
	close(dirfd);
	return result;
}

/* As kexec has it: decimal, or 0x and hexadecimal, and K, M or G. */
static int parse_address(const char *text, unsigned long long *addr)
{
	static const char units[] = "KMG";
	int base = strncasecmp(text, "0x", 2) ? 10 : 16;
	const char *unit;
	int shift = 0;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*addr = strtoull(text, &end, base);
	unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (errno || *end || *addr << shift >> shift != *addr)
		return -1;
	*addr <<= shift;
	return 0;
}

/* FILE@ADDRESS,... */
static int parse_maps(struct packer *packer, char *text)
{
	char *one, *at;

	while ((one = strsep(&text, ","))) {
		struct map *map = &packer->map[packer->maps];

		at = strrchr(one, '@');
		if (packer->maps == BUNDLE_FILES_MAX || !at || at == one) {
			report(at ? "--map %s: one map file too many, or no name before the @" :
			       "--map %s: no address; write FILE@ADDRESS, or FILE@auto",
			       one);
			return EXIT_USAGE;
		}
		*at++ = '\0';
		map->path = one;
		map->automatic = !strcmp(at, "auto");
		if (!map->automatic && parse_address(at, &map->addr)) {
			report("--map %s: \"%s\" is no address; write auto, or a number, with K, M or G after it if you like",
			       one, at);
			return EXIT_USAGE;
		}
		packer->maps++;
	}
	return EXIT_GOOD;
}

static int parse_option(struct packer *packer, int option)
{
	switch (option) {
	case 'o':
		packer->output = optarg;
		return EXIT_GOOD;
	case 'k':
		packer->kernel = optarg;
		return EXIT_GOOD;
	case 'd':
		packer->dtb = optarg;
		return EXIT_GOOD;
	case 'r':
		packer->rootfs = optarg;
		return EXIT_GOOD;
	case 'a':
		return bundle_set_append(&packer->bundle, optarg) ?
			EXIT_USAGE : EXIT_GOOD;
	case 'l':
		return bundle_set_label(&packer->bundle, optarg) ?
			EXIT_USAGE : EXIT_GOOD;
	case 'm':
		return parse_maps(packer, optarg);
	default:
		return EXIT_USAGE;
	}
}

static int parse(struct packer *packer, int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "dtb", required_argument, NULL, 'd' },
		{ "rootfs", required_argument, NULL, 'r' },
		{ "append", required_argument, NULL, 'a' },
		{ "label", required_argument, NULL, 'l' },
		{ "map", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = EXIT_GOOD;

	optind = 0;
	while (!status &&
	       (option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
		status = parse_option(packer, option);
	if (status)
		return status;
	if (argc > optind) {
		report("pack: '%s' belongs to no option", argv[optind]);
		return EXIT_USAGE;
	}
	if (!packer->output || !packer->kernel || !packer->dtb ||
	    !packer->rootfs) {
		report("pack needs -o, --kernel, --dtb and --rootfs");
		return EXIT_USAGE;
	}
	return EXIT_GOOD;
}

static int pack(struct packer *packer)
{
	char *manifest;
	int result;

	if (gather(packer))
		return EXIT_REFUSED;
	manifest = bundle_print(&packer->bundle);
	result = strcmp(packer->output, "-") ?
		write_directory(packer, manifest) :
		write_stream(packer, manifest, STDOUT_FILENO);
	free(manifest);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

static int pack_main(int argc, char **argv)
{
	struct packer packer = { .output = NULL };
	int status;

	bundle_init(&packer.bundle);
	status = parse(&packer, argc, argv);
	if (!status)
		status = pack(&packer);
	return status;
}

const struct subcommand subcommand_pack = {
	.name = "pack",
	.summary = "make a bundle of a kernel, a device tree and a root file system",
	.help = "-o BUNDLE --kernel FILE --dtb FILE --rootfs FILE [--append WORDS]\n"
		"               [--label NAME] [--map FILE@ADDRESS,...]\n"
		"\n"
		"Sees whether the files belong together, and makes the directory BUNDLE of\n"
		"them, with a manifest and boot.sh for devices without kexec-try.\n"
		"\n"
		"  -o, --output BUNDLE  the directory, which must not be there; -: a tar\n"
		"                       stream on standard output\n"
		"  --kernel FILE        vmlinux, or that compressed by gzip or xz\n"
		"  --dtb FILE           the device tree blob\n"
		"  --rootfs FILE        the root file system, a squashfs\n"
		"  --append WORDS       for the kernel's command line; what names the root\n"
		"                       device is added where the kernel needs it\n"
		"  --label NAME         name of the MTD that the rootfs becomes; rootfs\n"
		"                       unless it is given\n"
		"  --map FILE@ADDRESS   another file, to lie at the physical ADDRESS, or\n"
		"                       where there is room (auto); repeatable\n",
	.run = pack_main,
};
