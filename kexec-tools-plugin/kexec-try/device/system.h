/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system.h - the running system: files of /proc, /sys, /dev and /run
 */
#ifndef TRY_SYSTEM_H
#define TRY_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

#include "ram.h"

/* Room for a path. A socket's has at most 107 bytes, unix(7). */
#define SYSTEM_PATH_MAX		256

/* COMMAND_LINE_SIZE of MIPS, asm/setup.h */
#define SYSTEM_CMDLINE_MAX	4096

/* Prefix of every path: "", or the tests' directory. All functions take paths
 * without it, starting with /.
 */
extern const char *system_root;

/**
 * system_path() - put system_root in front of a path
 * @path: the result
 * @fmt: as for printf()
 *
 * Return: 0, or -1 without a message if it is longer than SYSTEM_PATH_MAX.
 */
int system_path(char path[SYSTEM_PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

bool system_exists(const char *path);

/**
 * system_read() - read the start of a small file
 * @text: its content, NUL-terminated and without trailing newlines
 * @size: room at @text, in bytes, at least 1
 *
 * Return: the number of bytes, or -1 without a message and with @text empty.
 */
int system_read(const char *path, char *text, size_t size);

/* The number in a file, with Y as 1 and N as 0; @otherwise if there is none */
long system_number(const char *path, long otherwise);

/* `compatible` of the device tree's root, separated by blanks, or "" */
void system_compatible(char *text, size_t size);

/* Bytes of memory still available to programs, 0 if unknown */
unsigned long long system_available(void);

/* Reads the RAM of /proc/iomem. Return: 0, or -1 with one line on stderr. */
int system_ram(struct ram *ram);

/* Runs a program for at most @within milliseconds; 0: no limit. Return: as
 * program_run(). Unless @what is NULL, a failure is reported as @what and the
 * last line of the program's output.
 */
int system_run(char *const argv[], long within, const char *what);

/* A line of /proc/mounts */
struct system_mount {
	const char *source;
	const char *dir;
	const char *type;
	const char *options;
};

/* Calls @visit for each mount, in order */
void system_mounts(void (*visit)(const struct system_mount *mount, void *data),
		   void *data);

/**
 * system_each() - call a function for each name in a directory but . and ..
 * @visit: gets the directory, the name and @data; returns true to stop
 *
 * Return: whether @visit returned true.
 */
bool system_each(const char *path,
		 bool (*visit)(int dirfd, const char *name, void *data),
		 void *data);

/**
 * system_run_dir() - the directory for files that must not outlive the running system
 * @path: the directory, with system_root in front
 *
 * It is created if missing, for its owner only: /run/kexec-try, or /var/run/kexec-try
 * if there is no /run, or if only /var/run is a separate file system.
 *
 * Return: 0, or -1 with one line on stderr: it cannot be made, or others own it or can
 * write to it.
 */
int system_run_dir(char path[SYSTEM_PATH_MAX]);

/* The path of a file in it, to be freed; NULL with one line on stderr */
char *system_run_file(const char *name);

/* Whether the place for that directory is writable yet */
bool system_can_run(void);

/* Makes SIGTERM only set a mark */
void system_await_end(void);

/* Whether SIGTERM has come since the last call */
bool system_told_to_end(void);

/* Detaches from the terminal, and from whoever reads the output */
void system_detach(void);

/* Starts a sync(), which may hang, and does not wait for it */
void system_sync(void);

/* Resets the system at once; uname(); geteuid(). Tests replace them. */
struct utsname;
extern void (*system_reset)(void);
extern int (*system_uname)(struct utsname *name);
extern unsigned int (*system_user)(void);

#endif /* TRY_SYSTEM_H */
