/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - whether the running system is on trial, what became of it, and how
 *	guard is asked
 *
 * `run` gives the new kernel up to three words: kexec_try.id=ID,
 * kexec_try.confirm_within=SECONDS, and kexec_try.root=IDENTITY. What becomes of
 * the try stands in the file `state` of system_run_dir(), which is gone with the
 * system.
 *
 * Requests and answers are datagrams of text on the socket `guard` there, which
 * nobody but root can reach: guard never waits for a program that asks and then
 * hangs. A request is `confirm`, `revert`, `status`, `extend SECONDS` or `release`
 * (close the watchdog, a new system is about to be started). An answer is the exit
 * code of who asks, a blank, and text: for `status` lines of status.h.
 */
#ifndef TRY_TRIAL_H
#define TRY_TRIAL_H

#include <stdbool.h>

#include "root.h"
#include "text.h"
#include "try.h"

#define TRIAL_ID_WORD		"kexec_try.id"
#define TRIAL_WITHIN_WORD	"kexec_try.confirm_within"
#define TRIAL_ROOT_WORD		"kexec_try.root"

/* Room for the identity of a boot, a UUID, in bytes */
#define TRIAL_BOOT_ID_MAX	40

/* Longest request, and room for an answer, in bytes */
#define CONTROL_REQUEST_MAX	64
#define CONTROL_ANSWER_MAX	1024

/* What the command line of the running kernel says of a try */
struct trial {
	bool is_new;		/* `run` has started this system */
	char id[TEXT_ID_SIZE];	/* of the try, or "" */
	long within;		/* seconds from its boot on to confirm it; 0: it need
				 * not be; -1: the number there is none
				 */
	char root[ROOT_ID_MAX];	/* of its root file system, or "" */
};

void trial_read(struct trial *trial);

/* What became of the try */
enum trial_state {
	TRIAL_NONE,		/* nobody has said: no guard was started */
	TRIAL_PENDING,		/* a guard waits, or did when it died */
	TRIAL_CONFIRMED,
	TRIAL_GOING_BACK,	/* the old system will be back */
	TRIAL_LEAVING,		/* this system makes place for a new one */
};

/* The state as in status.h */
const char *trial_state_name(enum trial_state state);

/* What the file says; TRIAL_NONE when there is none, or another boot's */
enum trial_state trial_state_read(void);

/* Return: 0, or -1 with one line on stderr; the file is then what it was. */
int trial_state_write(enum trial_state state);

/* "" where the kernel does not tell, and then all boots are one */
void trial_boot_id(char id[TRIAL_BOOT_ID_MAX]);

/**
 * trial_lock() - see to it that there is but one
 * @name: of what
 *
 * Waits a moment for one who is about to end.
 *
 * Return: a file descriptor that holds the lock as long as it, or a copy of it,
 * is open; -1 without a word when somebody else has it; -2 with one line on
 * stderr when it cannot be made.
 */
int trial_lock(const char *name);

/* Whether somebody has it */
bool trial_is_locked(const char *name);

/* Makes the socket. Return: its file descriptor, or -1 after a line on stderr. */
int control_serve(void);

/* Makes the answer to a request */
typedef void control_answer(void *arg, const char *request,
			    char answer[CONTROL_ANSWER_MAX]);

/* Takes a request and answers it. Return: whether there was one. */
int control_receive(int fd, control_answer *answer, void *arg);

/**
 * control_ask() - ask guard
 * @request: the request
 * @text: the answer, without the exit code
 *
 * Return: the exit code that guard answers with, or -1 without a word when there
 * is no guard, or it does not answer within 10 s.
 */
int control_ask(const char *request, char text[CONTROL_ANSWER_MAX]);

#endif /* TRY_TRIAL_H */
