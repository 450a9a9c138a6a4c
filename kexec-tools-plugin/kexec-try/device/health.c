// SPDX-License-Identifier: GPL-2.0-only
/*
 * health.c - a command that tells whether a system is well
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "health.h"

static void run_command(const char *command)
{
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127); /* as a shell says that there is no such command */
}

static int start(struct health *health, long long now,
		 char why[HEALTH_WHY_MAX])
{
	health->pid = fork();
	if (!health->pid)
		run_command(health->command);
	if (health->pid < 0) {
		health->pid = 0;
		snprintf(why, HEALTH_WHY_MAX,
			 "the health command cannot be started: %s",
			 strerror(errno));
		return -1;
	}
	/* Here too, so that the group is there whoever is first */
	setpgid(health->pid, health->pid);
	health->started = now;
	return 0;
}

static int judge(int status, char why[HEALTH_WHY_MAX])
{
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status))
		snprintf(why, HEALTH_WHY_MAX,
			 "the health command exited with %d",
			 WEXITSTATUS(status));
	else
		snprintf(why, HEALTH_WHY_MAX,
			 "the health command was ended by signal %d",
			 WTERMSIG(status));
	return -1;
}

int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX])
{
	int status;

	if (!health->command)
		return 0;
	if (!health->pid)
		return now < health->next ? 0 : start(health, now, why);

	if (waitpid(health->pid, &status, WNOHANG) == health->pid) {
		health->pid = 0;
		health->next = now + health->every;
		return judge(status, why);
	}
	if (now - health->started < health->timeout)
		return 0;
	health_stop(health);
	snprintf(why, HEALTH_WHY_MAX,
		 "the health command took longer than %ld s",
		 health->timeout / 1000);
	return -1;
}

/* Not waited for without end: a process that hangs in the kernel stays. */
void health_stop(struct health *health)
{
	if (!health->pid)
		return;
	kill(-health->pid, SIGKILL);
	waitpid(health->pid, NULL, WNOHANG);
	health->pid = 0;
}
