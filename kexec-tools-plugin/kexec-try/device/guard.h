/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - feed the watchdog of a new system until its time is over
 */
#ifndef TRY_GUARD_H
#define TRY_GUARD_H

#include "control.h"
#include "health.h"
#include "trial.h"
#include "watchdog.h"

#define GUARD_WHY_MAX	(HEALTH_WHY_MAX + 128)

/* How long the watchdog is fed on while a system goes down, in seconds: one that
 * hangs then is reset
 */
#define GUARD_LEAVE_WITHIN	120

/**
 * struct guard - what guard knows; all times are those of clock_now()
 * @state: what became of the try
 * @watchdog: the watchdog
 * @health: the health command
 * @within: seconds for the confirmation, for messages
 * @deadline: when the time for the confirmation, or for leaving, is over
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

/* For a system that stays: feeds, and lends the watchdog to the next try. Does not
 * return while there is a watchdog.
 */
void guard_keep(const struct watchdog *watchdog);

#endif /* TRY_GUARD_H */
