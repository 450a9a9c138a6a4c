/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - run another program, and wait for it
 */
#ifndef TRY_PROGRAM_H
#define TRY_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

/* What program_wait() and program_run() return for one that could not be started
 * or waited for, or was ended by a signal
 */
#define PROGRAM_FAILED	-1

/**
 * struct program - a program that runs
 * @pid: its process
 * @to: a pipe to its standard input, or -1
 * @from: a pipe from its standard output and, if wanted, its stderr, or -1
 */
struct program {
	pid_t pid;
	int to;
	int from;
};

/* What of a program is a pipe to us, and not what is ours */
#define PROGRAM_STDIN	1
#define PROGRAM_STDOUT	2
#define PROGRAM_STDERR	4	/* with PROGRAM_STDOUT, and in the same pipe */

/**
 * program_start() - start a program
 * @program: the program; both its pipes are closed on exec
 * @argv: its name, to be looked for in PATH, and its arguments
 * @pipes: PROGRAM_STDIN, PROGRAM_STDOUT, PROGRAM_STDERR; without PROGRAM_STDIN
 *	it reads from /dev/null
 *
 * Return: 0, or -1 with one line on stderr. That there is no such program is
 * only known by its exit code, 127.
 */
int program_start(struct program *program, char *const argv[], int pipes);

/**
 * program_wait() - wait for the end of a program
 * @program: the program; its pipes are closed
 *
 * Return: its exit code, or PROGRAM_FAILED.
 */
int program_wait(struct program *program);

/**
 * program_read() - read what a program says, to its end
 * @program: the program
 * @within: milliseconds for that; it is killed when they are over; 0: no limit
 * @text: what it says, ended by a NUL; what does not fit is dropped
 * @size: room at @text, in bytes, at least 1
 */
void program_read(struct program *program, long within, char *text,
		  size_t size);

/**
 * program_run() - run a program, and keep what it says
 * @argv: its name and arguments
 * @within: milliseconds for it to end; 0: no limit
 * @text: what it says on stdout and stderr, as from program_read()
 * @size: room at @text
 *
 * Return: its exit code, or PROGRAM_FAILED.
 */
int program_run(char *const argv[], long within, char *text, size_t size);

#endif /* TRY_PROGRAM_H */
