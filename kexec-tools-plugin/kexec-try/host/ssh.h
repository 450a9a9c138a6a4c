/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ssh.h - one ssh connection to a device, for all that is asked and sent
 */
#ifndef TRY_SSH_H
#define TRY_SSH_H

#include <stdbool.h>
#include <stddef.h>

/* Says which ssh is meant, with the user's options, and which device. The first
 * question connects, and so does the next one after a connection is lost: ssh
 * then asks for what it needs, a password, say. Return: 0, or -1 with one line
 * on stderr.
 */
int ssh_open(const char *command, const char *host);

/* Ends the connection. A signal handler may call it. */
void ssh_close(void);

/* A directory that nobody else can enter, which ends with the connection */
const char *ssh_directory(void);

/* The ssh command that uses the same connection */
const char *ssh_command(void);

/* Has the device run a command. In @said is what that says, or ssh where it
 * does not connect; of more than fits, the end. Return: the exit code.
 */
int ssh_ask(const char *command, char *said, size_t size);

/* Has it run a command that reads files of a directory, as a tar stream, and
 * speaks for itself. @files are their names, for a shell. @size is their bytes in
 * all, for the user to see how far it is, or 0. Return: the exit code.
 */
int ssh_give(const char *command, const char *directory, const char *files,
	     unsigned long long size);

/* Whether an exit code means that ssh did not connect, or not to the end */
bool ssh_broke(int status);

/* Whether ssh has said, in place of a connection, what no waiting for this system mends */
bool ssh_refused(int status, const char *said);

#endif /* TRY_SSH_H */
