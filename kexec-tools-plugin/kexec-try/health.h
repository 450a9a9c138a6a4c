/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * health.h - a command that tells whether a system is well
 */
#ifndef TRY_HEALTH_H
#define TRY_HEALTH_H

#include <sys/types.h>

/* Longest reason of health_step(), in bytes */
#define HEALTH_WHY_MAX	128

/* How often it is run, and how long it may take, in seconds, when nobody says
 * otherwise
 */
#define HEALTH_EVERY	10
#define HEALTH_TIMEOUT	30

/**
 * struct health - the command, and how far it is
 * @command: for /bin/sh -c; NULL when there is none
 * @every: milliseconds from the end of one run to the next
 * @timeout: milliseconds that one run may take
 * @next: when it is to run next, system_now()
 * @started: when it was started
 * @pid: its process and process group while it runs, else 0
 */
struct health {
	const char *command;
	long every;
	long timeout;
	long long next;
	long long started;
	pid_t pid;
};

/**
 * health_step() - start the command when it is time, and see whether it ended
 * @health: the command
 * @now: system_now()
 * @why: what is wrong, in one line, when something is
 *
 * The command is well when it exits with 0. It is killed, with all that it
 * started in its process group, when it takes too long.
 *
 * Return: 0, or -1: the system is not well.
 */
int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX]);

/**
 * health_stop() - end the command if it runs
 * @health: the command
 */
void health_stop(struct health *health);

#endif /* TRY_HEALTH_H */
