// SPDX-License-Identifier: GPL-2.0-only
/*
 * main.c - kexec-try: finds and runs a subcommand, and `verify`, which both
 *	programs have
 */

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "say.h"
#include "try.h"

#ifndef TRY_VERSION
#define TRY_VERSION "unknown"
#endif

static int run_verify(int argc, char **argv)
{
	struct bundle bundle;
	int result;

	if (argc != 2 || argv[1][0] == '-')
		return report_as(EXIT_USAGE, "verify takes one bundle");
	if (bundle_open(&bundle, argv[1]))
		return EXIT_REFUSED;
	result = bundle_verify(&bundle);
	if (!result)
		step("%s: bundle %s is whole: %u files", argv[1], bundle.id,
		     bundle.files);
	bundle_close(&bundle);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_verify = {
	"verify",
	"see whether a bundle is whole",
	"BUNDLE\n\n"
	"Checks that BUNDLE has every file that its manifest lists, with the size and\n"
	"the SHA-256 given there, and no other file.\n",
	run_verify,
};

static void print_usage(FILE *to)
{
	const struct subcommand *const *each;

	fprintf(to, "kexec-try SUBCOMMAND ...: try a new system from RAM, and go back unless it is confirmed\n\n");
	for (each = subcommands; *each; each++)
		fprintf(to, "  %-8s  %s\n", (*each)->name, (*each)->summary);
	fprintf(to, "\nkexec-try SUBCOMMAND --help tells more about one; kexec-try(8) describes all.\n");
}

static const struct subcommand *find(const char *name)
{
	const struct subcommand *const *each = subcommands;

	while (*each && strcmp((*each)->name, name))
		each++;
	return *each;
}

/* Ignores what follows `--`: it is for another program. */
static bool asks_for_help(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help"))
			return true;
	return false;
}

/* What a parent may leave behind: ignored, SIGCHLD would hide how children end; and a
 * file that got the number of a closed standard stream would get its output.
 */
static void start_clean(void)
{
	int fd;

	signal(SIGCHLD, SIG_DFL);
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const struct subcommand *subcommand;
	int status;

	start_clean();
	/* Started by the kernel as init: the arguments are init's. */
	subcommand = getpid() == 1 ? find("init") : NULL;
	if (subcommand)
		return subcommand->run(argc, argv);
	if (argc < 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help")) {
		print_usage(stdout);
		return EXIT_GOOD;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("kexec-try %s\n", TRY_VERSION);
		return EXIT_GOOD;
	}
	subcommand = find(argv[1]);
	if (!subcommand)
		return report_as(EXIT_USAGE, "no subcommand '%s'; kexec-try --help lists them",
				 argv[1]);
	if (asks_for_help(argc - 2, argv + 2)) {
		printf("kexec-try %s %s", subcommand->name, subcommand->help);
		return EXIT_GOOD;
	}
	status = subcommand->run(argc - 1, argv + 1);
	if (status == EXIT_USAGE)
		fprintf(stderr, "kexec-try %s --help tells how\n",
			subcommand->name);
	return status;
}
