// SPDX-License-Identifier: GPL-2.0-only
/*
 * trial.c - whether the running system is on trial, its state, and requests to guard
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "files.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "trial.h"

static const char *const state_name[] = {
	[TRIAL_NONE] = "none",
	[TRIAL_PENDING] = "pending",
	[TRIAL_CONFIRMED] = "confirmed",
	[TRIAL_GOING_BACK] = "going-back",
	[TRIAL_LEAVING] = "leaving",
};

/* Tries to get a lock, and milliseconds between two. On a slow and busy device, a
 * child may need that long from fork() to exec(), and holds a copy until then.
 */
#define LOCK_TIMES	50
#define LOCK_EVERY	100

/* In bytes, of every state: a new one needs no more room */
#define STATE_SIZE	64

/* Timeout of an answer, in milliseconds */
#define ANSWER_WITHIN	10000

void trial_read(struct trial *trial)
{
	char cmdline[SYSTEM_CMDLINE_MAX], within[16];

	memset(trial, 0, sizeof(*trial));
	system_read("/proc/cmdline", cmdline, sizeof(cmdline));
	trial->is_new = text_word(cmdline, TRIAL_ID_WORD, trial->id,
				  sizeof(trial->id));
	text_word(cmdline, TRIAL_ROOT_WORD, trial->root, sizeof(trial->root));
	if (!text_word(cmdline, TRIAL_WITHIN_WORD, within, sizeof(within)))
		return;
	trial->is_new = true;
	if (text_number(within, 0, TRY_WITHIN_MAX, &trial->within))
		trial->within = -1;
}

const char *trial_state_name(enum trial_state state)
{
	return state_name[state];
}

void trial_boot_id(char id[TRIAL_BOOT_ID_MAX])
{
	system_read("/proc/sys/kernel/random/boot_id", id, TRIAL_BOOT_ID_MAX);
}

/* A file in system_run_dir(), open, or -1; with O_CREAT after a line on stderr */
static int open_ours(const char *name, int flags)
{
	char *path = system_run_file(name);
	int fd = -1;

	if (path)
		fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (path && fd < 0 && (flags & O_CREAT))
		report("%s: cannot be made: %s", path, strerror(errno));
	free(path);
	return fd;
}

/* A state from another boot does not count, where /run survives a reboot. An
 * unknown one is no confirmation.
 */
enum trial_state trial_state_read(void)
{
	char text[STATE_SIZE + 1] = "", boot_id[TRIAL_BOOT_ID_MAX];
	char *rest = text, *line, *name, *id;
	int fd = open_ours("state", O_RDONLY);
	enum trial_state state;

	if (fd < 0)
		return TRIAL_NONE;
	files_read(fd, text, STATE_SIZE);
	close(fd);
	line = strsep(&rest, "\n");
	name = strsep(&line, " ");
	id = line ? strsep(&line, " ") : "";
	trial_boot_id(boot_id);
	if (strcmp(id, boot_id))
		return TRIAL_NONE;
	for (state = TRIAL_NONE; state <= TRIAL_LEAVING; state++)
		if (!strcmp(state_name[state], name))
			return state;
	return TRIAL_GOING_BACK;
}

/* One write over the old content works on a full file system, too, and a reader
 * sees the old state or the new one.
 */
int trial_state_write(enum trial_state state)
{
	char text[STATE_SIZE + 1], boot_id[TRIAL_BOOT_ID_MAX];
	int fd = open_ours("state", O_WRONLY | O_CREAT), result;

	if (fd < 0)
		return -1;
	trial_boot_id(boot_id);
	snprintf(text, sizeof(text), "%s %-*s\n", state_name[state],
		 (int)(STATE_SIZE - 2 - strlen(state_name[state])), boot_id);
	result = pwrite(fd, text, STATE_SIZE, 0) == STATE_SIZE ? 0 :
		report("the state of the try cannot be written: %s",
		       strerror(errno));
	close(fd);
	return result;
}

static int lock_file(const char *name, int how)
{
	int fd = open_ours(name, O_RDWR | O_CREAT);

	if (fd < 0)
		return -2;
	if (!flock(fd, how | LOCK_NB))
		return fd;
	close(fd);
	return -1;
}

/* A shared lock: two processes that look at once must not see each other. */
bool trial_is_locked(const char *name)
{
	int lock = lock_file(name, LOCK_SH);

	if (lock >= 0)
		close(lock);
	return lock == -1;
}

int trial_lock(const char *name)
{
	int lock, i = 0;

	while ((lock = lock_file(name, LOCK_EX)) == -1 && i++ < LOCK_TIMES)
		clock_sleep(LOCK_EVERY);
	return lock;
}

static int socket_address(struct sockaddr_un *address)
{
	char dir[SYSTEM_PATH_MAX];

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (system_run_dir(dir))
		return -1;
	if (snprintf(address->sun_path, sizeof(address->sun_path), "%s/guard",
		     dir) >= (int)sizeof(address->sun_path))
		return report("%s: too long a name for a socket in it", dir);
	return 0;
}

/* The caller has guard.lock, or in guard_keep() has taken the watchdog from guard: an
 * existing socket belongs to a guard that has ended.
 */
int control_serve(void)
{
	struct sockaddr_un address;
	int fd;

	if (socket_address(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return report("cannot create the socket for confirm: %s",
			      strerror(errno));
	unlink(address.sun_path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		report("%s: cannot be made: %s", address.sun_path,
		       strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
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
	/* The client may be gone; its request has been carried out all the same */
	if (sendto(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
		   (struct sockaddr *)&from, size) < 0)
		warn("nobody waits for the answer to '%s'", request);
	return 1;
}

static bool is_ready(int fd, short events)
{
	struct pollfd guard = { .fd = fd, .events = events };

	return poll(&guard, 1, ANSWER_WITHIN) > 0;
}

int control_ask(const char *request, char text[CONTROL_ANSWER_MAX])
{
	struct sockaddr_un own = { .sun_family = AF_UNIX }, guard;
	char answer[CONTROL_ANSWER_MAX + 1], *rest;
	ssize_t length = -1;
	long code;
	int fd;

	if (socket_address(&guard))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* Autobind: the kernel chooses a name, to which guard can reply */
	if (!bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)) &&
	    !connect(fd, (struct sockaddr *)&guard, sizeof(guard)) &&
	    is_ready(fd, POLLOUT) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) >= 0 &&
	    is_ready(fd, POLLIN))
		length = recv(fd, answer, CONTROL_ANSWER_MAX, 0);
	close(fd);
	answer[length > 0 ? length : 0] = '\0';
	code = strtol(answer, &rest, 10);
	if (rest == answer || *rest != ' ' || code < 0 || code > 255)
		return -1;
	snprintf(text, CONTROL_ANSWER_MAX, "%s", rest + 1);
	return code;
}
