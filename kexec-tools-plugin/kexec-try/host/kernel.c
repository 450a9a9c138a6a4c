// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernel.c - what a kernel's file tells of the kernel
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "say.h"

/* The begin of linux_banner: Linux, init/version.c. linux_proc_banner has a
 * `%s` where this has the version.
 */
#define BANNER	"Linux version "

/* Where a 32-bit new kernel lies: KSEG0, which is the first 512 MiB of the
 * physical addresses. A 64-bit one is linked there, too (CKSEG0), or in XKPHYS.
 */
#define KSEG_SIZE	(512ULL << 20)

/* A kernel that unpacks itself has less than that, in bytes */
#define UNPACKED_MAX	(64ULL << 20)

/* The physical address of one in an unmapped window, or ~0. */
static unsigned long long physical(bool wide, unsigned long long addr)
{
	if (!wide)
		addr = (long long)(int)addr;
	if (addr >= 0xffffffff80000000ULL && addr < 0xffffffffc0000000ULL)
		return addr & (KSEG_SIZE - 1);
	if (addr >= 0x8000000000000000ULL && addr < 0xc000000000000000ULL)
		addr &= 0x07ffffffffffffffULL;
	return addr < KSEG_SIZE ? addr : ~0ULL;
}

static int take_segment(const char *path, const GElf_Phdr *phdr, size_t size,
			struct kernel *kernel)
{
	unsigned long long start = physical(kernel->bits == 64, phdr->p_paddr);

	if (phdr->p_type != PT_LOAD || !phdr->p_memsz)
		return 0;
	if (phdr->p_offset > size || phdr->p_filesz > size - phdr->p_offset ||
	    phdr->p_filesz > phdr->p_memsz)
		return report("%s: a segment is damaged, or the file is cut",
			      path);
	if (start == ~0ULL || phdr->p_memsz > KSEG_SIZE - start)
		return report("%s: it loads 0x%llx bytes at 0x%llx, which is not in the first 512 MiB, where a new kernel must lie",
			      path, (unsigned long long)phdr->p_memsz,
			      (unsigned long long)phdr->p_paddr);
	if (start < kernel->start)
		kernel->start = start;
	if (start + phdr->p_memsz > kernel->end)
		kernel->end = start + phdr->p_memsz;
	return 0;
}

static int take_elf(const char *path, Elf *elf, size_t size,
		    struct kernel *kernel)
{
	unsigned long long entry;
	size_t i, phnum = 0;
	GElf_Ehdr ehdr;
	GElf_Phdr phdr;

	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &ehdr))
		return report("%s: no ELF file; give the vmlinux that the kernel's build left, or that compressed by gzip or xz",
			      path);
	if (ehdr.e_machine != EM_MIPS)
		return report("%s: the kernel is not for MIPS but for machine %u of ELF",
			      path, ehdr.e_machine);
	if (ehdr.e_type != ET_EXEC)
		return report("%s: no program but ELF of type %u; give vmlinux, no vmlinux.o and no module",
			      path, ehdr.e_type);
	kernel->big_endian = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
	kernel->bits = ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	kernel->start = ~0ULL;
	kernel->end = 0;
	kernel->file_end = ehdr.e_phoff + ehdr.e_phnum * ehdr.e_phentsize;
	if (elf_getphdrnum(elf, &phnum) || (phnum && ehdr.e_phentsize !=
					    gelf_fsize(elf, ELF_T_PHDR, 1,
						       EV_CURRENT)))
		phnum = 0;
	for (i = 0; i < phnum; i++) {
		if (!gelf_getphdr(elf, i, &phdr))
			return report("%s: the program headers are damaged, or the file is cut",
				      path);
		if (take_segment(path, &phdr, size, kernel))
			return -1;
		if (phdr.p_offset + phdr.p_filesz > kernel->file_end)
			kernel->file_end = phdr.p_offset + phdr.p_filesz;
	}
	entry = physical(kernel->bits == 64, ehdr.e_entry);
	if (entry < kernel->start || entry >= kernel->end)
		return report("%s: its entry 0x%llx is not in what it loads; it may be cut",
			      path, (unsigned long long)ehdr.e_entry);
	return 0;
}

/* The content of a section, or NULL */
static Elf_Data *find_section(Elf *elf, const char *wanted)
{
	Elf_Scn *section = NULL;
	const char *name;
	GElf_Shdr shdr;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		name = gelf_getshdr(section, &shdr) ?
			elf_strptr(elf, names, shdr.sh_name) : NULL;
		if (name && !strcmp(name, wanted))
			return elf_rawdata(section, NULL);
	}
	return NULL;
}

static int check_sections(const char *path, Elf *elf)
{
	Elf_Data *data = find_section(elf, ".appended_dtb");

	/* It is there in many kernels, and empty. One that has a tree in it
	 * takes that in place of the one that kexec hands over:
	 * arch/mips/kernel/head.S.
	 */
	if (data && data->d_buf && data->d_size > 4 &&
	    !memcmp(data->d_buf, "\xd0\x0d\xfe\xed", 4))
		return report("%s: a device tree is appended to it (.appended_dtb), and it would take no other; give the vmlinux without that",
			      path);
	return 0;
}

int kernel_take_elf(const char *path, char *image, size_t size,
		    struct kernel *kernel)
{
	int result;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_memory(image, size);
	result = take_elf(path, elf, size, kernel);
	if (!result)
		result = check_sections(path, elf);
	elf_end(elf);
	return result;
}

/* A local version may have a `+`, which a manifest does not take. */
static void take_version(const char *image, size_t size, struct kernel *kernel)
{
	const char *at = image, *end = image + size;
	size_t len;

	strcpy(kernel->version, "unknown");
	while ((at = memmem(at, end - at, BANNER, strlen(BANNER)))) {
		at += strlen(BANNER);
		for (len = 0; at + len < end &&
		     (isalnum((unsigned char)at[len]) ||
		      (at[len] && strchr("._-+", at[len]))); len++)
			if (len < BUNDLE_VERSION_MAX)
				kernel->version[len] = at[len] == '+' ? '_' :
					at[len];
		if (len && len < BUNDLE_VERSION_MAX &&
		    isdigit((unsigned char)*at)) {
			kernel->version[len] = '\0';
			return;
		}
		strcpy(kernel->version, "unknown");
	}
}

unsigned long long kernel_reach(const struct kernel *kernel)
{
	const char *most;

	if (!strcmp(kernel->version, "unknown"))
		return kernel->end + UNPACKED_MAX;
	if (!kernel->config || !kconfig_value(kernel->config, "RANDOMIZE_BASE"))
		return kernel->end;
	most = kconfig_value(kernel->config, "RANDOMIZE_BASE_MAX_OFFSET");
	return kernel->end + (most ? strtoul(most, NULL, 0) : UNPACKED_MAX);
}

int kernel_read(const char *path, struct kernel *kernel)
{
	size_t size;
	char *image;
	int result;

	memset(kernel, 0, sizeof(*kernel));
	image = decompress(path, KERNEL_MAX, &size);
	if (!image)
		return -1;
	result = kernel_take_elf(path, image, size, kernel);
	if (!result) {
		take_version(image, size, kernel);
		kernel->config = kconfig_find(image, size);
	}
	free(image);
	return result;
}
