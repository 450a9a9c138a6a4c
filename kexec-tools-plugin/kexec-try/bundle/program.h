/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - run another program, and wait for it
 */
#ifndef TRY_PROGRAM_H
#define TRY_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/* In place of an exit code: it could not be started, or a signal ended it */
#define PROGRAM_FAILED	-1

/* That of a shell, and so of ours, for a program that is not there */
#define PROGRAM_MISSING	127

/* One that runs, and our ends of pipes to its standard input and from its
 * standard output and stderr, or -1
 */
struct program {
	pid_t pid;
	int to;
	int from;
};

/* Its standard input is ours, and not /dev/null */
#define PROGRAM_STDIN	1
/* Its standard output, or that and its stderr, is a pipe to us, and not ours */
#define PROGRAM_STDOUT	2
#define PROGRAM_STDERR	4
/* Its standard input is a pipe from us */
#define PROGRAM_FEED	8

/* Starts argv[0], to be looked for in PATH; @pipes are some of the above.
 * Return: 0, or -1 with one line on stderr.
 */
int program_start(struct program *program, char *const argv[], int pipes);

/* Ends its input, and waits for its end. Return: its exit code, PROGRAM_MISSING or
 * PROGRAM_FAILED.
 */
int program_wait(struct program *program);

/* Reads what a program says to its end into @size bytes, at least 2: of more
 * than fits, the end, and a NUL. It is killed after @within milliseconds; 0: no
 * limit.
 */
void program_read(struct program *program, long within, char *text,
		  size_t size);

/* All three, with stdout and stderr. Return: as program_wait(). */
int program_run(char *const argv[], long within, char *text, size_t size);

/* The last line of what one said; cuts the newlines off the end. */
const char *program_last_line(char *text);

#endif /* TRY_PROGRAM_H */
