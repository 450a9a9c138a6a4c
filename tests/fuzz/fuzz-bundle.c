// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-bundle.c - an untrusted bundle: its manifest, the kernel to pack, and the
 *	device tree
 *
 * The first byte chooses. 'm': the rest is a manifest; if it is accepted, it must
 * be within all bounds, and the same when it is written. 'e': the rest is a kernel,
 * whose ELF header is repaired first; if it is accepted, it must lie where a kernel
 * may. 'd': the rest is a device tree.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "fuzz.h"
#include "parts.h"

static bool is_plain_name(const char *name)
{
	return *name && strlen(name) <= BUNDLE_NAME_MAX && *name != '.' &&
		*name != '-' &&
		!name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static void check_manifest(const struct bundle *bundle)
{
	unsigned int i, j, role[BUNDLE_MAP + 1] = { 0 };

	CHECK(bundle->files <= BUNDLE_FILES_MAX);
	CHECK(bundle->bits == 32 || bundle->bits == 64);
	CHECK(bundle->load_start < bundle->load_end);
	CHECK(strlen(bundle->append) <= BUNDLE_APPEND_MAX);
	CHECK(is_plain_name(bundle->label));
	CHECK(is_plain_name(bundle->linux_version));
	CHECK(strlen(bundle->id) == BUNDLE_ID_DIGITS);
	for (i = 0; i < bundle->files; i++) {
		const struct bundle_file *file = &bundle->file[i];

		CHECK(is_plain_name(file->name));
		CHECK(strcmp(file->name, BUNDLE_MANIFEST));
		CHECK(file->size && file->size <= BUNDLE_FILE_SIZE_MAX);
		CHECK(strlen(file->sum) == SUM_SIZE - 1);
		for (j = 0; j < i; j++)
			CHECK(strcmp(file->name, bundle->file[j].name));
		role[file->role]++;
	}
	for (i = 0; i < BUNDLE_MAP; i++)
		CHECK(role[i] == 1);
}

static void try_manifest(const uint8_t *data, size_t size)
{
	struct bundle bundle;
	char *text;

	if (bundle_parse(&bundle, "x", (const char *)data, size))
		return;
	check_manifest(&bundle);
	text = bundle_print(&bundle);
	CHECK(strlen(text) == size && !memcmp(text, data, size));
	free(text);
	bundle_linux(&bundle, 6, 2);
}

/* A member of an ELF header, in the byte order that the header names. */
static void put16(uint8_t *image, size_t at, unsigned int value)
{
	bool big = image[EI_DATA] == ELFDATA2MSB;

	image[at] = big ? value >> 8 : value;
	image[at + 1] = big ? value : value >> 8;
}

static void mend_elf(uint8_t *image)
{
	bool wide = image[EI_CLASS] & 1;

	memcpy(image, ELFMAG, SELFMAG);
	image[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	image[EI_VERSION] = EV_CURRENT;
	image[EI_DATA] = image[EI_DATA] & 1 ? ELFDATA2MSB : ELFDATA2LSB;
	put16(image, offsetof(Elf64_Ehdr, e_type), ET_EXEC);
	put16(image, offsetof(Elf64_Ehdr, e_machine), EM_MIPS);
	put16(image, wide ? offsetof(Elf64_Ehdr, e_phentsize) :
	      offsetof(Elf32_Ehdr, e_phentsize),
	      wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
}

static void try_kernel(const uint8_t *data, size_t size)
{
	char *image = calloc(1, size + 1);
	struct bundle bundle;
	struct kernel kernel;

	CHECK(image);
	memcpy(image, data, size);
	if (size >= sizeof(Elf64_Ehdr))
		mend_elf((uint8_t *)image);
	if (!kernel_take_elf("kernel", image, size, &bundle, &kernel)) {
		CHECK(bundle.load_start < bundle.load_end);
		CHECK(bundle.load_end <= 512ULL << 20);
		CHECK(bundle.bits == 32 || bundle.bits == 64);
	}
	free(kconfig_find(image, size));
	free(image);
}

static void check_ranges(const struct ram *ram)
{
	unsigned int i;

	CHECK(ram->ranges <= RAM_RANGES_MAX);
	for (i = 0; i < ram->ranges; i++)
		CHECK(ram->range[i].start < ram->range[i].end &&
		      (!i || ram->range[i - 1].end < ram->range[i].start));
}

static void try_tree(const uint8_t *data, size_t size)
{
	char *dtb = malloc(size ? size : 1);
	struct ram ram, reserved;

	CHECK(dtb);
	memcpy(dtb, data, size);
	if (!tree_check("dtb", dtb, size)) {
		tree_ranges("dtb", dtb, &ram, &reserved);
		check_ranges(&ram);
		check_ranges(&reserved);
	}
	free(dtb);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* Each refusal prints a line */
	stderr = fopen("/dev/null", "w");
	CHECK(stderr);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (*data == 'm')
		try_manifest(data + 1, size - 1);
	else if (*data == 'e')
		try_kernel(data + 1, size - 1);
	else if (*data == 'd')
		try_tree(data + 1, size - 1);
	return 0;
}
