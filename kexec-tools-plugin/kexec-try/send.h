/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * send.h - try a bundle on a device, over ssh
 */
#ifndef TRY_SEND_H
#define TRY_SEND_H

/* Exit codes of `send` beside EXIT_GOOD, for a confirmed system, and
 * EXIT_REFUSED
 */
#define SEND_PENDING	3
#define SEND_BACK	4
#define SEND_UNKNOWN	5

/**
 * enum send_answer - what a device says of itself
 * @ANSWER_NONE: nothing that makes sense
 * @ANSWER_LEAVING: it is about to leave the system that it has
 * @ANSWER_OTHER: it has a system that is not the one of our try, and stays there
 * @ANSWER_UNGUARDED: it has the new system, and no guard yet
 * @ANSWER_PENDING: it has the new system, which waits to be confirmed
 * @ANSWER_CONFIRMED: it has the new system, which stays
 * @ANSWER_GOING_BACK: it has the new system, which goes back
 */
enum send_answer {
	ANSWER_NONE,
	ANSWER_LEAVING,
	ANSWER_OTHER,
	ANSWER_UNGUARDED,
	ANSWER_PENDING,
	ANSWER_CONFIRMED,
	ANSWER_GOING_BACK,
};

/**
 * send_parse() - read what `kexec-try status` printed on the device
 * @text: what it printed, and ssh with it
 * @id: identity of our try
 *
 * Return: what it says.
 */
enum send_answer send_parse(const char *text, const char *id);

#endif /* TRY_SEND_H */
