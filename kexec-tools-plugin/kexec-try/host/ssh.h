/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ssh.h - one ssh connection to a device, for all commands and data
 */
#ifndef TRY_SSH_H
#define TRY_SSH_H

#include <stdbool.h>
#include <stddef.h>

/* Sets the ssh command, with the user's options, and the host. The first command
 * connects, and so does the first one after a connection was lost; ssh may then
 * ask for a password. Return: 0, or -1 with one line on stderr.
 */
int ssh_open(const char *command, const char *host);

/* Closes the connection. A signal handler may call it. */
void ssh_close(void);

/* A private directory, which ssh_close() removes */
const char *ssh_directory(void);

/* The ssh command that uses the same connection */
const char *ssh_command(void);

/* Runs a command on the device. @said gets its output, or ssh's message if that
 * cannot connect; only the end if it does not fit. Return: the exit code.
 */
int ssh_ask(const char *command, char *said, size_t size);

/* Runs a command that reads files of a directory as a tar stream; its output goes
 * to the user. @files are their names, for a shell. @size is how many bytes they
 * have in all, to show the progress, or 0. A device that takes nothing, or does not end,
 * for @wait seconds counts as a broken connection. Return: the exit code.
 */
int ssh_give(const char *command, const char *directory, const char *files,
	     unsigned long long size, long wait);

/* Whether an exit code means that ssh could not connect, or lost the connection */
bool ssh_broke(int status);

/* Whether ssh could not connect, for a reason that waiting for the same system
 * does not cure
 */
bool ssh_refused(int status, const char *said);

#endif /* TRY_SSH_H */
