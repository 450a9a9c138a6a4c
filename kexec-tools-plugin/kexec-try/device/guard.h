/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - feed the watchdog of a new system until its time is over
 */
#ifndef TRY_GUARD_H
#define TRY_GUARD_H

#include "trial.h"
#include "watchdog.h"

/* Longest reasons, in bytes */
#define HEALTH_WHY_MAX	128
#define GUARD_WHY_MAX	(HEALTH_WHY_MAX + 128)

/* A command that tells whether a system is well; all times are milliseconds, those
 * of clock_now()
 */
struct health {
	const char *command;	/* for /bin/sh, or NULL */
	long every;		/* pause between two runs */
	long timeout;		/* it fails when it takes longer */
	pid_t pid;		/* its process group, 0 while it does not run */
	long long next;		/* when it is to run next, or to have ended */
};

/* Starts the command, or looks whether it has ended. Return: 0, or -1 with the
 * reason in @why when the system is not well.
 */
int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX]);

/* Kills it, and all that it has started */
void health_stop(struct health *health);

/* What guard knows; all times are those of clock_now() */
struct guard {
	enum trial_state state;
	struct watchdog watchdog;
	struct owner owner;		/* who feeds it in a confirmed system */
	struct health health;
	char root[ROOT_ID_MAX];		/* that was sent, until it was looked at; or "" */
	long long deadline;		/* when the time to confirm it is over */
	long long reset_at;		/* by ourselves, if nothing else has */
	long long ask_at;		/* for the watchdog, not before */
	long long give_at;		/* it to init, not before */
	char why[GUARD_WHY_MAX];	/* it goes back */
	bool ended;			/* somebody else has the watchdog now */
	int lock;			/* that there is but one guard; or -1 */
	int socket;			/* where it is asked; or -1 */
};

/**
 * guard_step() - do what is due
 *
 * Feeds the watchdog, runs the health command, ends the try when its time is
 * over or the system is not well, and resets the system when the watchdog has
 * not done that.
 *
 * Return: milliseconds until there is something to do again.
 */
int guard_step(struct guard *guard, long long now);

/* Does what a request asks for */
void guard_answer(struct guard *guard, const char *request, long long now,
		  char answer[CONTROL_ANSWER_MAX]);

/* For a system that stays: feeds until the next try takes the watchdog */
void guard_keep(const struct watchdog *watchdog);

#endif /* TRY_GUARD_H */
