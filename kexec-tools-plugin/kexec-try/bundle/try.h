/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try.h - the subcommands of kexec-try, and how they end
 *
 * There are two programs of that name: host/ has the one that makes and sends
 * bundles, device/ the one that tries them.
 */
#ifndef TRY_TRY_H
#define TRY_TRY_H

/* Exit codes of all subcommands */
#define EXIT_GOOD		0
#define EXIT_REFUSED		1
#define EXIT_USAGE		2

/* Of `status` and `send`: a new system that is not confirmed, or one that goes
 * back, or for `send` the old one that is back
 */
#define EXIT_PENDING		3
#define EXIT_BACK		4

/* Of `status`: this system is being left. Of `send`: no answer. */
#define EXIT_LEAVING		5
#define EXIT_UNKNOWN		5

/* Of `send --rehearse`: the device did not come back */
#define EXIT_LOST		6

/* The longest time for a confirmation, in seconds: a week */
#define TRY_WITHIN_MAX		(7 * 24 * 3600)

/* One of the things that kexec-try does. To @run, argv[0] is the name, and
 * --help never gets there; it returns the exit code, and has said what is wrong
 * with the arguments for EXIT_USAGE.
 */
struct subcommand {
	const char *name;
	const char *summary;	/* one short line */
	const char *help;	/* arguments and options, a newline at the end */
	int (*run)(int argc, char **argv);
};

/* Those of this program, in the order in which a user meets them; ends with a
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

/* A stream that says nothing for so many seconds has nobody who sends it: a network
 * that went away ends no connection. The tests have their own.
 */
extern int run_silence;
extern const struct subcommand subcommand_rehearse;
extern const struct subcommand subcommand_guard;
extern const struct subcommand subcommand_init;
extern const struct subcommand subcommand_confirm;
extern const struct subcommand subcommand_revert;
extern const struct subcommand subcommand_extend;
extern const struct subcommand subcommand_status;

#endif /* TRY_TRY_H */
