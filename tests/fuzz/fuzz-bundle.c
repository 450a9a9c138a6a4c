// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-bundle.c - a bundle that comes from anywhere: its manifest, its tar
 *	stream, the kernel of one that is to be, and the device tree
 *
 * The first byte chooses. 'm': the rest is a manifest; what is taken must be
 * within all bounds, and the same when it is written and read again. 't': the
 * rest is a stream, as it is; 'T': each block of it that begins with a header's
 * name gets the checksum that belongs there, which no fuzzer would find. What is
 * unpacked must be plain files with plain names, no more than a bundle may have,
 * and nothing beside the directory. 'e': the rest is a kernel whose ELF header is
 * made right first; what is taken must lie where a kernel may.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "fuzz.h"
#include "kernel.h"
#include "tar.h"
#include "tree.h"

#define BLOCK		512
#define CHECKSUM	148
#define CHECKSUM_SIZE	8

/* The directory that streams are unpacked to, below one of our own */
static char top[] = "/tmp/fuzz-bundle-XXXXXX";
static int topfd = -1, infd = -1;

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
		for (j = 0; j < i; j++)
			CHECK(strcmp(file->name, bundle->file[j].name));
		role[file->role]++;
	}
	for (i = 0; i < BUNDLE_MAP; i++)
		CHECK(role[i] == 1);
}

static void try_manifest(const uint8_t *data, size_t size)
{
	struct bundle bundle, again;
	char *text, *twice;

	if (bundle_parse(&bundle, (const char *)data, size))
		return;
	check_manifest(&bundle);
	text = bundle_print(&bundle);
	CHECK(!bundle_parse(&again, text, strlen(text)));
	check_manifest(&again);
	twice = bundle_print(&again);
	CHECK(!strcmp(text, twice));
	free(text);
	free(twice);
	bundle_linux(&bundle, 6, 2);
}

static void mend_checksum(uint8_t *block)
{
	unsigned int i, sum = 0;

	memset(block + CHECKSUM, ' ', CHECKSUM_SIZE);
	for (i = 0; i < BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + CHECKSUM, CHECKSUM_SIZE, "%06o", sum);
}

/* A file in memory with the stream. */
static int make_stream(const uint8_t *data, size_t size, bool mend)
{
	int fd = memfd_create("stream", 0);
	uint8_t *copy = malloc(size + 1);
	size_t at;

	CHECK(fd >= 0 && copy);
	memcpy(copy, data, size);
	for (at = 0; mend && at + BLOCK <= size; at += BLOCK)
		if (copy[at])
			mend_checksum(copy + at);
	CHECK(write(fd, copy, size) == (ssize_t)size);
	CHECK(!lseek(fd, 0, SEEK_SET));
	free(copy);
	return fd;
}

/* Looks at all that is there, and removes it. */
static void check_unpacked(void)
{
	DIR *dir = fdopendir(openat(topfd, "in", O_RDONLY | O_DIRECTORY));
	struct dirent *entry;
	struct stat status;
	unsigned int files = 0;

	CHECK(dir);
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		CHECK(is_plain_name(entry->d_name));
		CHECK(!fstatat(infd, entry->d_name, &status,
			       AT_SYMLINK_NOFOLLOW));
		CHECK(S_ISREG(status.st_mode));
		CHECK((status.st_mode & 07777) == 0600);
		CHECK(status.st_nlink == 1);
		CHECK(!unlinkat(infd, entry->d_name, 0));
		files++;
	}
	closedir(dir);
	CHECK(files <= BUNDLE_FILES_MAX + 1);
}

static void check_beside(void)
{
	DIR *dir = fdopendir(openat(topfd, ".", O_RDONLY | O_DIRECTORY));
	unsigned int entries = 0;

	CHECK(dir);
	while (readdir(dir))
		entries++;
	closedir(dir);
	CHECK(entries == 3); /* . and .. and the directory */
}

static void try_stream(const uint8_t *data, size_t size, bool mend)
{
	int from = make_stream(data, size, mend);

	tar_unpack(from, infd);
	close(from);
	check_unpacked();
	check_beside();
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
	image[EI_DATA] = image[EI_DATA] & 1 ? ELFDATA2MSB : ELFDATA2LSB;
	put16(image, offsetof(Elf64_Ehdr, e_type), ET_EXEC);
	put16(image, offsetof(Elf64_Ehdr, e_machine), EM_MIPS);
	put16(image, wide ? offsetof(Elf64_Ehdr, e_phentsize) :
	      offsetof(Elf32_Ehdr, e_phentsize),
	      wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
}

static void try_kernel(const uint8_t *data, size_t size)
{
	uint8_t *image = malloc(size + 1);
	struct kernel kernel;

	CHECK(image);
	memcpy(image, data, size);
	if (size >= sizeof(Elf64_Ehdr))
		mend_elf(image);
	if (!elf_check("kernel", image, size, &kernel)) {
		CHECK(kernel.start < kernel.end);
		CHECK(kernel.end <= 512ULL << 20);
		CHECK(kernel.bits == 32 || kernel.bits == 64);
	}
	free(kconfig_find(image, size));
	free(image);
}

static int check_range(void *data, unsigned long long start,
		       unsigned long long end)
{
	CHECK(!data && start < end);
	return 0;
}

static void try_tree(const uint8_t *data, size_t size)
{
	char *dtb = malloc(size ? size : 1);

	CHECK(dtb);
	memcpy(dtb, data, size);
	if (!tree_check("dtb", dtb, size)) {
		tree_ram("dtb", dtb, check_range, NULL);
		tree_reserved("dtb", dtb, check_range, NULL);
	}
	free(dtb);
}

static void remove_directory(void)
{
	unlinkat(topfd, "in", AT_REMOVEDIR);
	rmdir(top);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	CHECK(mkdtemp(top));
	topfd = open(top, O_RDONLY | O_DIRECTORY);
	CHECK(!mkdirat(topfd, "in", 0700));
	infd = openat(topfd, "in", O_RDONLY | O_DIRECTORY);
	CHECK(infd >= 0);
	atexit(remove_directory);
	/* What is refused is told, a line each */
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
	else if (*data == 't' || *data == 'T')
		try_stream(data + 1, size - 1, *data == 'T');
	else if (*data == 'e')
		try_kernel(data + 1, size - 1);
	else if (*data == 'd')
		try_tree(data + 1, size - 1);
	return 0;
}
