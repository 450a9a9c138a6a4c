// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure.c - what a command costs: processor time or anonymous memory
 *
 * measure cpu COMMAND [ARGUMENT...]	microseconds in user space and kernel
 * measure anon COMMAND [ARGUMENT...]	peak of anonymous memory in KiB
 *
 * The number goes to standard output, where COMMAND must say nothing. Each
 * takes a run of its own, because watching the memory costs time. Exit status:
 * that of COMMAND, or 125 if the measurement itself fails.
 */

#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_MEASURE	125

/*
 * Starts @command, stopped at its first instruction if @trace is set. Its
 * addresses are not random, so each run touches the same pages.
 */
static pid_t start(char **command, int trace)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_MEASURE, "fork");
	if (pid)
		return pid;

	if (personality(ADDR_NO_RANDOMIZE) < 0)
		err(EXIT_MEASURE, "personality");
	if (trace && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		err(EXIT_MEASURE, "PTRACE_TRACEME");
	execvp(command[0], command);
	err(EXIT_MEASURE, "%s", command[0]);
}

static int exit_status(const char *command, int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	errx(EXIT_MEASURE, "%s ended by signal %d", command, WTERMSIG(status));
}

static long long microseconds(const struct timeval *time)
{
	return time->tv_sec * 1000000LL + time->tv_usec;
}

/*
 * Linux divides a process's time between user space and kernel by ticks, but
 * the sum of the two is exact.
 */
static int measure_cpu(char **command)
{
	pid_t pid = start(command, 0);
	struct rusage usage;
	int status;

	if (wait4(pid, &status, 0, &usage) < 0)
		err(EXIT_MEASURE, "wait4");
	printf("%lld\n", microseconds(&usage.ru_utime) +
			 microseconds(&usage.ru_stime));
	return exit_status(command[0], status);
}

/*
 * RssAnon is exact where Linux counts without a cache for each CPU or thread, as on
 * one CPU. smaps_rollup, which counts the pages one by one, needs PROC_PAGE_MONITOR.
 */
static long anonymous_kib(pid_t pid)
{
	char name[64], line[256];
	long kib = 0;
	FILE *file;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	file = fopen(name, "r");
	if (!file)
		err(EXIT_MEASURE, "%s", name);
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %ld kB", &kib) == 1)
			break;
	fclose(file);
	return kib;
}

/*
 * Only a system call gives anonymous memory back, so a look at the entry of each,
 * exit included, sees the peak.
 */
static int measure_anon(char **command)
{
	pid_t pid = start(command, 1);
	int status, signal;
	long kib, peak = 0;

	for (;;) {
		if (waitpid(pid, &status, 0) < 0)
			err(EXIT_MEASURE, "waitpid");
		if (!WIFSTOPPED(status))
			break;
		kib = anonymous_kib(pid);
		if (kib > peak)
			peak = kib;
		signal = WSTOPSIG(status);
		if (signal == SIGTRAP)
			signal = 0;
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal) < 0)
			err(EXIT_MEASURE, "PTRACE_SYSCALL");
	}
	printf("%ld\n", peak);
	return exit_status(command[0], status);
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "cpu"))
		return measure_cpu(argv + 2);
	if (argc >= 3 && !strcmp(argv[1], "anon"))
		return measure_anon(argv + 2);
	errx(EXIT_MEASURE, "usage: measure cpu|anon COMMAND [ARGUMENT...]");
}
