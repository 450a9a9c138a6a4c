// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - ask guard, and be asked
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "say.h"
#include "system.h"

/* How long to wait for an answer, in seconds */
#define ANSWER_WITHIN	10

static int socket_address(struct sockaddr_un *address)
{
	char dir[SYSTEM_PATH_MAX];
	size_t length;

	if (system_run_dir(dir))
		return -1;
	length = strlen(dir);
	if (length + sizeof("/guard") > sizeof(address->sun_path))
		return report("%s: too long a name for a socket in it", dir);
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, dir, length);
	strcpy(address->sun_path + length, "/guard");
	return 0;
}

/* A socket that an earlier guard left is in the way, and nobody's: only one
 * guard has the lock.
 */
int control_serve(void)
{
	struct sockaddr_un address;
	int fd;

	if (socket_address(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return report("no socket for confirm: %s", strerror(errno));
	unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		report("%s: cannot be made: %s", address.sun_path,
		       strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

unsigned long long control_inode(void)
{
	struct sockaddr_un address;
	struct stat status;

	return socket_address(&address) || stat(address.sun_path, &status) ?
		0 : status.st_ino;
}

int control_receive(int fd, control_answer *answer, void *arg)
{
	char request[CONTROL_REQUEST_MAX + 1], text[CONTROL_ANSWER_MAX];
	struct sockaddr_un from;
	socklen_t size = sizeof(from);
	ssize_t length;

	length = recvfrom(fd, request, CONTROL_REQUEST_MAX, 0,
			  (struct sockaddr *)&from, &size);
	if (length < 0)
		return 0;
	request[length] = '\0';
	answer(arg, request, text);
	/* Who asked may be gone; what was asked for is done all the same */
	if (sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
		   (struct sockaddr *)&from, size) < 0)
		warn("nobody waits for the answer to '%s'", request);
	return 1;
}

/* A name of its own, which the kernel chooses, so that guard can answer */
static int connect_to_guard(void)
{
	struct sockaddr_un own = { .sun_family = AF_UNIX }, guard;
	int fd;

	if (socket_address(&guard))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)) < 0 ||
	    connect(fd, (struct sockaddr *)&guard, sizeof(guard)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The exit code, and what is to be said */
static int parse_answer(const char *answer, char text[CONTROL_ANSWER_MAX])
{
	char *rest;
	long code = strtol(answer, &rest, 10);

	if (rest == answer || *rest != ' ' || code < 0 || code > 255)
		return -1;
	snprintf(text, CONTROL_ANSWER_MAX, "%s", rest + 1);
	return code;
}

static bool is_ready(int fd, short events)
{
	struct pollfd guard = { .fd = fd, .events = events };

	return poll(&guard, 1, ANSWER_WITHIN * 1000) > 0;
}

int control_ask(const char *request, char text[CONTROL_ANSWER_MAX])
{
	char answer[CONTROL_ANSWER_MAX + 1];
	ssize_t length = -1;
	int fd;

	fd = connect_to_guard();
	if (fd < 0)
		return -1;
	if (is_ready(fd, POLLOUT) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) >= 0 &&
	    is_ready(fd, POLLIN))
		length = recv(fd, answer, CONTROL_ANSWER_MAX, 0);
	close(fd);
	if (length < 0)
		return -1;
	answer[length] = '\0';
	return parse_answer(answer, text);
}
