// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-run.c - kexec-try run and rehearse: the device is checked, the bundle is
 *	loaded, and the system is left; or nothing is done, and run reports all that
 *	is missing
 */

#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/watchdog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "kexec-stubs.h"
#include "leave.h"
#include "program.h"
#include "say.h"
#include "trial.h"
#include "try-fixtures.h"
#include "try-root.h"
#include "try.h"

#define BIG_ENDIAN_HERE	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* Room for the arguments of a subcommand */
#define ARGS	16

/* Milliseconds that a test waits for another process */
#define PATIENCE	20000

static char parts[] = "/tmp/test-try-run-XXXXXX";
static const char *machine;
static unsigned int user;
static int longest;
static char *said;

static int fake_uname(struct utsname *name)
{
	strcpy(name->machine, machine);
	return 0;
}

static unsigned int fake_euid(void)
{
	return user;
}

/* Whether the driver stops the hardware only after a `V` */
static bool magic_close;

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	struct watchdog_info *info = arg;

	(void)fd;
	if (request == WDIOC_GETSUPPORT) {
		info->options = magic_close ? WDIOF_MAGICCLOSE : 0;
		strcpy((char *)info->identity, "IB700 WDT");
		return 0;
	}
	if (request == WDIOC_SETTIMEOUT && *(int *)arg > longest)
		return -1;
	*(int *)arg = longest;
	return 0;
}

static int fake_mount(const char *source, const char *target, const char *type,
		      unsigned long flags, const void *data)
{
	char path[SYSTEM_PATH_MAX];
	FILE *log;

	(void)type;
	assert_null(source);
	assert_null(data);
	assert_int_equal(flags, MS_REMOUNT | MS_RDONLY);
	strcpy(path, try_path("/log"));
	log = fopen(path, "a");
	fprintf(log, "read-only %s\n", target);
	fclose(log);
	errno = EBUSY;
	return strcmp(target, "/busy") ? 0 : -1;
}

/* In place of the function that would feed forever */
static void keep(const struct watchdog *watchdog)
{
	char path[SYSTEM_PATH_MAX];
	FILE *log;

	strcpy(path, try_path("/log"));
	log = fopen(path, "a");
	fprintf(log, watchdog->fd < 0 ? "left\n" : "fed on");
	fclose(log);
}

/* A kexec that only logs its arguments */
static const char *const kexec =
	"case $1 in\n"
	"--help) echo ' --map-file=FILE@ADDRESS' ;;\n"
	"-l) echo \"kexec $*\" >>$root/log\n"
	"    [ -e $root/fails ] && { echo too much >&2; exit 255; }\n"
	"    echo 1 >$root/sys/kernel/kexec_loaded ;;\n"
	"-u) echo \"kexec $*\" >>$root/log; echo 0 >$root/sys/kernel/kexec_loaded ;;\n"
	"*) echo \"kexec $*\" >>$root/log; echo Nothing happens.; exit 1 ;;\n"
	"esac";

static void make_mtd(unsigned int number, const char *device, const char *type)
{
	char path[64], target[128];

	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%u", number);
	try_link(path, device);
	strcat(path, "ro");
	try_link(path, device);
	snprintf(target, sizeof(target), "/sys/class/mtd/%s/type", device);
	try_put(target, type);
}

/* A device that has everything for a try */
static int begin(void **state)
{
	(void)state;
	try_begin();
	say_to_kernel_log(false);
	watchdog_ioctl = fake_ioctl;
	system_uname = fake_uname;
	system_user = fake_euid;
	leave_mount = fake_mount;
	leave_keep = keep;
	machine = "mips";
	user = 0;
	longest = 30;
	magic_close = true;
	said = NULL;
	try_put("/proc/cmdline", "root=/dev/mtdblock1 ib700wdt.nowayout=1\n");
	try_put("/proc/iomem", "00000000-07ffefff : System RAM\n");
	try_put("/proc/meminfo", "MemTotal: 1\nMemAvailable:      100000 kB\n");
	make_mtd(0, "../../devices/platform/1e000000.flash/mtd/mtd0", "nor");
	make_mtd(1, "../../devices/platform/1e000000.flash/mtd/mtd1", "nor");
	make_mtd(2, "../../devices/platform/1e000000.flash/mtd/mtd2", "rom");
	try_put("/proc/1/comm", "init\n");
	try_put("/proc/mounts", "/dev/root / squashfs ro 0 0\n"
		"/dev/mtdblock2 /my\\040data ext4 rw,sync 0 0\n"
		"none /run tmpfs rw 0 0\n/dev/x /busy ext4 rw 0 0\n"
		"ubi0:x /over ubifs rw 0 0\nnonsense\n");
	try_put("/sys/kernel/kexec_loaded", "0\n");
	try_put("/sys/class/watchdog/watchdog0/identity", "IB700 WDT\n");
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "0\n");
	try_put("/sys/bus/platform/drivers/ib700wdt/bind", "");
	try_link("/sys/bus/platform/drivers/ib700wdt/ib700wdt", "x");
	try_put("/dev/watchdog", "");
	try_put("/log", "");
	try_program("kexec", kexec);
	try_program("reboot", "echo reboot >>$root/log");
	try_program("rm", "PATH=/usr/bin:/bin exec rm \"$@\"");
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(said);
	while (wait(NULL) > 0)
		;
	try_end();
	return 0;
}

/* A bundle in the byte order of the machine that runs the tests */
static int make_bundle(void **state)
{
	struct bundle bundle;

	(void)state;
	assert_non_null(mkdtemp(parts));
	assert_int_equal(chdir(parts), 0);
	bundle_init(&bundle);
	bundle.big_endian = BIG_ENDIAN_HERE;
	bundle.bits = 32;
	strcpy(bundle.linux_version, "6.1.192");
	bundle.load_start = 0x100000;
	bundle.load_end = 0x110000;
	bundle.memory = 2 << 20;
	strcpy(bundle.compatible, "a,board a,soc");
	ram_add(&bundle.ram, "", 0, 128 << 20);
	fixture_bundle("bundle", &bundle);
	return 0;
}

static int remove_parts(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	fixture_run("rm -rf %s", parts);
	return 0;
}

static void wait_for_all(void)
{
	while (wait(NULL) > 0)
		;
}

/* Runs `run` with arguments, which end with a NULL. Return: its exit code. */
static int run(const char *first, ...)
{
	char *argv[ARGS] = { "run", (char *)first };
	int argc = 1, status;
	va_list args;

	va_start(args, first);
	while (argv[argc])
		argv[++argc] = va_arg(args, char *);
	va_end(args);
	free(said);
	said = fixture_capture(subcommand_run.run, argc, argv, &status);
	say_to_kernel_log(false);
	wait_for_all();
	return status;
}

static int rehearse(const char *first, char *more)
{
	char *argv[] = { "rehearse", (char *)first, more, NULL };
	int status;

	free(said);
	said = fixture_capture(subcommand_rehearse.run, first ? 1 + !!more + 1 :
			       1, argv, &status);
	say_to_kernel_log(false);
	wait_for_all();
	return status;
}

static void refused(const char *reason)
{
	char log[64];

	assert_contains(said, reason);
	assert_contains(said, "nothing was done");
	try_get("/log", log, sizeof(log));
	assert_string_equal(log, "");
	try_get("/dev/watchdog", log, sizeof(log));
	assert_string_equal(log, "");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
}

static void test_arguments(void **state)
{
	(void)state;
	assert_int_equal(run(NULL), EXIT_USAGE);
	assert_int_equal(run("a", "b", NULL), EXIT_USAGE);
	assert_int_equal(run("a", "--no-such", NULL), EXIT_USAGE);
	assert_int_equal(run("a", "--confirm-within", "x", NULL), EXIT_USAGE);
	assert_int_equal(run("a", "--watchdog-timeout", "0", NULL), EXIT_USAGE);
	assert_int_equal(run("a", "--id", "xyz", NULL), EXIT_USAGE);
	assert_int_equal(run("a", "--id", "", NULL), EXIT_USAGE);
	assert_int_equal(run("missing", NULL), EXIT_REFUSED);
}

static void test_dry(void **state)
{
	(void)state;
	assert_int_equal(run("bundle", "--dry-run", "--id", "12ab", NULL), 0);
	assert_contains(said, "survives kexec, as watchdog.stop_on_reboot=0 keeps ib700wdt");
	assert_contains(said, "kexec -l --map-file bundle/root");
	assert_contains(said, "root=/dev/mtdblock3");
	assert_contains(said, "kexec_try.id=12ab kexec_try.confirm_within=300 kexec_try.root=8893,");
	assert_null(strstr(said, "nobody checks"));
	assert_contains(said, " ib700wdt.nowayout=1 watchdog.stop_on_reboot=0 watchdog.open_timeout=60 panic=10' bundle/vmlinux");
	log_is("");
	assert_int_equal(run("bundle", "--dry-run", "--numbers",
			     "--confirm-within", "0", "--no-watchdog", NULL), 0);
	assert_contains(said, "phram.phram=");
	assert_null(strstr(said, "confirm_within"));
	assert_null(strstr(said, "nowayout=1"));
}

/* Without a bundle, run checks only the device. */
static void test_device_alone(void **state)
{
	(void)state;
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_contains(said, "this device can try a bundle");
	log_is("");
	try_program("kexec", "echo old");
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "1\n");
	assert_int_equal(run("--dry-run", "--confirm-within", "9", NULL),
			 EXIT_REFUSED);
	refused("has no --map-file");
	assert_contains(said, "the watchdog does not survive kexec");
}

/* run warns of a shutdown that would not start the new system. */
static void test_ordinary_reboot(void **state)
{
	static const char why[] = "no file in /etc runs kexec -e";

	(void)state;
	try_program("grep", "PATH=/usr/bin:/bin exec grep \"$@\"");
	assert_int_equal(run("--dry-run", NULL), 0); /* nothing can be searched */
	assert_null(strstr(said, why));
	try_put("/etc/inittab", "#::shutdown:kexec -e\n");
	try_put("/etc/profile", "[ -e /sys/kernel/kexec_loaded ]\n"
		"[ $kexec_loaded = 1 ] && [ -e x ]\n");
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_contains(said, "warning: no file in /etc runs kexec -e");
	assert_int_equal(run("--dry-run", "--now", NULL), 0);
	assert_null(strstr(said, why));
	try_put("/proc/1/comm", "procd\n");
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_null(strstr(said, why));
	try_put("/proc/1/comm", "init\n");
	try_put("/run/systemd/system/x", "");
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_null(strstr(said, why));
	try_remove("/run/systemd/system/x");
	rmdir(try_path("/run/systemd/system"));
	try_put("/etc/init.d/rcK", "/usr/sbin/kexec --debug --exec\n");
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_null(strstr(said, why));
	try_put("/etc/init.d/rcK", "l6r:6:wait:/sbin/reboot -dkn\n");
	assert_int_equal(run("--dry-run", NULL), 0);
	assert_null(strstr(said, why));
}

static void test_all_is_told(void **state)
{
	(void)state;
	machine = "mips64";
	user = 1000;
	try_remove("/sys/kernel/kexec_loaded");
	try_remove("/dev/watchdog");
	try_remove("/bin/kexec");
	try_put("/proc/iomem", "00000000-000fffff : System RAM\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "only root can do that");
	assert_contains(said, "the bundle's kernel has 32 bits, the running one 64");
	assert_contains(said, "build it with CONFIG_KEXEC");
	assert_contains(said, "there is no kexec program here");
	assert_contains(said, "the bundle needs 2 MiB of RAM; the device has 1 MiB");
	assert_contains(said, "no /dev/watchdog to bring the old system back");
	assert_contains(said, "things are missing");
}

static void test_machine(void **state)
{
	struct bundle bundle;
	struct leave leave = { .now = false };
	struct ram ram;

	(void)state;
	machine = "x86_64";
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("the bundle is for MIPS; this machine is 'x86_64'");
	machine = "mips";
	assert_int_equal(bundle_open(&bundle, "bundle"), 0);
	assert_int_equal(check_device(&leave, &bundle, false, &ram), 0);
	bundle.big_endian = !bundle.big_endian;
	assert_int_equal(check_device(&leave, &bundle, false, &ram), 1);
	bundle_close(&bundle);
}

static void test_kernel(void **state)
{
	(void)state;
	try_put("/sys/kernel/kexec_loaded", "1\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("another kernel is loaded already");
	try_put("/sys/kernel/kexec_loaded", "0\n");
	try_put("/proc/sys/kernel/kexec_load_disabled", "1\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("kexec_load_disabled");
	try_remove("/proc/sys/kernel/kexec_load_disabled");
	try_program("kexec", "echo old");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("has no --map-file");
	try_program("kexec", kexec);
	try_put("/proc/meminfo", "MemAvailable: 1 kB\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("0 MiB are free");
}

static void test_watchdog(void **state)
{
	(void)state;
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "1\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("the watchdog does not survive kexec: watchdog.stop_on_reboot=1");
	try_remove("/sys/class/watchdog/watchdog0/identity");
	rmdir(try_path("/sys/class/watchdog/watchdog0"));
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "0\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("unknown whether the watchdog survives kexec: ib700wdt does not use the watchdog core");
	assert_int_equal(run("bundle", "--dry-run", "--trust-watchdog", NULL), 0);
	try_put("/proc/9/comm", "wd_keepalive\n");
	try_link("/proc/9/fd/3", "/dev/watchdog");
	assert_int_equal(run("bundle", "--trust-watchdog", NULL), EXIT_REFUSED);
	refused("held by wd_keepalive (9)");
	assert_int_equal(run("bundle", "--dry-run", "--no-watchdog", NULL), 0);
}

/* run warns of boards that may hang after a reset. */
static void test_board(void **state)
{
	(void)state;
	try_put("/proc/device-tree/soc/spi@0/flash/broken-flash-reset", "");
	try_put("/proc/device-tree/compatible", "a,board");
	try_put("/sys/class/watchdog/watchdog0/max_timeout", "21\n");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	assert_contains(said, "says broken-flash-reset");
	assert_contains(said, "the watchdog's longest timeout is 21 s");
	assert_null(strstr(said, "known to hang"));
	try_put("/proc/device-tree/compatible", "qca,ar9344");
	assert_int_equal(run("bundle", "--dry-run", "--other-board", NULL), 0);
	assert_contains(said, "boards with qca,ar9344 are known to hang");
}

/* run refuses another board, or one with less RAM, unless --other-board is given. */
static void test_other_board(void **state)
{
	static const char list[] = "another,board\0a,soc";
	FILE *file;

	(void)state;
	try_put("/proc/device-tree/compatible", "x");
	file = fopen(try_path("/proc/device-tree/compatible"), "w");
	assert_int_equal(fwrite(list, sizeof(list), 1, file), 1);
	fclose(file);
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("is for 'a,board a,soc', and this board is 'another,board a,soc'");
	assert_int_equal(run("bundle", "--dry-run", "--other-board", NULL), 0);
	/* one word matches */
	try_put("/proc/device-tree/compatible", "a,soc");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	try_put("/proc/iomem", "00000000-03ffffff : System RAM\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("has RAM up to 0x8000000, and this board up to 0x4000000");
}

/* The kernel given to kexec: a loop at 1 MiB, in CKSEG0. A 64-bit kexec also takes a
 * 32-bit file.
 */
static void kernel_is_a_loop(void)
{
	union {
		unsigned char bytes[256];
		Elf32_Ehdr ehdr;
	} file;
	FILE *kept = fopen(try_path("/kept"), "r");
	uint32_t loop = 0x1000ffff;
	size_t size;

	assert_non_null(kept);
	size = fread(file.bytes, 1, sizeof(file), kept);
	fclose(kept);
	assert_int_equal(size, 112);
	assert_memory_equal(file.bytes, ELFMAG, SELFMAG);
	assert_int_equal(file.bytes[EI_CLASS], ELFCLASS32);
	assert_int_equal(file.bytes[EI_DATA], BIG_ENDIAN_HERE ? ELFDATA2MSB :
			 ELFDATA2LSB);
	assert_int_equal(file.ehdr.e_entry, 0x80100000);
	assert_memory_equal(file.bytes + size - 8, &loop, 4);
}

/* A rehearsal goes like a try. It is refused if the watchdog is known to stop. */
static void test_rehearse(void **state)
{
	(void)state;
	assert_int_equal(rehearse("x", NULL), EXIT_USAGE);
	assert_int_equal(rehearse("--watchdog-timeout", "0"), EXIT_USAGE);
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "1\n");
	try_program("kexec", "case $1 in --help) echo --load ;; *) echo \"kexec $*\" >>$root/log ;; esac\n"
		    "[ $1 = -l ] && PATH=/bin:/usr/bin cp $2 $root/kept; exit 0");
	assert_int_equal(rehearse(NULL, NULL), EXIT_REFUSED);
	assert_contains(said, "the watchdog does not survive kexec: watchdog.stop_on_reboot=1 has ");
	assert_contains(said, "--trust-watchdog to rehearse where you can switch the board off");
	assert_int_equal(rehearse("--trust-watchdog", NULL), EXIT_GOOD);
	assert_contains(said, "warning: the watchdog may not survive kexec: ");
	log_is("/run/kexec-try/rehearsal");
	log_is("kexec -e");
	assert_contains(said, "watchdog armed");
	assert_contains(said, "the old one must come back by itself");
	assert_false(system_exists("/run/kexec-try/rehearsal"));
	kernel_is_a_loop();
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "0\n");
	machine = "mips64";
	assert_int_equal(rehearse(NULL, NULL), EXIT_GOOD);
	kernel_is_a_loop();
	machine = "mips";

	/* a shutdown script that only reboots would pass for a watchdog reset */
	try_put("/log", "");
	assert_int_equal(rehearse(NULL, NULL), EXIT_GOOD);
	log_is("kexec -e");
	log_is_not("\nreboot");
	/* nor is systemd asked: if its kexec fails, it reboots */
	try_put("/run/systemd/system/x", "");
	try_put("/log", "");
	assert_int_equal(rehearse(NULL, NULL), EXIT_GOOD);
	log_is("kexec -e");

	try_remove("/dev/watchdog");
	assert_int_equal(rehearse(NULL, NULL), EXIT_REFUSED);
	assert_contains(said, "no /dev/watchdog to bring the old system back");
	try_put("/dev/watchdog", "");
	try_put("/proc/iomem", "00000000-000fffff : System RAM\n");
	assert_int_equal(rehearse(NULL, NULL), EXIT_REFUSED);
	assert_contains(said, "there is no RAM at 0x100000");
}

/* Any MTD but that of the bundle would be the old system's. */
static void test_own_root(void **state)
{
	(void)state;
	fixture_run("echo 'append root=/dev/mtdblock3' >>bundle/manifest");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	assert_contains(said, " kexec_try.root=8893,");
	fixture_run("PATH=/usr/bin:/bin; sed -i 's/^append.*/append root=\\/dev\\/sda1/' bundle/manifest");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	assert_contains(said, "warning: root=/dev/sda1 is not the bundle's root file system: nobody checks what comes up");
	assert_null(strstr(said, " kexec_try.root="));
	fixture_run("PATH=/usr/bin:/bin; sed -i '/^append/d' bundle/manifest");
}

/* Without a known number for the root's MTD, the try is refused. */
static void test_no_mtds(void **state)
{
	(void)state;
	fixture_run("PATH=/usr/bin:/bin; rm -r %s/sys/class/mtd", try_root);
	assert_int_equal(run("bundle", "--dry-run", NULL), EXIT_REFUSED);
	refused("without /sys/class/mtd the number of the root's MTD is unknown; pack");
	assert_null(strstr(said, "mtdblockN"));
}

/* phram is probed after memory-mapped flash, and before SPI and NAND. */
static void test_mtd_number(void **state)
{
	(void)state;
	make_mtd(3, "../../devices/platform/ahb/1f000000.spi/spi_master/spi0/spi0.0/mtd/mtd3", "nor");
	make_mtd(4, "../../devices/platform/ahb/1e003000.nand/mtd/mtd4", "mlc-nand");
	make_mtd(5, "../../devices/virtual/mtd/mtd5", "ram");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	assert_contains(said, "root=/dev/mtdblock3 ");
	make_mtd(0, "../../devices/platform/spi0/spi0.0/mtd/mtd0", "nor");
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	assert_contains(said, "root=/dev/mtdblock2 ");
}

static int lock;

static void sleep_and_unlock(int milliseconds)
{
	try_sleep(milliseconds);
	close(lock);
}

static void test_pending(void **state)
{
	(void)state;
	try_put("/proc/cmdline", "ib700wdt.nowayout=1 kexec_try.id=1 kexec_try.confirm_within=5\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	refused("this system is itself on trial: its guard does not run");
	trial_state_write(TRIAL_CONFIRMED);
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
	lock = trial_lock("run.lock");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "another try is already in progress");
	/* only `kexec-try status` held the lock */
	clock_sleep = sleep_and_unlock;
	assert_int_equal(run("bundle", "--dry-run", NULL), 0);
}

/* run asks for a shutdown and feeds the watchdog for a while. Here, the shutdown never
 * comes.
 */
static void test_shutdown(void **state)
{
	char fed[512];

	(void)state;
	assert_int_equal(run("bundle", "--id", "12ab", NULL), EXIT_GOOD);
	assert_contains(said, "loaded");
	assert_contains(said, "watchdog armed: IB700 WDT, resets after 30 s");
	assert_contains(said, "try 12ab: the new system must be confirmed within 300 s");
	log_is("kexec -l --map-file");
	/* then run gives up: nothing is loaded or fed */
	log_is("reboot\nkexec -u");
	log_is_not("fed on");
	try_get("/dev/watchdog", fed, sizeof(fed));
	assert_null(strchr(fed, 'V'));
	assert_true(strlen(fed) > 120 / 8);
}

static void test_now(void **state)
{
	(void)state;
	try_put("/proc/1/comm", "procd\n");
	assert_int_equal(run("bundle", NULL), EXIT_GOOD);
	/* kexec -e and the reset failed: nothing is loaded, and the watchdog is fed */
	log_is("read-only /my data\nread-only /busy\nread-only /over\nkexec -e\nkexec -u\nfed on");
}

static void test_systemd(void **state)
{
	(void)state;
	try_put("/run/systemd/system/x", "");
	try_program("systemctl", "echo systemctl $* >>$root/log; echo Refused.; exit 1");
	assert_int_equal(run("bundle", "--confirm-within", "0",
			     NULL), EXIT_GOOD);
	assert_contains(said, "needs no confirmation");
	log_is("systemctl kexec\nkexec -u\nfed on");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
}

/* systemd waits for each program that does not end. run leaves all units, feeds the
 * watchdog until the end of the shutdown, and does not unload the image.
 */
static void test_systemd_goes(void **state)
{
	char text[512];

	(void)state;
	try_put("/run/systemd/system/x", "");
	try_put("/sys/fs/cgroup/cgroup.procs", "");
	try_program("systemctl", "read who <$root/sys/fs/cgroup/cgroup.procs\n"
		    "echo \"$who systemctl $*\" >>$root/log; kill $PPID");
	assert_int_equal(run("bundle", NULL), EXIT_GOOD);
	log_is("0 systemctl kexec");
	log_is_not("kexec -u");
	log_is_not("fed on");
	assert_int_equal(trial_state_read(), TRIAL_LEAVING);
	/* fed when armed, before the shutdown, and at the end */
	try_get("/dev/watchdog", text, sizeof(text));
	assert_string_equal(text, "...");
}

/* A shutdown ends the program that feeds the watchdog. If that stops the watchdog,
 * nothing brings the old system back. With --now, there is no such step.
 */
static void test_stops_when_closed(void **state)
{
	(void)state;
	magic_close = false;
	try_put("/proc/cmdline", "console=ttyS0\n");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "IB700 WDT stops when a program that has it open ends, as in a shutdown; use --now, or set nowayout");
	log_is("\nkexec -u");
	log_is_not("\nreboot");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
	assert_int_equal(run("bundle", "--now", NULL), EXIT_GOOD);
	log_is("kexec -e");
}

/* leave_go() in this process; run calls it in a child */
static void test_go(void **state)
{
	struct leave leave = { .now = true };
	struct owner owner = { .kind = OWNER_NOBODY };
	struct watchdog watchdog = { .fd = -1 };

	(void)state;
	assert_true(leave_go(&leave, &watchdog, &owner));
	log_is("read-only /my data");
	log_is("kexec -e\nkexec -u");
	/* the network is down: only a reset makes the device reachable again */
	assert_int_equal(try_resets, 1);
	/* but in a rehearsal, it would pass for a watchdog reset */
	leave.rehearsal = true;
	assert_true(leave_go(&leave, &watchdog, &owner));
	assert_int_equal(try_resets, 1);
	log_is("kexec -e -x\n");
	/* the shutdown may still come: run must not say that the system stays */
	leave.now = leave.rehearsal = false;
	trial_state_write(TRIAL_LEAVING);
	assert_false(leave_go(&leave, &watchdog, &owner));
	log_is("reboot\nkexec -u");
	/* no watchdog would reset it: the system stays */
	assert_int_equal(trial_state_read(), TRIAL_NONE);
	try_program("reboot", "echo refused; exit 1");
	try_remove("/proc/mounts");
	assert_true(leave_go(&leave, &watchdog, &owner));
	assert_int_equal(trial_state_read(), TRIAL_NONE);
}

static void test_load_fails(void **state)
{
	char fed[8];

	(void)state;
	try_put("/fails", "");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "kexec: too much");
	assert_contains(said, "kexec failed to load the image (255)");
	log_is("\nkexec -u");
	try_get("/dev/watchdog", fed, sizeof(fed));
	assert_string_equal(fed, "");
}

/* Without a state file, the watchdog is not even opened. */
static void test_arm_fails(void **state)
{
	char fed[8];

	(void)state;
	try_put("/run/kexec-try/state/x", "");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "state: cannot be made");
	log_is("\nkexec -u");
	try_get("/dev/watchdog", fed, sizeof(fed));
	assert_string_equal(fed, "");
}

/* procd hands the watchdog over at the last step, and gets it back if that fails. */
static void test_procd(void **state)
{
	(void)state;
	try_put("/proc/1/comm", "procd\n");
	try_link("/proc/1/fd/3", "/dev/watchdog");
	try_program("ubus", "exit 4");
	assert_int_equal(run("bundle", NULL), EXIT_REFUSED);
	assert_contains(said, "asking procd for the watchdog failed (4)");
	log_is("\nkexec -u");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
	try_procd("$4");
	assert_int_equal(run("bundle", "--dry-run", NULL), EXIT_GOOD);
	log_is_not("{");
	assert_int_equal(run("bundle", NULL), EXIT_GOOD);
	assert_contains(said, "watchdog armed");
	log_is("{\"stop\":true}\nread-only");
	log_is_not("\"magicclose\":true");
	log_is("kexec -e\nkexec -u\n{\"magicclose\":false,\"stop\":false}");
	log_is_not("fed on");
}

/* procd of OpenWrt 23.05 keeps the device open while it does not feed. */
static void test_older_procd(void **state)
{
	(void)state;
	try_older_procd("$4");
	assert_int_equal(run("bundle", NULL), EXIT_GOOD);
	assert_contains(said, "watchdog armed");
	log_is("{\"stop\":true}\n{\"magicclose\":true,\"stop\":true}\nread-only");
	log_is("kexec -u\n{\"magicclose\":false,\"stop\":false}");
	log_is_not("fed on");
}

static char daemon_fd[64];

static void let_go(int signal)
{
	(void)signal;
	try_remove(daemon_fd);
	_exit(0);
}

/* The same for a daemon, which is restarted with its own arguments */
static void test_daemon(void **state)
{
	char path[64];
	FILE *file;
	pid_t pid;

	(void)state;
	signal(SIGTERM, let_go);
	pid = fork();
	snprintf(daemon_fd, sizeof(daemon_fd), "/proc/%d/fd/3",
		 pid ? pid : getpid());
	while (!pid)
		pause();
	signal(SIGTERM, SIG_DFL);
	try_link(daemon_fd, "/dev/watchdog");
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	try_put(path, "watchdog\n");
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	try_put(path, "");
	file = fopen(try_path(path), "w");
	assert_int_equal(fwrite("watchdog\0-t\0005\0/dev/watchdog", 1, 28, file),
			 28);
	fclose(file);
	try_program("watchdog", "echo watchdog $* >>$root/log\nPATH=/bin:/usr/bin\n"
		    "mkdir -p $root/proc/7/fd\necho watchdog >$root/proc/7/comm\n"
		    "ln -s /dev/watchdog $root/proc/7/fd/3");
	assert_int_equal(run("bundle", "--now", NULL), EXIT_GOOD);
	log_is("kexec -u\nwatchdog -t 5 /dev/watchdog");
	log_is_not("fed on");
}

/* A timeout that the driver does not support becomes its longest. */
static void test_timeout(void **state)
{
	(void)state;
	assert_int_equal(run("bundle", "--now", "--watchdog-timeout", "31",
			     NULL), EXIT_GOOD);
	assert_contains(said, "does not accept a timeout of 31 s; it has 30 s");
	assert_contains(said, "resets after 30 s");
	longest = 12;
	assert_int_equal(run("bundle", "--now", NULL), EXIT_GOOD);
	assert_contains(said, "12 s is short for a boot");
}

static void reply(void *arg, const char *request, char *text)
{
	(void)arg;
	if (!strcmp(request, "release"))
		try_remove("/proc/9/fd/3");
	strcpy(text, strcmp(request, "release") ? "0 state=confirmed\n" :
	       "0 released");
}

/* In a system that was itself tried, guard releases the watchdog. */
static void test_chain(void **state)
{
	struct pollfd requests = { .events = POLLIN };
	pid_t pid;
	int i;

	(void)state;
	requests.fd = control_serve();
	pid = fork();
	for (i = 0; !pid && i < 4 && poll(&requests, 1, PATIENCE) > 0; i++)
		control_receive(requests.fd, reply, NULL);
	if (!pid)
		_exit(0);
	try_put("/proc/cmdline", "ib700wdt.nowayout=1 kexec_try.id=1 kexec_try.confirm_within=5\n");
	try_put("/proc/9/comm", "kexec-try\n");
	try_link("/proc/9/fd/3", "/dev/watchdog");
	assert_int_equal(run("bundle", "--now", NULL), EXIT_GOOD);
	assert_contains(said, "watchdog armed: IB700 WDT, resets after 30 s");
	log_is("kexec -e\nkexec -u\nfed on");
	assert_int_equal(trial_state_read(), TRIAL_CONFIRMED);
	close(requests.fd);
}

/* `run -` with a file as standard input */
static int from_file(const char *name, const char *option)
{
	int kept = dup(0), fd = open(name, O_RDONLY), status;

	assert_true(fd >= 0);
	dup2(fd, 0);
	status = run("-", option, NULL);
	dup2(kept, 0);
	close(kept);
	close(fd);
	assert_false(system_exists("/run/kexec-try/bundle"));
	return status;
}

static void test_stream(void **state)
{
	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	fixture_run("cd bundle && tar cf ../bundle.tar .");
	fixture_run("tar cf nested.tar bundle");
	fixture_run("head -c 3000 bundle.tar >cut.tar; (cd bundle && tar cf ../part.tar manifest dtb)");
	setenv("PATH", try_path("/bin"), 1);
	try_program("tar", "PATH=/usr/bin:/bin exec tar \"$@\"");
	assert_int_equal(from_file("bundle.tar", "--dry-run"), 0);
	assert_contains(said, "/run/kexec-try/bundle/root");
	assert_int_equal(from_file("cut.tar", "--dry-run"), EXIT_REFUSED);
	assert_contains(said, "whole");
	assert_int_equal(from_file("part.tar", "--dry-run"), EXIT_REFUSED);
	assert_contains(said, "bundle/vmlinux: No such file");
	assert_false(system_exists("/run/kexec-try/bundle"));
	/* a directory in the bundle: nothing is left, and the next try works */
	assert_int_equal(from_file("nested.tar", NULL), EXIT_REFUSED);
	assert_contains(said, "bundle/manifest: No such file");
	assert_false(system_exists("/run/kexec-try/bundle"));
	try_put("/run/kexec-try/bundle/left/over", "");
	assert_int_equal(from_file("bundle.tar", "--dry-run"), 0);
	try_put("/run/kexec-try/bundle", "");
	try_program("rm", "exit 1");
	assert_int_equal(run("-", NULL), EXIT_REFUSED);
	assert_contains(said, "cannot be made");
}

/* A sender whose network fails does not block the device. */
static void test_silence(void **state)
{
	int kept = dup(0), silent[2];

	(void)state;
	assert_int_equal(pipe(silent), 0);
	dup2(silent[0], 0);
	run_silence = 1;
	try_program("tar", "read -r line; exit 1");
	assert_int_equal(run("-", NULL), EXIT_REFUSED);
	assert_contains(said, "nothing came for 1 s; send the bundle again");
	assert_false(system_exists("/run/kexec-try/bundle"));
	dup2(kept, 0);
	close(kept);
	close(silent[0]);
	close(silent[1]);
}

/* Terminated while it receives a bundle, run removes it. */
static void test_terminated(void **state)
{
	(void)state;
	try_program("tar", "echo >$root/run/kexec-try/bundle/part; kill -TERM $PPID; exit 1");
	assert_int_equal(run("-", NULL), EXIT_REFUSED);
	assert_false(system_exists("/run/kexec-try/bundle"));
}

/* If all processes of run are killed while kexec loads, the image is unloaded, lest a
 * reboot start it. Until then, no other try can begin.
 */
static void test_killed(void **state)
{
	long long end = clock_now() + PATIENCE;
	char log[4096] = "";
	pid_t pid;

	(void)state;
	try_program("kexec", "echo \"kexec $*\" >>$root/log\n[ $1 != --help ] || echo ' --map-file'\n"
		    "[ $1 = -l ] || exit 0\n"
		    "for p in /proc/[0-9]*/comm; do\n"
		    "	read -r name <$p && [ $name = killed-try ] && p=${p%/comm} && kill -9 ${p#/proc/}\n"
		    "done 2>/dev/null");
	try_program("sleep", "while [ -e $root ] && [ ! -e $root/go ]; do :; done");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_NAME, "killed-try");
		run("bundle", NULL);
	}
	waitpid(pid, NULL, 0);
	assert_true(trial_is_locked("run.lock"));
	try_put("/go", "");
	/* five times, because the kernel may still be loading the image */
	while (!strstr(log, "-u\nkexec -u\nkexec -u\nkexec -u\nkexec -u") &&
	       clock_now() < end) {
		poll(NULL, 0, 10);
		try_get("/log", log, sizeof(log));
	}
	assert_contains(log, "kexec -l");
	assert_contains(log, "-u\nkexec -u\nkexec -u\nkexec -u\nkexec -u");
}

static void test_program(void **state)
{
	char *slow[] = { "slow", NULL }, *much[] = { "much", NULL };
	char *none[] = { "no-such-program", NULL };
	char *killed[] = { "killed", NULL };
	char text[8];

	(void)state;
	try_program("slow", "echo begun; while :; do :; done");
	try_program("much", "echo 0123456789; exit 7");
	try_program("killed", "kill -9 $$");
	assert_int_equal(program_run(slow, 300, text, sizeof(text)),
			 PROGRAM_FAILED);
	assert_int_equal(program_run(much, 0, text, sizeof(text)), 7);
	assert_contains("0123456789\n", text);
	assert_int_equal(program_run(none, 0, text, sizeof(text)), 127);
	assert_int_equal(program_run(killed, 0, text, sizeof(text)),
			 PROGRAM_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_arguments),
		TEST(test_dry),
		TEST(test_device_alone),
		TEST(test_ordinary_reboot),
		TEST(test_all_is_told),
		TEST(test_machine),
		TEST(test_kernel),
		TEST(test_watchdog),
		TEST(test_board),
		TEST(test_other_board),
		TEST(test_rehearse),
		TEST(test_own_root),
		TEST(test_no_mtds),
		TEST(test_mtd_number),
		TEST(test_pending),
		TEST(test_shutdown),
		TEST(test_now),
		TEST(test_systemd),
		TEST(test_systemd_goes),
		TEST(test_stops_when_closed),
		TEST(test_go),
		TEST(test_load_fails),
		TEST(test_arm_fails),
		TEST(test_procd),
		TEST(test_older_procd),
		TEST(test_daemon),
		TEST(test_timeout),
		TEST(test_chain),
		TEST(test_stream),
		TEST(test_silence),
		TEST(test_terminated),
		TEST(test_killed),
		TEST(test_program),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_bundle, remove_parts);
}
