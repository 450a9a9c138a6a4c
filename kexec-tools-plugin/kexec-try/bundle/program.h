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

/**
 * program_start() - start a program
 * @program: the program
 * @argv: its name, to be looked for in PATH, and its arguments
 * @pipes: PROGRAM_STDIN or PROGRAM_FEED, PROGRAM_STDOUT, PROGRAM_STDERR
 *
 * Return: 0, or -1 with one line on stderr.
 */
int program_start(struct program *program, char *const argv[], int pipes);

/* Ends its input, and waits for its end. Return: its exit code, PROGRAM_MISSING or
 * PROGRAM_FAILED.
 */
int program_wait(struct program *program);

/**
 * program_read() - read what a program says, to its end
 * @program: the program
 * @within: milliseconds for that; it is killed when they are over; 0: no limit
 * @text: what it says, ended by a NUL; of more than fits, the end
 * @size: room at @text, in bytes, at least 2
 */
void program_read(struct program *program, long within, char *text,
		  size_t size);

/* All three, with stdout and stderr. Return: as program_wait(). */
int program_run(char *const argv[], long within, char *text, size_t size);

/* The same with our input and output, without a word. A signal handler may call it. */
void program_run_bare(char *const argv[]);

/* Removes a directory and all that is in it, without a word. A signal handler may call
 * it.
 */
void program_remove(const char *directory);

/* Has a handler called for the signals by which a user ends a program, but not for one
 * that is ignored: nohup(1). What is started then ignores it, too.
 */
void program_at_signals(void (*handler)(int signal));

/* The last line of what one said; cuts the newlines off the end. */
const char *program_last_line(char *text);

#endif /* TRY_PROGRAM_H */
