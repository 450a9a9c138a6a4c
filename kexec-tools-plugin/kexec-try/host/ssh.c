// SPDX-License-Identifier: GPL-2.0-only
/*
 * ssh.c - one ssh connection to a device, for all commands and data
 *
 * The first ssh keeps the connection open for the next ones (ControlMaster), so
 * it asks for a password only once. Its socket is in a private directory. This
 * program closes the connection; if it is killed, ControlPersist does, later.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "program.h"
#include "say.h"
#include "ssh.h"

/* For ssh, the first value of an option counts, so the user's options come before
 * these. ServerAlive* end a connection that hangs while a system goes down.
 */
#define OPTIONS	"-o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o ControlMaster=auto -o ControlPersist=600 -o ControlPath=%s/ssh"

/* `send --tools` puts programs there on the device */
#define TOOLS_PATH	"PATH=/run/kexec-try/bin:/var/run/kexec-try/bin:$PATH; "

/* The ssh that connects stays in the background, and would keep a pipe open: its
 * messages go to a file. Each script ends as ssh, so that killing it kills ssh.
 */
#define CONNECT	"%1$s -O check \"$1\" </dev/null >/dev/null 2>&1 ||\n" \
	"exec %1$s \"$1\" true >\"$2\" 2>&1\n"

#define TALK	"exec %1$s \"$1\" '" TOOLS_PATH "'\"$2\"\n"

#define CLOSE	"%1$s -O exit \"$1\" </dev/null >/dev/null 2>&1"

#define BROKE		255 /* the connection failed or broke, ssh(1) */

/* Time limit for an answer, in milliseconds; on a terminal, the user may have to
 * type a password, for which sshd waits that long (LoginGraceTime)
 */
#define ASK_WITHIN	30000
#define TYPE_WITHIN	120000

/* Sent at a time, in bytes: a pipe with room has room for that, pipe(7) */
#define CHUNK		4096

#define SHOW_EVERY	200	/* between two updates of the progress, in ms */
#define BAR		"####################"
#define MIB		(1024.0 * 1024.0)

static const char *host;
static char directory[32];
static char *command, *connect_script, *talk_script, *close_script;

int ssh_open(const char *user_command, const char *user_host)
{
	host = user_host;
	strcpy(directory, P_tmpdir "/kexec-try-XXXXXX");
	if (!mkdtemp(directory)) {
		report("%s: %s", directory, strerror(errno));
		directory[0] = '\0';
		return -1;
	}
	free(command);
	free(connect_script);
	free(talk_script);
	free(close_script);
	command = must_print("%s " OPTIONS, user_command, directory);
	connect_script = must_print(CONNECT, command);
	talk_script = must_print(TALK, command);
	close_script = must_print(CLOSE, command);
	return 0;
}

void ssh_close(void)
{
	char *argv[] = { "/bin/sh", "-c", close_script, "sh", (char *)host,
			 NULL };

	if (directory[0]) {
		program_run_bare(argv);
		program_remove(directory);
	}
	directory[0] = '\0';
}

const char *ssh_directory(void)
{
	return directory;
}

const char *ssh_command(void)
{
	return command;
}

bool ssh_broke(int status)
{
	return status == BROKE || status == PROGRAM_FAILED;
}

/* Not an unknown host name: the device may be the name server. */
bool ssh_refused(int status, const char *said)
{
	return ssh_broke(status) &&
		(strstr(said, "Host key verification failed") ||
		 strstr(said, "Permission denied"));
}

static long ask_within(void)
{
	return isatty(STDIN_FILENO) ? TYPE_WITHIN : ASK_WITHIN;
}

/* ssh ends its lines with \r\n */
static void split_lines(char *said)
{
	while ((said = strchr(said, '\r')))
		*said = '\n';
}

/* Connects, unless that is done. @said gets ssh's message if it fails. */
static int connect_host(char *said, size_t size)
{
	char *path = must_print("%s/said", directory);
	char *argv[] = { "/bin/sh", "-c", connect_script, "sh", (char *)host,
			 path, NULL };
	struct program program;
	int fd, status;

	said[0] = '\0';
	status = program_start(&program, argv, 0);
	if (!status) {
		program_ends(&program, ask_within());
		status = program_wait(&program);
	}
	fd = status ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		said[files_read(fd, said, size - 1)] = '\0';
		close(fd);
		split_lines(said);
	}
	free(path);
	return status ? BROKE : 0;
}

static int start(struct program *program, const char *remote, int pipes)
{
	char *argv[] = { "/bin/sh", "-c", talk_script, "sh", (char *)host,
			 (char *)remote, NULL };

	return program_start(program, argv, pipes);
}

int ssh_ask(const char *remote, char *said, size_t size)
{
	struct program program = { .pid = -1 };
	int status = connect_host(said, size);

	if (!status && start(&program, remote, PROGRAM_STDOUT | PROGRAM_STDERR))
		return PROGRAM_FAILED;
	if (!status) {
		program_read(&program, ask_within(), said, size);
		split_lines(said);
		status = program_wait(&program);
	}
	return status;
}

static void show(unsigned long long done, unsigned long long size,
		 long long milliseconds)
{
	unsigned long long part = done < size ? done : size;
	unsigned long long rate = done * 1000 / (milliseconds + 1) + 1;

	dprintf(STDERR_FILENO,
		"\rkexec-try: [%-*.*s] %3llu %%, %.1f MiB/s, %llu s left  ",
		(int)strlen(BAR), (int)(strlen(BAR) * part / size), BAR,
		100 * part / size, rate / MIB, (size - part) / rate);
}

/* Return: how many bytes ssh took, before it took none for @wait seconds. */
static unsigned long long pass_on(int from, int to, unsigned long long size,
				  long wait)
{
	struct pollfd output = { .fd = to, .events = POLLOUT };
	long long began = clock_now(), next = began;
	bool shows = size && isatty(STDERR_FILENO);
	unsigned long long done = 0;
	char chunk[CHUNK];
	size_t got;

	while ((got = files_read(from, chunk, CHUNK)) &&
	       poll(&output, 1, 1000 * wait) > 0 &&
	       !files_write(to, chunk, got)) {
		done += got;
		if (shows && clock_now() >= next) {
			show(done, size, clock_now() - began);
			next = clock_now() + SHOW_EVERY;
		}
	}
	if (shows)
		dprintf(STDERR_FILENO, "\r%79s\r", "");
	return done;
}

int ssh_give(const char *remote, const char *from, const char *files,
	     unsigned long long size, long wait)
{
	char *argv[] = { "/bin/sh", "-c", "unset CDPATH; cd -- \"$1\" && exec tar -chf - $2",
			 "sh", (char *)from, (char *)files, NULL };
	long long began = clock_now();
	unsigned long long done = 0;
	struct program tar, ssh;
	char said[1024];

	if (connect_host(said, sizeof(said))) {
		report("%s: %s", host, program_last_line(said));
		return BROKE;
	}
	if (start(&ssh, remote, PROGRAM_FEED))
		return PROGRAM_FAILED;
	if (!program_start(&tar, argv, PROGRAM_STDOUT)) {
		done = pass_on(tar.from, ssh.to, size, wait);
		if (!program_wait(&tar))
			step("sent %.1f MiB in %lld s", done / MIB,
			     (clock_now() - began + 999) / 1000);
	}
	program_ends(&ssh, 1000LL * wait);
	return program_wait(&ssh);
}
