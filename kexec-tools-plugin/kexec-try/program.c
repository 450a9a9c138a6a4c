// SPDX-License-Identifier: GPL-2.0-only
/*
 * program.c - run another program, and wait for it
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "say.h"
#include "system.h"

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void become(char *const argv[], int in, int out, int pipes)
{
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	if (pipes & PROGRAM_STDERR)
		dup2(out, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	_exit(127);
}

int program_start(struct program *program, char *const argv[], int pipes)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };

	program->pid = -1;
	program->to = -1;
	program->from = -1;
	if (pipes & PROGRAM_STDIN) {
		if (pipe2(in, O_CLOEXEC) < 0)
			goto fail;
	} else {
		in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (pipes & PROGRAM_STDOUT && pipe2(out, O_CLOEXEC) < 0)
		goto fail;

	program->pid = fork();
	if (!program->pid)
		become(argv, in[0], out[1], pipes);
	if (program->pid < 0)
		goto fail;
	close_if_open(&in[0]);
	close_if_open(&out[1]);
	program->to = in[1];
	program->from = out[0];
	return 0;

fail:
	report("%s cannot be started: %s", argv[0], strerror(errno));
	close_if_open(&in[0]);
	close_if_open(&in[1]);
	close_if_open(&out[0]);
	close_if_open(&out[1]);
	return -1;
}

int program_wait(struct program *program)
{
	int status;

	close_if_open(&program->to);
	close_if_open(&program->from);
	if (program->pid <= 0)
		return PROGRAM_FAILED;
	while (waitpid(program->pid, &status, 0) < 0)
		if (errno != EINTR)
			return PROGRAM_FAILED;
	program->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : PROGRAM_FAILED;
}

/* Whether there is something to read before the time is over */
static bool is_in_time(struct program *program, long long end)
{
	struct pollfd output = { .fd = program->from, .events = POLLIN };
	long long left;
	int ready;

	do {
		left = end - system_now();
		ready = left > 0 ? poll(&output, 1, left) : 0;
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

void program_read(struct program *program, long within, char *text,
		  size_t size)
{
	long long end = system_now() + within;
	size_t used = 0, keep;
	char chunk[512];
	ssize_t length;

	for (;;) {
		if (within && !is_in_time(program, end)) {
			kill(program->pid, SIGKILL);
			break;
		}
		length = read(program->from, chunk, sizeof(chunk));
		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			break;
		keep = size - 1 - used;
		if (keep > (size_t)length)
			keep = length;
		memcpy(text + used, chunk, keep);
		used += keep;
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
