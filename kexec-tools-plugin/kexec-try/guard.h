/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - feed the watchdog of a new system until its time is over
 */
#ifndef TRY_GUARD_H
#define TRY_GUARD_H

#include <stdbool.h>

#include "health.h"
#include "trial.h"
#include "watchdog.h"

#define GUARD_WHY_MAX	(HEALTH_WHY_MAX + 64)

/* Room for an answer to a request, with the exit code before it, in bytes */
#define GUARD_ANSWER_MAX	512

/* How long guard feeds on for a `run` that leaves this system, in seconds. The
 * system has so long to go down; one that hangs then is reset.
 */
#define GUARD_LEAVE_WITHIN	120

/**
 * struct guard - what guard knows
 * @state: what became of the try, any but TRIAL_NONE
 * @watchdog: the watchdog
 * @health: the health command
 * @within: seconds for the confirmation, for messages
 * @deadline: when the time for the confirmation, or for leaving, is over; all
 *	times are those of system_now()
 * @next_feed: when to feed next
 * @reset_at: when to reset the system ourselves, if nothing else has
 * @why: why it goes back
 */
struct guard {
	enum trial_state state;
	struct watchdog watchdog;
	struct health health;
	long within;
	long long deadline;
	long long next_feed;
	long long reset_at;
	char why[GUARD_WHY_MAX];
};

/**
 * guard_step() - do what is due
 * @guard: the guard
 * @now: system_now()
 *
 * Feeds the watchdog, runs the health command, ends the try when its time is
 * over or the system is not well, and resets the system when the watchdog has
 * not done that.
 *
 * Return: milliseconds until there is something to do again.
 */
int guard_step(struct guard *guard, long long now);

/**
 * guard_answer() - do what a request asks for
 * @guard: the guard
 * @request: `confirm`, `revert`, `status`, or `hold SECONDS`, by which `run`
 *	has the watchdog set to that time-out and fed until the system is gone
 * @now: system_now()
 * @answer: the exit code of the program that asked, a blank, and what it is to
 *	say
 */
void guard_answer(struct guard *guard, const char *request, long long now,
		  char answer[GUARD_ANSWER_MAX]);

/* Resets the system at once; the tests have their own */
extern void (*guard_reset)(void);

#endif /* TRY_GUARD_H */
