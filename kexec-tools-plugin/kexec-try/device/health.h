/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * health.h - a command that tells whether a system is well
 */
#ifndef TRY_HEALTH_H
#define TRY_HEALTH_H

#include <sys/types.h>

/* Longest reason, in bytes */
#define HEALTH_WHY_MAX	128

/* Pause between two runs, and the longest that one may take, in seconds */
#define HEALTH_EVERY	10
#define HEALTH_TIMEOUT	30

/**
 * struct health - the command; all times are milliseconds of clock_now()
 * @command: for /bin/sh, or NULL
 * @every: pause between two runs
 * @timeout: it fails when it takes longer
 * @pid: its process group, 0 while it does not run
 * @started: when it was started
 * @next: when it is to run next
 */
struct health {
	const char *command;
	long every;
	long timeout;
	pid_t pid;
	long long started;
	long long next;
};

/* Starts the command, or looks whether it has ended. Return: 0, or -1 with the
 * reason in @why when the system is not well.
 */
int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX]);

/* Kills it, and all that it has started */
void health_stop(struct health *health);

#endif /* TRY_HEALTH_H */
