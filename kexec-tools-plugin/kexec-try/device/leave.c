// SPDX-License-Identifier: GPL-2.0-only
/*
 * leave.c - load a new system, arm the watchdog, and leave the running one for it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "clock.h"
#include "guard.h"
#include "leave.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "trial.h"

/* The watchdog's time-out when nobody says otherwise, in seconds: a router's
 * boot takes less. Where the driver cannot, the longest that it can.
 */
#define WATCHDOG_TIMEOUT	120

/* What was loaded is unloaded so often, and so long after another, in milliseconds:
 * the kernel may be at work on it
 */
#define UNLOAD_TIMES		5
#define UNLOAD_EVERY		1000

/* What the caller said has so long to arrive, in milliseconds */
#define FIRST_WAIT		1000

/* How long the watchdog is fed on while a system goes down, in seconds: one that
 * hangs then is reset. Look so often whether it is gone, in milliseconds.
 */
#define LEAVE_WITHIN		120
#define TICK			500

/* The command that asks for a shutdown must end in this time, in milliseconds */
#define ASK_WITHIN		30000

/* Exists where init is systemd: sd_booted(3) */
#define SYSTEMD			"/run/systemd/system"

/* How much of what kexec says is kept, in bytes */
#define SAID_MAX		4096

int (*leave_mount)(const char *source, const char *target, const char *type,
		   unsigned long flags, const void *data) = mount;
void (*leave_keep)(const struct watchdog *watchdog) = guard_keep;

/* That there is but one try */
static int lock;

int leave_lock(void)
{
	/* Nothing but a failure ends a try, of one of the programs that it runs, say:
	 * a bundle in RAM, an image that is loaded, and a watchdog that nobody feeds
	 * are not to be left behind. What is said may find nobody who listens.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	lock = trial_lock("run.lock");
	if (lock == -1)
		report("another try is on its way from this system");
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
	char *said = must_alloc(SAID_MAX), *line, *rest = said;
	int status = program_run(argv, 0, said, SAID_MAX);

	while (status && (line = strsep(&rest, "\n")))
		if (*line)
			report("kexec: %s", line);
	free(said);
	if (!status)
		return 0;
	unload(); /* one that was killed may have loaded it */
	return report("kexec does not load it (%d); the old system is as it was",
		      status);
}

/* Whoever kills this program leaves nothing loaded that the next reboot would start
 * unguarded. Return: a pipe; what is written to it ends the watch.
 */
static int watch_over_load(void)
{
	int alive[2] = { -1, -1 }, i;
	char done;

	if (pipe2(alive, O_CLOEXEC) || fork()) {
		close(alive[0]);
		return alive[1];
	}
	close(alive[1]);
	system_detach();
	if (read(alive[0], &done, 1) == 1)
		_exit(EXIT_GOOD);
	/* kexec dies with its parent, but not while the kernel copies the image */
	for (i = 0; i < UNLOAD_TIMES; i++) {
		clock_sleep(UNLOAD_EVERY);
		unload();
	}
	_exit(EXIT_GOOD);
}

/* procd's shutdown has no step for `kexec -e` */
static bool leaves_at_once(bool now)
{
	char init[32];

	system_read("/proc/1/comm", init, sizeof(init));
	return now || !strcmp(init, "procd");
}

static int arm(const struct leave *leave, struct watchdog *watchdog,
	       struct owner *owner)
{
	if (leave->guard == GUARD_NOBODY)
		return 0;
	owner_find(owner);
	if (owner_take(owner))
		return -1;
	if (watchdog_open(watchdog))
		return -1;
	/* A shutdown ends all programs before it runs `kexec -e`. */
	if (!watchdog->stays && !leaves_at_once(leave->now))
		return report("%s stops when a program that has it open ends, as in a shutdown; use --now, or set nowayout",
			      watchdog->identity);
	/* A time that it cannot have is no reason to give up: it is open now, and
	 * with nowayout would reset the old system.
	 */
	watchdog_set_longest(watchdog, leave->timeout ? leave->timeout :
						      WATCHDOG_TIMEOUT);
	if (watchdog->timeout < leave->timeout)
		warn("%s does not take a time-out of %ld s; it has %d s",
		     watchdog->identity, leave->timeout, watchdog->timeout);
	watchdog_feed(watchdog);
	step("watchdog armed: %s, resets after %d s", watchdog->identity,
	     watchdog->timeout);
	if (watchdog->timeout && watchdog->timeout < WATCHDOG_TIMEOUT_SHORT)
		warn("%d s are few for a boot", watchdog->timeout);
	if (!watchdog->stays)
		warn("%s stops when a program that has it open ends; set nowayout",
		     watchdog->identity);
	return 0;
}

/* The system is what it was before. Whether somebody else feeds its watchdog */
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
	/* Those that live on flash without a block device */
	return !strcmp(mount->type, "jffs2") || !strcmp(mount->type, "ubifs") ||
		!strcmp(mount->type, "yaffs2") ||
		!strncmp(mount->source, "/dev/", 5);
}

static void remount(const struct system_mount *mount, void *data)
{
	(void)data;
	/* The kernel names that option first, fs/proc_namespace.c */
	if (!is_on_device(mount) || strncmp(mount->options, "rw", 2))
		return;
	if (leave_mount(NULL, mount->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		warn("%s stays writable: %s", mount->dir, strerror(errno));
}

/* kexec takes the network down before it starts the new system. Where that fails, only
 * a reset brings the old one back to who is far away. In a rehearsal it would be taken
 * for the watchdog's.
 */
static void leave_now(struct watchdog *watchdog, bool rehearsal)
{
	static char *const argv[] = { "kexec", "-e", NULL };

	system_mounts(remount, NULL);
	step("kexec -e");
	watchdog_feed(watchdog);
	if (!system_run(argv, 0, "kexec -e"))
		report("kexec -e returned, but reported no error");
	if (rehearsal)
		return;
	step("this system is reset");
	system_reset();
}

/* systemd waits 90 s for a process that is told to end, and does not: first when it
 * stops the session or the service that `run` is of, so be of none; and, when all
 * units are stopped, for whoever is left, so end then.
 */
static void be_apart(void)
{
	/* As the kernel has it, or systemd with version 1 */
	static const char *const cgroups[] = { "", "/unified", "/systemd" };
	char path[SYSTEM_PATH_MAX];
	unsigned int i;
	int fd;

	system_await_end();
	for (i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++) {
		fd = system_path(path, "/sys/fs/cgroup%s/cgroup.procs",
				 cgroups[i]) ?
			-1 : open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		/* 0 is whoever writes it */
		if (write(fd, "0", 1) != 1)
			warn("%s: %s", path, strerror(errno));
		close(fd);
	}
}

static int ask_for_shutdown(void)
{
	/* systemd knows what is loaded; other systems look at
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

/* Feeds until the system is gone, or its time for that is over. Return: whether it
 * is as good as gone.
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
		/* A system that nothing resets then is what it was. */
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

/* Has a process of its own leave the system, and feed the watchdog until it is gone.
 * It has no terminal, and waits a moment, so that what the caller says arrives.
 */
static int begin(const struct leave *leave, struct watchdog *watchdog,
		 const struct owner *owner)
{
	pid_t pid = fork();

	if (pid < 0)
		return report("no process to leave with: %s", strerror(errno));
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

/* One that has nowayout cannot be let go of. */
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
		sync(); /* may take its time: before the watchdog's begins */
		if (trial_state_write(TRIAL_LEAVING) ||
		    arm(leave, &watchdog, &owner) ||
		    begin(leave, &watchdog, &owner))
			result = give_up(&watchdog, &owner);
	}
	if (write(alive, "", 1) != 1)
		warn("nothing would have unloaded it if this were killed");
	close(alive);
	return result;
}
