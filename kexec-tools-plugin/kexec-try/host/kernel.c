// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - read a kernel file, and check whether the kernel suits a bundle
 *
 * kexec takes kernels compressed with gzip, xz or lzma. What they decompress to
 * is bounded, whatever the file claims.
 *
 * A kernel built with CONFIG_IKCONFIG carries its configuration, compressed with
 * gzip, between two marks: Linux, kernel/configs.c. A missing option is only a
 * warning: the user may have a patch that replaces it.
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <gelf.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "files.h"
#include "parts.h"
#include "program.h"
#include "say.h"

#define WINDOW_GZIP	(MAX_WBITS + 16) /* with a gzip header, zlib.h */
#define MAGIC_GZIP	"\x1f\x8b"

#define MARK_START	"IKCFG_ST"
#define MARK_END	"IKCFG_ED"

/* Largest configuration, in bytes. One with every symbol is half of that. */
#define KCONFIG_MAX	(1024 * 1024)

/* Start of linux_banner: Linux, init/version.c. linux_proc_banner has `%s` in
 * place of the version.
 */
#define BANNER	"Linux version "

/* More than any kernel that unpacks itself takes, in bytes */
#define UNPACKED_MAX	(64ULL << 20)

/* Where a relocatable kernel that ends below moves to, and the unit in which one with
 * RANDOMIZE_BASE moves: determine_relocation_address(), arch/mips/kernel/relocate.c
 */
#define MOVES_TO	(16ULL << 20)
#define MOVE_UNIT	(64ULL << 10)

static char *gunzip(const char *path, const char *data, size_t size, size_t max,
		    size_t *out_size)
{
	char *text = must_alloc(max + 1);
	z_stream stream = {
		.next_in = (Bytef *)data, .avail_in = size,
		.next_out = (Bytef *)text, .avail_out = max,
	};
	int result = inflateInit2(&stream, WINDOW_GZIP);

	if (result == Z_OK)
		result = inflate(&stream, Z_FINISH);
	*out_size = stream.total_out;
	inflateEnd(&stream);
	if (result == Z_STREAM_END)
		return text;
	report(stream.avail_out ? "%s: the gzip data is damaged or cut" :
	       "%s: it decompresses to more than %zu bytes, the limit",
	       path, max);
	free(text);
	return NULL;
}

static char *unxz(const char *path, size_t max, size_t *out_size)
{
	char *argv[] = { "xz", "-dc", "-M", "80MiB", "--", (char *)path, NULL };
	char *text = must_alloc(max + 1);
	struct program program;
	int status;

	*out_size = 0;
	if (!program_start(&program, argv, PROGRAM_STDOUT))
		*out_size = files_read(program.from, text, max);
	status = program_wait(&program);
	if (!status)
		return text;
	report(status == PROGRAM_MISSING ? "%s: there is no xz to decompress it; install xz-utils" :
	       "%s: xz -dc failed, or the result is larger than %zu bytes, the limit",
	       path, max);
	free(text);
	return NULL;
}

char *kernel_load(const char *path, size_t *size)
{
	char *data = files_load(path, KERNEL_MAX, size), *plain;

	if (data && *size > 2 && !memcmp(data, MAGIC_GZIP, 2))
		plain = gunzip(path, data, *size, KERNEL_MAX, size);
	else if (data && *size > 3 && (!memcmp(data, "\xfd" "7z", 3) ||
				       !memcmp(data, "\x5d\0\0", 3)))
		plain = unxz(path, KERNEL_MAX, size);
	else
		return data;
	free(data);
	return plain;
}

char *kernel_gzip(const char *data, size_t size, size_t *gzip_size)
{
	char *text = must_alloc(size);
	z_stream stream = {
		.next_in = (Bytef *)data, .avail_in = size,
		.next_out = (Bytef *)text, .avail_out = size,
	};
	int result = deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED,
				  WINDOW_GZIP, MAX_MEM_LEVEL,
				  Z_DEFAULT_STRATEGY);

	if (result == Z_OK)
		result = deflate(&stream, Z_FINISH);
	*gzip_size = stream.total_out;
	deflateEnd(&stream);
	if (result == Z_STREAM_END)
		return text;
	free(text);
	return NULL;
}

/* Translates an address in an unmapped segment (KSEG0, KSEG1, XKPHYS), or a physical one.
 * Return: the physical address if it is in the first 512 MiB, or ~0.
 */
static unsigned long long physical(bool wide, unsigned long long addr)
{
	if (!wide)
		addr = (long long)(int)addr;
	if (addr >= 0xffffffff80000000ULL && addr < 0xffffffffc0000000ULL)
		return addr & (KSEG0_SIZE - 1);
	if (addr >= 0x8000000000000000ULL && addr < 0xc000000000000000ULL)
		addr &= 0x07ffffffffffffffULL;
	return addr < KSEG0_SIZE ? addr : ~0ULL;
}

static int take_segment(const char *path, const GElf_Phdr *phdr, size_t size,
			struct bundle *bundle)
{
	unsigned long long start = physical(bundle->bits == 64, phdr->p_paddr);

	if (phdr->p_type != PT_LOAD || !phdr->p_memsz)
		return 0;
	if (phdr->p_offset > size || phdr->p_filesz > size - phdr->p_offset ||
	    phdr->p_filesz > phdr->p_memsz)
		return report("%s: a segment is damaged, or the file is cut",
			      path);
	if (start == ~0ULL || phdr->p_memsz > KSEG0_SIZE - start)
		return report("%s: it loads 0x%llx bytes at 0x%llx, which is not in the first 512 MiB, where a new kernel must lie",
			      path, (unsigned long long)phdr->p_memsz,
			      (unsigned long long)phdr->p_paddr);
	if (start < bundle->load_start)
		bundle->load_start = start;
	if (start + phdr->p_memsz > bundle->load_end)
		bundle->load_end = start + phdr->p_memsz;
	return 0;
}

static int take_elf(const char *path, Elf *elf, size_t size,
		    struct bundle *bundle, struct kernel *kernel)
{
	unsigned long long entry;
	size_t i, phnum = 0;
	GElf_Ehdr ehdr;
	GElf_Phdr phdr;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		return report("%s: not an ELF file; give the vmlinux of the kernel build, plain or compressed with gzip or xz",
			      path);
	if (ehdr.e_machine != EM_MIPS)
		return report("%s: the kernel is not for MIPS but for machine %u of ELF",
			      path, ehdr.e_machine);
	if (ehdr.e_type != ET_EXEC)
		return report("%s: ELF type %u, not an executable; give vmlinux, not vmlinux.o or a module",
			      path, ehdr.e_type);
	bundle->big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	bundle->bits = ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	bundle->load_start = ~0ULL;
	bundle->load_end = 0;
	kernel->file_end = ehdr.e_phoff +
		1ULL * ehdr.e_phnum * ehdr.e_phentsize;
	if (elf_getphdrnum(elf, &phnum) || (phnum && ehdr.e_phentsize !=
					    gelf_fsize(elf, ELF_T_PHDR, 1,
						       EV_CURRENT)))
		phnum = 0;
	for (i = 0; i < phnum; i++) {
		if (!gelf_getphdr(elf, i, &phdr))
			return report("%s: the program headers are damaged, or the file is cut",
				      path);
		if (take_segment(path, &phdr, size, bundle))
			return -1;
		if (phdr.p_offset + phdr.p_filesz > kernel->file_end)
			kernel->file_end = phdr.p_offset + phdr.p_filesz;
	}
	entry = physical(bundle->bits == 64, ehdr.e_entry);
	if (entry < bundle->load_start || entry >= bundle->load_end)
		return report("%s: its entry 0x%llx is not in what it loads; it may be cut",
			      path, (unsigned long long)ehdr.e_entry);
	return 0;
}

/* Many kernels have an empty .appended_dtb. A device tree in it wins over that from
 * kexec: Linux, arch/mips/kernel/head.S.
 */
static int check_sections(const char *path, Elf *elf)
{
	Elf_Scn *section = NULL;
	const char *name;
	GElf_Shdr shdr;
	Elf_Data *data;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return 0;
	while ((section = elf_nextscn(elf, section))) {
		name = gelf_getshdr(section, &shdr) ?
			elf_strptr(elf, names, shdr.sh_name) : NULL;
		if (!name || strcmp(name, ".appended_dtb"))
			continue;
		data = elf_rawdata(section, NULL);
		if (data && data->d_buf && data->d_size > 4 &&
		    !memcmp(data->d_buf, "\xd0\x0d\xfe\xed", 4))
			return report("%s: a device tree is appended to it (.appended_dtb), and the kernel would use no other; give a vmlinux without it",
				      path);
	}
	return 0;
}

int kernel_take_elf(const char *path, char *image, size_t size,
		    struct bundle *bundle, struct kernel *kernel)
{
	int result;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(image, size);
	result = take_elf(path, elf, size, bundle, kernel) ||
		check_sections(path, elf) ? -1 : 0;
	elf_end(elf);
	return result;
}

/* Leaves @version alone if the image has none. A manifest takes no `+`, which a local
 * version may have. @image ends with a NUL.
 */
static void take_version(const char *image, size_t size, char *version)
{
	const char *at = image, *end = image + size;
	int len;

	while ((at = memmem(at, end - at, BANNER, strlen(BANNER)))) {
		at += strlen(BANNER);
		len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+");
		if (!isdigit((unsigned char)*at) || len >= BUNDLE_VERSION_MAX)
			continue;
		sprintf(version, "%.*s", len, at);
		while ((version = strchr(version, '+')))
			*version = '_';
		return;
	}
}

char *kconfig_find(const char *image, size_t size)
{
	const char *start = memmem(image, size, MARK_START MAGIC_GZIP, 10);
	size_t text_size = 0;
	char *text = NULL;
	const char *end;

	if (!start)
		return NULL;
	start += strlen(MARK_START);
	end = memmem(start, image + size - start, MARK_END, strlen(MARK_END));
	if (end)
		text = gunzip("the kernel's configuration", start, end - start,
			      KCONFIG_MAX, &text_size);
	if (text && strlen(text) == text_size)
		return text;
	warn("the kernel carries its configuration, but that is damaged");
	free(text);
	return NULL;
}

const char *kconfig_value(const char *config, const char *symbol)
{
	size_t len = strlen(symbol);
	const char *line;

	for (line = config; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "CONFIG_", 7) &&
		    !strncmp(line + 7, symbol, len) && line[7 + len] == '=')
			return line + 7 + len + 1;
	}
	return NULL;
}

struct ram_range kernel_reach(const struct bundle *bundle, const char *config)
{
	struct ram_range reach = { bundle->load_start, bundle->load_end };
	unsigned long long size = reach.end - reach.start;
	unsigned long long most = UNPACKED_MAX;
	const char *value;

	if (!strcmp(bundle->linux_version, "unknown")) {
		/* A vmlinuz unpacks itself to a lower address */
		reach.start = 0;
		reach.end += UNPACKED_MAX;
	} else if (config && kconfig_value(config, "RANDOMIZE_BASE")) {
		value = kconfig_value(config, "RANDOMIZE_BASE_MAX_OFFSET");
		if (value)
			most = strtoull(value, NULL, 0);
		if (most > KSEG0_SIZE)
			most = KSEG0_SIZE;
		/* Less than its size is raised by its size */
		if (most < 2 * size + MOVE_UNIT)
			most = 2 * size + MOVE_UNIT;
		reach.end += most;
	} else if (config && kconfig_value(config, "RELOCATABLE") &&
		   reach.end <= MOVES_TO) {
		reach = (struct ram_range) { MOVES_TO, MOVES_TO + size };
	}
	return reach;
}

int kernel_read(const char *path, struct bundle *bundle, struct kernel *kernel)
{
	size_t size;
	char *image = kernel_load(path, &size);
	int result;

	if (!image)
		return -1;
	result = kernel_take_elf(path, image, size, bundle, kernel);
	if (!result) {
		take_version(image, size, bundle->linux_version);
		kernel->config = kconfig_find(image, size);
	}
	free(image);
	return result;
}

/* The symbols of hardware drivers end in WDT or _WATCHDOG. SOFT_WATCHDOG, which
 * dies with its kernel, is the only one that ends in T_WATCHDOG.
 */
static bool has_watchdog_driver(const char *config)
{
	regex_t drivers;
	bool found;

	if (regcomp(&drivers, "^CONFIG_.*(WDT|[^T]_WATCHDOG)=",
		    REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return true;
	found = !regexec(&drivers, config, 0, NULL, 0);
	regfree(&drivers);
	return found;
}

static void need(const char *config, const char *symbol, const char *without)
{
	const char *value = kconfig_value(config, symbol);

	if (value && *value == 'm')
		warn("CONFIG_%s is a module in the kernel, and modules cannot load before the root file system is mounted: %s",
		     symbol, without);
	else if (!value || *value != 'y')
		warn("the kernel lacks CONFIG_%s: %s", symbol, without);
}

void kconfig_check(const char *config, const struct bundle *bundle,
		   const char *compressor)
{
	need(config, "MTD", "it finds no root file system in RAM");
	need(config, "MTD_BLOCK", "no MTD can be its root device");
	need(config, "MTD_PHRAM", "it finds no root file system in RAM");
	need(config, "SQUASHFS", "it cannot mount the root file system");
	need(config, "UNIX", "kexec-try confirm cannot reach kexec-try guard");
	need(config, compressor, "it cannot read the root file system");
	if (!bundle_linux(bundle, 5, 18))
		need(config, "MTD_CMDLINE_PARTS",
		     "it ignores mtdparts= on its command line");
	if (!kconfig_value(config, "WATCHDOG") || !has_watchdog_driver(config))
		warn("the kernel has no hardware watchdog driver: it cannot feed the armed watchdog, and each try ends in the old system");
	if (kconfig_value(config, "CMDLINE_OVERRIDE"))
		warn("CONFIG_CMDLINE_OVERRIDE is set in the kernel: it sees no command line but its own");
}
