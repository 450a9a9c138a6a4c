// SPDX-License-Identifier: GPL-2.0-only
/*
 * operator.c - kexec-try confirm, revert, extend and status
 */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"
#include "say.h"
#include "status.h"
#include "system.h"
#include "trial.h"
#include "watchdog.h"

/* For a sync before a reset, in milliseconds */
#define SYNC_TIME	1000

/* Only root can reach guard's socket and the state of the try: anybody else
 * would be told that the system has no guard.
 */
static int check_call(int argc, char **argv)
{
	if (argc > 1)
		return report_as(EXIT_USAGE, "%s: takes no arguments", argv[0]);
	if (system_user())
		return report_as(EXIT_REFUSED, "%s: only root can do that",
				 argv[0]);
	return EXIT_GOOD;
}

/* The same for subcommands of a new system */
static int check_new(int argc, char **argv, const char *what)
{
	int code = check_call(argc, argv);
	struct trial trial;

	trial_read(&trial);
	if (!code && !trial.is_new) {
		report("this is the old system: there is nothing to %s", what);
		code = EXIT_REFUSED;
	}
	return code;
}

static int run_confirm(int argc, char **argv)
{
	char text[CONTROL_ANSWER_MAX] = "it was confirmed before";
	int code = check_new(argc, argv, "confirm");

	if (code)
		return code;
	code = control_ask("confirm", text);
	if (code == EXIT_GOOD ||
	    (code < 0 && trial_state_read() == TRIAL_CONFIRMED)) {
		step("%s", text);
		return EXIT_GOOD;
	}
	return report_as(EXIT_REFUSED, "%s", code >= 0 ? text :
			 trial_is_locked("guard.lock") ?
			 "guard does not answer; kexec-try status shows whether this system is confirmed" :
			 "guard does not run: this system cannot be confirmed; kexec-try revert goes back");
}

static int run_revert(int argc, char **argv)
{
	char text[CONTROL_ANSWER_MAX];
	int code = check_new(argc, argv, "go back from");

	if (code)
		return code;
	if (control_ask("revert", text) == EXIT_GOOD) {
		step("%s", text);
		return EXIT_GOOD;
	}
	say_to_kernel_log(true);
	step("guard does not answer; back to the old system, now");
	system_sync();
	clock_sleep(SYNC_TIME);
	system_reset();
	return EXIT_REFUSED;
}

static int run_extend(int argc, char **argv)
{
	char request[CONTROL_REQUEST_MAX], text[CONTROL_ANSWER_MAX];
	int code;

	if (argc != 2)
		return report_as(EXIT_USAGE, "extend: give SECONDS");
	code = check_call(1, argv);
	if (code)
		return code;
	snprintf(request, sizeof(request), "extend %s", argv[1]);
	code = control_ask(request, text);
	if (code == EXIT_GOOD)
		step("%s", text);
	else
		report("extend: %s", code >= 0 ? text : "guard does not answer");
	return code >= 0 ? code : EXIT_REFUSED;
}

/* With CONFIG_WATCHDOG_SYSFS, the kernel shows that a watchdog is stopped. */
static bool watchdog_counts(void)
{
	char state[16];

	system_read("/sys/class/watchdog/watchdog0/state", state, sizeof(state));
	return system_exists("/dev/watchdog") && strcmp(state, "inactive");
}

/* The state when no guard answers: from the state file, the locks, and the process that
 * has the watchdog.
 */
static int put_state(char **to, const struct trial *trial)
{
	enum trial_state state = trial_state_read();
	int code = !trial->within || state == TRIAL_CONFIRMED ? EXIT_GOOD :
		EXIT_BACK;
	bool leaving = state == TRIAL_LEAVING;
	const char *what = trial_state_name(state);
	char name[WATCHDOG_NAME_MAX];
	bool held = watchdog_holder(name);

	if (!trial->is_new && !leaving) {
		/* By `run`, or by its child that leaves */
		leaving = trial_is_locked("run.lock");
		what = leaving ? "preparing" : "none";
	} else if (trial->is_new && !trial->within) {
		what = "free";
	} else if (state == TRIAL_NONE) {
		what = "unguarded";
		/* Init may feed it forever */
		if (held || !watchdog_counts())
			code = EXIT_PENDING;
	} else if (state == TRIAL_CONFIRMED && !held && watchdog_counts()) {
		what = "unguarded\nwhy=confirmed, but nobody feeds the watchdog; start kexec-try guard";
		code = EXIT_BACK;
	} else if (state == TRIAL_PENDING && trial_is_locked("guard.lock")) {
		what = "starting\nwhy=guard does not answer yet";
		code = EXIT_PENDING;
	} else if (state == TRIAL_GOING_BACK && trial_is_locked("guard.lock")) {
		what = "going-back\nwhy=guard resets the device";
	} else if ((state == TRIAL_PENDING || state == TRIAL_GOING_BACK) &&
		   (held || !watchdog_counts())) {
		what = "unguarded\nwhy=guard has ended, and only kexec-try revert goes back";
		code = EXIT_PENDING;
	} else if (state == TRIAL_PENDING || state == TRIAL_GOING_BACK) {
		what = "going-back\nwhy=guard has ended";
	}
	must_add(to, "state=%s\n", what);
	if (held)
		must_add(to, "watchdog=fed by %s\n", name);
	return leaving ? EXIT_LEAVING : code;
}

static int put_status(char **to)
{
	char text[CONTROL_ANSWER_MAX], boot_id[TRIAL_BOOT_ID_MAX];
	char compatible[STATUS_VALUE_MAX], root[96];
	struct trial trial;
	struct ram ram;
	int code;

	trial_read(&trial);
	must_add(to, "system=%s\n", trial.is_new ? "new" : "old");
	code = control_ask("status", text);
	/* A guard in an old system feeds the watchdog, but knows of no try */
	if (code >= 0 && (trial.is_new || code))
		must_add(to, "%s", text);
	else
		code = put_state(to, &trial);
	if (trial.id[0])
		must_add(to, "try=%s\n", trial.id);
	trial_boot_id(boot_id);
	system_compatible(compatible, sizeof(compatible));
	must_add(to, "boot=%s\ncompatible=%s\navailable=%llu\n", boot_id,
		 compatible, system_available());
	if (system_exists("/proc/iomem") && !system_ram(&ram))
		must_add(to, "ram-end=0x%llx\n",
			 ram.range[ram.ranges - 1].end);
	root_describe(root, sizeof(root));
	must_add(to, "root=%s\n", root);
	if (root_overlay(root, sizeof(root)))
		must_add(to, "overlay=%s\n", root);
	return code;
}

static void tell(const char *line)
{
	puts(line);
}

/* Prints the KEY=VALUE lines as an object of strings */
static void put_json(char *text)
{
	const char *before = "{\"", *c;
	char *line;

	while (*text) {
		line = strsep(&text, "\n");
		printf("%s%s\": \"", before, strsep(&line, "="));
		for (c = line ? line : ""; *c; c++)
			printf(strchr("\"\\", *c) ? "\\%c" : "%c", *c);
		before = "\", \"";
	}
	puts("\"}");
}

static int run_status(int argc, char **argv)
{
	const char *how = argc == 2 ? argv[1] : "";
	bool json = !strcmp(how, "--json");
	bool porcelain = !strcmp(how, "--porcelain");
	int code = check_call(argc - json - porcelain, argv);
	char *text = NULL;

	if (code)
		return code;
	code = put_status(&text);
	if (json)
		put_json(text);
	else if (porcelain)
		fputs(text, stdout);
	else
		status_tell(text, tell);
	free(text);
	return code;
}

const struct subcommand subcommand_confirm = {
	"confirm",
	"keep the new system",
	"\n\nIn the new system: keeps it. Refused if its time is over.\n",
	run_confirm,
};

const struct subcommand subcommand_revert = {
	"revert",
	"go back to the old system now",
	"\n\nIn the new system, confirmed or not: resets the device.\n",
	run_revert,
};

const struct subcommand subcommand_extend = {
	"extend",
	"more time to confirm the new system",
	"SECONDS\n\nIn the new system: sets the time left to confirm it to SECONDS.\n",
	run_extend,
};

const struct subcommand subcommand_status = {
	"status",
	"show which system runs, and its state",
	"[--porcelain | --json]\n\n"
	"Prints which system runs, the time left to confirm it, the identity of the try,\n"
	"the watchdog, and where the root file system and its overlay are; for programs,\n"
	"as KEY=VALUE lines or a JSON object.\n\n"
	"Exit code: 0 for an old system or a confirmed one; 3 for a new one that is not\n"
	"confirmed, and does not go back by itself yet; 4 for one that does, or that nobody\n"
	"feeds the watchdog of; 5 where a try is prepared, or has begun.\n",
	run_status,
};
