/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * system.h - files of the running system: /proc, /sys, /dev and /run
 */
#ifndef TRY_SYSTEM_H
#define TRY_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The longest path of such a file; a socket's is 107 bytes at most, unix(7) */
#define SYSTEM_PATH_MAX	256

/* As the kernel has it for MIPS, COMMAND_LINE_SIZE in asm/setup.h */
#define SYSTEM_CMDLINE_MAX	4096

/* What stands before the path of every such file: "", or a directory that the
 * tests made.
 */
extern const char *system_root;

/**
 * system_path() - where a file of the running system is
 * @path: where to put it
 * @fmt: as for printf(): the file, from / on
 *
 * Return: 0, or -1 without a word when it is longer than SYSTEM_PATH_MAX.
 */
int system_path(char path[SYSTEM_PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * system_exists() - see whether there is a file
 * @path: the file, from / on
 *
 * Return: whether it is there.
 */
bool system_exists(const char *path);

/**
 * system_read() - read the begin of a small file
 * @path: the file, from / on
 * @text: its content, ended by a NUL, without the newline at its end
 * @size: room at @text, in bytes, at least 1
 *
 * Return: 0, or -1 without a word, @text being empty: it cannot be read.
 */
int system_read(const char *path, char *text, size_t size);

/**
 * system_number() - read a number from a file
 * @path: the file, from / on
 * @otherwise: what to return when it cannot be read, or holds no number
 *
 * Return: the number. A `Y` of the kernel's boolean parameters is 1, an `N` 0.
 */
long system_number(const char *path, long otherwise);

/**
 * system_word() - the value of a word of the kernel's command line
 * @cmdline: the command line
 * @name: the word, up to its `=`; `-` and `_` are the same, as for the kernel
 * @value: its value, ended by a NUL; of several the last one
 * @size: room at @value, in bytes, at least 1
 *
 * Return: whether the word is there with a value that fits.
 */
bool system_word(const char *cmdline, const char *name, char *value,
		 size_t size);

/**
 * system_run_dir() - the directory of kexec-try for what does not outlive the
 *	running system
 * @path: its path, with system_root before it
 *
 * It is made when it is not there: /run/kexec-try, or /var/run/kexec-try on a
 * system without /run, for nobody but its owner.
 *
 * Return: 0, or -1 with one line on stderr: it cannot be made, or belongs to or
 * can be written to by somebody else.
 */
int system_run_dir(char path[SYSTEM_PATH_MAX]);

/**
 * system_parse_number() - read a number that a user typed
 * @text: the number, decimal, and nothing else
 * @least: the smallest that will do
 * @most: the largest that will do
 * @number: the number
 *
 * Return: 0, or -1 without a word.
 */
int system_parse_number(const char *text, long least, long most, long *number);

/**
 * system_now() - the time since the system booted
 *
 * Return: milliseconds of CLOCK_MONOTONIC.
 */
long long system_now(void);

/* When the system booted, in milliseconds of CLOCK_MONOTONIC: 0, but in tests */
extern long long system_booted;

/* Sleep for milliseconds; the tests have their own */
extern void (*system_sleep)(int milliseconds);

#endif /* TRY_SYSTEM_H */
