// SPDX-License-Identifier: GPL-2.0-only
/*
 * trial.c - whether the running system is on trial, and what became of it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "say.h"
#include "system.h"
#include "trial.h"

static const char *const state_name[] = {
	[TRIAL_NONE] = "none",
	[TRIAL_PENDING] = "pending",
	[TRIAL_CONFIRMED] = "confirmed",
	[TRIAL_GOING_BACK] = "going-back",
	[TRIAL_LEAVING] = "leaving",
};

#define STATES	(sizeof(state_name) / sizeof(state_name[0]))

/* Try to get a lock so often, and wait so long between, in milliseconds. In all
 * it is what a process between its fork() and its exec() may need on a slow and
 * busy device.
 */
#define LOCK_TIMES	50
#define LOCK_EVERY	100

/* All states are that long, in bytes: to write another one takes no more room */
#define STATE_SIZE	64

void trial_read(struct trial *trial)
{
	char cmdline[SYSTEM_CMDLINE_MAX], within[16];

	memset(trial, 0, sizeof(*trial));
	system_read("/proc/cmdline", cmdline, sizeof(cmdline));
	trial->is_new = text_word(cmdline, TRIAL_ID_WORD, trial->id,
				  sizeof(trial->id));
	text_word(cmdline, TRIAL_ROOT_WORD, trial->root, sizeof(trial->root));
	if (!text_word(cmdline, TRIAL_WITHIN_WORD, within, sizeof(within)))
		return;
	trial->is_new = true;
	if (text_number(within, 0, TRY_WITHIN_MAX, &trial->within))
		trial->within = -1;
}

const char *trial_state_name(enum trial_state state)
{
	return state_name[state];
}

void trial_boot_id(char id[TRIAL_BOOT_ID_MAX])
{
	system_read("/proc/sys/kernel/random/boot_id", id, TRIAL_BOOT_ID_MAX);
}

/* A file of ours, open, or -1 after a line on stderr */
static int open_ours(const char *name, int flags)
{
	char dir[SYSTEM_PATH_MAX], *path;
	int fd;

	if (system_run_dir(dir))
		return -1;
	path = must_print("%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && (flags & O_CREAT))
		report("%s: cannot be made: %s", path, strerror(errno));
	free(path);
	return fd;
}

/* What another boot left, where /run outlives it, says nothing of this one. What
 * nobody of us wrote is no confirmation.
 */
enum trial_state trial_state_read(void)
{
	char text[STATE_SIZE + 1] = "", boot_id[TRIAL_BOOT_ID_MAX], *id;
	int fd = open_ours("state", O_RDONLY);
	unsigned int i;

	if (fd < 0)
		return TRIAL_NONE;
	if (read(fd, text, STATE_SIZE) < 0)
		text[0] = '\0';
	close(fd);
	text[strcspn(text, "\n")] = '\0';
	id = text + strcspn(text, " ");
	if (*id)
		*id++ = '\0';
	id[strcspn(id, " ")] = '\0';
	trial_boot_id(boot_id);
	if (strcmp(id, boot_id))
		return TRIAL_NONE;
	for (i = 0; i < STATES; i++)
		if (!strcmp(state_name[i], text))
			return i;
	return TRIAL_GOING_BACK;
}

/* In one write over what is there: a file system that is full takes that, too,
 * and a reader sees the old state or the new one.
 */
int trial_state_write(enum trial_state state)
{
	char text[STATE_SIZE + 1], boot_id[TRIAL_BOOT_ID_MAX];
	int fd = open_ours("state", O_WRONLY | O_CREAT), result;

	if (fd < 0)
		return -1;
	trial_boot_id(boot_id);
	snprintf(text, sizeof(text), "%s %-*s\n", state_name[state],
		 (int)(STATE_SIZE - 2 - strlen(state_name[state])), boot_id);
	result = pwrite(fd, text, STATE_SIZE, 0) == STATE_SIZE ? 0 :
		report("the state of the try cannot be written: %s",
		       strerror(errno));
	close(fd);
	return result;
}

void trial_stay(void)
{
	struct trial trial;

	trial_read(&trial);
	trial_state_write(trial.is_new ? TRIAL_CONFIRMED : TRIAL_NONE);
}

static int lock_file(const char *name, int how)
{
	int fd = open_ours(name, O_RDWR | O_CREAT);

	if (fd < 0)
		return -2;
	if (!flock(fd, how | LOCK_NB))
		return fd;
	close(fd);
	return -1;
}

/* With a lock that any number may have, so that two who ask are no answer. */
bool trial_is_locked(const char *name)
{
	int lock = lock_file(name, LOCK_SH);

	if (lock >= 0)
		close(lock);
	return lock == -1;
}

int trial_lock(const char *name)
{
	int lock = lock_file(name, LOCK_EX), i;

	for (i = 0; lock == -1 && i < LOCK_TIMES; i++) {
		clock_sleep(LOCK_EVERY);
		lock = lock_file(name, LOCK_EX);
	}
	return lock;
}
