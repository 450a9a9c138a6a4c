/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - ask guard, and be asked
 *
 * Requests and answers are datagrams of text on the socket `guard` in
 * system_run_dir(), which nobody but root can reach: guard never waits for a
 * program that asks and then hangs. A request is `confirm`, `revert`, `status`,
 * `extend SECONDS` or `release` (close the watchdog, a new system is about to be
 * started). An answer is
 * the exit code of who asks, a blank, and text: for `status` lines of status.h.
 */
#ifndef TRY_CONTROL_H
#define TRY_CONTROL_H

#include <stddef.h>

/* Longest request, and room for an answer, in bytes */
#define CONTROL_REQUEST_MAX	64
#define CONTROL_ANSWER_MAX	1024

/* Makes the socket. Return: its file descriptor, or -1 after a line on stderr. */
int control_serve(void);

/* Of the socket where it should be; 0 without one */
unsigned long long control_inode(void);

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

#endif /* TRY_CONTROL_H */
