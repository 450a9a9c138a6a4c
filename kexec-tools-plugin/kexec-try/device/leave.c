// SPDX-License-Identifier: GPL-2.0-only
/*
 * leave.c - load a new system, arm the watchdog, and leave the running one for it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "guard.h"
#include "leave.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "trial.h"

/* Default timeout of the watchdog, in seconds, longer than a router's boot; less if
 * the driver cannot count that long.
 */
#define WATCHDOG_TIMEOUT	120

/* In seconds: feed the watchdog at most this long while the system goes down. A
 * shutdown that hangs then ends in a reset.
 */
#define LEAVE_WITHIN		120

/* In milliseconds */
#define FIRST_WAIT		1000	/* lets the caller's output arrive */
#define TICK			500	/* check for the end of the shutdown */
#define ASK_WITHIN		30000	/* for the command that starts a shutdown */

/* Exists if init is systemd: sd_booted(3) */
#define SYSTEMD			"/run/systemd/system"

/* Room for the end of kexec's output, in bytes */
#define SAID_MAX		4096

int (*leave_mount)(const char *source, const char *target, const char *type,
		   unsigned long flags, const void *data) = mount;
void (*leave_keep)(const struct watchdog *watchdog) = guard_keep;

/* run.lock, which only one try has */
static int lock;

int leave_lock(void)
{
	/* No signal may end a try halfway: it would leave behind a bundle in
	 * RAM, a loaded image, or a watchdog that nobody feeds. Nor may output
	 * that nobody reads any more.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	lock = trial_lock("run.lock");
	if (lock == -1)
		report("another try is already in progress in this system");
	say_to_kernel_log(lock >= 0);
	return lock < 0 ? -1 : 0;
}

void leave_unlock(void)
{
	close(lock);
}

static void unload(void)
{
	static char *const argv[] = { "kexec", "-u", NULL };

	system_run(argv, ASK_WITHIN, NULL);
}

static int load(char *const argv[])
{
	char said[SAID_MAX], *rest = said, *line;
	int status = program_run(argv, 0, said, sizeof(said));

	if (!status)
		return 0;
	while ((line = strsep(&rest, "\n")))
		if (*line)
			report("kexec: %s", line);
	unload(); /* kexec may have been killed after it loaded */
	return report("kexec failed to load the image (%d); the old system is as it was",
		      status);
}

/* Starts a shell that unloads the image if this program is killed. Otherwise, the next
 * reboot would start the new system unguarded. As a shell, it outlives
 * `killall -9 kexec-try`. Return: a pipe; a line written to it ends the shell.
 */
static int watch_over_load(void)
{
	/* kexec dies with its parent, but not while the kernel copies the image */
	static char *const argv[] = {
		"sh", "-c",
		"read -r done || for n in 1 2 3 4 5; do sleep 1; kexec -u; done",
		NULL
	};
	int alive[2] = { -1, -1 };

	if (pipe2(alive, O_CLOEXEC) || fork()) {
		close(alive[0]);
		return alive[1];
	}
	system_detach();
	dup2(alive[0], STDIN_FILENO);
	if (dup(lock) < 0) /* keeps run.lock from another try until then */
		_exit(EXIT_REFUSED);
	execv("/bin/sh", argv);
	_exit(EXIT_REFUSED);
}

/* procd's shutdown has no step for `kexec -e`. */
static bool leaves_at_once(bool now)
{
	char init[32];

	system_read("/proc/1/comm", init, sizeof(init));
	return now || !strcmp(init, "procd");
}

static int arm(const struct leave *leave, struct watchdog *watchdog,
	       struct owner *owner)
{
	if (leave->no_watchdog)
		return 0;
	owner_find(owner);
	if (owner_take(owner) || watchdog_open(watchdog))
		return -1;
	/* A shutdown ends all programs before it runs `kexec -e` */
	if (!watchdog->stays && !leaves_at_once(leave->now))
		return report("%s stops when a program that has it open ends, as in a shutdown; use --now, or set nowayout",
			      watchdog->identity);
	/* A shorter timeout is no reason to give up: the watchdog is now open,
	 * and with nowayout would reset the old system.
	 */
	watchdog_set_longest(watchdog, leave->timeout ? leave->timeout :
						      WATCHDOG_TIMEOUT);
	if (watchdog->timeout < leave->timeout)
		warn("%s does not accept a timeout of %ld s; it has %d s",
		     watchdog->identity, leave->timeout, watchdog->timeout);
	watchdog_feed(watchdog);
	step("watchdog armed: %s, resets after %d s", watchdog->identity,
	     watchdog->timeout);
	if (watchdog->timeout && watchdog->timeout < WATCHDOG_TIMEOUT_SHORT)
		warn("%d s is short for a boot", watchdog->timeout);
	if (!watchdog->stays)
		warn("%s stops when a program that has it open ends; set nowayout",
		     watchdog->identity);
	return 0;
}

/* The try is off. Return: whether the former owner feeds the watchdog again. */
static bool stay(struct watchdog *watchdog, const struct owner *owner)
{
	struct trial trial;

	unload();
	trial_read(&trial);
	trial_state_write(trial.is_new ? TRIAL_CONFIRMED : TRIAL_NONE);
	return owner_give(owner, watchdog);
}

static bool is_on_device(const struct system_mount *mount)
{
	/* These live on flash without a block device */
	return !strcmp(mount->type, "jffs2") || !strcmp(mount->type, "ubifs") ||
		!strcmp(mount->type, "yaffs2") ||
		!strncmp(mount->source, "/dev/", 5);
}

static void remount(const struct system_mount *mount, void *data)
{
	(void)data;
	/* The kernel puts rw or ro first, fs/proc_namespace.c */
	if (!is_on_device(mount) || strncmp(mount->options, "rw", 2))
		return;
	if (leave_mount(NULL, mount->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		warn("%s stays writable: %s", mount->dir, strerror(errno));
}

/* kexec -e takes the network down first. If it then fails to start the new system, only
 * a reset makes the device reachable again. A rehearsal would mistake that reset for the
 * watchdog's, and leaves the network up (-x).
 */
static void leave_now(struct watchdog *watchdog, bool rehearsal)
{
	char *argv[] = { "kexec", "-e", rehearsal ? "-x" : NULL, NULL };

	system_mounts(remount, NULL);
	step("kexec -e");
	watchdog_feed(watchdog);
	if (!system_run(argv, 0, "kexec -e"))
		report("kexec -e returned, but reported no error");
	if (rehearsal) {
		warn("file systems are read-only until the next boot");
		return;
	}
	step("this system is reset");
	system_reset();
}

/* systemd waits 90 s for a process that ignores SIGTERM: first when it stops
 * the session or service that `run` belongs to, so leave its cgroup; then, with
 * all units stopped, for every process left, so end at SIGTERM.
 */
static void be_apart(void)
{
	/* cgroup v2; v1 with the v2 hierarchy beside it; v1 */
	static const char *const cgroups[] = { "", "/unified", "/systemd" };
	char path[SYSTEM_PATH_MAX];
	unsigned int i;
	int fd;

	system_await_end();
	for (i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++) {
		if (system_path(path, "/sys/fs/cgroup%s/cgroup.procs",
				cgroups[i]))
			continue;
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		/* 0 is the writing process */
		if (write(fd, "0", 1) != 1)
			warn("%s: %s", path, strerror(errno));
		close(fd);
	}
}

static int ask_for_shutdown(void)
{
	/* systemctl kexec starts the loaded image; other systems check
	 * /sys/kernel/kexec_loaded in their last script.
	 */
	static char *const systemd[] = { "systemctl", "kexec", NULL };
	static char *const other[] = { "reboot", NULL };
	char *const *argv = other;

	step("the system goes down");
	if (system_exists(SYSTEMD)) {
		be_apart();
		argv = systemd;
	}
	return system_run(argv, ASK_WITHIN, argv[0]);
}

/* Feeds until SIGTERM, at the end of the shutdown. Return: false if that does not come
 * within LEAVE_WITHIN seconds.
 */
static bool feed_until_gone(struct watchdog *watchdog)
{
	long long end = clock_now() + LEAVE_WITHIN * 1000LL;

	while (!system_told_to_end()) {
		if (clock_now() >= end) {
			report("the system did not leave within %d s; the watchdog is fed no more",
			       LEAVE_WITHIN);
			return false;
		}
		watchdog_feed_due(watchdog, clock_now());
		clock_sleep(TICK);
	}
	watchdog_feed(watchdog);
	return true;
}

bool leave_by_script(bool now)
{
	return !leaves_at_once(now) && !system_exists(SYSTEMD);
}

bool leave_go(const struct leave *leave, struct watchdog *watchdog,
	      const struct owner *owner)
{
	bool given;

	sync();
	watchdog_feed(watchdog);
	if (leaves_at_once(leave->now)) {
		leave_now(watchdog, leave->rehearsal);
	} else if (!ask_for_shutdown()) {
		if (feed_until_gone(watchdog))
			return false;
		/* The watchdog will reset the system, unless closing stops it */
		if (watchdog->stays)
			unload();
		else
			stay(watchdog, owner);
		return false;
	}
	given = stay(watchdog, owner);
	warn("this system stays up%s", given || watchdog->fd < 0 ? "" :
	     "; its watchdog is fed by kexec-try");
	return !given;
}

/* Forks a process that leaves the system, and feeds the watchdog until then. It
 * has no terminal, and first lets the caller's output arrive.
 */
static int begin(const struct leave *leave, struct watchdog *watchdog,
		 const struct owner *owner)
{
	pid_t pid = fork();

	if (pid < 0)
		return report("cannot start a process to leave with: %s",
			      strerror(errno));
	if (pid)
		return 0;
	system_detach();
	clock_sleep(FIRST_WAIT);
	if (leave_go(leave, watchdog, owner)) {
		leave_unlock();
		signal(SIGTERM, SIG_DFL);
		leave_keep(watchdog);
	}
	_exit(EXIT_REFUSED);
}

/* With nowayout, the watchdog cannot be stopped. */
static int give_up(struct watchdog *watchdog, const struct owner *owner)
{
	if (!stay(watchdog, owner) && watchdog->fd >= 0) {
		warn("the watchdog was armed: where it has nowayout, it resets this system after %d s",
		     watchdog->timeout);
		watchdog_let_go(watchdog);
	}
	return -1;
}

int leave_for(const struct leave *leave, char *const argv[])
{
	struct owner owner = { .kind = OWNER_NOBODY };
	struct watchdog watchdog = { .fd = -1 };
	int alive = watch_over_load(), result = load(argv);

	if (!result) {
		step("loaded");
		sync(); /* may be slow, so before the watchdog is armed */
		if (trial_state_write(TRIAL_LEAVING) ||
		    arm(leave, &watchdog, &owner) ||
		    begin(leave, &watchdog, &owner))
			result = give_up(&watchdog, &owner);
	}
	if (result && system_number("/sys/kernel/kexec_loaded", 0) == 1)
		warn("the image is still loaded; five more attempts to unload it follow");
	else if (write(alive, "\n", 1) != 1)
		warn("if this had been killed, nothing would have unloaded the image");
	close(alive);
	return result;
}
