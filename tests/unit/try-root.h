/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try-root.h - a fake / in a directory, for the tests of kexec-try
 *
 * The programs that kexec-try runs are scripts in its /bin. PATH contains nothing
 * else, so that no test can reboot the machine that runs it.
 */
#ifndef TRY_ROOT_H
#define TRY_ROOT_H

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kexec-stubs.h"
#include "program.h"
#include "system.h"

static char try_root[64];
static int try_resets;

static inline void try_count_reset(void)
{
	try_resets++;
}

/* Advances the clock instead of sleeping. */
static inline void try_sleep(int milliseconds)
{
	clock_booted -= milliseconds;
	usleep(1000);
}

static inline const char *try_path(const char *path)
{
	static char full[SYSTEM_PATH_MAX];

	assert_int_equal(system_path(full, "%s", path), 0);
	return full;
}

/* Makes the parent directories of a file. */
static inline void try_dirs(const char *path)
{
	char full[SYSTEM_PATH_MAX], *slash;

	strcpy(full, try_path(path));
	slash = full + strlen(try_root);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
}

static inline void try_put(const char *path, const char *text)
{
	FILE *file;

	try_dirs(path);
	file = fopen(try_path(path), "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static inline void try_link(const char *path, const char *target)
{
	try_dirs(path);
	unlink(try_path(path));
	assert_int_equal(symlink(target, try_path(path)), 0);
}

static inline void try_remove(const char *path)
{
	unlink(try_path(path));
}

/* Makes a program in PATH. Its script may use $root. */
static inline void try_program(const char *name, const char *script)
{
	char path[128], text[2048];

	snprintf(path, sizeof(path), "/bin/%s", name);
	snprintf(text, sizeof(text), "#!/bin/sh\nroot=%s\n%s\n", try_root,
		 script);
	try_put(path, text);
	assert_int_equal(chmod(try_path(path), 0755), 0);
}

/* A procd that holds the watchdog, and a ubus that has it release and take it. ubus
 * appends @logged, which may use its arguments, to /log. procd releases the watchdog
 * when the request matches the pattern @lets_go.
 */
static inline void try_procd_that(const char *logged, const char *lets_go)
{
	char script[512];

	snprintf(script, sizeof(script), "echo \"%s\" >>$root/log\nPATH=/bin:/usr/bin\n"
		 "case $4 in\n%s) rm -f $root/proc/1/fd/3 ;;\n"
		 "*false*) ln -sf /dev/watchdog $root/proc/1/fd/3 ;;\nesac",
		 logged, lets_go);
	try_put("/proc/1/comm", "procd\n");
	try_link("/proc/1/fd/3", "/dev/watchdog");
	try_program("ubus", script);
}

static inline void try_procd(const char *logged)
{
	try_procd_that(logged, "*'\"stop\":true'*");
}

/* Before procd's commit 254810d: it releases the watchdog only after a `V`. */
static inline void try_older_procd(const char *logged)
{
	try_procd_that(logged, "*'\"magicclose\":true'*");
}

static inline void try_get(const char *path, char *text, size_t size)
{
	system_read(path, text, size);
}

/* What the scripts in /bin have logged */
static inline void log_is(const char *part)
{
	char log[65536];

	try_get("/log", log, sizeof(log));
	assert_contains(log, part);
}

static inline void log_is_not(const char *part)
{
	char log[65536];

	try_get("/log", log, sizeof(log));
	assert_null(strstr(log, part));
}

static inline void try_begin(void)
{
	strcpy(try_root, "/tmp/kexec-try-XXXXXX");
	assert_non_null(mkdtemp(try_root));
	system_root = try_root;
	try_put("/run/x", "");
	try_put("/proc/cmdline", "console=ttyS0\n");
	try_put("/bin/x", "");
	setenv("PATH", try_path("/bin"), 1);
	system_reset = try_count_reset;
	clock_sleep = try_sleep;
	try_resets = 0;
	/* The clock of a system that has just booted */
	clock_booted += clock_now();
}

static inline void try_end(void)
{
	char command[128];

	setenv("PATH", "/usr/bin:/bin", 1);
	snprintf(command, sizeof(command), "rm -rf '%s'", try_root);
	assert_int_equal(system(command), 0);
	system_root = "";
}

#endif /* TRY_ROOT_H */
