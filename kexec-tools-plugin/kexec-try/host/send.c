// SPDX-License-Identifier: GPL-2.0-only
/*
 * send.c - kexec-try send: try a bundle on a device, over ssh
 *
 * All that matters is decided on the device, by `run` and `guard`. Whenever the
 * connection breaks, or this program ends, the device goes on as if nobody had
 * ever been there: it stays as it was, or tries the new system and goes back,
 * since nobody confirms it. The one step that decides otherwise is one datagram
 * on the device: `confirm`.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "clock.h"
#include "options.h"
#include "program.h"
#include "say.h"
#include "status.h"
#include "text.h"
#include "try.h"

/* Behind the user's own options, of which the first one counts: connections end
 * that hang while a system goes down.
 */
#define SSH_OPTIONS	"-o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"

/* Where --tools puts them on the device, for what comes after */
#define TOOLS_PATH	"PATH=/run/kexec-try/bin:/var/run/kexec-try/bin:$PATH; "

/* Which device lacks them */
#define TOOLS_THERE	"kexec-try --version >/dev/null 2>&1 && kexec --help 2>&1 | grep -q -- --map-file"

#define TOOLS_TAKE	"umask 077; d=/run; [ -d $d ] || d=/var/run; d=$d/kexec-try/bin; mkdir -p $d && tar -C $d -xf -"

/* One question to the device, and from one to the next, in milliseconds */
#define ASK_WITHIN	30000
#define ASK_EVERY	1000

/* How long to wait for an answer from either system, in seconds: two boots of a
 * slow device, and the watchdog between them
 */
#define WAIT		900

/* A new system without a guard may not have started it yet; after so many
 * answers it is not going to
 */
#define ANSWERS_WITHOUT_GUARD	60

/* More than anybody waits for */
#define REHEARSALS_MAX	1000

/* A question that decides something is asked again when the connection breaks */
#define ASK_TIMES	5

/* ssh's own exit code for a connection that failed or broke, ssh(1) */
#define SSH_BROKE	255

/* What the device's last answer tells of our try */
enum answer {
	ANSWER_NONE,		/* there was none */
	ANSWER_LEAVING,		/* some system is about to leave */
	ANSWER_OTHER,		/* a system that is not that of our try */
	ANSWER_PENDING,
	ANSWER_UNGUARDED,	/* its guard may be about to start */
	ANSWER_GOING_BACK,
	ANSWER_CONFIRMED,
};

/**
 * struct send - what the user wants, and how far we are
 * @path: the bundle; NULL: a rehearsal is all
 * @host: the device, for ssh
 * @ssh: the command line before it
 * @tools: directory with programs for the device, or NULL
 * @health: the command that decides, or NULL
 * @wait: seconds
 * @rehearsals: how many are to be
 * @id: identity of the try
 * @boot: identity of the boot that it begins in
 * @began: when it began, clock_now()
 * @options: what `run` gets, each word quoted, a blank before it
 * @dry: whether --dry-run is one of them
 * @other_board: whether --other-board is
 * @said: what the device said last
 */
struct send {
	const char *path;
	const char *host;
	const char *ssh;
	const char *tools;
	const char *health;
	long wait;
	long rehearsals;
	char id[TEXT_ID_SIZE];
	char boot[STATUS_VALUE_MAX];
	long long began;
	char *options;
	bool dry;
	bool other_board;
	char said[STATUS_MAX];
};

static void say(const struct send *send, const char *what)
{
	step("%4lld s  %s", (clock_now() - send->began) / 1000, what);
}

static void show(const char *line)
{
	step("        %s", line);
}

static bool no_connection(int status)
{
	return status == SSH_BROKE || status == PROGRAM_FAILED;
}

/* A command on the device; @from is a directory whose files it reads as a tar
 * stream, or NULL.
 */
static int start(const struct send *send, struct program *program,
		 const char *command, const char *from, int pipes)
{
	char *shell = must_print("%s%s %s \"$2\" \"$3\"", from ?
				 "cd \"$1\" && tar -cf - * | " : "exec ",
				 send->ssh, SSH_OPTIONS);
	char *remote = must_print(TOOLS_PATH "%s", command);
	char *argv[] = { "/bin/sh", "-c", shell, "sh",
			 (char *)(from ? from : ""), (char *)send->host,
			 remote, NULL };
	int status = program_start(program, argv, pipes);

	free(shell);
	free(remote);
	return status;
}

/* What the device answers to a command, and the exit code */
static int ask(struct send *send, const char *command)
{
	struct program program;

	send->said[0] = '\0';
	if (start(send, &program, command, NULL,
		  PROGRAM_STDOUT | PROGRAM_STDERR))
		return PROGRAM_FAILED;
	program_read(&program, ASK_WITHIN, send->said, STATUS_MAX);
	return program_wait(&program);
}

/* The same for one that takes files, and that says itself what it does */
static int give(struct send *send, const char *from, const char *command)
{
	struct program program;

	if (start(send, &program, command, from, 0))
		return PROGRAM_FAILED;
	return program_wait(&program);
}

static int bring_tools(struct send *send)
{
	int status = ask(send, TOOLS_THERE);
	char *options;

	if (!status || no_connection(status))
		return 0; /* what comes next says it */
	say(send, "the tools go over");
	if (give(send, send->tools, TOOLS_TAKE))
		return report("%s: the device does not take the tools from there",
			      send->tools);
	if (ask(send, TOOLS_THERE))
		return report("%s: its kexec and kexec-try do not run on the device: %s",
			      send->tools, program_last_line(send->said));
	/* Nothing of that system knows of a kexec that was not there */
	options = must_print(" --now%s", send->options);
	free(send->options);
	send->options = options;
	return 0;
}

static enum answer understand(const struct send *send)
{
	static const struct {
		const char *state;
		enum answer answer;
	} states[] = {
		{ "pending", ANSWER_PENDING },
		{ "confirmed", ANSWER_CONFIRMED },
		{ "free", ANSWER_CONFIRMED },
		{ "unguarded", ANSWER_UNGUARDED },
		{ "starting", ANSWER_UNGUARDED },
	};
	const char *said = send->said;
	char system[STATUS_VALUE_MAX];
	unsigned int i;

	if (!status_get(said, "system", system))
		return ANSWER_NONE;
	if (status_is(said, "state", "leaving") ||
	    status_is(said, "state", "preparing"))
		return ANSWER_LEAVING;
	if (strcmp(system, "new") || !status_is(said, "try", send->id))
		return ANSWER_OTHER;
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (status_is(said, "state", states[i].state))
			return states[i].answer;
	return ANSWER_GOING_BACK;
}

/* Before anything goes over: is there a device, and is it free? */
static int look(struct send *send, const struct bundle *bundle)
{
	char compatible[STATUS_VALUE_MAX], end[STATUS_VALUE_MAX];
	enum answer answer;
	int status;

	if (send->tools && bring_tools(send))
		return -1;
	status = ask(send, "kexec-try status --porcelain");
	answer = understand(send);
	status_get(send->said, "boot", send->boot);
	if (answer == ANSWER_NONE)
		return report("%s: %s%s", send->host,
			      program_last_line(send->said),
			      no_connection(status) ? "" :
			      "; --tools DIR brings a kexec-try and a kexec");
	if (answer == ANSWER_LEAVING ||
	    status_is(send->said, "state", "pending")) {
		report("%s: there is a try already:", send->host);
		status_tell(send->said, show);
		return -1;
	}
	if (!send->path || send->other_board)
		return 0;
	status_get(send->said, "compatible", compatible);
	status_get(send->said, "ram-end", end);
	return board_check(bundle, compatible, strtoull(end, NULL, 0));
}

/* Waits until it is clear which system the device has. */
static enum answer settle(struct send *send)
{
	enum answer answer, before = ANSWER_NONE;
	long long end = clock_now() + send->wait * 1000;
	int without_guard = 0;

	do {
		ask(send, "kexec-try status --porcelain");
		answer = understand(send);
		if (answer == ANSWER_UNGUARDED &&
		    ++without_guard >= ANSWERS_WITHOUT_GUARD)
			answer = ANSWER_GOING_BACK;
		if (answer == ANSWER_OTHER || answer == ANSWER_PENDING ||
		    answer == ANSWER_CONFIRMED)
			return answer;
		if (answer != before && answer == ANSWER_GOING_BACK)
			say(send, "the new system goes back");
		if (answer != before && answer == ANSWER_LEAVING)
			say(send, "the device leaves its system");
		if (answer == ANSWER_NONE && before != ANSWER_NONE)
			say(send, "no answer");
		before = answer;
		clock_sleep(ASK_EVERY);
	} while (clock_now() < end);
	return answer;
}

static int run_health(const struct send *send)
{
	const char *at = strrchr(send->host, '@');
	char *argv[] = { "/bin/sh", "-c", (char *)send->health, NULL };
	struct program program;

	setenv("KEXEC_TRY_HOST", at ? at + 1 : send->host, 1);
	setenv("KEXEC_TRY_ID", send->id, 1);
	if (program_start(&program, argv, 0))
		return -1;
	return program_wait(&program);
}

static int lost(struct send *send)
{
	report("the device does not answer: %s",
	       program_last_line(send->said));
	report("unless the new system was confirmed, it goes back by itself; look later with: kexec-try status");
	return EXIT_UNKNOWN;
}

/* The old system is to come back. */
static int await_old(struct send *send)
{
	enum answer answer = settle(send);

	while (answer == ANSWER_PENDING) {
		clock_sleep(ASK_EVERY);
		answer = settle(send);
	}
	if (answer == ANSWER_CONFIRMED) {
		say(send, "the new system is confirmed");
		return EXIT_GOOD;
	}
	if (answer != ANSWER_OTHER)
		return lost(send);
	say(send, "the old system is back");
	return EXIT_BACK;
}

/* Tells the new system; a broken connection is no answer, so ask on, which does
 * no harm: to confirm twice is to confirm.
 */
static int decide(struct send *send, const char *command)
{
	int status = SSH_BROKE, i;

	for (i = 0; i < ASK_TIMES && no_connection(status); i++) {
		if (i)
			clock_sleep(ASK_EVERY);
		status = ask(send, command);
	}
	return status;
}

static int confirm(struct send *send)
{
	say(send, send->health);
	if (run_health(send)) {
		say(send, "the command says that the new system is not well; back");
		decide(send, "kexec-try revert");
		return await_old(send);
	}
	if (!decide(send, "kexec-try confirm")) {
		say(send, "the new system is confirmed");
		return EXIT_GOOD;
	}
	report("not confirmed: %s", program_last_line(send->said));
	return await_old(send);
}

static int conclude(struct send *send)
{
	enum answer answer = settle(send);

	if (answer == ANSWER_OTHER && status_is(send->said, "boot", send->boot)) {
		report("nothing was tried; the device is as it was");
		return EXIT_REFUSED;
	}
	if (answer == ANSWER_OTHER) {
		say(send, "the old system is there; the new one was never seen");
		return EXIT_BACK;
	}
	if (answer != ANSWER_PENDING && answer != ANSWER_CONFIRMED)
		return lost(send);
	say(send, "the new system is up");
	status_tell(send->said, show);
	if (answer == ANSWER_CONFIRMED)
		return EXIT_GOOD;
	if (send->health)
		return confirm(send);
	step("it goes back unless you say: ssh %s kexec-try confirm",
	     send->host);
	return EXIT_PENDING;
}

/* One kernel that hangs. Only another boot of the old system is an answer. */
static int rehearse(struct send *send)
{
	long long end;

	if (ask(send, "kexec-try rehearse")) {
		report("the device does not rehearse: %s",
		       program_last_line(send->said));
		return EXIT_REFUSED;
	}
	say(send, "the device leaves for a kernel that hangs");
	end = clock_now() + send->wait * 1000;
	do {
		clock_sleep(ASK_EVERY);
		ask(send, "kexec-try status --porcelain");
		if (understand(send) == ANSWER_OTHER &&
		    !status_is(send->said, "boot", send->boot)) {
			status_get(send->said, "boot", send->boot);
			say(send, "the old system is back, by itself");
			return EXIT_GOOD;
		}
	} while (clock_now() < end);
	report("the device did not come back within %ld s: its watchdog does not bring the old system back. Switch it off and on, and do not try a system on it from afar",
	       send->wait);
	return EXIT_LOST;
}

static int rehearse_all(struct send *send)
{
	long i;
	int status = EXIT_GOOD;

	for (i = 1; i <= send->rehearsals && !status; i++) {
		if (send->rehearsals > 1)
			step("rehearsal %ld of %ld", i, send->rehearsals);
		status = rehearse(send);
	}
	return status;
}

/* `run` takes no part of a bundle: when the connection breaks on the way, the
 * device is as it was.
 */
static int send_bundle(struct send *send)
{
	char *command;
	int status;

	say(send, "the bundle goes over");
	/* What a rehearsal has shown is known */
	command = must_print("kexec-try run - --id %s%s%s", send->id,
			     send->rehearsals ? " --trust-watchdog" : "",
			     send->options);
	status = give(send, send->path, command);
	free(command);
	if (status && !no_connection(status))
		return EXIT_REFUSED; /* `run` has said why */
	if (!status && send->dry) {
		say(send, "a dry run: the device can try it, and is as it was");
		return EXIT_GOOD;
	}
	if (status)
		say(send, "the connection broke; see what became of it");
	return conclude(send);
}

static void interrupted(int signal)
{
	static const char text[] =
		"\nkexec-try: interrupted. A new system that is not confirmed goes back by itself.\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_REFUSED);
	_exit(128 + signal); /* as a shell has it */
}

static void add_option(struct send *send, const char *word)
{
	char *more = text_quoted(word), *all;

	all = must_print("%s %s", send->options, more);
	free(send->options);
	free(more);
	send->options = all;
	/* getopt_long(3) takes the begin of an option for all of it */
	if (strlen(word) > strlen("--")) {
		send->dry |= !strncmp(word, "--dry-run", strlen(word));
		send->other_board |= !strncmp(word, "--other-board",
					      strlen(word));
	}
}

static int parse(struct send *send, int argc, char **argv)
{
	bool rehearse = false;
	const struct choice choices[] = {
		{ "confirm", .text = &send->health },
		{ "ssh", .text = &send->ssh },
		{ "tools", .text = &send->tools },
		{ "rehearse", .flag = &rehearse },
		{ "times", .number = &send->rehearsals,
		  .least = 1, .most = REHEARSALS_MAX },
		{ "wait", .number = &send->wait,
		  .least = 1, .most = TRY_WITHIN_MAX },
		{ .name = NULL },
	};
	int words = argc, i;

	for (i = 1; i < argc && words == argc; i++)
		if (!strcmp(argv[i], "--"))
			words = i;
	if (options_take(choices, "", words, argv))
		return -1;
	if (rehearse && !send->rehearsals)
		send->rehearsals = 1;
	if (optind + 2 != words && !(send->rehearsals && optind + 1 == words))
		return report("send: give a BUNDLE and a HOST, or --rehearse and a HOST");
	send->path = optind + 2 == words ? argv[optind] : NULL;
	send->host = argv[words - 1];
	if (send->host[0] == '-')
		return report("%s: no name of a host", send->host);
	for (i = words + 1; i < argc; i++)
		add_option(send, argv[i]);
	return 0;
}

static int run_send(int argc, char **argv)
{
	const char *ssh = getenv("KEXEC_TRY_SSH");
	struct send send = { .ssh = ssh && *ssh ? ssh : "ssh", .wait = WAIT };
	int status = EXIT_REFUSED;
	struct bundle bundle;

	send.options = must_print("%s", "");
	if (parse(&send, argc, argv)) {
		free(send.options);
		return EXIT_USAGE;
	}
	text_make_id(send.id);
	send.began = clock_now();
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	bundle_init(&bundle);
	if ((!send.path || (!bundle_open(&bundle, send.path) &&
			    !bundle_verify(&bundle))) && !look(&send, &bundle)) {
		status = rehearse_all(&send);
		if (!status && send.path)
			status = send_bundle(&send);
	}
	bundle_close(&bundle);
	free(send.options);
	return status;
}

const struct subcommand subcommand_send = {
	"send",
	"try a bundle on a device, over ssh",
	"[BUNDLE] HOST [OPTION...] [-- OPTION-OF-RUN...]\n\n"
	"Has HOST, as ssh knows it (root@router), run BUNDLE, waits for the new system,\n"
	"and tells how it went. Uses your ssh and its configuration.\n\n"
	"  --confirm COMMAND  for /bin/sh here, when the new system is up: is it well?\n"
	"                     Then it is confirmed, else the device goes back at once.\n"
	"                     KEXEC_TRY_HOST is the host, without a user before it;\n"
	"                     KEXEC_TRY_ID the identity of the try\n"
	"  --ssh COMMAND      to be used in place of ssh, with its options; also\n"
	"                     KEXEC_TRY_SSH in the environment\n"
	"  --rehearse         first have HOST start a kernel that only hangs, to see that\n"
	"                     its watchdog brings the old system back; without BUNDLE that\n"
	"                     is all\n"
	"  --times N          so many rehearsals, one after the other\n"
	"  --tools DIR        has a static kexec and kexec-try for a device that lacks\n"
	"                     them: they are copied to its RAM\n"
	"  --wait SECONDS     how long to wait for either system; 900\n\n"
	"With `-- --dry-run` the device is looked at, and nothing else.\n\n"
	"Exit code: 0 the new system is confirmed, or would be tried; 1 the device\n"
	"refused, and is as it was; 3 the new system is up and not confirmed; 4 the old\n"
	"system is back; 5 no answer; 6 it did not come back from a rehearsal; 130 or 143\n"
	"interrupted.\n",
	run_send,
};
