/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system.h - the running system: files of /proc, /sys, /dev and /run
 */
#ifndef TRY_SYSTEM_H
#define TRY_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

#include "ram.h"

/* The longest path of such a file; a socket's is 107 bytes at most, unix(7) */
#define SYSTEM_PATH_MAX		256

/* As the kernel has it for MIPS, COMMAND_LINE_SIZE in asm/setup.h */
#define SYSTEM_CMDLINE_MAX	4096

/* What stands before the path of every such file: "", or a directory that the
 * tests made. All paths here are those without it, from / on.
 */
extern const char *system_root;

/**
 * system_path() - where a file of the running system is
 * @path: where to put it
 * @fmt: as for printf()
 *
 * Return: 0, or -1 without a word when it is longer than SYSTEM_PATH_MAX.
 */
int system_path(char path[SYSTEM_PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

bool system_exists(const char *path);

/**
 * system_read() - read the begin of a small file
 * @text: its content, ended by a NUL, without the newline at its end
 * @size: room at @text, in bytes, at least 1
 *
 * Return: how many bytes, or -1 without a word, @text being empty.
 */
int system_read(const char *path, char *text, size_t size);

/* The number in a file, 1 for `Y` and 0 for `N`; @otherwise when there is none */
long system_number(const char *path, long otherwise);

/* `compatible` of the device tree's root, a blank between words, or "" */
void system_compatible(char *text, size_t size);

/* Bytes of memory that programs can still get, or 0 when nobody tells */
unsigned long long system_available(void);

/* The RAM that there is. Return: 0, or -1 with one line on stderr. */
int system_ram(struct ram *ram);

/* Runs a program for at most @within milliseconds; 0: no limit. Return: as
 * program_run(), and where that is not 0 what it says is in a line on stderr, after
 * @what, unless that is NULL.
 */
int system_run(char *const argv[], long within, const char *what);

/* A line of /proc/mounts */
struct system_mount {
	const char *source;
	const char *dir;
	const char *type;
	const char *options;
};

/* Calls a function for each of them, in their order */
void system_mounts(void (*visit)(const struct system_mount *mount, void *data),
		   void *data);

/**
 * system_each() - call a function for each name in a directory but . and ..
 * @visit: gets the directory, the name and @data, and returns whether that is
 *	all
 *
 * Return: whether one of the calls said so.
 */
bool system_each(const char *path,
		 bool (*visit)(int dirfd, const char *name, void *data),
		 void *data);

/**
 * system_run_dir() - the directory of kexec-try for what does not outlive the
 *	running system
 * @path: its path, with system_root before it
 *
 * It is made when it is not there, for nobody but its owner: /run/kexec-try, or
 * /var/run/kexec-try where there is no /run, or only /var/run is in a file
 * system of its own.
 *
 * Return: 0, or -1 with one line on stderr: it cannot be made, or belongs to or
 * can be written to by somebody else.
 */
int system_run_dir(char path[SYSTEM_PATH_MAX]);

/* The path of a file in it, to be freed; or NULL with one line on stderr */
char *system_run_file(const char *name);

/* Whether there is a place to make it in, yet */
bool system_can_run(void);

/* Has SIGTERM, by which init ends a program, only leave a mark. */
void system_await_end(void);

/* Whether it came since the last call */
bool system_told_to_end(void);

/* For a process that has no terminal and nobody who reads what it says */
void system_detach(void);

/* Resets the system at once; uname() and geteuid(). The tests have their own. */
struct utsname;
extern void (*system_reset)(void);
extern int (*system_uname)(struct utsname *name);
extern unsigned int (*system_user)(void);

#endif /* TRY_SYSTEM_H */
