// SPDX-License-Identifier: GPL-2.0-only
/*
 * try-fixtures.c - small kernels, device trees and file systems for the tests of
 *	kexec-try
 */
#define _GNU_SOURCE
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "files.h"
#include "try-fixtures.h"

#define CONTENT_MAX	4096

static void put(unsigned char *to, unsigned long long value, unsigned int size,
		bool big_endian)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		to[big_endian ? size - 1 - i : i] = value >> 8 * i;
}

/* Sets a member of a header of either word size. */
#define PUT(base, header, member, value) \
	put((base) + (elf->wide ? offsetof(Elf64_##header, member) : \
		      offsetof(Elf32_##header, member)), value, \
	    elf->wide ? sizeof(((Elf64_##header *)0)->member) : \
	    sizeof(((Elf32_##header *)0)->member), elf->big_endian)

/* In the format of kernel/configs.c */
static size_t put_config(unsigned char *to, const char *config)
{
	size_t size;
	FILE *gzip;

	fixture_write("config.txt", config, strlen(config));
	gzip = popen("gzip -9nc config.txt; rm config.txt", "r");
	assert_non_null(gzip);
	memcpy(to, "IKCFG_ST", 8);
	size = fread(to + 8, 1, CONTENT_MAX / 2, gzip);
	pclose(gzip);
	memcpy(to + 8 + size, "IKCFG_ED", 8);
	return 16 + size;
}

unsigned char *fixture_elf(const struct fixture_elf *elf, size_t *size)
{
	unsigned char *file = calloc(1, FIXTURE_CONTENT + CONTENT_MAX);
	size_t phoff = elf->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	unsigned long long paddr = elf->paddr;
	unsigned char *phdr = file + phoff;
	size_t content = 64;

	assert_non_null(file);
	if (!paddr)
		paddr = elf->wide ? 0xffffffff80100000ULL : 0x80100000ULL;
	if (elf->version)
		content += sprintf((char *)file + FIXTURE_CONTENT + content,
				   "Linux version %%s%cLinux version %s (gcc)",
				   '\0', elf->version) + 1;
	if (elf->config)
		content += put_config(file + FIXTURE_CONTENT + content,
				      elf->config);

	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = elf->wide ? ELFCLASS64 : ELFCLASS32;
	file[EI_DATA] = elf->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	file[EI_VERSION] = EV_CURRENT;
	PUT(file, Ehdr, e_version, EV_CURRENT);
	PUT(file, Ehdr, e_type, elf->type ? elf->type : ET_EXEC);
	PUT(file, Ehdr, e_machine, elf->machine ? elf->machine : EM_MIPS);
	PUT(file, Ehdr, e_entry, elf->entry ? elf->entry : paddr);
	PUT(file, Ehdr, e_ehsize, phoff);
	PUT(file, Ehdr, e_phoff, phoff);
	PUT(file, Ehdr, e_phentsize, elf->wide ? sizeof(Elf64_Phdr) :
	    sizeof(Elf32_Phdr));
	PUT(file, Ehdr, e_phnum, 1);
	PUT(phdr, Phdr, p_type, PT_LOAD);
	PUT(phdr, Phdr, p_offset, FIXTURE_CONTENT);
	PUT(phdr, Phdr, p_paddr, paddr);
	PUT(phdr, Phdr, p_filesz, content);
	PUT(phdr, Phdr, p_memsz, elf->memsz ? elf->memsz : content);
	*size = FIXTURE_CONTENT + content;
	return file;
}

void fixture_write(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	if (size)
		assert_int_equal(fwrite(data, size, 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

void fixture_kernel(const char *path, const struct fixture_elf *elf)
{
	size_t size;
	unsigned char *file = fixture_elf(elf, &size);

	fixture_write(path, file, size);
	free(file);
}

void fixture_run(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof(command), fmt, args);
	va_end(args);
	if (system(command))
		fail_msg("'%s' failed", command);
}

void fixture_parts(void)
{
	static const struct fixture_elf elf = {
		.big_endian = true, .memsz = 0x10000, .version = "6.1.192",
	};
	static const char iomem[] =
		"00000000-07ffffff : System RAM\n"
		"  00100000-0010ffff : Kernel code\n";

	fixture_kernel("vmlinux", &elf);
	fixture_write("iomem", iomem, strlen(iomem));
	fixture_run("mkdir files && seq 3000 >files/numbers && "
		    "mksquashfs files root -comp gzip -no-progress >/dev/null && "
		    "rm -r files");
	fixture_run("printf '%%s' '/dts-v1/; / { compatible = \"a,board\"; "
		    "#address-cells = <1>; #size-cells = <1>; "
		    "memory@0 { device_type = \"memory\"; reg = <0 0x8000000>; }; };' | "
		    "dtc -q -I dts -O dtb -o dtb -");
}

char *fixture_capture(int (*run)(int argc, char **argv), int argc,
		      char **argv, int *status)
{
	FILE *real_stdout = stdout, *real_stderr = stderr;
	char *text = NULL;
	size_t size;

	fflush(NULL);
	stdout = open_memstream(&text, &size);
	assert_non_null(stdout);
	stderr = stdout;
	*status = run(argc, argv);
	fclose(stdout);
	stdout = real_stdout;
	stderr = real_stderr;
	return text;
}

static void add_file(struct bundle *bundle, const char *path,
		     enum bundle_role role, const char *name)
{
	struct bundle_file *file = bundle_add(bundle, role, name);
	char full[256];
	struct stat status;
	int fd;

	assert_non_null(file);
	snprintf(full, sizeof(full), "%s/%s", path, name);
	fd = open(full, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	file->size = status.st_size;
	assert_int_equal(files_sum(fd, file->size, NULL, NULL, file->sum),
			 file->size);
	close(fd);
}

void fixture_bundle(const char *path, struct bundle *bundle)
{
	char *text, name[256];

	fixture_run("mkdir %s && echo kernel >%s/vmlinux && echo tree >%s/dtb && seq 2000 >%s/rootfs.squashfs",
		    path, path, path, path);
	add_file(bundle, path, BUNDLE_KERNEL, "vmlinux");
	add_file(bundle, path, BUNDLE_DTB, "dtb");
	add_file(bundle, path, BUNDLE_ROOTFS, "rootfs.squashfs");
	text = bundle_print(bundle);
	snprintf(name, sizeof(name), "%s/manifest", path);
	fixture_write(name, text, strlen(text));
	free(text);
}
