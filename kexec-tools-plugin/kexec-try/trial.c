// SPDX-License-Identifier: GPL-2.0-only
/*
 * trial.c - whether the running system is on trial, and what became of it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "say.h"
#include "system.h"
#include "trial.h"

static const char *const state_name[] = {
	[TRIAL_NONE] = "none",
	[TRIAL_PENDING] = "pending",
	[TRIAL_CONFIRMED] = "confirmed",
	[TRIAL_GOING_BACK] = "going back",
	[TRIAL_LEAVING] = "leaving",
};

#define STATES	(sizeof(state_name) / sizeof(state_name[0]))

/* Try to get a lock so often, and wait so long between, in milliseconds. In all
 * it is what a process between its fork() and its exec() may need on a slow and
 * busy device.
 */
#define LOCK_TIMES	50
#define LOCK_EVERY	100

/* Room for the identity of a boot, a UUID, and for a state beside it, in bytes */
#define BOOT_ID_MAX	64
#define STATE_MAX	(BOOT_ID_MAX + 32)

void trial_read(struct trial *trial)
{
	char cmdline[SYSTEM_CMDLINE_MAX], within[16];

	memset(trial, 0, sizeof(*trial));
	system_read("/proc/cmdline", cmdline, sizeof(cmdline));
	trial->is_new = system_word(cmdline, TRIAL_ID_WORD, trial->id,
				    sizeof(trial->id));
	if (!system_word(cmdline, TRIAL_WITHIN_WORD, within, sizeof(within)))
		return;
	trial->is_new = true;
	if (system_parse_number(within, 0, TRIAL_WITHIN_MAX, &trial->within))
		trial->within = -1;
}

const char *trial_state_name(enum trial_state state)
{
	return state_name[state];
}

/* The path of a file of ours, or -1 after a line on stderr */
static int our_file(char path[SYSTEM_PATH_MAX], const char *name)
{
	char dir[SYSTEM_PATH_MAX];

	if (system_run_dir(dir))
		return -1;
	if (snprintf(path, SYSTEM_PATH_MAX, "%s/%s", dir, name) >=
	    SYSTEM_PATH_MAX)
		return report("%s: the name is too long", dir);
	return 0;
}

static enum trial_state state_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < STATES; i++)
		if (!strcmp(state_name[i], name))
			return i;
	/* Whoever wrote that, it is no confirmation */
	return TRIAL_GOING_BACK;
}

/* "" where the kernel does not tell, and then all boots are one. */
static void read_boot_id(char id[BOOT_ID_MAX])
{
	system_read("/proc/sys/kernel/random/boot_id", id, BOOT_ID_MAX);
}

/* What another boot left, where /run outlives it, says nothing of this one: a
 * system that was confirmed once is not confirmed for good.
 */
enum trial_state trial_state_read(void)
{
	char path[SYSTEM_PATH_MAX], text[STATE_MAX], boot_id[BOOT_ID_MAX];
	char *id;

	if (our_file(path, "state"))
		return TRIAL_NONE;
	if (system_read(path + strlen(system_root), text, sizeof(text)))
		return TRIAL_NONE;
	id = text + strcspn(text, "\n");
	if (*id)
		*id++ = '\0';
	read_boot_id(boot_id);
	return strcmp(id, boot_id) ? TRIAL_NONE : state_by_name(text);
}

/* Whole or not at all: written beside it, then renamed. */
int trial_state_write(enum trial_state state)
{
	char path[SYSTEM_PATH_MAX], fresh[SYSTEM_PATH_MAX];
	char text[STATE_MAX], boot_id[BOOT_ID_MAX];
	int fd, length;
	bool good;

	if (our_file(path, "state") || our_file(fresh, "state.new"))
		return -1;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return report("%s: cannot be written: %s", fresh,
			      strerror(errno));
	read_boot_id(boot_id);
	length = snprintf(text, sizeof(text), "%s\n%s\n", state_name[state],
			  boot_id);
	good = write(fd, text, length) == length;
	close(fd);
	if (!good || rename(fresh, path) < 0)
		return report("%s: cannot be written: %s", path,
			      strerror(errno));
	return 0;
}

static int lock_file(const char *name, int how)
{
	char path[SYSTEM_PATH_MAX];
	int fd;

	if (our_file(path, name))
		return -2;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		report("%s: cannot be made: %s", path, strerror(errno));
		return -2;
	}
	if (!flock(fd, how | LOCK_NB))
		return fd;
	close(fd);
	return -1;
}

int trial_lock(const char *name)
{
	return lock_file(name, LOCK_EX);
}

/* With a lock that any number may have, so that two who ask are no answer. */
bool trial_is_locked(const char *name)
{
	int lock = lock_file(name, LOCK_SH);

	if (lock >= 0)
		close(lock);
	return lock == -1;
}

int trial_lock_soon(const char *name)
{
	int lock = trial_lock(name), i;

	for (i = 0; lock == -1 && i < LOCK_TIMES; i++) {
		system_sleep(LOCK_EVERY);
		lock = trial_lock(name);
	}
	return lock;
}
