// SPDX-License-Identifier: GPL-2.0-only
/*
 * leave.c - leave the running system for the one that is loaded
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

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

/* File systems that live on flash without a block device */
static const char *const flash_types[] = { "jffs2", "ubifs", "yaffs2" };

int (*leave_mount)(const char *source, const char *target, const char *type,
		   unsigned long flags, const void *data) = mount;

enum leave_way leave_way(enum leave_way way)
{
	char init[32];

	if (way != LEAVE_AUTO)
		return way;
	/* procd's shutdown has no step for `kexec -e` */
	system_read("/proc/1/comm", init, sizeof(init));
	return strcmp(init, "procd") ? LEAVE_SHUTDOWN : LEAVE_NOW;
}

static bool is_on_device(const char *source, const char *type)
{
	unsigned int i;

	for (i = 0; i < sizeof(flash_types) / sizeof(flash_types[0]); i++)
		if (!strcmp(flash_types[i], type))
			return true;
	return !strncmp(source, "/dev/", 5);
}

/* /proc/mounts has blanks and the like as three octal digits: proc(5) */
static void unescape(char *path)
{
	char *to = path;
	unsigned int byte;

	while (*path) {
		if (sscanf(path, "\\%3o", &byte) == 1) {
			*to++ = byte;
			path += strnlen(path, 4);
		} else {
			*to++ = *path++;
		}
	}
	*to = '\0';
}

static int remount(char *line)
{
	char source[128], target[SYSTEM_PATH_MAX], type[32], flags[32];

	if (sscanf(line, "%127s %255s %31s %31s", source, target, type,
		   flags) != 4)
		return 0;
	if (!is_on_device(source, type) || strncmp(flags, "rw", 2))
		return 0;
	unescape(target);
	if (!leave_mount(NULL, target, NULL, MS_REMOUNT | MS_RDONLY, NULL))
		return 1;
	warn("%s stays writable: %s", target, strerror(errno));
	return 0;
}

int leave_remount(void)
{
	char path[SYSTEM_PATH_MAX], *line = NULL;
	size_t size = 0;
	int count = 0;
	FILE *mounts;

	if (system_path(path, "/proc/mounts"))
		return 0;
	mounts = fopen(path, "re");
	if (!mounts)
		return 0;
	while (getline(&line, &size, mounts) > 0)
		count += remount(line);
	free(line);
	fclose(mounts);
	return count;
}

/* Feeds until the system is gone, or its time for that is over. */
static void feed_until_gone(struct watchdog *watchdog)
{
	long long end = system_now() + GUARD_LEAVE_WITHIN * 1000LL;
	long long next_feed = 0;

	while (system_now() < end) {
		if (system_now() >= next_feed) {
			watchdog_feed(watchdog);
			next_feed = system_now() +
				    watchdog_feed_every(watchdog);
		}
		system_sleep(TICK);
	}
	report("the system did not leave within %d s", GUARD_LEAVE_WITHIN);
}

/* say_last - of several lines a program says, the last one tells why */
static void say_last(const char *what, int status, char *said)
{
	char *end = said + strlen(said), *line;

	while (end > said && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(said, '\n');
	report("%s failed (%d): %s", what, status, line ? line + 1 : said);
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
	say_last(argv[0], status, said);
	return -1;
}

static void leave_now(void)
{
	static char *const argv[] = { "kexec", "-e", NULL };
	char said[512];
	int status;

	sync();
	leave_remount();
	step("kexec -e");
	status = program_run(argv, 0, said, sizeof(said));
	say_last("kexec -e", status, said);
}

static void unload(void)
{
	static char *const argv[] = { "kexec", "-u", NULL };
	char said[512];

	program_run(argv, ASK_WITHIN, said, sizeof(said));
	trial_state_write(TRIAL_NONE);
}

void leave_go(struct watchdog *watchdog, enum leave_way way)
{
	watchdog_feed(watchdog);
	if (way == LEAVE_NOW) {
		leave_now();
	} else {
		sync();
		step("the system goes down");
		if (!ask_for_shutdown())
			feed_until_gone(watchdog);
	}
	unload();
	warn("the old system is left as it is%s", watchdog->fd < 0 ? "" :
	     "; the watchdog is fed no more, and may reset it");
}

/* Not ended by the terminal that goes, nor by init's first, polite signal: the
 * watchdog is to be fed as long as the system has not left.
 */
static void be_alone(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

int leave_begin(struct watchdog *watchdog, enum leave_way way)
{
	pid_t pid = fork();

	if (pid < 0)
		return report("no process to leave with: %s", strerror(errno));
	if (pid)
		return 0;
	be_alone();
	system_sleep(FIRST_WAIT);
	leave_go(watchdog, way);
	_exit(EXIT_REFUSED);
}
