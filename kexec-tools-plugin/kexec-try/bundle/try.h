/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try.h - the subcommands of kexec-try, and their exit codes
 *
 * There are two programs of that name: host/ makes and sends bundles, device/
 * tries them.
 */
#ifndef TRY_TRY_H
#define TRY_TRY_H

/* Exit codes of all subcommands; EXIT STATUS in kexec-try(8) tells more */
#define EXIT_GOOD	0
#define EXIT_REFUSED	1
#define EXIT_USAGE	2
#define EXIT_PENDING	3	/* status, send: the new system is not confirmed */
#define EXIT_BACK	4	/* status: it goes back; send: the old system is back */
#define EXIT_LEAVING	5	/* status: this system is being left, or prepares a try */
#define EXIT_UNKNOWN	5	/* send: no answer */
#define EXIT_LOST	6	/* send: the device did not come back from a rehearsal */

/* The longest time to confirm a system, in seconds: a week */
#define TRY_WITHIN_MAX		(7 * 24 * 3600)

/* A subcommand. @run gets its name as argv[0], and never --help. It returns the exit
 * code; before it returns EXIT_USAGE, it reports what is wrong with the arguments.
 */
struct subcommand {
	const char *name;
	const char *summary;	/* one short line */
	const char *help;	/* arguments and options, a newline at the end */
	int (*run)(int argc, char **argv);
};

/* The subcommands of this program, in the order in which a user needs them, and a
 * NULL
 */
extern const struct subcommand *const subcommands[];

extern const struct subcommand subcommand_verify;

/* host/ */
extern const struct subcommand subcommand_pack;
extern const struct subcommand subcommand_plan;
extern const struct subcommand subcommand_send;

/* device/ */
extern const struct subcommand subcommand_run;
extern const struct subcommand subcommand_rehearse;
extern const struct subcommand subcommand_guard;
extern const struct subcommand subcommand_init;
extern const struct subcommand subcommand_confirm;
extern const struct subcommand subcommand_revert;
extern const struct subcommand subcommand_extend;
extern const struct subcommand subcommand_status;

/* `run -` gives up when its standard input is silent for that many seconds: a network
 * that fails does not end the connection. Tests change it.
 */
extern int run_silence;

#endif /* TRY_TRY_H */
