// SPDX-License-Identifier: GPL-2.0-only
/*
 * elf-check.c - see whether an ELF file is a MIPS kernel that kexec can start
 *
 * Both word sizes and byte orders, whatever the machine is that runs this: each
 * number is put together from its bytes.
 */

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "kernel.h"
#include "say.h"

/* A vmlinux has two or three; e_phnum could say 65535. */
#define PHNUM_MAX	64

/* Where a 32-bit new kernel lies: KSEG0, which is the first 512 MiB of the
 * physical addresses. A 64-bit one is linked there, too (CKSEG0).
 */
#define KSEG_SIZE	(512ULL << 20)
#define KSEG_MASK	(KSEG_SIZE - 1)

/* kexec clears all bits above these: kexec/arch/mips/kexec-mips.c,
 * virt_to_phys()
 */
#define KEXEC_MASK	0x7fffffffULL

/* A field of both word sizes: where it is, and how many bytes it has */
struct field {
	size_t offset[2];
	size_t size[2];
};

#define FIELD(header, member) { \
	{ offsetof(Elf32_##header, member), offsetof(Elf64_##header, member) }, \
	{ sizeof(((Elf32_##header *)0)->member), \
	  sizeof(((Elf64_##header *)0)->member) }, \
}

static const struct field e_type = FIELD(Ehdr, e_type);
static const struct field e_machine = FIELD(Ehdr, e_machine);
static const struct field e_entry = FIELD(Ehdr, e_entry);
static const struct field e_phoff = FIELD(Ehdr, e_phoff);
static const struct field e_phentsize = FIELD(Ehdr, e_phentsize);
static const struct field e_phnum = FIELD(Ehdr, e_phnum);
static const struct field p_type = FIELD(Phdr, p_type);
static const struct field p_offset = FIELD(Phdr, p_offset);
static const struct field p_paddr = FIELD(Phdr, p_paddr);
static const struct field p_filesz = FIELD(Phdr, p_filesz);
static const struct field p_memsz = FIELD(Phdr, p_memsz);

/**
 * struct elf - an ELF file that is being looked at
 * @path: its name, for messages
 * @image: the file
 * @size: its size in bytes
 * @wide: 1 for 64 bits, 0 for 32
 * @big_endian: its byte order
 */
struct elf {
	const char *path;
	const unsigned char *image;
	size_t size;
	unsigned int wide;
	bool big_endian;
};

static unsigned long long get(const struct elf *elf, size_t header,
			      const struct field *field)
{
	const unsigned char *byte = elf->image + header +
		field->offset[elf->wide];
	size_t i, size = field->size[elf->wide];
	unsigned long long value = 0;

	for (i = 0; i < size; i++)
		value = value << 8 | byte[elf->big_endian ? i : size - 1 - i];
	return value;
}

/* The physical address of one in an unmapped window, or ~0. An address of 32
 * bits stands for one of 64 with bit 31 extended.
 */
static unsigned long long physical(const struct elf *elf,
				   unsigned long long addr)
{
	if (!elf->wide)
		addr = (long long)(int)addr;
	if (addr >= 0xffffffff80000000ULL && addr < 0xffffffffc0000000ULL)
		return addr & KSEG_MASK;
	if (addr >= 0x8000000000000000ULL && addr < 0xc000000000000000ULL &&
	    !(addr & ~KEXEC_MASK & 0x07ffffffffffffffULL))
		return addr & KEXEC_MASK;
	if (addr < KSEG_SIZE)
		return addr;
	return ~0ULL;
}

static int check_ident(struct elf *elf)
{
	const unsigned char *ident = elf->image;

	if (elf->size < sizeof(Elf32_Ehdr) || memcmp(ident, ELFMAG, SELFMAG))
		return report("%s: no ELF file; give the vmlinux that the kernel's build left, or that compressed by gzip or xz",
			      elf->path);
	if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
		return report("%s: ELF of class %u; 1 and 2 are known",
			      elf->path, ident[EI_CLASS]);
	if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
		return report("%s: ELF of byte order %u; 1 and 2 are known",
			      elf->path, ident[EI_DATA]);
	elf->wide = ident[EI_CLASS] == ELFCLASS64;
	elf->big_endian = ident[EI_DATA] == ELFDATA2MSB;
	if (elf->wide && elf->size < sizeof(Elf64_Ehdr))
		return report("%s: the file is cut", elf->path);
	return 0;
}

static int check_header(const struct elf *elf)
{
	size_t phentsize = elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	unsigned long long phoff = get(elf, 0, &e_phoff);
	unsigned long long phnum = get(elf, 0, &e_phnum);

	if (get(elf, 0, &e_machine) != EM_MIPS)
		return report("%s: the kernel is not for MIPS but for machine %llu of ELF",
			      elf->path, get(elf, 0, &e_machine));
	if (get(elf, 0, &e_type) != ET_EXEC)
		return report("%s: no program but ELF of type %llu; give vmlinux, no vmlinux.o and no module",
			      elf->path, get(elf, 0, &e_type));
	if (!phnum || phnum > PHNUM_MAX ||
	    get(elf, 0, &e_phentsize) != phentsize || phoff > elf->size ||
	    phnum * phentsize > elf->size - phoff)
		return report("%s: the program headers are damaged, or the file is cut",
			      elf->path);
	return 0;
}

static int check_segment(const struct elf *elf, size_t header,
			 struct kernel *kernel)
{
	unsigned long long offset = get(elf, header, &p_offset);
	unsigned long long filesz = get(elf, header, &p_filesz);
	unsigned long long memsz = get(elf, header, &p_memsz);
	unsigned long long paddr = get(elf, header, &p_paddr);
	unsigned long long start = physical(elf, paddr);

	if (get(elf, header, &p_type) != PT_LOAD || !memsz)
		return 0;
	if (offset > elf->size || filesz > elf->size - offset ||
	    filesz > memsz)
		return report("%s: a segment is damaged, or the file is cut",
			      elf->path);
	if (start == ~0ULL || memsz > KSEG_SIZE || start + memsz > KSEG_SIZE)
		return report("%s: it loads 0x%llx bytes at 0x%llx, which is not in the first 512 MiB, where a new kernel must lie",
			      elf->path, memsz, paddr);
	if (start < kernel->start)
		kernel->start = start;
	if (start + memsz > kernel->end)
		kernel->end = start + memsz;
	return 0;
}

static int check_segments(const struct elf *elf, struct kernel *kernel)
{
	size_t phentsize = elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	size_t phoff = get(elf, 0, &e_phoff);
	unsigned int i, phnum = get(elf, 0, &e_phnum);

	kernel->start = ~0ULL;
	kernel->end = 0;
	for (i = 0; i < phnum; i++)
		if (check_segment(elf, phoff + i * phentsize, kernel))
			return -1;
	if (!kernel->end)
		return report("%s: it loads nothing", elf->path);
	return 0;
}

int elf_check(const char *path, const unsigned char *image, size_t size,
	      struct kernel *kernel)
{
	struct elf elf = { .path = path, .image = image, .size = size };
	unsigned long long entry;

	if (check_ident(&elf) || check_header(&elf) ||
	    check_segments(&elf, kernel))
		return -1;

	entry = physical(&elf, get(&elf, 0, &e_entry));
	if (entry < kernel->start || entry >= kernel->end)
		return report("%s: its entry 0x%llx is not in what it loads, 0x%llx-0x%llx",
			      path, get(&elf, 0, &e_entry), kernel->start,
			      kernel->end - 1);
	kernel->big_endian = elf.big_endian;
	kernel->bits = elf.wide ? 64 : 32;
	return 0;
}
