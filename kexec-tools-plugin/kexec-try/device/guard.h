/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guard.h - feed the watchdog of a new system until its time is over
 */
#ifndef TRY_GUARD_H
#define TRY_GUARD_H

#include "health.h"
#include "trial.h"
#include "watchdog.h"

#define GUARD_WHY_MAX	(HEALTH_WHY_MAX + 128)

/**
 * struct guard - what guard knows; all times are those of clock_now()
 * @state: what became of the try
 * @watchdog: the watchdog
 * @owner: who feeds it once this system is confirmed
 * @health: the health command
 * @root: identity of the root file system that was sent, or ""
 * @within: seconds for the confirmation, for messages
 * @deadline: when the time for the confirmation is over
 * @next_feed: when to feed next
 * @reset_at: when to reset the system ourselves, if nothing else has
 * @why: why it goes back
 * @ended: whether somebody else has the watchdog now, and this guard is done
 * @lock: that there is but one guard; -1 while there is no place for it
 * @socket: where it is asked; -1 likewise
 * @inode: of the socket
 */
struct guard {
	enum trial_state state;
	struct watchdog watchdog;
	struct owner owner;
	struct health health;
	char root[ROOT_ID_MAX];
	long within;
	long long deadline;
	long long next_feed;
	long long reset_at;
	char why[GUARD_WHY_MAX];
	bool ended;
	int lock;
	int socket;
	unsigned long long inode;
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

/* Opens the watchdog of a new system that is on trial: its state is then
 * TRIAL_PENDING. Return: 0, or -1 after a line: the trial cannot be.
 */
int guard_begin(struct guard *guard);

/* Guards it until the end, or until somebody else has the watchdog */
void guard_watch(struct guard *guard);

#endif /* TRY_GUARD_H */
