/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - run other programs, and wait
 */
#ifndef TRY_PROGRAM_H
#define TRY_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* In place of an exit code: the program did not start, or a signal ended it */
#define PROGRAM_FAILED	-1

/* The exit code for a program that does not exist, as in a shell */
#define PROGRAM_MISSING	127

/* A running program */
struct program {
	pid_t pid;
	int to;			/* pipe to its standard input, or -1 */
	int from;		/* pipe from its output, or -1 */
};

#define PROGRAM_STDIN	1	/* it inherits standard input; else: /dev/null */
#define PROGRAM_STDOUT	2	/* its standard output is a pipe; else: inherited */
#define PROGRAM_STDERR	4	/* so is its standard error; needs PROGRAM_STDOUT */
#define PROGRAM_FEED	8	/* its standard input is a pipe */

/**
 * program_start() - start a program
 * @program: the program
 * @argv: its name, which is searched in PATH, its arguments, and a NULL
 * @pipes: PROGRAM_STDIN or PROGRAM_FEED, PROGRAM_STDOUT, PROGRAM_STDERR
 *
 * Return: 0, or -1 with one line on stderr.
 */
int program_start(struct program *program, char *const argv[], int pipes);

/* Closes the pipes, and waits until the program ends. Return: its exit code,
 * PROGRAM_MISSING or PROGRAM_FAILED.
 */
int program_wait(struct program *program);

/* Ends the program's input, waits at most @within milliseconds until it has ended, and
 * then kills it. Return: whether it ended by itself; program_wait() is next.
 */
bool program_ends(struct program *program, long long within);

/**
 * program_read() - read the output of a program until it closes the pipe
 * @program: the program
 * @within: milliseconds after which the program is killed; 0: no limit
 * @text: its output, with a NUL at the end; if that does not fit, the last part
 * @size: room at @text in bytes, at least 2
 */
void program_read(struct program *program, long within, char *text,
		  size_t size);

/* Runs a program, and reads its stdout and stderr. Return: as program_wait(). */
int program_run(char *const argv[], long within, char *text, size_t size);

/* Runs a program that inherits input and output, without a message if that fails. Safe
 * in a signal handler.
 */
void program_run_bare(char *const argv[]);

/* Removes a directory and its contents, without a message if that fails. Safe in a
 * signal handler.
 */
void program_remove(const char *directory);

/* Installs a handler for SIGHUP, SIGINT and SIGTERM, except for those that are ignored,
 * as under nohup(1). Programs started later ignore these, too.
 */
void program_at_signals(void (*handler)(int signal));

/* Strips the newlines at the end of @text. Return: its last line. */
const char *program_last_line(char *text);

/* The time since the system booted: CLOCK_MONOTONIC in milliseconds, minus
 * clock_booted, which is 0 except in tests
 */
long long clock_now(void);
extern long long clock_booted;

/* Sleeps; tests replace it */
extern void (*clock_sleep)(int milliseconds);

#endif /* TRY_PROGRAM_H */
