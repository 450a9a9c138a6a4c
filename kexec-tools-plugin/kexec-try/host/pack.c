// SPDX-License-Identifier: GPL-2.0-only
/*
 * pack.c - kexec-try pack: make a bundle
 *
 * Checks all that can be checked on the build machine: files that do not fit
 * together never reach a device.
 */

#include <elf.h>
#include <errno.h>
#include <libfdt.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "files.h"
#include "parts.h"
#include "plan.h"
#include "program.h"
#include "say.h"
#include "text.h"
#include "try.h"

/* Upper bound for the command line and device tree that kexec makes, in bytes */
#define BUFFERS_SIZE	(256 * 1024ULL)

/* kexec-try in the root file system, and the word that makes it the first program */
#define GUARD		"usr/sbin/kexec-try"
#define GUARD_FIRST	"init=/" GUARD

/* The MTD that OpenWrt uses as its overlay, with --overlay ram */
#define OVERLAY		"ram_rootfs_data"

struct packer {
	struct bundle bundle;		/* for the manifest */
	const char *output;		/* the directory to make */
	const char *kernel;		/* the user's files */
	const char *dtb;
	const char *rootfs;
	char *map[BUNDLE_FILES_MAX + 1]; /* FILE@ADDRESS each, and a NULL */
	const char *overlay;		/* "ram", or NULL */
	bool keep_symbols;
	bool plain;			/* do not compress the kernel */
	char *tree;			/* the device tree for the bundle */
	struct kernel vmlinux;
};

static char *load(const char *path, size_t *size)
{
	struct stat status;

	if (stat(path, &status))
		report("%s: %s", path, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		report("%s: not a regular file", path);
	else if (!status.st_size ||
		 (unsigned long long)status.st_size > BUNDLE_FILE_SIZE_MAX)
		report("%s: a file of a bundle has 1 to %llu bytes, this one has %lld",
		       path, BUNDLE_FILE_SIZE_MAX, (long long)status.st_size);
	else
		return files_load(path, status.st_size, size);
	return NULL;
}

/* Drops symbols and debug information from an ELF file, which only take RAM from the
 * device: kexec reads segments, not sections. Return: the new size.
 */
static size_t strip(const struct packer *packer, char *data, size_t size)
{
	bool wide = packer->bundle.bits == 64;

	if (packer->keep_symbols || packer->vmlinux.file_end >= size)
		return size;
	/* e_shoff, then e_shnum and e_shstrndx */
	memset(data + (wide ? offsetof(Elf64_Ehdr, e_shoff) :
		       offsetof(Elf32_Ehdr, e_shoff)), 0, wide ? 8 : 4);
	memset(data + (wide ? offsetof(Elf64_Ehdr, e_shnum) :
		       offsetof(Elf32_Ehdr, e_shnum)), 0, 4);
	return packer->vmlinux.file_end;
}

static struct bundle_file *add_data(struct packer *packer,
				    enum bundle_role role, const char *name,
				    const void *data, size_t size)
{
	struct bundle_file *file = bundle_add(&packer->bundle, role, name);

	if (!file)
		return NULL;
	file->size = size;
	sum_of_data(data, size, file->sum);
	return files_make(packer->output, name, data, size) ? NULL : file;
}

/* Strips and compresses an uncompressed kernel, to save the device's RAM. */
static struct bundle_file *add_file(struct packer *packer,
				    enum bundle_role role, const char *name,
				    const char *path)
{
	struct bundle_file *file;
	size_t size, gzip_size;
	char *data = load(path, &size), *gzip = NULL;

	if (!data)
		return NULL;
	if (role == BUNDLE_KERNEL && size > sizeof(Elf64_Ehdr) &&
	    !memcmp(data, ELFMAG, SELFMAG)) {
		size = strip(packer, data, size);
		gzip = packer->plain ? NULL :
			kernel_gzip(data, size, &gzip_size);
	}
	file = add_data(packer, role, name, gzip ? gzip : data,
			gzip ? gzip_size : size);
	free(data);
	free(gzip);
	return file;
}

/* FILE@ADDRESS[,label=NAME] */
static int add_map(struct packer *packer, char *text)
{
	char *at = strrchr(text, '@'), *label = strstr(at ? at : "", ",label=");
	unsigned long long addr = 0;
	struct bundle_file *file;
	char *slash;

	if (!at || at == text)
		return report("--map %s: write FILE@ADDRESS, or FILE@auto",
			      text);
	if (label)
		*label = '\0';
	if (strcmp(at + 1, "auto") && text_address(at + 1, &addr))
		return report("--map %s: \"%s\" is not an address; write auto, or a number, optionally followed by K, M or G",
			      text, at + 1);
	*at = '\0';
	slash = strrchr(text, '/');
	file = add_file(packer, BUNDLE_MAP, slash ? slash + 1 : text, text);
	if (!file)
		return -1;
	file->automatic = !strcmp(at + 1, "auto");
	file->addr = addr;
	return label ? bundle_set_label(file->label, label + strlen(",label=")) :
		0;
}

/* OpenWrt's mount_root uses tmpfs as its overlay if the overlay's MTD has no file
 * system that it knows. fstools from March 2026 on takes the MTD that the command
 * line names. Older versions take a UBI volume, or else the first MTD whose name
 * ends with rootfs_data: openwrt/fstools, mount_root.c and libfstools/mtd.c.
 */
static int add_overlay(struct packer *packer)
{
	static const char nothing[PAGE_MAX];
	struct bundle_file *file = add_data(packer, BUNDLE_MAP, "overlay",
					    nothing, sizeof(nothing));

	if (!file)
		return -1;
	file->automatic = true;
	return bundle_set_label(file->label, OVERLAY);
}

/* The image contains the kernel unpacked, and the other files as they are. */
static unsigned long long image_size(const struct bundle *bundle)
{
	unsigned long long size = ram_whole(bundle->load_end, PAGE_MAX) -
		bundle->load_start / PAGE_MAX * PAGE_MAX + BUFFERS_SIZE;
	unsigned int i;

	for (i = 0; i < bundle->files; i++)
		if (bundle->file[i].role != BUNDLE_KERNEL)
			size += ram_whole(bundle->file[i].size, PAGE_MAX);
	return size;
}

static void check_kernel(const struct packer *packer, const char *compressor)
{
	if (packer->vmlinux.config)
		kconfig_check(packer->vmlinux.config, &packer->bundle,
			      compressor);
	else
		warn("%s: the kernel does not carry its configuration (CONFIG_IKCONFIG), so kexec-try cannot tell whether it has MTD_PHRAM, MTD_BLOCK, SQUASHFS and %s",
		     packer->kernel, compressor);
	if (!strcmp(packer->bundle.linux_version, "unknown"))
		warn("%s: the kernel does not tell its version, and one before 6.2 would not find its root; if it is a vmlinuz, give the vmlinux that it was made from",
		     packer->kernel);
}

/* The strings of `compatible` have a space between them in the manifest. */
static int take_compatible(struct packer *packer)
{
	char text[BUNDLE_COMPATIBLE_MAX + 1] = "";
	int len, i;
	const char *list = fdt_getprop(packer->tree, 0, "compatible", &len);

	if (!list || len < 2) {
		warn("%s: no `compatible` says which board it is for",
		     packer->dtb);
		return 0;
	}
	if ((size_t)len > sizeof(text) || list[len - 1])
		return report("%s: `compatible` of / is not a list of strings, or longer than %d bytes",
			      packer->dtb, BUNDLE_COMPATIBLE_MAX);
	for (i = 0; i < len - 1; i++)
		text[i] = list[i] ? list[i] : ' ';
	return bundle_set_compatible(&packer->bundle, text);
}

/* Only kexec, on the device, chooses the addresses of the files. */
static int check_words(const char words[BUNDLE_APPEND_MAX + 1])
{
	static const char *const ram[] = {
		"mem", "memmap", "ramoops.mem_address", "phram.phram",
		"rd_start", "rd_size", "initrd", "initrdmem",
	};
	char plain[BUNDLE_APPEND_MAX + 1];
	char root[2][256] = { "", "" };
	unsigned int i;

	strcpy(plain, words);
	text_unquote(plain);
	for (i = 0; i < sizeof(ram) / sizeof(ram[0]); i++)
		if (text_word(plain, ram[i], NULL, 0))
			return report("--append: %s= names RAM in which a file of the bundle may lie; reserve it in the device tree, in /reserved-memory",
				      ram[i]);
	text_word(plain, "root", root[0], sizeof(root[0]));
	text_word(words, "root", root[1], sizeof(root[1]));
	return strcmp(root[0], root[1]) ?
		report("--append: write root= without quotes") : 0;
}

static int add_word(struct bundle *bundle, const char *word)
{
	char *words = must_print("%s%s%s", bundle->append,
				 bundle->append[0] ? " " : "", word);
	int result = bundle_set_append(bundle, words);

	free(words);
	return result;
}

/* procd feeds the watchdog from the start, even if the system hangs later: guard must
 * start first.
 */
static int add_init(struct packer *packer)
{
	if (text_word(packer->bundle.append, "init", NULL, 0) ||
	    !squashfs_has(packer->rootfs, "sbin/procd"))
		return 0;
	if (!squashfs_has(packer->rootfs, GUARD)) {
		warn("%s: procd feeds the watchdog, and there is no /" GUARD ": a system that hangs stays hung",
		     packer->rootfs);
		return 0;
	}
	step("%s has procd: " GUARD_FIRST " is added to the command line",
	     packer->rootfs);
	return add_word(&packer->bundle, GUARD_FIRST);
}

/* Checks all parts, even after a failure, to report everything at once. */
static int take_parts(struct packer *packer)
{
	struct bundle *bundle = &packer->bundle;
	const char *compressor;
	int result = kernel_read(packer->kernel, bundle, &packer->vmlinux);

	if (check_words(bundle->append))
		result = -1;
	packer->tree = tree_load(packer->dtb);
	if (!packer->tree || tree_clean(packer->dtb, packer->tree) ||
	    take_compatible(packer) ||
	    tree_ranges(packer->dtb, packer->tree, &bundle->ram,
			&bundle->reserved))
		result = -1;
	if (squashfs_check(packer->rootfs, &compressor))
		result = -1;
	if (!result)
		check_kernel(packer, compressor);
	return result ? result : add_init(packer);
}

/* kexec refuses two MTDs with the same name. */
static int check_label(const struct bundle *bundle,
		       const struct bundle_file *map)
{
	const struct bundle_file *file = bundle->file;

	if (!map->label[0])
		return 0;
	while (file < map && strcmp(file->label, map->label))
		file++;
	if (file < map || !strcmp(bundle->label, map->label))
		return report("%s: the label %s is that of %s, too; give it another",
			      map->name, map->label,
			      file < map ? file->name : "the root file system");
	return 0;
}

/* Refuses what fails on every device; kexec checks the rest before it loads. */
static int check_map(const struct packer *packer,
		     const struct bundle_file *map)
{
	const struct bundle *bundle = &packer->bundle;
	struct ram_range reach = kernel_reach(bundle, packer->vmlinux.config);

	if (check_label(bundle, map))
		return -1;
	if (map->automatic)
		return 0;
	if (map->addr % PAGE_MIN)
		return report("%s: the address 0x%llx is not a multiple of a page, %llu bytes or more; the next that is: 0x%llx",
			      map->name, map->addr, PAGE_MIN,
			      map->addr / PAGE_MIN * PAGE_MIN + PAGE_MIN);
	if (bundle->bits == 32 && map->addr + map->size > KSEG0_SIZE)
		return report("%s: 0x%llx-0x%llx is not in the first 512 MiB, all that a 32-bit kernel reaches directly; choose a lower address, or auto",
			      map->name, map->addr, map->addr + map->size - 1);
	if (map->addr < bundle->load_end &&
	    map->addr + map->size > bundle->load_start)
		return report("%s: 0x%llx-0x%llx overlaps the kernel at 0x%llx-0x%llx on every device; choose another address, or auto",
			      map->name, map->addr, map->addr + map->size - 1,
			      bundle->load_start, bundle->load_end - 1);
	if (map->addr < reach.end && map->addr + map->size > reach.start)
		return report("%s: a kernel that unpacks or moves itself, as this one may, writes to 0x%llx-0x%llx; choose a higher address, or auto",
			      map->name, reach.start, reach.end - 1);
	return 0;
}

static int fill(struct packer *packer)
{
	struct bundle *bundle = &packer->bundle;
	struct plan plan = { .bundle = bundle };
	char *manifest, **map;
	int result = 0;

	if (!add_file(packer, BUNDLE_KERNEL, "vmlinux", packer->kernel) ||
	    !add_data(packer, BUNDLE_DTB, "dtb", packer->tree,
		      fdt_totalsize(packer->tree)) ||
	    !add_file(packer, BUNDLE_ROOTFS, "rootfs.squashfs",
		      packer->rootfs))
		return -1;
	for (map = packer->map; *map; map++) {
		if (add_map(packer, *map))
			return -1;
		if (check_map(packer, &bundle->file[bundle->files - 1]))
			result = -1;
	}
	if (packer->overlay && (add_overlay(packer) || check_label(bundle,
				&bundle->file[bundle->files - 1])))
		return -1;
	if (plan_choose_form(&plan) || result)
		return -1;
	bundle->memory = 2 * image_size(bundle);
	manifest = bundle_print(bundle);
	result = files_make(packer->output, BUNDLE_MANIFEST, manifest,
			    strlen(manifest)) ||
		/* computes the identity */
		bundle_parse(bundle, packer->output, manifest,
			     strlen(manifest));
	free(manifest);
	return result;
}

/* The directory of an incomplete bundle, which must not remain; or NULL */
static const char *unfinished;

static void remove_unfinished(void)
{
	if (unfinished)
		program_remove(unfinished);
	unfinished = NULL;
}

static void interrupted(int signal)
{
	remove_unfinished();
	_exit(128 + signal); /* like a shell */
}

static int pack(struct packer *packer)
{
	struct bundle *bundle = &packer->bundle;

	if (take_parts(packer))
		return -1;
	if (mkdir(packer->output, 0777))
		return report("%s: %s", packer->output, errno == EEXIST ?
			      "it is there already; remove it, or choose another name" :
			      strerror(errno));
	unfinished = packer->output;
	program_at_signals(interrupted);
	atexit(remove_unfinished); /* without memory, the program exits */
	if (fill(packer)) {
		remove_unfinished();
		return -1;
	}
	unfinished = NULL;
	program_at_signals(SIG_DFL);
	step("%s: bundle %s, Linux %s, %u files; the device needs %llu MiB of RAM",
	     packer->output, bundle->id, bundle->linux_version, bundle->files,
	     ram_mebibytes(bundle->memory));
	return 0;
}

static int parse(struct packer *packer, int argc, char **argv)
{
	const char *append = "", *label = NULL;
	const struct choice choices[] = {
		{ "output", .text = &packer->output },
		{ "kernel", .text = &packer->kernel },
		{ "dtb", .text = &packer->dtb },
		{ "rootfs", .text = &packer->rootfs },
		{ "append", .text = &append },
		{ "label", .text = &label },
		{ "overlay", .text = &packer->overlay },
		{ "keep-symbols", .flag = &packer->keep_symbols },
		{ "plain", .flag = &packer->plain },
		{ "map", .list = packer->map, .most = BUNDLE_FILES_MAX },
		{ .name = NULL },
	};

	if (text_options(choices, "o:", argc, argv))
		return -1;
	if (packer->overlay && strcmp(packer->overlay, "ram"))
		return report("--overlay %s: write --overlay ram",
			      packer->overlay);
	if (bundle_set_append(&packer->bundle, append) ||
	    (packer->overlay &&
	     add_word(&packer->bundle, "fstools_overlay_name=" OVERLAY)) ||
	    (label && bundle_set_label(packer->bundle.label, label)))
		return -1;
	if (argc > optind)
		return report("pack: '%s' belongs to no option", argv[optind]);
	if (!*packer->output || !*packer->kernel || !*packer->dtb ||
	    !*packer->rootfs)
		return report("pack needs -o, --kernel, --dtb and --rootfs");
	return 0;
}

static int run_pack(int argc, char **argv)
{
	struct packer packer = {
		.output = "", .kernel = "", .dtb = "", .rootfs = "",
	};
	int result;

	bundle_init(&packer.bundle);
	if (parse(&packer, argc, argv))
		return EXIT_USAGE;
	result = pack(&packer);
	free(packer.vmlinux.config);
	free(packer.tree);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_pack = {
	"pack",
	"make a bundle of a kernel, a device tree and a root file system",
	"-o BUNDLE --kernel FILE --dtb FILE --rootfs FILE [--append WORDS]\n"
	"               [--label NAME] [--map FILE@ADDRESS[,label=NAME]]...\n"
	"               [--overlay ram] [--keep-symbols] [--plain]\n\n"
	"Checks that the files belong together, and makes the directory BUNDLE of\n"
	"them. BUNDLE must not exist yet.\n\n"
	"  --kernel FILE        vmlinux, uncompressed or compressed by gzip, xz or lzma\n"
	"  --dtb FILE           the device tree blob\n"
	"  --rootfs FILE        the root file system, a squashfs\n"
	"  --append WORDS       for the kernel's command line; the words that name the\n"
	"                       root device are added where the kernel needs them\n"
	"  --label NAME         name of the MTD that the rootfs becomes; rootfs\n"
	"                       unless it is given\n"
	"  --map FILE@ADDRESS   another file, to lie at the physical ADDRESS, or\n"
	"                       where there is room (auto); ,label=NAME makes it an\n"
	"                       MTD; repeatable\n"
	"  --overlay ram        for OpenWrt: what the new system writes to / stays in\n"
	"                       RAM, and the old system's overlay in flash is unchanged\n"
	"  --keep-symbols       keep the parts of the kernel that only debuggers read\n"
	"  --plain              do not compress the kernel\n",
	run_pack,
};
