// SPDX-License-Identifier: GPL-2.0-only
/*
 * system.c - files of the running system: /proc, /sys, /dev and /run
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "say.h"
#include "system.h"

const char *system_root = "";

int system_path(char path[SYSTEM_PATH_MAX], const char *fmt, ...)
{
	size_t root = strlen(system_root);
	va_list args;
	int length;

	if (root >= SYSTEM_PATH_MAX)
		return -1;
	memcpy(path, system_root, root);
	va_start(args, fmt);
	length = vsnprintf(path + root, SYSTEM_PATH_MAX - root, fmt, args);
	va_end(args);
	return length < 0 || (size_t)length >= SYSTEM_PATH_MAX - root ? -1 : 0;
}

bool system_exists(const char *path)
{
	char full[SYSTEM_PATH_MAX];

	return !system_path(full, "%s", path) && !access(full, F_OK);
}

/* A file of proc or sysfs gives all it has to one read(). */
int system_read(const char *path, char *text, size_t size)
{
	char full[SYSTEM_PATH_MAX];
	ssize_t length;
	int fd;

	text[0] = '\0';
	if (system_path(full, "%s", path))
		return -1;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, text, size - 1);
	close(fd);
	if (length < 0)
		return -1;
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return 0;
}

long system_number(const char *path, long otherwise)
{
	char text[32], *end;
	long number;

	if (system_read(path, text, sizeof(text)) || !text[0])
		return otherwise;
	if (!strcmp(text, "Y"))
		return 1;
	if (!strcmp(text, "N"))
		return 0;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno || *end ? otherwise : number;
}

static bool same_name(const char *word, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		char a = word[i] == '-' ? '_' : word[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (a != b)
			return false;
	}
	return true;
}

bool system_word(const char *cmdline, const char *name, char *value,
		 size_t size)
{
	size_t name_length = strlen(name);
	bool found = false;

	while (*cmdline) {
		size_t length = strcspn(cmdline, " \t\n");

		if (length > name_length && cmdline[name_length] == '=' &&
		    same_name(cmdline, name, name_length) &&
		    length - name_length <= size) {
			length -= name_length + 1;
			cmdline += name_length + 1;
			memcpy(value, cmdline, length);
			value[length] = '\0';
			found = true;
		}
		cmdline += length;
		cmdline += strspn(cmdline, " \t\n");
	}
	return found;
}

static int check_run_dir(const char *path)
{
	struct stat stat;

	if (lstat(path, &stat) < 0)
		return report("%s: cannot be made: %s", path, strerror(errno));
	if (geteuid() && stat.st_uid != geteuid())
		return report("%s: is for root only; run this as root", path);
	if (!S_ISDIR(stat.st_mode) || stat.st_uid != geteuid() ||
	    stat.st_mode & (S_IWGRP | S_IWOTH))
		return report("%s: is not a directory that is ours alone; remove it",
			      path);
	return 0;
}

int system_run_dir(char path[SYSTEM_PATH_MAX])
{
	const char *run = system_exists("/run") ? "/run" : "/var/run";

	if (system_path(path, "%s/kexec-try", run))
		return report("%s: the name is too long", system_root);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return report("%s: cannot be made: %s%s", path, strerror(errno),
			      geteuid() ? "; run this as root" : "");
	return check_run_dir(path);
}

int system_parse_number(const char *text, long least, long most, long *number)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	*number = strtol(text, &end, 10);
	return errno || *end || *number < least || *number > most ? -1 : 0;
}

long long system_booted;

long long system_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000 - system_booted;
}

static void real_sleep(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

void (*system_sleep)(int milliseconds) = real_sleep;
