/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * control.h - ask guard, and be asked
 *
 * Requests and answers are datagrams of text on the socket `guard` in
 * system_run_dir(), which nobody but root can reach: guard never waits for a
 * program that asks and then hangs.
 */
#ifndef TRY_CONTROL_H
#define TRY_CONTROL_H

#include <stddef.h>

/* Exit codes of `status` beside EXIT_GOOD for an old or a confirmed system */
#define STATUS_PENDING		3
#define STATUS_GOING_BACK	4
#define STATUS_LEAVING		5

/* Longest request, in bytes */
#define CONTROL_REQUEST_MAX	64

/**
 * control_serve() - make the socket
 *
 * Return: its file descriptor, or -1 with one line on stderr.
 */
int control_serve(void);

/**
 * control_receive() - take a request, and answer it
 * @fd: the socket
 * @answer: makes the answer, of at most GUARD_ANSWER_MAX bytes
 * @arg: its first argument
 *
 * Return: whether there was one.
 */
int control_receive(int fd, void (*answer)(void *arg, const char *request,
					   char *text), void *arg);

/**
 * control_ask() - ask guard
 * @request: the request
 * @text: the answer, without the exit code
 * @size: room at @text, in bytes
 *
 * Return: the exit code that guard answers with, or -1 without a word when there
 * is no guard, or it does not answer within 10 s.
 */
int control_ask(const char *request, char *text, size_t size);

#endif /* TRY_CONTROL_H */
