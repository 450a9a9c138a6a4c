/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - whether the running system is on trial, and what became of it
 *
 * `run` gives the new kernel two words, which are all that the new system knows
 * of the try: kexec_try.id=ID and kexec_try.confirm_within=SECONDS. What becomes
 * of the try stands in the file `state` of system_run_dir(), which is gone with
 * the system.
 */
#ifndef TRY_TRIAL_H
#define TRY_TRIAL_H

#include <stdbool.h>

#define TRIAL_ID_WORD		"kexec_try.id"
#define TRIAL_WITHIN_WORD	"kexec_try.confirm_within"

/* Longest identity of a try, in bytes */
#define TRIAL_ID_MAX		32

/* The longest time for a confirmation, in seconds: a week */
#define TRIAL_WITHIN_MAX	(7 * 24 * 3600)

/* What `run` gives a new system when nobody says otherwise, in seconds: time to
 * log in and look around
 */
#define TRIAL_WITHIN		300

/**
 * struct trial - what the command line of the running kernel says of a try
 * @is_new: whether this is a new system: `run` has started it
 * @id: identity of the try, or ""
 * @within: seconds from its boot on within which it must be confirmed; 0 when
 *	it need not be; -1 when the number on the command line is none
 */
struct trial {
	bool is_new;
	char id[TRIAL_ID_MAX + 1];
	long within;
};

/**
 * enum trial_state - what became of the try
 * @TRIAL_NONE: nobody has said: no guard was started
 * @TRIAL_PENDING: a guard waits for the confirmation, or did when it died
 * @TRIAL_CONFIRMED: the system was confirmed
 * @TRIAL_GOING_BACK: it was not, and the old system will be back
 * @TRIAL_LEAVING: this system makes place for a new one
 */
enum trial_state {
	TRIAL_NONE,
	TRIAL_PENDING,
	TRIAL_CONFIRMED,
	TRIAL_GOING_BACK,
	TRIAL_LEAVING,
};

/**
 * trial_read() - read the command line of the running kernel
 * @trial: what it says of a try
 */
void trial_read(struct trial *trial);

/**
 * trial_state_name() - the state as text
 * @state: the state
 *
 * Return: one word, or two: "going back".
 */
const char *trial_state_name(enum trial_state state);

/**
 * trial_state_read() - read the file `state`
 *
 * Return: what it says; TRIAL_NONE when there is none, or one that another boot
 * left.
 */
enum trial_state trial_state_read(void);

/**
 * trial_state_write() - write the file `state`
 * @state: the state
 *
 * Return: 0, or -1 with one line on stderr; the file is then what it was.
 */
int trial_state_write(enum trial_state state);

/**
 * trial_lock() - see to it that there is but one
 * @name: of what
 *
 * Return: a file descriptor that holds the lock as long as it, or a copy of it,
 * is open; -1 without a word when somebody else has it; -2 with one line on
 * stderr when it cannot be made.
 */
int trial_lock(const char *name);

/**
 * trial_is_locked() - see whether somebody has a lock
 * @name: of what
 *
 * Return: whether trial_lock() of another process holds it.
 */
bool trial_is_locked(const char *name);

/**
 * trial_lock_soon() - the same, but wait a moment for one who is about to end
 * @name: of what
 *
 * `status` has the lock of `run` for as long as it takes to look at it; what a
 * guard that died was about to start has that of guard a moment longer.
 *
 * Return: as trial_lock().
 */
int trial_lock_soon(const char *name);

#endif /* TRY_TRIAL_H */
