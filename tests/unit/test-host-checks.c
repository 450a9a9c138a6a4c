// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-host-checks.c - how kexec-try pack checks a kernel and a root file system
 *
 * Kernels of both byte orders and word sizes, plain and compressed, with and without
 * a version and a configuration; then each header field corrupted in turn, and files
 * that are cut, damaged, or of another type.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "parts.h"
#include "try-fixtures.h"

static char directory[] = "/tmp/test-try-checks-XXXXXX";

/* Results of run_kernel() */
static struct bundle bundle;
static char *config;

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	fixture_parts();
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	free(config);
	fixture_run("rm -f *");
	return chdir("/") || rmdir(directory);
}

/* A check and the file that it is given */
struct check {
	int (*run)(const char *path);
	const char *path;
};

static int call_check(void *arg)
{
	struct check *check = arg;

	return check->run(check->path);
}

static void assert_says(int (*run)(const char *path), const char *path,
			int want, const char *why)
{
	struct check check = { run, path };
	int result;
	char *said = capture_stderr(call_check, &check, &result);

	assert_contains(said, why);
	assert_int_equal(result, want);
	free(said);
}

static int run_kernel(const char *path)
{
	struct kernel kernel = { .config = NULL };
	int result;

	bundle_init(&bundle);
	result = kernel_read(path, &bundle, &kernel);
	free(config);
	config = kernel.config;
	return result;
}

static void test_kinds(void **state)
{
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		struct fixture_elf elf = {
			.big_endian = kind & 1, .wide = kind & 2,
			.version = "6.12.117", .memsz = 0x123456,
		};

		fixture_kernel("kind", &elf);
		assert_int_equal(run_kernel("kind"), 0);
		assert_int_equal(bundle.big_endian, elf.big_endian);
		assert_int_equal(bundle.bits, elf.wide ? 64 : 32);
		assert_int_equal(bundle.load_start, 0x100000);
		assert_int_equal(bundle.load_end, 0x100000 + 0x123456);
		assert_string_equal(bundle.linux_version, "6.12.117");
		assert_null(config);
	}
}

static void test_compressed(void **state)
{
	struct fixture_elf elf = { .wide = true, .version = "5.4.0-rc1+" };
	const char *const names[] = { "small.gz", "small.xz", "large.xz",
		"small.lzma" };
	size_t i;

	(void)state;
	fixture_kernel("small", &elf);
	fixture_run("(cat small; head -c 5000000 /dev/zero) >large");
	fixture_run("gzip -c small >small.gz && xz -c small >small.xz && xz -c large >large.xz && xz --format=lzma -c small >small.lzma");
	for (i = 0; i < 4; i++) {
		assert_int_equal(run_kernel(names[i]), 0);
		assert_string_equal(bundle.linux_version, "5.4.0-rc1_");
	}

	fixture_run("head -c 100 small.gz >cut.gz; head -c 100 small.xz >cut.xz");
	assert_says(run_kernel, "cut.gz", -1, "cut.gz: the gzip data is damaged or cut");
	assert_says(run_kernel, "cut.xz", -1, "cut.xz: xz -dc failed");
	fixture_run("head -c 140000000 /dev/zero | gzip -1 >bomb.gz && head -c 140000000 /dev/zero | xz -0 >bomb.xz");
	assert_says(run_kernel, "bomb.gz", -1, "more than 134217728 bytes, the limit");
	assert_says(run_kernel, "bomb.xz", -1, "larger than 134217728 bytes, the limit");
}

static void test_version(void **state)
{
	struct fixture_elf elf = { .version = NULL };
	char longest[80];

	(void)state;
	fixture_kernel("none", &elf);
	assert_int_equal(run_kernel("none"), 0);
	assert_string_equal(bundle.linux_version, "unknown");

	memset(longest, '6', sizeof(longest));
	longest[79] = '\0';
	elf.version = longest;
	fixture_kernel("long", &elf);
	assert_int_equal(run_kernel("long"), 0);
	assert_string_equal(bundle.linux_version, "unknown");
}

/* A kernel with @bytes at @offset is refused. */
static void assert_spoilt(bool wide, size_t offset, const char *bytes,
			  size_t size, const char *why)
{
	struct fixture_elf elf = { .big_endian = true, .wide = wide };
	unsigned char *file;
	size_t file_size;

	file = fixture_elf(&elf, &file_size);
	memcpy(file + offset, bytes, size);
	fixture_write("spoilt", file, file_size);
	free(file);
	assert_says(run_kernel, "spoilt", -1, why);
}

#define PHDR32	(sizeof(Elf32_Ehdr))
#define PHDR64	(sizeof(Elf64_Ehdr))

static void test_spoilt(void **state)
{
	(void)state;
	assert_spoilt(false, 0, "MZ", 2, "not an ELF file; give the vmlinux");
	assert_spoilt(false, EI_CLASS, "\3", 1, "not an ELF file");
	assert_spoilt(false, EI_DATA, "\0", 1, "not an ELF file");
	assert_spoilt(false, offsetof(Elf32_Ehdr, e_machine), "\0\x28", 2,
		      "not for MIPS but for machine 40");
	assert_spoilt(true, offsetof(Elf64_Ehdr, e_type), "\0\1", 2,
		      "ELF type 1, not an executable");
	assert_spoilt(true, offsetof(Elf64_Ehdr, e_phnum), "\0\0", 2,
		      "it may be cut");
	assert_spoilt(true, offsetof(Elf64_Ehdr, e_phnum), "\xff\xff", 2,
		      "cut");
	assert_spoilt(false, offsetof(Elf32_Ehdr, e_phoff), "\xff\xff\xff\xf0",
		      4, "cut");
	assert_spoilt(false, offsetof(Elf32_Ehdr, e_phentsize), "\0\1", 2,
		      "cut");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_type), "\0\0\0\2",
		      4, "it may be cut");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_offset),
		      "\xff\xff\xff\xff", 4, "a segment is damaged");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_filesz),
		      "\0\0\xff\xff", 4, "a segment is damaged");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_memsz),
		      "\0\0\0\1", 4, "a segment is damaged");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_memsz),
		      "\x20\0\0\0", 4, "not in the first 512 MiB");
	assert_spoilt(true, PHDR64 + offsetof(Elf64_Phdr, p_memsz),
		      "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
		      "not in the first 512 MiB");
	assert_spoilt(false, PHDR32 + offsetof(Elf32_Phdr, p_paddr),
		      "\xc0\0\0\0", 4, "not in the first 512 MiB");
	assert_spoilt(true, PHDR64 + offsetof(Elf64_Phdr, p_paddr),
		      "\x90\0\0\1\0\0\0\0", 8, "not in the first 512 MiB");
	assert_spoilt(false, offsetof(Elf32_Ehdr, e_entry), "\x80\x0f\xff\xff",
		      4, "its entry 0x800fffff is not in what it loads");
	assert_spoilt(false, offsetof(Elf32_Ehdr, e_entry), "\x81\0\0\0", 4,
		      "its entry 0x81000000 is not in what it loads");
}

/* p_paddr may be physical, or in KSEG1 or XKPHYS. */
static void test_addresses(void **state)
{
	struct fixture_elf elf = { .paddr = 0x100000 };

	(void)state;
	fixture_kernel("physical", &elf);
	assert_int_equal(run_kernel("physical"), 0);
	assert_int_equal(bundle.load_start, 0x100000);
	elf.paddr = 0xa0200000;
	fixture_kernel("kseg1", &elf);
	assert_int_equal(run_kernel("kseg1"), 0);
	assert_int_equal(bundle.load_start, 0x200000);
	elf.paddr = 0x9800000000300000ULL;
	elf.wide = true;
	fixture_kernel("xkphys", &elf);
	assert_int_equal(run_kernel("xkphys"), 0);
	assert_int_equal(bundle.load_start, 0x300000);
}

static void test_cut(void **state)
{
	struct fixture_elf elf = { .wide = true };

	(void)state;
	fixture_kernel("whole", &elf);
	fixture_run("head -c 51 whole >cut51; head -c 60 whole >cut60; head -c 100 whole >cut100; head -c 300 whole >cut300; : >empty");
	assert_says(run_kernel, "empty", -1, "empty: not an ELF file");
	assert_says(run_kernel, "cut51", -1, "cut51: not an ELF file");
	assert_says(run_kernel, "cut60", -1, "cut60: not an ELF file");
	assert_says(run_kernel, "cut100", -1, "it may be cut");
	assert_says(run_kernel, "cut300", -1, "a segment is damaged, or the file is cut");
	assert_says(run_kernel, "nothing", -1, "nothing: No such file");
	assert_says(run_kernel, ".", -1, ".: Is a directory");
}

#define GOOD_CONFIG "# Linux\nCONFIG_MTD=y\nCONFIG_MTD_BLOCK=y\n" \
	"CONFIG_MTD_PHRAM=y\nCONFIG_SQUASHFS=y\nCONFIG_SQUASHFS_XZ=y\n" \
	"CONFIG_UNIX=y\nCONFIG_WATCHDOG=y\nCONFIG_ATH79_WDT=m\n"

static void test_config_found(void **state)
{
	struct fixture_elf elf = { .config = GOOD_CONFIG };

	(void)state;
	fixture_kernel("config", &elf);
	assert_int_equal(run_kernel("config"), 0);
	assert_string_equal(config, GOOD_CONFIG);
}

/* A kernel with a device tree in its ELF file would ignore any other. */
static void test_own_tree(void **state)
{
	(void)state;
	fixture_run("printf '.globl __start\n__start: b .\nnop\n' >a.S && mipsel-linux-gnu-gcc -nostdlib -static -Wl,-Ttext=0x80100000 -Wl,--build-id=none -o plain a.S");
	fixture_run("printf '\\320\\015\\376\\355tree' >tree && head -c 1024 /dev/zero >zeros");
	fixture_run("mipsel-linux-gnu-objcopy --add-section .appended_dtb=zeros plain empty");
	assert_int_equal(run_kernel("empty"), 0);
	fixture_run("mipsel-linux-gnu-objcopy --add-section .appended_dtb=tree plain own");
	assert_says(run_kernel, "own", -1, "own: a device tree is appended to it (.appended_dtb)");
}

static void test_reach(void **state)
{
	static const char moves[] = "CONFIG_RANDOMIZE_BASE=y\nCONFIG_RANDOMIZE_BASE_MAX_OFFSET=0x1000000\n";

	(void)state;
	bundle.load_end = 0x200000;
	strcpy(bundle.linux_version, "6.12");
	assert_int_equal(kernel_reach(&bundle, NULL).end, 0x200000);
	assert_int_equal(kernel_reach(&bundle, moves).end, 0x1200000);
	/* moved by its own size at least, and by no less than it is given */
	bundle.load_start = 0x100000;
	assert_int_equal(kernel_reach(&bundle, "CONFIG_RANDOMIZE_BASE=y\nCONFIG_RANDOMIZE_BASE_MAX_OFFSET=0x10000\n").end, 0x410000);
	assert_int_equal(kernel_reach(&bundle, "CONFIG_RANDOMIZE_BASE=y\nCONFIG_RANDOMIZE_BASE_MAX_OFFSET=0xffffffffffffffff\n").end, 0x20200000);
	/* without RANDOMIZE_BASE, always to 16 MiB, if it ends below */
	assert_int_equal(kernel_reach(&bundle, "CONFIG_RELOCATABLE=y\n").start, 0x1000000);
	assert_int_equal(kernel_reach(&bundle, "CONFIG_RELOCATABLE=y\n").end, 0x1100000);
	bundle.load_end = 0x1200000;
	assert_int_equal(kernel_reach(&bundle, "CONFIG_RELOCATABLE=y\n").end, 0x1200000);
	bundle.load_end = 0x200000;
	strcpy(bundle.linux_version, "unknown");
	assert_int_equal(kernel_reach(&bundle, moves).end, 0x4200000);
}

static int run_config_find(const char *text)
{
	char *config = kconfig_find(text, 60);
	int found = config != NULL;

	free(config);
	return found;
}

static void test_config_damaged(void **state)
{
	static char no_end[64] = "....IKCFG_ST\x1f\x8b........................";
	static char damaged[64] = "....IKCFG_ST\x1f\x8b............IKCFG_ED";
	static char none[64] = "....IKCFG_ST........................";

	(void)state;
	assert_says(run_config_find, no_end, 0, "warning: the kernel carries its configuration, but that is damaged");
	assert_says(run_config_find, damaged, 0, "damaged");
	assert_says(run_config_find, none, 0, "");
}

/* The arguments of call_config_check() */
struct config {
	const char *linux_version;
	const char *text;
};

static int call_config_check(void *arg)
{
	struct config *config = arg;
	struct bundle bundle;

	bundle_init(&bundle);
	strcpy(bundle.linux_version, config->linux_version);
	kconfig_check(config->text, &bundle, "SQUASHFS_XZ");
	return 0;
}

static void assert_lines(const char *version, const char *text, int want,
			 const char *why)
{
	struct config config = { version, text };
	int lines;
	char *said = capture_stderr(call_config_check, &config, &lines);
	const char *at;

	for (at = said; (at = strchr(at, '\n')); at++)
		lines++;
	assert_contains(said, why);
	assert_int_equal(lines, want);
	free(said);
}

/* The number of warnings for Linux 6.12. 5.4 needs one more option. */
static void assert_warns(const char *old, const char *new, int want,
			 const char *why)
{
	char config[1024];
	const char *at = strstr(GOOD_CONFIG, old);

	assert_non_null(at);
	snprintf(config, sizeof(config), "%.*s%s%s", (int)(at - GOOD_CONFIG),
		 GOOD_CONFIG, new, at + strlen(old));
	assert_lines("6.12", config, want, want ? why : "");
	assert_lines("5.4", config, want + 1, why);
}

static void test_config_checked(void **state)
{
	(void)state;
	assert_int_equal(*kconfig_value(GOOD_CONFIG, "MTD"), 'y');
	assert_int_equal(*kconfig_value(GOOD_CONFIG, "ATH79_WDT"), 'm');
	assert_null(kconfig_value(GOOD_CONFIG, "ATH79"));

	assert_warns("# Linux\n", "", 0, "lacks CONFIG_MTD_CMDLINE_PARTS: it ignores mtdparts= on its command line");
	assert_warns("CONFIG_MTD_PHRAM=y\n", "# CONFIG_MTD_PHRAM is not set\n", 1,
		     "warning: the kernel lacks CONFIG_MTD_PHRAM: it finds no root");
	assert_warns("CONFIG_MTD_BLOCK=y", "CONFIG_MTD_BLOCK=m", 1,
		     "CONFIG_MTD_BLOCK is a module in the kernel");
	assert_warns("_XZ=y", "_ZLIB=y", 1, "lacks CONFIG_SQUASHFS_XZ");
	assert_warns("CONFIG_ATH79_WDT=m\n", "", 1, "no hardware watchdog driver");
	assert_warns("CONFIG_ATH79_WDT=m\n", "CONFIG_SOFT_WATCHDOG=y\n", 1,
		     "no hardware watchdog driver");
	assert_warns("CONFIG_ATH79_WDT=m\n", "CONFIG_GPIO_WATCHDOG=y\n", 0, "");
	assert_warns("CONFIG_UNIX=y\n", "CONFIG_UNIX=y\nCONFIG_CMDLINE_OVERRIDE=y\n",
		     1, "it sees no command line but its own");
}

static int run_squashfs(const char *path)
{
	const char *compressor = "";
	int result = squashfs_check(path, &compressor);

	if (!result)
		assert_string_equal(compressor, "SQUASHFS_ZLIB");
	return result;
}

static void assert_squashfs(size_t offset, const char *bytes, size_t size,
			    const char *why)
{
	unsigned char file[8192];
	FILE *root = fopen("root", "r");
	size_t got;

	assert_non_null(root);
	got = fread(file, 1, sizeof(file), root);
	fclose(root);
	assert_true(got > 4096);
	memcpy(file + offset, bytes, size);
	fixture_write("odd", file, got);
	assert_says(run_squashfs, "odd", -1, why);
}

static void test_squashfs(void **state)
{
	const char *compressor;

	(void)state;
	assert_int_equal(run_squashfs("root"), 0);
	fixture_run("mkdir d && echo a >d/a && mksquashfs d root.xz -comp xz -no-progress >/dev/null && rm -r d");
	assert_int_equal(squashfs_check("root.xz", &compressor), 0);
	assert_string_equal(compressor, "SQUASHFS_XZ");

	assert_squashfs(0, "sqsh", 4, "odd: no squashfs of version 4");
	assert_squashfs(28, "\3", 1, "no squashfs of version 4");
	assert_squashfs(20, "\2", 1, "does not support compressor 2");
	assert_squashfs(20, "\7", 1, "does not support compressor 7");
	assert_squashfs(12, "\1", 1, "it has blocks of 131073 bytes");
	assert_squashfs(40, "\xff\xff\xff", 3, "the squashfs is cut: it has 8192 bytes");
	assert_squashfs(40, "\0\0\0", 3, "the squashfs is cut");
	/* the inodes; the superblock is intact */
	assert_squashfs(64, "\xff\xff\xff\xff", 4, "the squashfs is damaged: unsquashfs cannot list it");
	fixture_run("head -c 4096 root >half; head -c 95 root >few; mkfifo pipe");
	assert_says(run_squashfs, "half", -1, "half: the squashfs is cut");
	assert_says(run_squashfs, "few", -1, "few: the squashfs is cut");
	assert_says(run_squashfs, "nothing", -1, "nothing: No such file");
	assert_says(run_squashfs, ".", -1, ".: not a regular file");
	fixture_run("mkdir d && seq 300 >d/a && mksquashfs d odd.root -nopad -no-progress >/dev/null && rm -r d");
	/* not padded, as OpenWrt's: the rest of the MTD is zero */
	assert_says(run_squashfs, "odd.root", 0, "");
	fixture_run("mv odd.root ./-odd");
	assert_says(run_squashfs, "-odd", 0, "");
	fixture_run("rm ./-odd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_spoilt),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_own_tree),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_config_found),
		cmocka_unit_test(test_config_damaged),
		cmocka_unit_test(test_config_checked),
		cmocka_unit_test(test_squashfs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
