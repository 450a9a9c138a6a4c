// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-boot.c - boot.sh, which tries a bundle without kexec-try
 *
 * It plays on a device that is made of files: /proc, /sys and /dev below `sys`,
 * and programs in `bin` that say what they are told. The command that it runs is
 * that of kexec-try plan; what is wrong with bundle or device it tells all at
 * once, and does nothing.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "try-fixtures.h"
#include "try.h"

/* What a program was called with, a line for each word */
#define WRITE_DOWN	"printf '%s\\n' \"${0##*/}\" \"$@\" >>$KEXEC_TRY_ROOT/../ran"

static char directory[] = "/tmp/test-try-boot-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return !mkdtemp(directory) || chdir(directory);
}

static int remove_directory(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	return chdir("/") || rmdir(directory);
}

/* A bundle called b of the byte order of the programs that run here. */
static void pack(const char *version, char *append)
{
	struct fixture_elf elf = {
		.big_endian = false, .memsz = 0x10000, .version = version,
	};
	char maps[] = "calibration@0x2000000,other@auto";
	char *argv[] = {
		"pack", "-o", "b", "--kernel", "vmlinux", "--dtb", "dtb",
		"--rootfs", "root", "--append", append, "--map", maps, NULL,
	};
	int status;
	char *said;

	fixture_run("rm -rf b");
	fixture_kernel("vmlinux", &elf);
	said = fixture_capture(subcommand_pack.run, 13, argv, &status);
	if (status)
		fail_msg("pack: %s", said);
	free(said);
}

/* A program in PATH, on the device alone. */
static void program(const char *name, const char *script)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "bin/%s", name);
	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	fixture_write(path, text, strlen(text));
	fixture_run("chmod +x %s", path);
}

/* Everything that a try needs. dd is the host's, and so is its byte order. */
static int make_device(void **state)
{
	(void)state;
	fixture_run("rm -rf *");
	fixture_parts();
	fixture_run("echo one >calibration && echo two >other");
	fixture_run("mkdir -p sys/proc sys/sys/kernel sys/sys/module/a_wdt/parameters sys/dev bin");
	fixture_run("echo 'MemTotal:  124000 kB' >sys/proc/meminfo && echo console=ttyS0 >sys/proc/cmdline && cp iomem sys/proc/iomem");
	fixture_run("printf 'dev:    size\\nmtd0: a\\nmtd1: b\\nmtd2: c\\n' >sys/proc/mtd");
	fixture_run("echo 0 >sys/sys/kernel/kexec_loaded && : >sys/dev/watchdog && echo Y >sys/sys/module/a_wdt/parameters/nowayout");
	fixture_run("printf '/dev/root / squashfs ro 0 0\\n/dev/mtdblock2 /data jffs2 rw,sync 0 0\\nnone /run tmpfs rw 0 0\\n' >sys/proc/mounts");
	fixture_run("mkdir -p sys/proc/1/fd sys/proc/22/fd sys/proc/33/fd && echo watchdog >sys/proc/33/comm && echo init >sys/proc/1/comm && echo feeder >sys/proc/22/comm && ln -s /dev/null sys/proc/22/fd/0");
	program("uname", "echo mips");
	program("id", "echo 0");
	program("kexec", "[ $1 != --help ] || exec echo --map-file; " WRITE_DOWN);
	program("watchdog", "ln -s /dev/watchdog $KEXEC_TRY_ROOT/proc/33/fd/3; " WRITE_DOWN);
	program("reboot", WRITE_DOWN);
	program("systemctl", WRITE_DOWN);
	program("mount", WRITE_DOWN);
	program("sync", ":");
	program("sleep", ":");
	pack("6.1.192", "console=ttyS0");
	return 0;
}

/* Runs boot.sh with these arguments; what it says and how it ends. */
static char *boot(const char *arguments, int *status)
{
	static char text[8192];
	char command[512];
	size_t size;
	FILE *pipe;

	snprintf(command, sizeof(command),
		 "PATH=$PWD/bin:$PATH KEXEC_TRY_ROOT=$PWD/sys sh b/boot.sh %s 2>&1",
		 arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	size = fread(text, 1, sizeof(text) - 1, pipe);
	text[size] = '\0';
	*status = WEXITSTATUS(pclose(pipe));
	return text;
}

static void assert_boot(int want, const char *arguments, const char *part)
{
	int status;
	char *said = boot(arguments, &status);

	assert_contains(said, part);
	if (status != want)
		fail_msg("boot.sh %s ends with %d and says %s", arguments,
			 status, said);
}

static void test_runs(void **state)
{
	(void)state;
	assert_boot(0, "--dry-run", "boot.sh: the bundle is whole");
	fixture_run("test ! -e ran");
	assert_boot(0, "--confirm-within 300 --watchdog-timeout 90", "the watchdog is armed, for 90 s");
	fixture_run("id=$(sha256sum <b/manifest | cut -c1-8) && printf '%%s\\n' "
		    "kexec -l --map-file rootfs.squashfs@auto,label=rootfs --map-file calibration@0x2000000 "
		    "--map-file other@auto --dtb dtb --command-line "
		    "\"root=/dev/mtdblock3 rootfstype=squashfs console=ttyS0 kexec_try.id=$id kexec_try.confirm_within=300\" "
		    "vmlinux watchdog -T 90 /dev/watchdog reboot | diff - ran");
}

/* What is not loaded arms nothing; what nobody guards is not loaded any more. */
static void test_halfway(void **state)
{
	(void)state;
	program("kexec", "[ $1 != --help ] || exec echo --map-file; " WRITE_DOWN "; [ $1 != -l ]");
	assert_boot(1, "", "kexec does not load the bundle; this system is as it was");
	fixture_run("! grep -qx watchdog ran && ! grep -qx reboot ran && rm ran");
	program("kexec", "[ $1 != --help ] || exec echo --map-file; " WRITE_DOWN);
	program("reboot", "exit 3");
	assert_boot(1, "", "this system does not go down; nothing is loaded any more");
	fixture_run("tail -n 1 ran | grep -qx -e -u && rm ran sys/proc/33/fd/3");
	program("watchdog", WRITE_DOWN);
	assert_boot(1, "", "watchdog does not open /dev/watchdog; nothing is loaded any more");
	fixture_run("tail -n 1 ran | grep -qx -e -u");
}

/* As kexec-try run leaves these. */
static void test_leaves(void **state)
{
	(void)state;
	fixture_run("mkdir -p sys/run/systemd/system");
	assert_boot(0, "--no-watchdog", "this system goes down");
	fixture_run("tail -n 2 ran | tr '\\n' ' ' | grep -qx 'systemctl kexec '");
	fixture_run("echo procd >sys/proc/1/comm");
	assert_boot(0, "--no-watchdog", "this system goes down");
	fixture_run("tail -n 6 ran | tr '\\n' ' ' | grep -qx 'mount -o remount,ro /data kexec -e '");
}

static void test_kernel_log(void **state)
{
	(void)state;
	fixture_run(": >sys/dev/kmsg && rm sys/dev/watchdog");
	assert_boot(1, "", "there is no /dev/watchdog");
	assert_boot(0, "--no-watchdog", "loaded");
	fixture_run("grep -q '^<3>boot.sh: there is no /dev/watchdog' sys/dev/kmsg && grep -qx '<5>boot.sh: loaded' sys/dev/kmsg");
}

/* The command is for a shell, whatever the words are. */
static void test_quoted(void **state)
{
	(void)state;
	pack("6.1.192", "a='b c' d\\n$(id)");
	assert_boot(0, "--no-watchdog", " a='\\''b c'\\'' d\\n$(id) kexec_try");
	fixture_run("grep -F \"a='b c' d\\\\n\\$(id) kexec_try\" ran >/dev/null");
}

static void test_no_watchdog(void **state)
{
	(void)state;
	fixture_run("rm sys/dev/watchdog && ln -s /dev/watchdog sys/proc/22/fd/3");
	assert_boot(1, "", "there is no /dev/watchdog");
	assert_boot(0, "--no-watchdog", "the bundle is whole");
	fixture_run("! grep -qx watchdog ran && grep -qx kexec ran");
}

static void test_nowayout(void **state)
{
	(void)state;
	fixture_run("echo N >sys/sys/module/a_wdt/parameters/nowayout");
	assert_boot(1, "--dry-run", "the watchdog has no nowayout");
	fixture_run("echo ib700wdt.nowayout=1 >sys/proc/cmdline");
	assert_boot(0, "--dry-run", "whole");
	fixture_run(": >sys/proc/cmdline && mkdir -p sys/sys/class/watchdog/watchdog0 && echo 1 >sys/sys/class/watchdog/watchdog0/nowayout");
	assert_boot(0, "--dry-run", "whole");
	fixture_run("rm bin/watchdog");
	if (system("command -v watchdog >/dev/null"))
		assert_boot(1, "--dry-run", "there is no program called watchdog");
}

/* Root and MTD as kexec-try plan has them. */
static void test_forms(void **state)
{
	(void)state;
	pack("6.12.1", "quiet");
	assert_boot(0, "--dry-run", "rootfs.squashfs@auto,label=rootfs,root --map-file");
	assert_boot(0, "--dry-run", "--command-line 'quiet kexec_try.id=");
	pack("6.12.1", "root=/dev/sda1");
	assert_boot(0, "--dry-run", "rootfs.squashfs@auto,label=rootfs --map-file");
	pack(NULL, "quiet");
	assert_boot(0, "--dry-run", "rootfs.squashfs@auto,label=rootfs,root --map-file");
	assert_boot(0, "--dry-run", "'root=/dev/mtdblock3 rootfstype=squashfs quiet");
	fixture_run("mkdir -p sys/proc/device-tree/reserved-memory/map-file@1 && touch sys/proc/device-tree/reserved-memory/map-file@1/kexec,map-file sys/proc/device-tree/reserved-memory/map-file@1/label");
	assert_boot(0, "--dry-run", "'root=/dev/mtdblock2 rootfstype=squashfs quiet");
	pack("5.10.2", "quiet");
	assert_boot(0, "--dry-run", "--map-file rootfs.squashfs@134152192 --map-file");
	assert_boot(0, "--dry-run", "'mtdparts=phram0:8192(rootfs) phram.phram=phram0,134152192,65536 memmap=65536$134152192 root=/dev/mtdblock2 rootfstype=squashfs quiet");
	fixture_run("echo '00000000-3fffffff : System RAM' >sys/proc/iomem");
	assert_boot(0, "--dry-run", "memmap=65536$536805376 ");
	fixture_run("echo '00000000-001fffff : System RAM' >sys/proc/iomem");
	assert_boot(1, "--dry-run", "there is no room in RAM for the 65536 bytes of rootfs.squashfs");
}

/* Several at once. */
static void test_device_refused(void **state)
{
	int status;
	char *said;

	(void)state;
	program("uname", "echo mips64");
	program("id", "echo 1000");
	fixture_run("echo 1 >sys/sys/kernel/kexec_loaded; rm bin/kexec; ln -s /dev/watchdog0 sys/proc/22/fd/3");
	fixture_run("echo 'MemTotal: 100 kB' >sys/proc/meminfo; sed -i 's/^memory .*/memory 20000000/; s/^endian .*/endian big/' b/manifest");
	fixture_run("echo a kexec_try.confirm_within=9 >sys/proc/cmdline");
	said = boot("", &status);
	assert_int_equal(status, 1);
	assert_contains(said, "the bundle is for MIPS of 32 bits, this device is mips64");
	assert_contains(said, "the bundle is for big endian, this device is little endian");
	assert_contains(said, "a kernel is loaded already");
	assert_contains(said, "needs 20000000 bytes of RAM, this device has 102400");
	assert_contains(said, "this system was itself started to be tried: once it is confirmed, kexec-try run can");
	assert_contains(said, "only root can do that");
	assert_contains(said, "/dev/watchdog is held by feeder (22)");
	if (system("command -v kexec >/dev/null"))
		assert_contains(said, "there is no kexec program here");
	assert_contains(said, "nothing was done; missing or wrong: ");
	fixture_run("rm sys/sys/kernel/kexec_loaded");
	assert_boot(1, "", "the running kernel has no kexec");
	fixture_run("test ! -e ran");
}

static void test_kexec_refused(void **state)
{
	(void)state;
	program("kexec", "[ $1 != --help ] || exec echo --mem-min; " WRITE_DOWN);
	assert_boot(1, "", "the kexec program here has no --map-file");
	fixture_run("mkdir -p sys/proc/sys/kernel && echo 1 >sys/proc/sys/kernel/kexec_load_disabled");
	assert_boot(1, "", "kernel.kexec_load_disabled is 1");
	fixture_run("test ! -e ran");
}

/* The kernel takes 64 KiB, and the files a little. */
static void test_memory_refused(void **state)
{
	(void)state;
	fixture_run("echo 'MemAvailable: 70 kB' >>sys/proc/meminfo");
	assert_boot(1, "", "bytes of memory, 71680 are free: stop services");
	fixture_run("test ! -e ran; sed -i 's/ 70 / 90 /' sys/proc/meminfo");
	assert_boot(0, "--dry-run", "the bundle is whole");
}

static void test_files_refused(void **state)
{
	int status;
	char *said;

	(void)state;
	fixture_run("printf x | dd of=b/dtb bs=1 seek=60 conv=notrunc status=none; echo >>b/vmlinux; rm b/other; touch b/extra b/.hidden b/..two; ln -sf ../calibration b/calibration; ln -s nowhere b/broken");
	said = boot("", &status);
	assert_int_equal(status, 1);
	assert_contains(said, "dtb: its SHA-256 is not that of the manifest");
	assert_contains(said, "vmlinux: it has ");
	assert_contains(said, "other: it is missing");
	assert_contains(said, "calibration: it is missing, or no regular file");
	assert_contains(said, "extra: the manifest does not list it");
	assert_contains(said, ".hidden: the manifest does not list it");
	assert_contains(said, "..two: the manifest does not list it");
	assert_contains(said, "broken: the manifest does not list it");
	assert_contains(said, "missing or wrong: 8");
	fixture_run("test ! -e ran");
}

/* The manifest with a line changed by sed. */
static void assert_manifest(const char *change, const char *why)
{
	fixture_run("cp b/manifest kept && sed -i '%s' b/manifest", change);
	assert_boot(1, "--no-watchdog", why);
	fixture_run("mv kept b/manifest && test ! -e ran");
}

static void test_manifest_refused(void **state)
{
	(void)state;
	assert_manifest("s/^format 1/format 2/", "reads format 1 only");
	assert_manifest("s/^machine mips/machine arm/", "not for MIPS");
	assert_manifest("s/^label rootfs/label $(id)/", "'$(id)' cannot be in it");
	assert_manifest("s/^label/lable/", "'lable' cannot be in it");
	assert_manifest("s/vmlinux/..\\/vmlinux/", "'../vmlinux' cannot be in it");
	assert_manifest("s/vmlinux/-vmlinux/", "'-vmlinux' cannot be in it");
	assert_manifest("s/vmlinux/*/", "'*' cannot be in it");
	assert_manifest("s/vmlinux [0-9]*/vmlinux 1x/", "'1x' cannot be in it");
	assert_manifest("s/ 0x2000000/ 0x2;id/", "'0x2;id' cannot be in it");
	assert_manifest("s/ 0x2000000/ 2000/", "'2000' cannot be in it");
	assert_manifest("s/ 0x2000000/ 0x2 more/", "cannot be in it");
	assert_manifest("s/^load .*/load 0x1/", "'load 0x1' cannot be in it");
	assert_manifest("s/^load .*/load 0x2 0x1/", "'load 0x2 0x1' cannot be in it");
	assert_manifest("s/^\\(dtb dtb [0-9]*\\) .*/\\1 abc/", "'abc' cannot be in it");
	assert_manifest("s/^\\(dtb dtb [0-9]*\\) ./\\1 X/", "cannot be in it");
	assert_manifest("/^memory/d", "no line `memory`");
	assert_manifest("/^machine/d", "no line `machine`");
	assert_manifest("/^linux/d", "no line `linux`");
	assert_manifest("/^boot/d", "no line `boot`");
	assert_manifest("/^format/d", "does not begin with the line `format 1`");
	assert_manifest("s/^format.*/bits 32/", "does not begin with the line `format 1`");
	assert_manifest("s/^bits.*/&\\n&/", "a second 'bits'");
	assert_manifest("s/^append.*/&\\n&/", "a second 'append'");
	assert_manifest("s/^kernel.*/&\\n&/", "a second 'kernel'");
	assert_manifest("s/^map other/map calibration/", "it has two files called 'calibration'");
	assert_manifest("s/^map other/map dtb/", "it has two files called 'dtb'");
	assert_manifest("s/$/\\r/", "no printable ASCII");
}

static void test_no_manifest(void **state)
{
	(void)state;
	fixture_run("truncate -s -1 b/manifest");
	assert_boot(1, "", "the last line has no end");
	fixture_run("head -c 17000 /dev/zero | tr '\\0' a >b/manifest");
	assert_boot(1, "", "it is too large");
	fixture_run("rm b/manifest");
	assert_boot(1, "", "manifest: no such file here");
	fixture_run("ln -s ../iomem b/manifest");
	assert_boot(1, "", "manifest: no such file here");
}

static void test_arguments(void **state)
{
	(void)state;
	assert_boot(2, "--confirm-within", "wants a number of seconds; usage: boot.sh");
	assert_boot(2, "--confirm-within 5m", "'5m': no number of seconds");
	assert_boot(2, "--watchdog-timeout 1000000", "no number of seconds");
	assert_boot(2, "b", "'b' is no option");
}

static void test_long_command_line(void **state)
{
	char words[450];

	(void)state;
	memset(words, 'w', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	pack("6.1.192", words);
	assert_boot(1, "--dry-run", "kexec takes 505");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_runs, make_device),
		cmocka_unit_test_setup(test_halfway, make_device),
		cmocka_unit_test_setup(test_leaves, make_device),
		cmocka_unit_test_setup(test_kernel_log, make_device),
		cmocka_unit_test_setup(test_quoted, make_device),
		cmocka_unit_test_setup(test_no_watchdog, make_device),
		cmocka_unit_test_setup(test_nowayout, make_device),
		cmocka_unit_test_setup(test_forms, make_device),
		cmocka_unit_test_setup(test_device_refused, make_device),
		cmocka_unit_test_setup(test_kexec_refused, make_device),
		cmocka_unit_test_setup(test_memory_refused, make_device),
		cmocka_unit_test_setup(test_files_refused, make_device),
		cmocka_unit_test_setup(test_manifest_refused, make_device),
		cmocka_unit_test_setup(test_no_manifest, make_device),
		cmocka_unit_test_setup(test_arguments, make_device),
		cmocka_unit_test_setup(test_long_command_line, make_device),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
