// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-host-pack.c - kexec-try pack, plan and verify, and the program itself
 *
 * Bundles are made, verified and planned. Parts that do not belong together, bad
 * outputs and bad arguments are refused. Then the program itself: its list of
 * subcommands, its help, its exit codes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bundle.h"
#include "kexec-stubs.h"
#include "say.h"
#include "try-fixtures.h"
#include "try.h"

/* main.c, with its main() renamed */
#define main try_main
#include "../bundle/main.c"
#undef main
#include "../host/host.c"

static char directory[] = "/tmp/test-try-pack-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int fill(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	fixture_parts();
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	return chdir("/") || rmdir(directory);
}

/* Splits @command at blanks, runs the program, and checks its exit code and output. */
static void assert_try(int want, const char *command, const char *part)
{
	char *copy = strdup(command), *rest = copy, *argv[32];
	int argc = 0, status;
	char *said;

	while (rest && argc < 31)
		argv[argc++] = strsep(&rest, " ");
	argv[argc] = NULL;
	said = fixture_capture(try_main, argc, argv, &status);
	assert_contains(said, part);
	if (status != want)
		fail_msg("'%s' gives %d and says %s", command, status, said);
	free(said);
	free(copy);
}

#define PARTS " --kernel vmlinux --dtb dtb --rootfs root"

static void test_directory(void **state)
{
	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --append quiet --label new",
		   ", Linux 6.1.192, 3 files; the device needs ");
	fixture_run("gzip -dc <b/vmlinux | cmp vmlinux - && cmp dtb b/dtb && cmp root b/rootfs.squashfs");
	fixture_run("grep -qx 'format 2' b/manifest && grep -qx 'endian big' b/manifest && grep -qx 'bits 32' b/manifest && grep -qx 'load 0x100000 0x110000' b/manifest && grep -qx 'append quiet' b/manifest && grep -qx 'label new' b/manifest && grep -qx 'compatible a,board' b/manifest && grep -qx 'ram 0x0 0x8000000' b/manifest");
	fixture_run("cd b && sed -n 's/^[a-z]* \\([^ ]*\\) [0-9]* \\([0-9a-f]\\{64\\}\\)$/\\2  \\1/p' manifest | sha256sum -c --quiet");
	assert_try(EXIT_GOOD, "try verify b", "is whole: 3 files");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "b: it is there already");
	fixture_run("printf x | dd of=b/vmlinux conv=notrunc status=none");
	assert_try(EXIT_REFUSED, "try verify b", "b/vmlinux: its SHA-256 is not that");
	fixture_run("rm b/dtb");
	assert_try(EXIT_REFUSED, "try verify b", "b/dtb: No such file");
}

static void test_plan(void **state)
{
	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
	assert_try(EXIT_GOOD, "try plan b --iomem iomem", "Linux 6.1.192, mips, big endian, 32 bit; 128 MiB of RAM");
	assert_try(EXIT_GOOD, "try plan b", "0x07ffe000-0x07ffffff         8 KiB  rootfs.squashfs\n0x00100000-0x0010ffff        64 KiB  vmlinux\n");
	assert_try(EXIT_GOOD, "try plan b", "N is the number of MTDs that the device has");
	assert_try(EXIT_GOOD, "try plan --mtd 7 b", "'root=/dev/mtdblock7 rootfstype");
	assert_try(EXIT_GOOD, "try plan --numbers b", "phram.phram=");
	assert_try(EXIT_GOOD, "try plan --page-size 16384 b", "0x07ffc000-0x07ffffff        16 KiB  rootfs.squashfs\n");
	assert_try(EXIT_USAGE, "try plan --page-size 12288 b", "--page-size 12288: not a power of 2");
	assert_try(EXIT_USAGE, "try plan --page-size 2048 b", "--page-size 2048: not a number from 4096 to 65536");
	assert_try(EXIT_USAGE, "try plan --mtd -1 b", "--mtd -1: not a number from 0");
	assert_try(EXIT_USAGE, "try plan", "plan takes one bundle");
	assert_try(EXIT_USAGE, "try plan --nothing", "--nothing");
	assert_try(EXIT_REFUSED, "try plan nothing", "nothing: No such file");
	assert_try(EXIT_REFUSED, "try plan b --iomem nothing", "nothing: No such file");
	fixture_run("printf '00100000-00110fff : System RAM\n' >iomem3");
	assert_try(EXIT_REFUSED, "try plan b --iomem iomem3", "no free RAM");
	fixture_run("echo x >>b/dtb");
	assert_try(EXIT_REFUSED, "try plan b", "b/dtb: it has");
	fixture_run("rm -r b; printf '/dts-v1/; / { };' | dtc -q -O dtb -o dtb -");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
	assert_try(EXIT_REFUSED, "try plan b", "lists no RAM; give --iomem");
}

/* pack refuses addresses that are wrong on every device. plan checks the others. */
static void test_map_addresses(void **state)
{
	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x10f000",
		   "iomem: 0x10f000-0x10f040 overlaps the kernel at 0x100000-0x10ffff on every device; choose");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x200001",
		   "the address 0x200001 is not a multiple of a page, 4096 bytes or more; the next that is: 0x201000");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map dtb@auto", "two files called 'dtb'");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0xfffffffffffff000",
		   "\"0xfffffffffffff000\" is not an address");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@512M",
		   "iomem: 0x20000000-0x20000040 is not in the first 512 MiB, all that a 32-bit kernel reaches directly; choose a lower address, or auto");
	fixture_run("test ! -e b; head -c 5000 /dev/zero >zeros");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map zeros@0x200000 --map iomem@0x110000 --map root@auto",
		   "6 files");
}

static void test_trees(void **state)
{
	(void)state;
	fixture_run("cp dtb good");
	fixture_run("head -c 100 good >dtb");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "dtb: not a valid device tree blob");
	fixture_run("printf '/dts-v1/; / { #address-cells = <3>; };' | dtc -q -O dtb -o dtb -");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "dtb: #address-cells and #size-cells of / must be 1 or 2");
	fixture_run("printf '/dts-v1/; / { };' | dtc -q -O dtb -o dtb -");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "dtb: no `compatible` says");
}

/* Replaces the device tree, and removes the bundle. */
static void put_tree(const char *source)
{
	fixture_write("source", source, strlen(source));
	fixture_run("rm -rf b; dtc -q -O dtb -o dtb source");
}

/* The standard streams that a parent has closed are there again, for no other file to take
 * their place.
 */
static void test_closed_streams(void **state)
{
	char *argv[] = { "try", "verify", "nothing", NULL };
	int status, fd;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		for (fd = 0; fd < 3; fd++)
			close(fd);
		try_main(3, argv);
		while (--fd >= 0 && fcntl(fd, F_GETFL) >= 0)
			;
		_exit(fd + 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* pack leaves out what would override the trial, and says so. */
static void test_what_wins(void **state)
{
	(void)state;
	put_tree("/dts-v1/; / { compatible = \"a,b\"; chosen { bootargs-override = \"x\"; "
		 "linux,initrd-start = <0x7e00000>; linux,initrd-end = <0x7f00000>; bootargs = \"y\"; }; "
		 "flash { partition@0 { linux,rootfs; label = \"rootfs\"; }; }; };");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "/chosen/bootargs-override is not in the bundle: it would win");
	fixture_run("rm -r b");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "/chosen/linux,initrd-start is not in the bundle");
	fixture_run("rm -r b");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "/flash/partition@0/linux,rootfs is not in the bundle");
	fixture_run("dtc -q -I dtb -O dts b/dtb >after; ! grep -E 'override|initrd|linux,rootfs' after && grep -q 'bootargs = \"y\"' after && grep -q 'label = \"rootfs\"' after");
	assert_try(EXIT_GOOD, "try verify b", "whole");
	put_tree("/dts-v1/; /plugin/; / { fragment@0 { target-path = \"/\"; __overlay__ { model = \"o\"; }; }; };");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS, "dtb: this is an overlay");
	fixture_run("test ! -e b");
	/* at the end of a path longer than any that is shown, and the same one twice */
	fixture_run("{ echo '/dts-v1/; / {'; for n in $(seq 12); do echo \"a-node-with-a-long-name-$n {\"; done; echo 'linux,rootfs;'; for n in $(seq 12); do echo '};'; done; echo 'chosen { bootargs-override = \"x\"; bootargs-overridZ = \"y\"; }; };'; } >source");
	fixture_run("rm -rf b; dtc -q -O dtb -o dtb source && sed -i s/bootargs-overridZ/bootargs-override/ dtb");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "dtb: ... /a-node-with-a-long-name-12/linux,rootfs is not in the bundle");
	fixture_run("! fdtget b/dtb /chosen bootargs-override 2>/dev/null");
}

/* Words that name RAM, which kexec may use for a file, or that hide later words */
static void test_words(void **state)
{
	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append mem=64M", "--append: mem= names RAM");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append ramoops.mem_address=0x7000000", "ramoops.mem_address= names RAM");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append rd_start=0x87000000", "rd_start= names RAM");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append initrd=0x87000000,4M", "initrd= names RAM");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append \"mem=64M\"", "--append: mem= names RAM");
	assert_try(EXIT_USAGE, "try pack -o b" PARTS " --append --", "leave out the lone --");
	assert_try(EXIT_USAGE, "try pack -o b" PARTS " --append \"--\"", "leave out the lone --");
	assert_try(EXIT_USAGE, "try pack -o b" PARTS " --append a=\"b", "a quote is open");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append root=\"/dev/mtdblock3\"", "write root= without quotes");
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --append \"root=/dev/mtdblock3\"", "write root= without quotes");
	fixture_run("test ! -e b");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --append memtest=1--", "bundle");
}

/* procd opens the watchdog as its first step: guard must start before it. */
static void test_procd(void **state)
{
	(void)state;
	fixture_run("mkdir -p d/sbin && : >d/sbin/procd && rm root && mksquashfs d root -no-progress >/dev/null");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "warning: root: procd feeds the watchdog, and there is no /usr/sbin/kexec-try");
	fixture_run("! grep -q '^append' b/manifest && mkdir -p d/usr/sbin && : >d/usr/sbin/kexec-try && rm -r root b && mksquashfs d root -no-progress >/dev/null");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --append quiet", "root has procd: init=/usr/sbin/kexec-try is added");
	fixture_run("grep -qx 'append quiet init=/usr/sbin/kexec-try' b/manifest");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS " --append init=/sbin/init", "bundle");
	fixture_run("grep -qx 'append init=/sbin/init' c/manifest && rm -r d");
}

/* A file in the range that the kernel may overwrite when it unpacks or moves itself */
static void test_reach(void **state)
{
	struct fixture_elf elf = { .big_endian = true };

	(void)state;
	fixture_kernel("vmlinux", &elf);
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x1000000", "iomem: a kernel that unpacks or moves itself");
	/* a vmlinuz unpacks to an address below its own */
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --map iomem@0x8000", "iomem: a kernel that unpacks or moves itself, as this one may, writes to 0x0-");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map iomem@128M", "bundle");
}

static void test_maps(void **state)
{
	(void)state;
	fixture_run("echo one >one && mkdir d && echo two >d/two");
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map one@0x2000000 --map d/two@auto", "5 files");
	fixture_run("grep -q '^map one 4 [0-9a-f]* 0x2000000$' b/manifest && grep -q '^map two 4 [0-9a-f]* auto$' b/manifest && cmp d/two b/two");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS " --map one@2M --map d/two@3M", "5 files");
	assert_try(EXIT_GOOD, "try pack -o l" PARTS " --map one@2M,label=art --append root=/dev/sda", "4 files");
	fixture_run("grep -q '^map one 4 [0-9a-f]* 0x200000 art$' l/manifest");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@2M,label=a/b", "invalid label 'a/b'");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one", "--map one: write FILE@ADDRESS");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map @auto", "--map @auto: write FILE@ADDRESS");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@010x", "\"010x\" is not an address");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@20000000000G", "\"20000000000G\" is not an address");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@-1", "\"-1\" is not an address");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@2M,label=rootfs", "one: the label rootfs is that of the root file system, too; give it another");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --map one@2M,label=a --map d/two@auto,label=a", "two: the label a is that of one, too");
	assert_try(EXIT_REFUSED, "try pack -o g" PARTS " --overlay ram --label ram_rootfs_data", "overlay: the label ram_rootfs_data is that of the root file system");
	fixture_run("cp one dtb2; mkdir e; cp one e/dtb; cp one 'o*'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map e/dtb@auto", "two files called 'dtb'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map o*@auto", "cannot hold a file called 'o*'");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map none@auto", "none: No such file");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map e@auto", "e: not a regular file");
	fixture_run(": >empty && truncate -s 1073741825 huge");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map empty@auto", "empty: a file of a bundle has 1 to 1073741824 bytes, this one has 0");
	assert_try(EXIT_REFUSED, "try pack -o f" PARTS " --map huge@auto", "this one has 1073741825");
	fixture_run("test ! -e f");
}

/* The overlay for OpenWrt is an MTD in RAM without a file system. It has 64 KiB, the
 * largest page size, as an MTD has at least one page.
 */
static void test_overlay(void **state)
{
	const struct fixture_elf elf = {
		.big_endian = true, .memsz = 0x10000, .version = "6.6.1",
	};

	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b" PARTS " --overlay ram", "overlay: with another MTD, 'ram_rootfs_data', the root's number is unknown; use Linux 6.2");
	fixture_run("test ! -e b");
	fixture_kernel("vmlinux", &elf);
	assert_try(EXIT_GOOD, "try pack -o b" PARTS " --overlay ram --append quiet", "4 files");
	fixture_run("grep -q '^map overlay 65536 [0-9a-f]* auto ram_rootfs_data$' b/manifest");
	fixture_run("grep -qx 'append quiet fstools_overlay_name=ram_rootfs_data' b/manifest && ! tr -d '\\0' <b/overlay | grep -q .");
	assert_try(EXIT_GOOD, "try verify b", "");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS " --overlay ram", "4 files");
	fixture_run("grep -qx 'append fstools_overlay_name=ram_rootfs_data' c/manifest");
	assert_try(EXIT_USAGE, "try pack -o d" PARTS " --overlay flash", "--overlay flash: write --overlay ram");
	fixture_run("cp root overlay");
	assert_try(EXIT_REFUSED, "try pack -o d" PARTS " --map overlay@auto --overlay ram", "two files called 'overlay'");
	fixture_run("test ! -e d");
}

static void test_parts_refused(void **state)
{
	(void)state;
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "dtb: not an ELF file");
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "root: not a valid device tree blob");
	assert_try(EXIT_REFUSED, "try pack -o b --kernel dtb --dtb root --rootfs vmlinux", "vmlinux: no squashfs");
	assert_try(EXIT_REFUSED, "try pack -o b/c/d" PARTS, "b/c/d: No such file");
	fixture_run("test ! -e b");
}

/* Debug information and section headers are stripped, for both word sizes. */
static void test_symbols(void **state)
{
	static const char *const kinds[] = {
		"mipsel-linux-gnu-", "mips64-linux-gnuabi64-",
	};
	unsigned int i;

	(void)state;
	fixture_run("printf '.globl __start\\n__start: b .\\nnop\\n' >a.S");
	for (i = 0; i < 2; i++) {
		fixture_run("%sgcc -g -nostdlib -static -Wl,-Ttext-segment=0xffffffff80100000 -Wl,--build-id=none -o vmlinux a.S",
			    kinds[i]);
		assert_try(EXIT_GOOD, "try pack -o b --plain" PARTS, "bundle");
		fixture_run("readelf -l vmlinux | sed -n '/^Program/,/^$/p' | grep . >want; readelf -l b/vmlinux 2>&1 | sed -n '/^Program/,/^$/p' | grep . | cmp want -");
		fixture_run("readelf -S vmlinux | grep -q debug_info && readelf -S b/vmlinux 2>&1 | grep -qx 'There are no sections in this file.'");
		fixture_run("size=$(stat -c %%s b/vmlinux); [ $size -lt $(stat -c %%s vmlinux) ] && cmp -i 64 -n $((size - 64)) b/vmlinux vmlinux");
		assert_try(EXIT_GOOD, "try verify b", "whole");
		assert_try(EXIT_GOOD, "try pack -o c --plain --keep-symbols" PARTS, "bundle");
		fixture_run("cmp vmlinux c/vmlinux && gzip -c vmlinux >z && mv z vmlinux && rm -r b c");
		assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
		fixture_run("cmp vmlinux b/vmlinux && rm -r b vmlinux");
	}
}

/* An uncompressed kernel is compressed, reproducibly. A compressed one is copied. */
static void test_gzip(void **state)
{
	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "bundle");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS, "bundle");
	fixture_run("cmp b/manifest c/manifest && [ $(stat -c %%s b/vmlinux) -lt $(stat -c %%s vmlinux) ]");
	assert_try(EXIT_GOOD, "try pack -o d --plain" PARTS, "bundle");
	fixture_run("cmp d/vmlinux vmlinux && rm -r c d && xz -c vmlinux >x && mv x vmlinux");
	assert_try(EXIT_GOOD, "try pack -o c" PARTS, "bundle");
	fixture_run("cmp c/vmlinux vmlinux");
}

static void test_warnings(void **state)
{
	struct fixture_elf elf = { .config = "CONFIG_MTD=y\n", .wide = true };

	(void)state;
	assert_try(EXIT_GOOD, "try pack -o b" PARTS, "warning: vmlinux: the kernel does not carry its configuration");
	fixture_kernel("vmlinux", &elf);
	assert_try(EXIT_GOOD, "try pack -o c" PARTS, "warning: the kernel lacks CONFIG_MTD_PHRAM");
	assert_try(EXIT_GOOD, "try pack -o d" PARTS, "warning: vmlinux: the kernel does not tell its version, and one before 6.2 would not find its root; if it is a vmlinuz, give the vmlinux that it was made from");
}

static void interrupt(int signal)
{
	(void)signal;
	raise(SIGTERM);
}

/* A signal during the write of a file, which is larger than any that gcov writes. pack
 * removes the incomplete bundle, which would be in the way of the next pack.
 */
static void test_interrupted(void **state)
{
	const struct rlimit few = { 1000000, 1000000 };
	int status;
	pid_t pid;

	(void)state;
	fixture_run("truncate -s 2M big");
	pid = fork();
	if (!pid) {
		signal(SIGXFSZ, interrupt);
		signal(SIGTERM, SIG_DFL); /* it may be ignored */
		setrlimit(RLIMIT_FSIZE, &few);
		assert_try(EXIT_GOOD, "try pack -o b" PARTS " --map big@auto", "");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
	fixture_run("test ! -e b");
}

static void test_arguments(void **state)
{
	(void)state;
	assert_try(EXIT_USAGE, "try pack", "pack needs -o, --kernel, --dtb and --rootfs");
	assert_try(EXIT_USAGE, "try pack", "kexec-try pack --help tells how");
	assert_try(EXIT_USAGE, "try pack -o b --kernel= --dtb dtb --rootfs root", "pack needs -o");
	assert_try(EXIT_USAGE, "try pack -o b" PARTS " more", "pack: 'more' belongs to no option");
	assert_try(EXIT_USAGE, "try pack --nothing", "--nothing");
	assert_try(EXIT_USAGE, "try pack -o b --label a/b", "invalid label 'a/b'");
	assert_try(EXIT_USAGE, "try pack -o b --append a\tb", "not printable ASCII");
	assert_try(EXIT_USAGE, "try verify", "verify takes one bundle");
	assert_try(EXIT_USAGE, "try verify -x", "verify takes one bundle");
	assert_try(EXIT_REFUSED, "try verify none", "none: No such file");
}

static void test_program(void **state)
{
	size_t i;

	(void)state;
	assert_try(EXIT_USAGE, "try", "kexec-try SUBCOMMAND");
	assert_try(EXIT_GOOD, "try --help", "kexec-try(8)");
	assert_try(EXIT_USAGE, "try nothing", "no subcommand 'nothing'");
	assert_try(EXIT_USAGE, "try no\033thing", "no subcommand 'no?thing'");
	assert_try(EXIT_GOOD, "try pack --help", "kexec-try pack -o BUNDLE --kernel FILE");
	assert_try(EXIT_USAGE, "try verify -- --help", "verify takes one bundle");
	assert_try(EXIT_GOOD, "try --version", "kexec-try ");
	for (i = 0; subcommands[i]; i++) {
		char command[64];

		snprintf(command, sizeof(command), "try %s --help",
			 subcommands[i]->name);
		assert_try(EXIT_GOOD, command, subcommands[i]->name);
		assert_try(EXIT_GOOD, "try --help", subcommands[i]->summary);
		assert_int_equal(subcommands[i]->help[strlen(subcommands[i]->help) - 1],
				 '\n');
	}
}

static void test_say(void **state)
{
	char *text = must_print("%0*d", SAY_MAX + 100, 7);

	(void)state;
	say_to_kernel_log(true);
	step("a test of kexec-try: %s", "said to the kernel log, where it can be");
	say_to_kernel_log(false);
	assert_int_equal(report("%s", text), -1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_directory, fill),
		cmocka_unit_test_setup(test_plan, fill),
		cmocka_unit_test_setup(test_map_addresses, fill),
		cmocka_unit_test_setup(test_trees, fill),
		cmocka_unit_test(test_closed_streams),
		cmocka_unit_test_setup(test_what_wins, fill),
		cmocka_unit_test_setup(test_words, fill),
		cmocka_unit_test_setup(test_procd, fill),
		cmocka_unit_test_setup(test_reach, fill),
		cmocka_unit_test_setup(test_maps, fill),
		cmocka_unit_test_setup(test_overlay, fill),
		cmocka_unit_test_setup(test_interrupted, fill),
		cmocka_unit_test_setup(test_parts_refused, fill),
		cmocka_unit_test_setup(test_symbols, fill),
		cmocka_unit_test_setup(test_gzip, fill),
		cmocka_unit_test_setup(test_warnings, fill),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_say),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
