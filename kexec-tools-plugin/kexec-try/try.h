/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * try.h - the subcommands of kexec-try
 */
#ifndef TRY_TRY_H
#define TRY_TRY_H

/**
 * struct subcommand - one of the things that kexec-try does
 * @name: the word that a user types
 * @summary: what it does, in one short line, for the list of all of them
 * @help: usage and options, for --help; begins with the arguments after the
 *	name, has a newline at its end
 * @run: does it. argv[0] is the name, --help never gets there. Returns the
 *	program's exit code; for EXIT_USAGE it has said what is wrong with the
 *	arguments, and the way to --help is told behind it.
 */
struct subcommand {
	const char *name;
	const char *summary;
	const char *help;
	int (*run)(int argc, char **argv);
};

/* Each in the file that is named so, the last three of these in control.c */
extern const struct subcommand subcommand_pack;
extern const struct subcommand subcommand_plan;
extern const struct subcommand subcommand_verify;
extern const struct subcommand subcommand_unpack;
extern const struct subcommand subcommand_send;
extern const struct subcommand subcommand_run;
extern const struct subcommand subcommand_guard;
extern const struct subcommand subcommand_confirm;
extern const struct subcommand subcommand_revert;
extern const struct subcommand subcommand_status;

#endif /* TRY_TRY_H */
