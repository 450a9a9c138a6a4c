// SPDX-License-Identifier: GPL-2.0-only
/*
 * leave.c - load a new system, and leave the running one for it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
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

/* What the caller said has so long to arrive, in milliseconds */
#define FIRST_WAIT	1000

/* Look so often whether the system is gone, in milliseconds */
#define TICK		500

/* The command that asks for a shutdown must end in this time, in milliseconds */
#define ASK_WITHIN	30000

/* How much of what kexec says is kept, in bytes */
#define SAID_MAX	4096

/* File systems that live on flash without a block device */
static const char *const flash_types[] = { "jffs2", "ubifs", "yaffs2" };

int (*leave_mount)(const char *source, const char *target, const char *type,
		   unsigned long flags, const void *data) = mount;
void (*leave_keep)(const struct watchdog *watchdog) = guard_keep;

static enum leave_way choose(enum leave_way way)
{
	char init[32];

	if (way != LEAVE_AUTO)
		return way;
	/* procd's shutdown has no step for `kexec -e` */
	system_read("/proc/1/comm", init, sizeof(init));
	return strcmp(init, "procd") ? LEAVE_SHUTDOWN : LEAVE_NOW;
}

static bool is_on_device(const struct system_mount *mount)
{
	unsigned int i;

	for (i = 0; i < sizeof(flash_types) / sizeof(flash_types[0]); i++)
		if (!strcmp(flash_types[i], mount->type))
			return true;
	return !strncmp(mount->source, "/dev/", 5);
}

static void remount(const struct system_mount *mount, void *data)
{
	(void)data;
	/* The kernel names that option first, fs/proc_namespace.c */
	if (is_on_device(mount) && !strncmp(mount->options, "rw", 2) &&
	    leave_mount(NULL, mount->dir, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		warn("%s stays writable: %s", mount->dir, strerror(errno));
}

/* Feeds until the system is gone, or its time for that is over. */
static void feed_until_gone(struct watchdog *watchdog)
{
	long long end = clock_now() + LEAVE_WITHIN * 1000LL;
	long long next_feed = 0;

	while (clock_now() < end) {
		if (clock_now() >= next_feed) {
			watchdog_feed(watchdog);
			next_feed = clock_now() +
				    watchdog_feed_every(watchdog);
		}
		clock_sleep(TICK);
	}
	report("the system did not leave within %d s; the watchdog is fed no more",
	       LEAVE_WITHIN);
}

static int ask_for_shutdown(void)
{
	/* systemd knows what is loaded; other systems look at
	 * /sys/kernel/kexec_loaded in their last script.
	 */
	static char *const systemd[] = { "systemctl", "kexec", NULL };
	static char *const other[] = { "reboot", NULL };
	char *const *argv = system_exists("/run/systemd/system") ? systemd :
								   other;
	char said[512];
	int status = program_run(argv, ASK_WITHIN, said, sizeof(said));

	if (!status)
		return 0;
	report("%s failed (%d): %s", argv[0], status,
	       program_last_line(said));
	return -1;
}

static void leave_now(void)
{
	static char *const argv[] = { "kexec", "-e", NULL };
	char said[512];
	int status;

	sync();
	system_mounts(remount, NULL);
	step("kexec -e");
	status = program_run(argv, 0, said, sizeof(said));
	report("kexec -e failed (%d): %s", status, program_last_line(said));
}

int leave_load(char *const argv[])
{
	char *said = must_alloc(SAID_MAX), *line, *rest = said;
	int status = program_run(argv, 0, said, SAID_MAX);

	while (status && (line = strsep(&rest, "\n")))
		if (*line)
			report("kexec: %s", line);
	free(said);
	if (!status)
		return 0;
	leave_unload(); /* one that was killed may have loaded it */
	return report("kexec does not load it (%d); the old system is as it was",
		      status);
}

void leave_unload(void)
{
	static char *const argv[] = { "kexec", "-u", NULL };
	char said[512];

	program_run(argv, ASK_WITHIN, said, sizeof(said));
}

/* The system is what it was before. Whether its watchdog is to be fed */
static bool stay(struct watchdog *watchdog, const struct owner *owner)
{
	bool given = owner_give(owner, watchdog);

	trial_stay();
	warn("this system is left as it is%s", given || watchdog->fd < 0 ? "" :
	     "; its watchdog is fed by kexec-try");
	return !given;
}

bool leave_go(struct watchdog *watchdog, const struct owner *owner,
	      enum leave_way way)
{
	bool asked = false;

	watchdog_feed(watchdog);
	if (choose(way) == LEAVE_NOW) {
		leave_now();
	} else {
		sync();
		step("the system goes down");
		asked = !ask_for_shutdown();
	}
	if (asked)
		feed_until_gone(watchdog);
	leave_unload();
	return asked ? false : stay(watchdog, owner);
}

/* Not ended by the terminal that goes, nor by init's first, polite signal: the
 * watchdog is to be fed as long as the system has not left.
 */
static void be_alone(void)
{
	system_detach();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

int leave_begin(struct watchdog *watchdog, const struct owner *owner,
		enum leave_way way, int lock)
{
	pid_t pid = fork();

	if (pid < 0)
		return report("no process to leave with: %s", strerror(errno));
	if (pid)
		return 0;
	be_alone();
	clock_sleep(FIRST_WAIT);
	if (leave_go(watchdog, owner, way)) {
		close(lock);
		leave_keep(watchdog);
	}
	_exit(EXIT_REFUSED);
}
