// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-guard.c - kexec-try guard: it feeds the watchdog until the time is over,
 *	and longer only if the system is confirmed; and confirm, revert, extend and
 *	status
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <linux/watchdog.h>
#include <sys/wait.h>

#include "kexec-stubs.h"
#include "say.h"
#include "guard.h"
#include "root.h"
#include "trial.h"
#include "try-fixtures.h"
#include "try-root.h"
#include "try.h"

/* Milliseconds that a test waits for another process */
#define PATIENCE	20000

static struct guard guard;
static char answer[CONTROL_ANSWER_MAX];
static char why[HEALTH_WHY_MAX];
static uid_t user;

static uid_t fake_euid(void)
{
	return user;
}

/* A watchdog that keeps running when its program ends */
static bool magic_close;

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	struct watchdog_info info = { .options = WDIOF_MAGICCLOSE };

	(void)fd;
	if (request != WDIOC_GETSUPPORT || !magic_close)
		return -1;
	memcpy(arg, &info, sizeof(info));
	return 0;
}

/* A guard with 20 s to confirm and a watchdog timeout of 8 s */
static int begin(void **state)
{
	(void)state;
	try_begin();
	magic_close = false;
	watchdog_ioctl = fake_ioctl;
	system_user = fake_euid;
	user = 0;
	try_put("/dev/watchdog", "");
	memset(&guard, 0, sizeof(guard));
	guard.state = TRIAL_PENDING;
	guard.deadline = 20000;
	assert_int_equal(watchdog_open(&guard.watchdog), 0);
	guard.watchdog.timeout = 8;
	return 0;
}

static int end(void **state)
{
	(void)state;
	health_stop(&guard.health);
	if (guard.watchdog.fd >= 0)
		close(guard.watchdog.fd);
	try_end();
	return 0;
}

static size_t fed(void)
{
	char text[64];

	try_get("/dev/watchdog", text, sizeof(text));
	assert_null(strchr(text, 'V'));
	return strlen(text);
}

static void answers(const char *request, long long now, const char *text)
{
	guard_answer(&guard, request, now, answer);
	assert_contains(answer, text);
}

static void state_is(const char *name)
{
	assert_string_equal(trial_state_name(trial_state_read()), name);
}

static void test_not_confirmed(void **state)
{
	(void)state;
	assert_int_equal(guard_step(&guard, 5000), 2000);
	assert_int_equal(fed(), 1);
	assert_int_equal(guard_step(&guard, 6000), 1000);
	assert_int_equal(fed(), 1);
	guard_step(&guard, 7000);
	assert_int_equal(fed(), 2);
	assert_int_equal(guard_step(&guard, 19500), 500);
	assert_int_equal(fed(), 3);
	guard_step(&guard, 19999);
	assert_int_equal(guard.state, TRIAL_PENDING);

	/* resets at once, and again if that fails; the watchdog is no longer fed */
	assert_int_equal(guard_step(&guard, 20000), 5000);
	assert_int_equal(guard.state, TRIAL_GOING_BACK);
	state_is("going-back");
	assert_int_equal(try_resets, 1);
	assert_string_equal(guard.why, "not confirmed within 20 s");
	answers("status", 20000, "4 state=going-back\nwhy=not confirmed within 20 s\nwatchdog=watchdog, fed no more");
	answers("confirm", 20001, "1 too late: not confirmed within 20 s");
	assert_int_equal(guard_step(&guard, 24000), 1000);
	assert_int_equal(try_resets, 1);
	guard_step(&guard, 25000);
	assert_int_equal(try_resets, 2);
	assert_int_equal(fed(), 3);
}

static void test_confirmed(void **state)
{
	(void)state;
	guard_step(&guard, 5000);
	answers("status", 5000, "3 state=pending\nleft=15\nwatchdog=watchdog, fed by guard, resets after 8 s");
	answers("confirm", 19999, "0 confirmed, with 0 s left");
	state_is("confirmed");
	answers("confirm", 20001, "0 it was confirmed before");
	answers("status", 50000, "0 state=confirmed\n");
	assert_int_equal(guard_step(&guard, 50000), 2000);
	assert_int_equal(fed(), 2);
	assert_int_equal(try_resets, 0);
}

/* The time is over, even if guard has not taken a step since. */
static void test_too_late(void **state)
{
	(void)state;
	guard_step(&guard, 19000);
	answers("confirm", 20000, "1 too late");
	assert_int_equal(guard.state, TRIAL_GOING_BACK);
	state_is("going-back");
}

static void test_extended(void **state)
{
	(void)state;
	answers("extend x", 19000, "2 'x' is not a number of seconds");
	answers("extend 100", 19000, "0 100 s left to confirm it");
	guard_step(&guard, 118999);
	assert_int_equal(guard.state, TRIAL_PENDING);
	guard_step(&guard, 119000);
	assert_string_equal(guard.why, "not confirmed within 119 s");
	answers("extend 100", 119001, "1 this system is going-back");
}

static void test_reverted(void **state)
{
	(void)state;
	answers("confirm", 6000, "0 confirmed");
	answers("revert", 7000, "0 back to the old system, now");
	guard_step(&guard, 7999);
	assert_int_equal(try_resets, 0);
	guard_step(&guard, 8000);
	assert_int_equal(try_resets, 1);
	assert_int_equal(fed(), 0);
	state_is("going-back");
}

static void test_without_watchdog(void **state)
{
	(void)state;
	close(guard.watchdog.fd);
	guard.watchdog.fd = -1;
	guard_step(&guard, 5000);
	answers("status", 5000, "\nwatchdog=none");
	guard_step(&guard, 20000);
	assert_int_equal(try_resets, 1);
}

/* The next try takes the watchdog from a confirmed system, and guard ends. */
static void test_release(void **state)
{
	(void)state;
	answers("release", 5000, "1 this system is pending");
	assert_false(guard.ended);
	answers("unknown", 5000, "2 guard knows no such request");
	answers("confirm", 5000, "0 confirmed");
	answers("release", 6000, "0 released");
	assert_true(guard.ended);
	assert_int_equal(guard.watchdog.fd, -1);
	assert_int_equal(fed(), 1);
	state_is("confirmed");
}

/* No confirmation if the state cannot be written. */
static void test_cannot_write(void **state)
{
	(void)state;
	try_put("/run/kexec-try/state/x", "");
	answers("confirm", 6000, "1 the confirmation cannot be written down");
	assert_int_equal(guard.state, TRIAL_PENDING);
}

/* /run may be full: the new state is written in place, with the same size. */
static void test_full(void **state)
{
	struct stat before, after;

	(void)state;
	assert_int_equal(trial_state_write(TRIAL_PENDING), 0);
	assert_int_equal(stat(try_path("/run/kexec-try/state"), &before), 0);
	answers("confirm", 6000, "0 confirmed");
	assert_int_equal(stat(try_path("/run/kexec-try/state"), &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	assert_int_equal(after.st_size, before.st_size);
	state_is("confirmed");
}

/* A guard that does not answer may still get the request: the outcome is unknown. */
static void test_stopped(void **state)
{
	char *argv[] = { "confirm", NULL }, *said;
	int lock = trial_lock("guard.lock"), status;

	(void)state;
	try_put("/proc/cmdline", "kexec_try.id=1 kexec_try.confirm_within=9\n");
	trial_state_write(TRIAL_PENDING);
	said = fixture_capture(subcommand_confirm.run, 1, argv, &status);
	assert_int_equal(status, EXIT_REFUSED);
	assert_contains(said, "kexec-try status shows whether this system is confirmed");
	free(said);
	/* It may be reading the root: this system does not go back. */
	argv[0] = "status";
	said = fixture_capture(subcommand_status.run, 1, argv, &status);
	assert_int_equal(status, EXIT_PENDING);
	assert_contains(said, "starting");
	free(said);
	close(lock);
}

/* The old system after a failed try: guard feeds the watchdog until the next try. */
static void test_old_system(void **state)
{
	(void)state;
	guard.state = TRIAL_NONE;
	assert_int_equal(guard_step(&guard, 500000), 2000);
	assert_int_equal(fed(), 1);
	answers("revert", 500000, "1 this is the old system");
	answers("release", 500000, "0 released");
}

static unsigned int ticks;

static void count_tick(void *data)
{
	assert_null(data);
	ticks++;
}

/* / is mtd3, or an overlay with mtd3 as its lower layer */
static unsigned long long device_of_root(const char *path)
{
	return strcmp(path, "/") ? 0 : makedev(31, 3);
}

static unsigned long long device_of_lower(const char *path)
{
	return strcmp(path, "/lower") ? makedev(0, 20) : makedev(31, 3);
}

static int root_is(const char *id, char reason[ROOT_WHY_MAX])
{
	return root_check(id, count_tick, NULL, reason);
}

/* The identity of a root of six bytes, "sixsix" */
static void id_of_six(char id[ROOT_ID_MAX])
{
	FILE *pipe = popen("PATH=/bin:/usr/bin; printf sixsix | sha256sum", "r");
	char sum[80];

	assert_int_equal(fscanf(pipe, "%64s", sum), 1);
	pclose(pipe);
	snprintf(id, ROOT_ID_MAX, "6,%s", sum);
}

/* Only a root that is byte for byte the file that was sent can be confirmed. Data after
 * it on the device does not matter.
 */
static void test_root(void **state)
{
	char id[ROOT_ID_MAX], reason[ROOT_WHY_MAX], text[96];

	(void)state;
	root_id(6, "5ada00", id);
	assert_contains(id, "6,5ada00");
	id_of_six(id);
	root_device = device_of_root;
	try_put("/sys/class/mtd/mtd3/name", "rootfs\n");
	try_put("/sys/class/mtd/mtd3/type", "ram\n");
	try_put("/sys/dev/block/31:3/uevent", "MAJOR=31\nDEVNAME=mtdblock3\nDEVTYPE=disk\n");
	try_put("/dev/mtdblock3", "sixsix and more");
	assert_int_equal(root_is(id, reason), 0);
	assert_int_not_equal(ticks, 0);
	root_describe(text, sizeof(text));
	assert_string_equal(text, "mtd3 \"rootfs\", in RAM");
	try_put("/dev/mtdblock3", "sixsux and more");
	assert_int_equal(root_is(id, reason), -1);
	assert_contains(reason, "not the one that was sent, or damaged: / is mtd3 \"rootfs\", in RAM");
	try_put("/dev/mtdblock3", "six");
	assert_int_equal(root_is(id, reason), -1);

	try_put("/dev/mtdblock3", "sixsix");
	root_device = device_of_lower;
	assert_int_equal(root_is(id, reason), -1);
	try_put("/proc/mounts", "overlay / overlay rw,lowerdir=/lower,upperdir=/up 0 0\n");
	assert_int_equal(root_is(id, reason), 0);
	try_put("/proc/mounts", "overlay / overlay rw,lowerdir=/,upperdir=/up 0 0\n");
	assert_int_equal(root_is(id, reason), -1);
	assert_contains(reason, "/ is device 0:20");
}

static void assert_overlay(const char *mounts, const char *wanted)
{
	char text[96];

	try_put("/proc/mounts", mounts);
	assert_int_equal(root_overlay(text, sizeof(text)), !!wanted);
	if (wanted)
		assert_string_equal(text, wanted);
}

/* Where the overlay on / is written to: OpenWrt's mounts with JFFS2, with UBI, and
 * before flash has a file system; and mounts that do not show it
 */
static void test_overlay(void **state)
{
	(void)state;
	assert_overlay("/dev/root / squashfs ro 0 0\ntmpfs /tmp tmpfs rw 0 0\n", NULL);
	assert_overlay("/dev/root /rom squashfs ro 0 0\n/dev/mtdblock5 /overlay jffs2 rw 0 0\n"
		       "overlayfs:/overlay / overlay rw,noatime,lowerdir=/,upperdir=/overlay/upper,workdir=/overlay/work 0 0\n",
		       "jffs2 on /dev/mtdblock5");
	assert_overlay("/dev/root /rom squashfs ro 0 0\n/dev/ubi0_2 /overlay ubifs rw 0 0\n"
		       "overlayfs:/overlay / overlay rw,lowerdir=/,upperdir=/overlay/upper 0 0\n",
		       "ubifs on /dev/ubi0_2");
	assert_overlay("tmpfs /tmp tmpfs rw 0 0\n/dev/root /rom squashfs ro 0 0\ntmpfs /tmp/root tmpfs rw 0 0\n"
		       "overlayfs:/tmp/root / overlay rw,lowerdir=/,upperdir=/tmp/root/upper 0 0\n",
		       "tmpfs, in RAM");
	assert_overlay("/dev/sda /overlay2 ext4 rw 0 0\noverlay / overlay rw,lowerdir=/,upperdir=/overlay/upper 0 0\n",
		       "unknown");
}

/* Takes steps until the health command has ended. */
static int until_ended(struct health *health)
{
	long long begun = clock_now();
	int status = health_step(health, begun, why);

	while (!status && (health->pid || !health->next) &&
	       clock_now() < begun + PATIENCE) {
		poll(NULL, 0, 2);
		status = health_step(health, clock_now(), why);
	}
	return status;
}

static void test_health(void **state)
{
	struct health health = { .every = 100000, .timeout = PATIENCE };

	(void)state;
	assert_int_equal(health_step(&health, 0, why), 0);
	health.command = "exit 0";
	assert_int_equal(until_ended(&health), 0);
	assert_true(health.next > clock_now());

	memset(&health, 0, sizeof(health));
	health.timeout = PATIENCE;
	health.command = "exit 3";
	assert_int_equal(until_ended(&health), -1);
	assert_string_equal(why, "the health command exited with 3");

	health.next = 0;
	health.command = "kill -9 $$";
	assert_int_equal(until_ended(&health), -1);
	assert_string_equal(why, "the health command was ended by signal 9");

	health.next = 0;
	health.timeout = 1;
	health.command = "while :; do :; done";
	assert_int_equal(until_ended(&health), -1);
	assert_contains(why, "took longer than");
	assert_int_equal(health.pid, 0);
}

static void test_sick(void **state)
{
	long long begun = clock_now();

	(void)state;
	guard.deadline = begun + 2 * PATIENCE;
	guard.health.command = "false";
	guard.health.timeout = PATIENCE;
	while (guard.state == TRIAL_PENDING &&
	       clock_now() < begun + PATIENCE) {
		assert_true(guard_step(&guard, clock_now()) <= 10000);
		poll(NULL, 0, 2);
	}
	assert_int_equal(guard.state, TRIAL_GOING_BACK);
	assert_string_equal(guard.why, "the health command exited with 1");
}

/* After a confirmation, the health command no longer runs. */
static void test_confirmed_and_sick(void **state)
{
	(void)state;
	guard.health.command = "sleep 1000";
	guard.health.timeout = 10;
	guard_step(&guard, 5000);
	assert_int_not_equal(guard.health.pid, 0);
	answers("confirm", 5005, "0 confirmed");
	assert_int_equal(guard.health.pid, 0);
	guard_step(&guard, 50000);
	assert_int_equal(guard.state, TRIAL_CONFIRMED);
}

static void test_trial(void **state)
{
	struct trial trial;
	int lock;

	(void)state;
	trial_read(&trial);
	assert_false(trial.is_new);
	try_put("/proc/cmdline", "kexec_try.id=1a2b kexec_try.confirm_within=60\n");
	trial_read(&trial);
	assert_true(trial.is_new);
	assert_string_equal(trial.id, "1a2b");
	assert_int_equal(trial.within, 60);
	try_put("/proc/cmdline", "kexec_try.confirm_within=1x\n");
	trial_read(&trial);
	assert_true(trial.is_new);
	assert_int_equal(trial.within, -1);

	state_is("none");
	assert_int_equal(trial_state_write(TRIAL_LEAVING), 0);
	state_is("leaving");
	/* after a reboot, with a /run that is not a tmpfs */
	try_put("/proc/sys/kernel/random/boot_id", "1-2-3\n");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
	assert_int_equal(trial_state_write(TRIAL_CONFIRMED), 0);
	state_is("confirmed");
	try_put("/proc/sys/kernel/random/boot_id", "1-2-4\n");
	assert_int_equal(trial_state_read(), TRIAL_NONE);
	try_remove("/proc/sys/kernel/random/boot_id");
	try_put("/run/kexec-try/state", "well \n");
	state_is("going-back");

	lock = trial_lock("lock");
	assert_true(lock >= 0);
	assert_int_equal(trial_lock("lock"), -1);
	close(lock);
	lock = trial_lock("lock");
	assert_true(lock >= 0);
	close(lock);
	try_put("/run/kexec-try/other/x", "");
	assert_int_equal(trial_lock("other"), -2);
}

/* Answers one request, in a child process. */
static pid_t serve_one(void (*reply)(void *arg, const char *request, char *text))
{
	struct pollfd fd = { .events = POLLIN };
	pid_t pid;

	fd.fd = control_serve();
	assert_true(fd.fd >= 0);
	pid = fork();
	if (!pid) {
		poll(&fd, 1, PATIENCE);
		_exit(!control_receive(fd.fd, reply, NULL));
	}
	close(fd.fd);
	return pid;
}

static void served(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void reply_good(void *arg, const char *request, char *text)
{
	(void)arg;
	sprintf(text, "0 %s it is\nmore", request);
}

static void reply_bad(void *arg, const char *request, char *text)
{
	(void)arg;
	(void)request;
	strcpy(text, "1 no");
}

static void reply_nonsense(void *arg, const char *request, char *text)
{
	(void)arg;
	(void)request;
	strcpy(text, "yes");
}

/* Runs a subcommand. Return: its exit code. */
static int call(const struct subcommand *subcommand, char *more)
{
	char *argv[] = { (char *)subcommand->name, more, NULL };

	return subcommand->run(more ? 2 : 1, argv);
}

static void test_ask(void **state)
{
	char text[CONTROL_ANSWER_MAX];
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(control_ask("confirm", text), -1);
	pid = serve_one(reply_good);
	assert_int_equal(control_ask("confirm", text), 0);
	assert_string_equal(text, "confirm it is\nmore");
	served(pid);
	/* the socket is there, but nobody listens */
	assert_int_equal(control_ask("confirm", text), -1);
	pid = serve_one(reply_nonsense);
	assert_int_equal(control_ask("confirm", text), -1);
	served(pid);
	fd = control_serve();
	assert_int_equal(control_receive(fd, reply_good, NULL), 0);
	close(fd);
}

static void test_confirm(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(call(&subcommand_confirm, "x"), EXIT_USAGE);
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_REFUSED);
	try_put("/proc/cmdline", "kexec_try.id=1\n");
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_REFUSED);
	pid = serve_one(reply_good);
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_GOOD);
	served(pid);
	pid = serve_one(reply_bad);
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_REFUSED);
	served(pid);
}

static void test_revert(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(call(&subcommand_revert, "x"), EXIT_USAGE);
	assert_int_equal(call(&subcommand_revert, NULL), EXIT_REFUSED);
	assert_int_equal(try_resets, 0);
	try_put("/proc/cmdline", "kexec_try.id=1\n");
	pid = serve_one(reply_good);
	assert_int_equal(call(&subcommand_revert, NULL), EXIT_GOOD);
	served(pid);
	assert_int_equal(try_resets, 0);
	/* a new system without a guard: revert itself resets it */
	call(&subcommand_revert, NULL);
	assert_int_equal(try_resets, 1);
	say_to_kernel_log(false);
}

static void test_extend(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(call(&subcommand_extend, NULL), EXIT_USAGE);
	assert_int_equal(call(&subcommand_extend, "60"), EXIT_REFUSED);
	pid = serve_one(reply_good);
	assert_int_equal(call(&subcommand_extend, "60"), EXIT_GOOD);
	served(pid);
}

static void test_status(void **state)
{
	pid_t pid;
	int lock;

	(void)state;
	assert_int_equal(call(&subcommand_status, "x"), EXIT_USAGE);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	lock = trial_lock("run.lock");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_LEAVING);
	close(lock);
	/* another status runs at the same time */
	lock = open(try_path("/run/kexec-try/run.lock"), O_RDWR);
	assert_int_equal(flock(lock, LOCK_SH | LOCK_NB), 0);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	close(lock);
	trial_state_write(TRIAL_LEAVING);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_LEAVING);

	try_put("/proc/cmdline", "kexec_try.id=1 kexec_try.confirm_within=9\n");
	trial_state_write(TRIAL_PENDING);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_BACK);
	/* guard hangs in its reset; the watchdog, which it holds, helps */
	trial_state_write(TRIAL_GOING_BACK);
	try_link("/proc/7/fd/3", "/dev/watchdog");
	lock = trial_lock("guard.lock");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_BACK);
	close(lock);
	try_remove("/proc/7/fd/3");
	trial_state_write(TRIAL_PENDING);
	/* guard was killed, and the watchdog will not reset the device */
	try_put("/sys/class/watchdog/watchdog0/state", "inactive\n");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_PENDING);
	try_remove("/sys/class/watchdog/watchdog0/state");
	/* confirmed, then guard was killed: the watchdog counts unless stopped */
	trial_state_write(TRIAL_CONFIRMED);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_BACK);
	try_put("/sys/class/watchdog/watchdog0/state", "inactive\n");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	try_put("/sys/class/watchdog/watchdog0/state", "active\n");
	try_put("/proc/1/comm", "procd\n");
	try_link("/proc/1/fd/3", "/dev/watchdog");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	/* guard was never started: init may feed the watchdog forever */
	trial_state_write(TRIAL_NONE);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_PENDING);
	try_remove("/proc/1/fd/3");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_BACK);
	pid = serve_one(reply_good);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	served(pid);
	try_put("/proc/cmdline", "kexec_try.id=1\n");
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
}

/* Anyone but root gets this one message. */
static void test_not_root(void **state)
{
	char *argv[] = { "status", NULL };
	int status;
	char *said;

	(void)state;
	user = 1000;
	try_put("/proc/cmdline", "kexec_try.id=1 kexec_try.confirm_within=9\n");
	said = fixture_capture(subcommand_status.run, 1, argv, &status);
	assert_string_equal(said, "kexec-try: status: only root can do that\n");
	free(said);
	assert_int_equal(status, EXIT_REFUSED);
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_REFUSED);
	assert_int_equal(call(&subcommand_revert, NULL), EXIT_REFUSED);
	assert_int_equal(try_resets, 0);
}

static int make_run_dir(int argc, char **argv)
{
	char path[SYSTEM_PATH_MAX];

	(void)argc;
	(void)argv;
	return system_run_dir(path);
}

/* In a child process that is not root */
static void run_dir_says(const char *want)
{
	pid_t pid = fork();
	int status;
	char *said;

	if (!pid) {
		if (!geteuid() && setuid(65534))
			_exit(1);
		said = fixture_capture(make_run_dir, 0, NULL, &status);
		_exit(status != -1 || !strstr(said, want));
	}
	served(pid);
}

static void test_run_dir(void **state)
{
	(void)state;
	assert_int_equal(chmod(try_root, 0755), 0);
	assert_int_equal(chmod(try_path("/run"), 0555), 0);
	run_dir_says("/run/kexec-try: cannot be made: Permission denied; run this as root");
	assert_int_equal(chmod(try_path("/run"), 0755), 0);
	if (geteuid())
		return; /* the directory would belong to this user */
	assert_int_equal(make_run_dir(0, NULL), 0);
	run_dir_says("/run/kexec-try: is for root only; run this as root");
}

static void end_program(void)
{
	exit(0);
}

/* Starts guard in a child process. */
static pid_t start_guard(char *const argv[])
{
	pid_t pid = fork();
	int argc = 0;

	while (argv[argc])
		argc++;
	if (!pid) {
		/* After a failed test, guard must not outlive this program and hold
		 * the pipe of its output open.
		 */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		system_reset = end_program;
		exit(subcommand_guard.run(argc, (char **)argv));
	}
	return pid;
}

/* Runs guard until its status contains @status, and ends it by @signal or else by
 * `revert`. With an empty @status, guard resets the system by itself.
 */
static void guard_runs(char *const argv[], const char *status, int signal)
{
	char text[CONTROL_ANSWER_MAX] = "";
	long long end = clock_now() + PATIENCE;
	pid_t pid = start_guard(argv);

	while (control_ask("status", text) < 0 && status[0] &&
	       clock_now() < end)
		poll(NULL, 0, 5);
	assert_contains(text, status);
	if (signal)
		kill(pid, signal);
	else if (status[0])
		assert_int_equal(control_ask("revert", text), 0);
	waitpid(pid, NULL, 0);
}

static void test_program(void **state)
{
	char *plain[] = { "guard", NULL };
	char *options[] = { "guard", "--health",
		"exit 0", "--health-every", "1", "--health-timeout", "5", NULL };
	int lock;

	(void)state;
	assert_int_equal(call(&subcommand_guard, "x"), EXIT_USAGE);
	assert_int_equal(call(&subcommand_guard, "--no-such"), EXIT_USAGE);
	assert_int_equal(call(&subcommand_guard, "--health-every=0"),
			 EXIT_USAGE);
	assert_int_equal(call(&subcommand_guard, NULL), EXIT_GOOD);
	say_to_kernel_log(false);
	try_put("/proc/cmdline", "kexec_try.confirm_within=604800\n");
	guard_runs(options, "state=pending\n", SIGKILL);
	state_is("pending");
	assert_int_equal(fed(), 1);
	/* After a guard that was killed, the next one goes back, and does not feed. */
	guard_runs(options, "", 0);
	state_is("going-back");
	assert_int_equal(fed(), 1);

	trial_state_write(TRIAL_CONFIRMED);
	try_remove("/dev/watchdog");
	try_put("/proc/cmdline", "kexec_try.confirm_within=604800\n");
	guard_runs(plain, "state=confirmed\nwatchdog=none", 0);
	state_is("going-back");

	/* init or a leaving try has the watchdog: guard does not take it */
	trial_state_write(TRIAL_CONFIRMED);
	try_put("/proc/1/comm", "procd\n");
	try_link("/proc/1/fd/3", "/dev/watchdog");
	assert_int_equal(call(&subcommand_guard, NULL), EXIT_GOOD);
	try_remove("/proc/1/fd/3");
	trial_state_write(TRIAL_LEAVING);
	assert_int_equal(call(&subcommand_guard, NULL), EXIT_GOOD);
	state_is("leaving");

	/* the wrong root: guard goes back at once */
	trial_state_write(TRIAL_NONE);
	root_device = device_of_root;
	try_put("/sys/dev/block/31:3/uevent", "DEVNAME=mtdblock3\n");
	try_put("/dev/mtdblock3", "sixsix");
	try_put("/proc/cmdline", "kexec_try.confirm_within=604800 kexec_try.root=6,00\n");
	try_put("/dev/watchdog", "");
	guard_runs(plain, "", 0);
	state_is("going-back");

	lock = trial_lock("guard.lock");
	assert_int_equal(call(&subcommand_guard, NULL), EXIT_REFUSED);
	close(lock);
	try_put("/proc/cmdline", "kexec_try.confirm_within=x\n");
	assert_int_equal(call(&subcommand_guard, NULL), EXIT_REFUSED);
	say_to_kernel_log(false);
}

/* Asks until guard answers */
static int asked(const char *request)
{
	char text[CONTROL_ANSWER_MAX];
	long long end = clock_now() + PATIENCE;
	int code = -1;

	while (code < 0 && clock_now() < end) {
		code = control_ask(request, text);
		poll(NULL, 0, 5);
	}
	return code;
}

/* sysupgrade ends all programs and then writes to flash: guard resets the system before
 * that. In an ordinary shutdown guard just ends.
 */
static void test_told_to_end(void **state)
{
	char *plain[] = { "guard", NULL };
	pid_t pid;

	(void)state;
	try_put("/proc/cmdline", "kexec_try.confirm_within=604800\n");
	try_put("/proc/1/comm", "init\n");
	magic_close = true;
	guard_runs(plain, "state=pending\n", SIGTERM);
	state_is("pending");

	/* Without a watchdog that stays armed, only guard itself can go back. */
	trial_state_write(TRIAL_NONE);
	magic_close = false;
	guard_runs(plain, "state=pending\n", SIGTERM);
	state_is("going-back");

	trial_state_write(TRIAL_NONE);
	magic_close = true;
	try_put("/proc/1/comm", "upgraded\n");
	guard_runs(plain, "state=pending\n", SIGTERM);
	state_is("going-back");

	trial_state_write(TRIAL_CONFIRMED);
	pid = start_guard(plain);
	assert_int_equal(asked("status"), EXIT_GOOD);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	state_is("going-back");
	say_to_kernel_log(false);
}

/* In a confirmed system, guard hands the watchdog to procd and ends. */
static void test_hand_over(void **state)
{
	char *plain[] = { "guard", NULL };
	int status;
	pid_t pid;

	(void)state;
	try_put("/proc/cmdline", "kexec_try.confirm_within=604800\n");
	try_put("/sbin/procd", "");
	try_procd("$*");
	pid = start_guard(plain);
	assert_int_equal(asked("status"), EXIT_PENDING);
	log_is("call system watchdog {\"stop\":true}");
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	log_is("call system watchdog {\"magicclose\":false,\"stop\":false}");
	state_is("confirmed");
	assert_int_equal(call(&subcommand_confirm, NULL), EXIT_GOOD);
	assert_int_equal(call(&subcommand_status, NULL), EXIT_GOOD);
	fed();

	/* procd does not take it yet, because ubusd is late: guard keeps feeding,
	 * and asks again
	 */
	trial_state_write(TRIAL_NONE);
	try_remove("/proc/1/fd/3");
	try_program("ubus", "exit 4");
	pid = start_guard(plain);
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	assert_int_equal(asked("status"), EXIT_GOOD);
	try_procd("$*");
	try_remove("/proc/1/fd/3"); /* guard still holds the watchdog */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	say_to_kernel_log(false);
}

static pid_t start_pending(void)
{
	char *plain[] = { "guard", NULL };
	pid_t pid;

	try_put("/proc/cmdline", "kexec_try.confirm_within=604800\n");
	pid = start_guard(plain);
	assert_int_equal(asked("status"), EXIT_PENDING);
	return pid;
}

static void kill_guard(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	say_to_kernel_log(false);
}

/* guard also feeds a watchdog that appears after the confirmation. */
static void test_later(void **state)
{
	pid_t pid;
	int i;

	(void)state;
	try_remove("/dev/watchdog");
	pid = start_pending();
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	try_put("/dev/watchdog", "");
	for (i = 0; i < PATIENCE / 100 && !fed(); i++)
		usleep(100000);
	assert_int_not_equal(fed(), 0);
	kill_guard(pid);
}

/* A foreign program holds the watchdog: guard still answers. */
static void test_foreign(void **state)
{
	char *json[] = { "status", "--json", NULL };
	char *text;
	int status;
	pid_t pid;

	(void)state;
	try_put("/proc/device-tree/compatible", "a,\"b\\c\nd");
	try_put("/proc/7/comm", "wd_keepalive\n");
	try_link("/proc/7/fd/3", "/dev/watchdog");
	pid = start_pending();
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	text = fixture_capture(subcommand_status.run, 2, json, &status);
	assert_int_equal(status, EXIT_GOOD);
	assert_contains(text, "{\"system\": \"new\", \"state\": \"confirmed\", \"watchdog\": ");
	assert_contains(text, "\"compatible\": \"a,\\\"b\\\\c?d\", \"");
	assert_contains(text, "\"}\n");
	free(text);
	kill_guard(pid);
}

/* procd does not release the watchdog: guard asks it to resume feeding. */
static void test_keeps(void **state)
{
	pid_t pid;

	(void)state;
	try_procd_that("$4", "never");
	pid = start_pending();
	log_is("\"stop\":true}\n{\"magicclose\":false,\"stop\":false}");
	kill_guard(pid);
}

/* The device of the root may appear after guard starts: guard waits, and until then the
 * system cannot be confirmed.
 */
static void test_root_later(void **state)
{
	char *plain[] = { "guard", NULL }, text[CONTROL_ANSWER_MAX], line[512];
	char id[ROOT_ID_MAX];
	pid_t pid;
	int i;

	(void)state;
	id_of_six(id);
	snprintf(line, sizeof(line), "kexec_try.confirm_within=604800 kexec_try.root=%s\n",
		 id);
	try_put("/proc/cmdline", line);
	root_device = device_of_root;
	pid = start_guard(plain);
	for (i = 0; i < 25; i++)
		usleep(100000);
	assert_int_equal(control_ask("confirm", text), -1);
	state_is("pending");
	try_put("/sys/dev/block/31:3/uevent", "DEVNAME=mtdblock3\n");
	try_put("/dev/mtdblock3", "sixsix");
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	kill_guard(pid);
}

/* Init may mount /run and make /dev/watchdog after guard has started. */
static void test_late(void **state)
{
	pid_t pid;
	int i;

	(void)state;
	try_remove("/dev/watchdog");
	pid = start_pending();
	setenv("PATH", "/usr/bin:/bin", 1);
	fixture_run("mv %s/run %s/run.old && mkdir %s/run", try_root, try_root,
		    try_root);
	try_put("/dev/watchdog", "");
	assert_int_equal(asked("status"), EXIT_PENDING);
	state_is("pending");
	/* and /proc: a later guard must recognize the state as that of this boot */
	try_put("/proc/sys/kernel/random/boot_id", "1-2-3\n");
	for (i = 0; i < PATIENCE / 100 && trial_state_read() == TRIAL_NONE; i++)
		usleep(100000);
	state_is("pending");
	assert_int_equal(asked("confirm"), EXIT_GOOD);
	assert_int_not_equal(fed(), 0);
	kill_guard(pid);
}

static void test_init(void **state)
{
	(void)state;
	assert_int_equal(call(&subcommand_init, NULL), EXIT_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_not_confirmed),
		TEST(test_confirmed),
		TEST(test_too_late),
		TEST(test_extended),
		TEST(test_reverted),
		TEST(test_without_watchdog),
		TEST(test_release),
		TEST(test_cannot_write),
		TEST(test_full),
		TEST(test_stopped),
		TEST(test_old_system),
		TEST(test_root),
		TEST(test_overlay),
		TEST(test_health),
		TEST(test_sick),
		TEST(test_confirmed_and_sick),
		TEST(test_trial),
		TEST(test_ask),
		TEST(test_confirm),
		TEST(test_revert),
		TEST(test_extend),
		TEST(test_status),
		TEST(test_not_root),
		TEST(test_run_dir),
		TEST(test_program),
		TEST(test_told_to_end),
		TEST(test_hand_over),
		TEST(test_late),
		TEST(test_later),
		TEST(test_keeps),
		TEST(test_root_later),
		TEST(test_foreign),
		TEST(test_init),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
