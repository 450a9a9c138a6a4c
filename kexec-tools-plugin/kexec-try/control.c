// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - ask guard, and be asked; confirm, revert and status
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"
#include "device.h"
#include "guard.h"
#include "say.h"
#include "system.h"
#include "trial.h"
#include "try.h"

/* How long to wait for an answer, in seconds */
#define ANSWER_WITHIN	10

/* Major number of /dev/mtdblock*, Linux, include/linux/mtd/mtd.h */
#define MTD_BLOCK_MAJOR	31

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

int control_receive(int fd, void (*answer)(void *arg, const char *request,
					   char *text), void *arg)
{
	char request[CONTROL_REQUEST_MAX + 1], text[GUARD_ANSWER_MAX];
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
	struct timeval within = { .tv_sec = ANSWER_WITHIN };
	int fd;

	if (socket_address(&guard))
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&own, sizeof(own.sun_family)) < 0 ||
	    connect(fd, (struct sockaddr *)&guard, sizeof(guard)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &within,
		       sizeof(within)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &within,
		       sizeof(within)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* parse_answer - the exit code, and what is to be said */
static int parse_answer(const char *answer, char *text, size_t size)
{
	char *rest;
	long code = strtol(answer, &rest, 10);

	if (rest == answer || *rest != ' ' || code < 0 || code > 255)
		return -1;
	snprintf(text, size, "%s", rest + 1);
	return code;
}

int control_ask(const char *request, char *text, size_t size)
{
	char answer[GUARD_ANSWER_MAX + 1];
	ssize_t length;
	int fd;

	fd = connect_to_guard();
	if (fd < 0)
		return -1;
	length = send(fd, request, strlen(request), MSG_NOSIGNAL);
	if (length >= 0)
		length = recv(fd, answer, GUARD_ANSWER_MAX, 0);
	close(fd);
	if (length < 0)
		return -1;
	answer[length] = '\0';
	return parse_answer(answer, text, size);
}

/* Guard's socket and the state of a try are for root only: anybody else would
 * be told of a system that nobody guards.
 */
static int check_call(int argc, char **argv)
{
	if (argc > 1) {
		report("%s: takes no arguments", argv[0]);
		return EXIT_USAGE;
	}
	if (device_euid()) {
		report("%s: only root can do that", argv[0]);
		return EXIT_REFUSED;
	}
	return EXIT_GOOD;
}

static int run_confirm(int argc, char **argv)
{
	char text[GUARD_ANSWER_MAX];
	struct trial trial;
	int code = check_call(argc, argv);

	if (code)
		return code;
	code = control_ask("confirm", text, sizeof(text));
	if (code == EXIT_GOOD) {
		step("%s", text);
		return code;
	}
	if (code >= 0) {
		report("%s", text);
		return code;
	}
	trial_read(&trial);
	report(trial.is_new ?
	       "guard does not run: this system cannot be confirmed, and goes back to the old one" :
	       "this is the old system: there is nothing to confirm");
	return EXIT_REFUSED;
}

static int run_revert(int argc, char **argv)
{
	char text[GUARD_ANSWER_MAX];
	struct trial trial;
	int code = check_call(argc, argv);

	if (code)
		return code;
	if (control_ask("revert", text, sizeof(text)) == EXIT_GOOD) {
		step("%s", text);
		return EXIT_GOOD;
	}
	trial_read(&trial);
	if (!trial.is_new) {
		report("this is the old system: there is nothing to go back from");
		return EXIT_REFUSED;
	}
	say_to_kernel_log(true);
	step("guard does not run; back to the old system, now");
	sync();
	guard_reset();
	return EXIT_REFUSED;
}

/* What the root file system is on, as far as it matters here: the RAM or a
 * flash.
 */
static void print_root(void)
{
	char path[SYSTEM_PATH_MAX], name[64], type[16];
	struct stat root;

	if (stat("/", &root) < 0)
		return;
	if (major(root.st_dev) != MTD_BLOCK_MAJOR) {
		printf("root: device %u:%u\n", major(root.st_dev),
		       minor(root.st_dev));
		return;
	}
	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%u/name",
		 minor(root.st_dev));
	system_read(path, name, sizeof(name));
	snprintf(path, sizeof(path), "/sys/class/mtd/mtd%u/type",
		 minor(root.st_dev));
	system_read(path, type, sizeof(type));
	printf("root: mtd%u \"%s\", in %s\n", minor(root.st_dev), name,
	       strcmp(type, "ram") ? "flash" : "RAM");
}

static int old_status(void)
{
	if (trial_state_read() == TRIAL_LEAVING) {
		printf("system: old, leaving for a new one\n");
		return STATUS_LEAVING;
	}
	/* `run`, or what leaves the system for it */
	if (trial_is_locked("run.lock")) {
		printf("system: old, a try is being prepared\n");
		return STATUS_LEAVING;
	}
	printf("system: old\n");
	return EXIT_GOOD;
}

/* Without a guard nobody can confirm the system, unless it was. */
static int new_status(const struct trial *trial)
{
	enum trial_state state = trial_state_read();

	if (state == TRIAL_CONFIRMED) {
		printf("system: new, confirmed; guard does not run\n");
		return EXIT_GOOD;
	}
	if (!trial->within) {
		printf("system: new, needs no confirmation\n");
		return EXIT_GOOD;
	}
	printf("system: new, going back: guard %s\n",
	       state == TRIAL_NONE ? "was not started" : "has ended");
	return STATUS_GOING_BACK;
}

static int run_status(int argc, char **argv)
{
	char text[GUARD_ANSWER_MAX];
	struct trial trial;
	int code = check_call(argc, argv);

	if (code)
		return code;
	trial_read(&trial);
	code = control_ask("status", text, sizeof(text));
	if (code >= 0)
		printf("system: %s, %s\n", trial.is_new ? "new" : "old", text);
	else
		code = trial.is_new ? new_status(&trial) : old_status();
	if (trial.id[0])
		printf("try: %s\n", trial.id);
	print_root();
	return code;
}

const struct subcommand subcommand_confirm = {
	"confirm",
	"keep the new system",
	"\n\nIn the new system: it is well, and stays. Refused when its time is over.\n",
	run_confirm,
};

const struct subcommand subcommand_revert = {
	"revert",
	"go back to the old system now",
	"\n\nIn the new system, confirmed or not: resets the device.\n",
	run_revert,
};

const struct subcommand subcommand_status = {
	"status",
	"which system this is, and what becomes of it",
	"\n\nPrints which system runs, old or new, the time left to confirm it, the\n"
	"identity of the try, the watchdog, and where the root file system is.\n\n"
	"Exit code: 0 for an old system or a confirmed one, 3 for a new one that is\n"
	"not yet confirmed, 4 for one that goes back, 5 for one that is being left, or in\n"
	"which a try is being prepared.\n",
	run_status,
};
