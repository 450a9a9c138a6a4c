// SPDX-License-Identifier: GPL-2.0-only
/*
 * owner.c - who feeds the watchdog while no try does
 *
 * procd: watchdog_set() of its system.c. To stop is to close the device, without
 * the magic character unless `magicclose` was set before: the hardware counts on.
 * Not to stop is to open the device and to feed it.
 */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "trial.h"
#include "files.h"
#include "owner.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "try.h"

/* What is asked for is done in this time, in milliseconds */
#define ASK_WITHIN	5000
#define DONE_WITHIN	3000
#define LOOK_EVERY	100

/* Arguments of a daemon, and the NULL */
#define ARGS_MAX	16

void owner_of_init(struct owner *owner)
{
	if (!system_exists("/sbin/procd"))
		return;
	owner->kind = OWNER_PROCD;
	strcpy(owner->who, "procd");
}

int owner_refuse(const struct owner *owner)
{
	return report("/dev/watchdog is held by %s; have it let go first: see WATCHDOG in kexec-try(8)",
		      owner->who);
}

void owner_find(struct owner *owner)
{
	char path[SYSTEM_PATH_MAX], name[WATCHDOG_NAME_MAX];
	char text[CONTROL_ANSWER_MAX];
	int fd;

	memset(owner, 0, sizeof(*owner));
	owner->pid = watchdog_holder(name);
	if (!owner->pid)
		return;
	snprintf(owner->who, sizeof(owner->who), "%s (%ld)", name,
		 (long)owner->pid);
	owner->kind = OWNER_OTHER;
	if (!strcmp(name, "procd")) {
		owner->kind = OWNER_PROCD;
	} else if (!strcmp(name, "watchdog")) {
		fd = system_path(path, "/proc/%ld/cmdline", (long)owner->pid) ?
			-1 : open(path, O_RDONLY | O_CLOEXEC);
		owner->kind = OWNER_DAEMON;
		owner->size = files_read(fd, owner->command,
					 OWNER_COMMAND_MAX - 1);
		if (fd >= 0)
			close(fd);
	} else if (control_ask("status", text) >= 0) {
		owner->kind = OWNER_GUARD;
	}
}

static int ask_procd(const char *what)
{
	char *argv[] = { "ubus", "call", "system", "watchdog", (char *)what,
			 NULL };
	char said[256];
	int status = program_run(argv, ASK_WITHIN, said, sizeof(said));

	return status ? report("procd was asked for the watchdog, and ubus failed (%d): %s",
			       status, program_last_line(said)) : 0;
}

/* Whether somebody has the watchdog open, or nobody, in time */
static bool wait_for_holder(bool wanted)
{
	char name[WATCHDOG_NAME_MAX];
	int i;

	for (i = 0; i < DONE_WITHIN / LOOK_EVERY; i++) {
		if (!!watchdog_holder(name) == wanted)
			return true;
		clock_sleep(LOOK_EVERY);
	}
	return false;
}

int owner_take(const struct owner *owner)
{
	char text[CONTROL_ANSWER_MAX];

	switch (owner->kind) {
	case OWNER_NOBODY:
		return 0;
	case OWNER_GUARD:
		if (control_ask("release", text) != EXIT_GOOD)
			return report("guard does not let go of the watchdog");
		break;
	case OWNER_PROCD:
		if (ask_procd("{\"stop\":true}"))
			return -1;
		break;
	case OWNER_DAEMON:
		kill(owner->pid, SIGTERM);
		break;
	case OWNER_OTHER:
		break;
	}
	if (owner->kind != OWNER_OTHER && wait_for_holder(false))
		return 0;
	return owner_refuse(owner);
}

static int start_daemon(const struct owner *owner)
{
	char *argv[ARGS_MAX + 1] = { NULL }, copy[OWNER_COMMAND_MAX], said[256];
	size_t at, args = 0;

	memcpy(copy, owner->command, sizeof(copy));
	for (at = 0; at < owner->size && args < ARGS_MAX;
	     at += strlen(copy + at) + 1)
		argv[args++] = copy + at;
	return args ? program_run(argv, ASK_WITHIN, said, sizeof(said)) : -1;
}

bool owner_give(const struct owner *owner, struct watchdog *watchdog)
{
	if (owner->kind != OWNER_PROCD && owner->kind != OWNER_DAEMON)
		return false;
	watchdog_feed(watchdog);
	watchdog_close(watchdog);
	if (!(owner->kind == OWNER_PROCD ? ask_procd("{\"stop\":false}") :
	      start_daemon(owner)) && wait_for_holder(true))
		return true;
	warn("%s does not take the watchdog; kexec-try feeds it", owner->who);
	watchdog_open(watchdog);
	return false;
}
