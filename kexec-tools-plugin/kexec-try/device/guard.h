/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - feed the watchdog of a new system until its time is over
 */
#ifndef TRY_GUARD_H
#define TRY_GUARD_H

#include "trial.h"
#include "watchdog.h"

/* Room for a reason, in bytes */
#define HEALTH_WHY_MAX	128
#define GUARD_WHY_MAX	(HEALTH_WHY_MAX + 128)

/* A command that tells whether the system is well; times are in milliseconds,
 * points in time as from clock_now()
 */
struct health {
	const char *command;	/* for /bin/sh, or NULL */
	long every;		/* pause between two runs */
	long timeout;		/* of one run */
	pid_t pid;		/* its process group; 0: not running */
	long long next;		/* start of the next run, or deadline of this one */
};

/* Starts the command, or checks whether it has ended. Return: 0, or -1 with the
 * reason in @why if the system is not well.
 */
int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX]);

/* Kills the command's process group */
void health_stop(struct health *health);

/* The state of a guard; points in time are those of clock_now() */
struct guard {
	enum trial_state state;
	struct watchdog watchdog;
	struct owner owner;		/* gets the watchdog of a confirmed system */
	struct health health;
	char root[ROOT_ID_MAX];		/* identity of the root that was sent; "" once checked */
	long long deadline;		/* of the confirmation */
	long long reset_at;		/* when to reset, or to try that again */
	long long ask_at;		/* earliest next request for the watchdog */
	long long give_at;		/* earliest next attempt to hand it over */
	char why[GUARD_WHY_MAX];	/* why the system goes back */
	bool ended;			/* nothing left to do: leave the main loop */
	int lock;			/* guard.lock; -1: another guard has it; -2: no place for it */
	int socket;			/* for requests; or -1 */
};

/**
 * guard_step() - do what is due
 *
 * Feeds the watchdog, runs the health command, ends the try when its time is over or
 * the system is not well, and then resets the device.
 *
 * Return: milliseconds until the next step.
 */
int guard_step(struct guard *guard, long long now);

/* Carries out a request */
void guard_answer(struct guard *guard, const char *request, long long now,
		  char answer[CONTROL_ANSWER_MAX]);

/* For an old or confirmed system: feeds until the next try takes the watchdog */
void guard_keep(const struct watchdog *watchdog);

#endif /* TRY_GUARD_H */
