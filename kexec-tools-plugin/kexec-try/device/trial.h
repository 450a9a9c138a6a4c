/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trial.h - whether the running system is on trial, its state, and requests to guard
 *
 * `run` gives the new kernel up to three words: kexec_try.id=ID,
 * kexec_try.confirm_within=SECONDS, and kexec_try.root=IDENTITY. The state of the
 * try is in the file `state` of system_run_dir(), which is gone with the system.
 *
 * Requests and answers are text datagrams on the socket `guard` in the same place,
 * for root only. With datagrams, guard never waits for a client that hangs. A request
 * is `confirm`, `revert`, `status`, `extend SECONDS` or `release` (close the
 * watchdog, as a new system is about to start). An answer is an exit code for the
 * client, a blank, and text: for `status` the lines of status.h.
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

/* Room for a boot ID, a UUID, in bytes */
#define TRIAL_BOOT_ID_MAX	40

/* Longest request, and room for an answer, in bytes */
#define CONTROL_REQUEST_MAX	64
#define CONTROL_ANSWER_MAX	1024

/* What the running kernel's command line says about a try */
struct trial {
	bool is_new;		/* `run` has started this system */
	char id[TEXT_ID_SIZE];	/* of the try, or "" */
	long within;		/* seconds from boot to confirm it; 0: no need; -1: invalid */
	char root[ROOT_ID_MAX];	/* identity of its root file system, or "" */
};

void trial_read(struct trial *trial);

/* The state of the try */
enum trial_state {
	TRIAL_NONE,		/* no guard was started */
	TRIAL_PENDING,		/* not confirmed yet; its guard may have died */
	TRIAL_CONFIRMED,
	TRIAL_GOING_BACK,	/* to the old system */
	TRIAL_LEAVING,		/* for a new system */
};

/* The state's name, as in status.h */
const char *trial_state_name(enum trial_state state);

/* Reads the state file; TRIAL_NONE if it is missing or from another boot */
enum trial_state trial_state_read(void);

/* Return: 0, or -1 with one line on stderr and the file unchanged */
int trial_state_write(enum trial_state state);

/* "" if the kernel does not tell; then all boots look the same */
void trial_boot_id(char id[TRIAL_BOOT_ID_MAX]);

/**
 * trial_lock() - take a lock, which only one process can have
 * @name: of its file
 *
 * Waits up to 5 s for a holder that is about to end.
 *
 * Return: a file descriptor that holds the lock while it, or a copy of it, is open; -1
 * without a message if another process has the lock; -2 with one line on stderr if the
 * file cannot be made.
 */
int trial_lock(const char *name);

bool trial_is_locked(const char *name);

/* Creates guard's socket. Return: its descriptor, or -1 after a line on stderr. */
int control_serve(void);

/* Carries out a request and writes the answer */
typedef void control_answer(void *arg, const char *request,
			    char answer[CONTROL_ANSWER_MAX]);

/* Receives and answers one request. Return: whether there was one. */
int control_receive(int fd, control_answer *answer, void *arg);

/**
 * control_ask() - send guard a request
 * @request: the request
 * @text: the answer, without the exit code
 *
 * Return: the exit code, or -1 without a message if there is no guard, or no answer
 * within 10 s.
 */
int control_ask(const char *request, char text[CONTROL_ANSWER_MAX]);

#endif /* TRY_TRIAL_H */
