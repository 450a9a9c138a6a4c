// SPDX-License-Identifier: GPL-2.0-only
/*
 * system.c - the running system: files of /proc, /sys, /dev and /run
 */

#define _GNU_SOURCE
/* Without this, a 32-bit readdir() fails on large inode numbers. */
#define _FILE_OFFSET_BITS 64
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "files.h"
#include "program.h"
#include "say.h"
#include "system.h"

/* Upper bound for /proc/mounts, in bytes */
#define MOUNTS_MAX	(1024 * 1024)

const char *system_root = "";

int (*system_uname)(struct utsname *name) = uname;
unsigned int (*system_user)(void) = geteuid;

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

/* One read() gets all of a file in proc or sysfs. */
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
	return length;
}

long system_number(const char *path, long otherwise)
{
	char text[32], *end;
	long number;

	if (system_read(path, text, sizeof(text)) <= 0)
		return otherwise;
	if (!strcmp(text, "Y"))
		return 1;
	if (!strcmp(text, "N"))
		return 0;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno || *end ? otherwise : number;
}

void system_compatible(char *text, size_t size)
{
	int length = system_read("/proc/device-tree/compatible", text, size);
	int i;

	for (i = 0; i < length - 1; i++)
		if (!isprint((unsigned char)text[i]))
			text[i] = text[i] ? '?' : ' ';
}

unsigned long long system_available(void)
{
	char text[1024], *line;

	system_read("/proc/meminfo", text, sizeof(text));
	line = strstr(text, "MemAvailable:");
	return line ? strtoull(line + strlen("MemAvailable:"), NULL, 10) << 10 :
		      0;
}

int system_ram(struct ram *ram)
{
	char path[SYSTEM_PATH_MAX];

	return system_path(path, "/proc/iomem") || ram_from_iomem(path, ram) ?
		-1 : 0;
}

int system_run(char *const argv[], long within, const char *what)
{
	char said[512];
	int status = program_run(argv, within, said, sizeof(said));

	if (status && what)
		report("%s failed (%d): %s", what, status,
		       program_last_line(said));
	return status;
}

bool system_each(const char *path,
		 bool (*visit)(int dirfd, const char *name, void *data),
		 void *data)
{
	char full[SYSTEM_PATH_MAX];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (system_path(full, "%s", path))
		return false;
	dir = opendir(full);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = strcmp(entry->d_name, ".") &&
			strcmp(entry->d_name, "..") &&
			visit(dirfd(dir), entry->d_name, data);
	closedir(dir);
	return found;
}

/* /proc/mounts writes a blank in a path as a backslash and three octal digits. */
static char *unescape(char *text)
{
	char *from = text, *to = text;

	for (; *from; from++) {
		if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
			*to++ = (from[1] - '0') << 6 | (from[2] - '0') << 3 |
				(from[3] - '0');
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return text;
}

void system_mounts(void (*visit)(const struct system_mount *mount, void *data),
		   void *data)
{
	char path[SYSTEM_PATH_MAX], *text, *line, *rest;
	size_t size;

	if (system_path(path, "/proc/mounts") || access(path, R_OK))
		return;
	text = rest = files_load(path, MOUNTS_MAX, &size);
	while (rest && *(line = strsep(&rest, "\n"))) {
		struct system_mount mount;

		mount.source = strsep(&line, " ");
		mount.dir = line ? unescape(strsep(&line, " ")) : "";
		mount.type = line ? strsep(&line, " ") : "";
		mount.options = line ? strsep(&line, " ") : "";
		visit(&mount, data);
	}
	free(text);
}

/* Whether it is on another file system than / */
static bool is_apart(const char *directory)
{
	char path[SYSTEM_PATH_MAX], root[SYSTEM_PATH_MAX];
	struct stat of_path, of_root;

	return !system_path(path, "%s", directory) && !stat(path, &of_path) &&
		!system_path(root, "/") && !stat(root, &of_root) &&
		of_path.st_dev != of_root.st_dev;
}

/* On OpenWrt, only /var is in RAM: a /run that somebody made is in flash. */
static const char *run_dir(void)
{
	if (!system_exists("/run") || (!is_apart("/run") && is_apart("/var/run")))
		return "/var/run";
	return "/run";
}

bool system_can_run(void)
{
	char path[SYSTEM_PATH_MAX];

	return !system_path(path, "%s", run_dir()) && !access(path, W_OK);
}

int system_run_dir(char path[SYSTEM_PATH_MAX])
{
	struct stat stat;

	if (system_path(path, "%s/kexec-try", run_dir()))
		return report("%s: the name is too long", system_root);
	if ((mkdir(path, 0700) < 0 && errno != EEXIST) ||
	    lstat(path, &stat) < 0)
		return report("%s: cannot be made: %s%s", path, strerror(errno),
			      geteuid() ? "; run this as root" : "");
	if (geteuid() && stat.st_uid != geteuid())
		return report("%s: is for root only; run this as root", path);
	if (!S_ISDIR(stat.st_mode) || stat.st_uid != geteuid() ||
	    stat.st_mode & (S_IWGRP | S_IWOTH))
		return report("%s: is not a directory that is ours alone; remove it",
			      path);
	return 0;
}

char *system_run_file(const char *name)
{
	char dir[SYSTEM_PATH_MAX];

	return system_run_dir(dir) ? NULL : must_print("%s/%s", dir, name);
}

static volatile sig_atomic_t told_to_end;

static void be_told(int signal)
{
	(void)signal;
	told_to_end = 1;
}

void system_await_end(void)
{
	signal(SIGTERM, be_told);
}

bool system_told_to_end(void)
{
	bool told = told_to_end;

	told_to_end = 0;
	return told;
}

void system_detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

void system_sync(void)
{
	if (!fork()) {
		sync();
		_exit(EXIT_SUCCESS);
	}
}

static void real_reset(void)
{
	int fd;

	reboot(RB_AUTOBOOT);
	/* Still running: try the way that bypasses the drivers. */
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "b", 1) != 1)
		report("the system cannot be reset: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

void (*system_reset)(void) = real_reset;
