// SPDX-License-Identifier: GPL-2.0-only
/*
 * program.c - run other programs, and wait
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "program.h"
#include "say.h"

/* In milliseconds */
#define TICK		10	/* check for the end of a program */
#define CLEAN_UP	1000	/* from SIGTERM to SIGKILL */

static void become(char *const argv[], int in, int out, int pipes)
{
	program_at_signals(SIG_DFL); /* the handler is not for this process */
	/* Ends with the process that waits for it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!(pipes & PROGRAM_STDIN))
		dup2(in < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : in,
		     STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (pipes & PROGRAM_STDERR)
		dup2(out, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	_exit(PROGRAM_MISSING);
}

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

int program_start(struct program *program, char *const argv[], int pipes)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };

	program->pid = -1;
	if ((!(pipes & PROGRAM_STDOUT) || !pipe2(out, O_CLOEXEC)) &&
	    (!(pipes & PROGRAM_FEED) || !pipe2(in, O_CLOEXEC)))
		program->pid = fork();
	if (!program->pid)
		become(argv, in[0], out[1], pipes);
	if (program->pid < 0)
		report("%s cannot be started: %s", argv[0], strerror(errno));
	close_end(&in[0]);
	close_end(&out[1]);
	program->to = in[1];
	program->from = out[0];
	return program->pid > 0 ? 0 : program_wait(program);
}

int program_wait(struct program *program)
{
	int status;

	close_end(&program->to);
	close_end(&program->from);
	if (program->pid <= 0)
		return PROGRAM_FAILED;
	while (waitpid(program->pid, &status, 0) < 0)
		if (errno != EINTR)
			return PROGRAM_FAILED;
	program->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : PROGRAM_FAILED;
}

static bool ends_within(const struct program *program, long long within)
{
	long long end = clock_now() + within + TICK; /* it may not run yet */
	siginfo_t ended = { .si_pid = 0 };

	while (!waitid(P_PID, program->pid, &ended,
		       WEXITED | WNOHANG | WNOWAIT) && !ended.si_pid) {
		if (clock_now() >= end)
			return false;
		clock_sleep(TICK);
	}
	return true;
}

bool program_ends(struct program *program, long long within)
{
	close_end(&program->to);
	if (ends_within(program, within))
		return true;
	/* ssh at a password prompt then turns the terminal's echo on again */
	kill(program->pid, SIGTERM);
	if (!ends_within(program, CLEAN_UP))
		kill(program->pid, SIGKILL);
	return false;
}

void program_read(struct program *program, long within, char *text,
		  size_t size)
{
	struct pollfd output = { .fd = program->from, .events = POLLIN };
	long long end = clock_now() + within;
	long left = -1;
	size_t used = 0;
	ssize_t length;
	int ready;

	for (;;) {
		if (within)
			left = end - clock_now();
		ready = within && left <= 0 ? 0 : poll(&output, 1, left);
		if (!ready) {
			kill(program->pid, SIGKILL);
			break;
		}
		if (used == size - 1) {
			used /= 2;
			memmove(text, text + size - 1 - used, used);
		}
		length = ready < 0 ? -1 :
			read(program->from, text + used, size - 1 - used);
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			break;
		used += length;
	}
	text[used] = '\0';
}

int program_run(char *const argv[], long within, char *text, size_t size)
{
	struct program program;

	text[0] = '\0';
	if (program_start(&program, argv, PROGRAM_STDOUT | PROGRAM_STDERR))
		return PROGRAM_FAILED;
	program_read(&program, within, text, size);
	return program_wait(&program);
}

void program_run_bare(char *const argv[])
{
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], argv);
		_exit(PROGRAM_MISSING);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

void program_remove(const char *directory)
{
	char *argv[] = { "rm", "-rf", "--", (char *)directory, NULL };

	program_run_bare(argv);
}

void program_at_signals(void (*handler)(int signal))
{
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM };
	unsigned int i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (signal(ends[i], handler) == SIG_IGN)
			signal(ends[i], SIG_IGN);
}

const char *program_last_line(char *text)
{
	char *end = text + strlen(text), *line;

	while (end > text && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

long long clock_booted;

long long clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000 - clock_booted;
}

static void real_sleep(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

void (*clock_sleep)(int milliseconds) = real_sleep;
