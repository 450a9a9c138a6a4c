// SPDX-License-Identifier: GPL-2.0-only
/*
 * send.c - try a bundle on a device, over ssh
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
#include <sys/random.h>
#include <unistd.h>

#include "bundle.h"
#include "program.h"
#include "say.h"
#include "send.h"
#include "system.h"
#include "trial.h"
#include "try.h"

/* The user's ssh and its configuration, but for connections that hang while a
 * system goes down
 */
#define SSH	"ssh -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3"

/* One question to the device, in milliseconds */
#define ASK_WITHIN	30000

/* From one question to the next, in milliseconds */
#define ASK_EVERY	1000

/* How long to wait for an answer from either system, in seconds, when nobody
 * says otherwise: two boots of a slow device, and the watchdog between them
 */
#define WAIT		900

/* A new system without a guard may not have started it yet; after so many
 * answers it is not going to
 */
#define ANSWERS_WITHOUT_GUARD	30

/* A question that decides something is asked again when the connection breaks */
#define ASK_TIMES	5

/* ssh's own exit code for a connection that failed or broke, ssh(1) */
#define SSH_BROKE	255

#define SAID_MAX	2048

/**
 * struct send - what the user wants, and how far we are
 * @path: the bundle
 * @host: the device, for ssh
 * @ssh: the command line before it
 * @health: the command that decides, or NULL
 * @wait: seconds
 * @id: identity of the try
 * @began: when it began, system_now()
 * @options: what `run` gets, each word quoted
 * @dry: whether --dry-run is one of them
 */
struct send {
	const char *path;
	const char *host;
	const char *ssh;
	const char *health;
	long wait;
	char id[9];
	long long began;
	char *options;
	bool dry;
};

/* What follows @key at the begin of a line, or NULL. Other lines are ssh's own,
 * and those of a banner that the device shows to everybody.
 */
static const char *find_line(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (text && strncmp(text, key, length)) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? text + length : NULL;
}

enum send_answer send_parse(const char *text, const char *id)
{
	const char *system = find_line(text, "system: ");
	const char *try = find_line(text, "try: ");
	size_t length = strlen(id);
	bool is_ours;

	if (!system)
		return ANSWER_NONE;
	is_ours = try && !strncmp(try, id, length) &&
		  (try[length] == '\n' || !try[length]);
	if (!strncmp(system, "old, ", 5) || !strncmp(system, "new, leaving", 12))
		return ANSWER_LEAVING;
	if (!is_ours)
		return ANSWER_OTHER;
	if (!strncmp(system, "new, pending", 12))
		return ANSWER_PENDING;
	if (!strncmp(system, "new, confirmed", 14) ||
	    !strncmp(system, "new, needs no", 13))
		return ANSWER_CONFIRMED;
	if (!strncmp(system, "new, going back: guard was not started", 38))
		return ANSWER_UNGUARDED;
	return ANSWER_GOING_BACK;
}

static void say(const struct send *send, const char *what)
{
	step("%4lld s  %s", (system_now() - send->began) / 1000, what);
}

/* quoted - a word for the shell on the device, to be freed */
static char *quoted(const char *word)
{
	char *text = must_alloc(4 * strlen(word) + 3), *to = text;

	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *word;
	}
	*to++ = '\'';
	*to = '\0';
	return text;
}

static int start_ssh(const struct send *send, struct program *program,
		     const char *command, int pipes)
{
	char *shell = must_print("exec %s \"$@\"", send->ssh);
	char *argv[] = { "/bin/sh", "-c", shell, "ssh", (char *)send->host,
			 (char *)command, NULL };
	int status = program_start(program, argv, pipes);

	free(shell);
	return status;
}

/* What the device answers to a command, and the exit code */
static int ask(const struct send *send, const char *command,
	       char said[SAID_MAX])
{
	struct program program;

	said[0] = '\0';
	if (start_ssh(send, &program, command, PROGRAM_STDOUT | PROGRAM_STDERR))
		return PROGRAM_FAILED;
	program_read(&program, ASK_WITHIN, said, SAID_MAX);
	return program_wait(&program);
}

static const char *last_line(char *said)
{
	char *end = said + strlen(said), *line;

	while (end > said && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(said, '\n');
	return line ? line + 1 : said;
}

/* Shows what the device said of itself, without its last newline. */
static void show(const char *said)
{
	size_t length;

	while (*said) {
		length = strcspn(said, "\n");
		step("        %.*s", (int)length, said);
		said += length;
		said += *said == '\n';
	}
}

/* The bundle goes over, and `run` does the rest: its exit code. A connection
 * that was never there, or that broke on the way, leaves all as it was, as `run`
 * takes no part of a bundle.
 */
static int start_try(struct send *send, const struct bundle *bundle)
{
	char *command = must_print("kexec-try run - --id %s%s", send->id,
				   send->options);
	struct program program;
	int status, sent;

	status = start_ssh(send, &program, command, PROGRAM_STDIN);
	free(command);
	if (status)
		return EXIT_REFUSED;
	/* When it fails `run` has said why, or ssh has */
	sent = bundle_send(bundle, program.to);
	if (sent)
		say(send, "the device took only a part of the bundle");
	status = program_wait(&program);
	if (sent >= 0 || (status != SSH_BROKE && status != PROGRAM_FAILED))
		return status;
	say(send, "there is no connection; no part of a bundle is tried");
	return EXIT_REFUSED;
}

/* settle - wait until it is clear which system the device has; its last answer
 * is in @said.
 */
static enum send_answer settle(struct send *send, char said[SAID_MAX])
{
	enum send_answer answer, before = ANSWER_NONE;
	long long end = system_now() + send->wait * 1000;
	int without_guard = 0;

	do {
		ask(send, "kexec-try status", said);
		answer = send_parse(said, send->id);
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
		system_sleep(ASK_EVERY);
	} while (system_now() < end);
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

static int lost(char *said)
{
	report("the device does not answer: %s", last_line(said));
	report("unless the new system was confirmed, it goes back by itself; look later with: kexec-try status");
	return SEND_UNKNOWN;
}

/* The old system is to come back. */
static int await_old(struct send *send, char said[SAID_MAX])
{
	enum send_answer answer;

	answer = settle(send, said);
	while (answer == ANSWER_PENDING) {
		system_sleep(ASK_EVERY);
		answer = settle(send, said);
	}
	if (answer == ANSWER_CONFIRMED) {
		say(send, "the new system is confirmed");
		return EXIT_GOOD;
	}
	if (answer != ANSWER_OTHER)
		return lost(said);
	say(send, "the old system is back");
	return SEND_BACK;
}

/* decide - tell the new system; a broken connection is no answer, so ask on,
 * which does no harm: to confirm twice is to confirm.
 */
static int decide(struct send *send, const char *command, char said[SAID_MAX])
{
	int status = SSH_BROKE, i;

	for (i = 0; i < ASK_TIMES && (status == SSH_BROKE ||
				      status == PROGRAM_FAILED); i++) {
		if (i)
			system_sleep(ASK_EVERY);
		status = ask(send, command, said);
	}
	return status;
}

static int confirm(struct send *send, char said[SAID_MAX])
{
	int status;

	say(send, send->health);
	status = run_health(send);
	if (status) {
		say(send, "the command says that the new system is not well; back");
		decide(send, "kexec-try revert", said);
		return await_old(send, said);
	}
	status = decide(send, "kexec-try confirm", said);
	if (!status) {
		say(send, "the new system is confirmed");
		return EXIT_GOOD;
	}
	report("not confirmed: %s", last_line(said));
	return await_old(send, said);
}

static int conclude(struct send *send)
{
	char said[SAID_MAX];

	switch (settle(send, said)) {
	case ANSWER_CONFIRMED:
		say(send, "the new system is up");
		show(said);
		return EXIT_GOOD;
	case ANSWER_PENDING:
		say(send, "the new system is up");
		show(said);
		if (send->health)
			return confirm(send, said);
		step("it goes back unless you say: ssh %s kexec-try confirm",
		     send->host);
		return SEND_PENDING;
	case ANSWER_OTHER:
		say(send, "the old system is there; the new one was never seen");
		return SEND_BACK;
	default:
		return lost(said);
	}
}

static int send_bundle(struct send *send, const struct bundle *bundle)
{
	int status;

	say(send, "the bundle goes over");
	status = start_try(send, bundle);
	if (status == SSH_BROKE || status == PROGRAM_FAILED)
		say(send, "the connection broke; see what became of it");
	else if (status)
		return EXIT_REFUSED;
	if (!status && send->dry) {
		say(send, "a dry run: the device can try it, and is as it was");
		return EXIT_GOOD;
	}
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

enum {
	OPT_CONFIRM = 256,
	OPT_SSH,
	OPT_WAIT,
};

static const struct option options[] = {
	{ "confirm", required_argument, NULL, OPT_CONFIRM },
	{ "ssh", required_argument, NULL, OPT_SSH },
	{ "wait", required_argument, NULL, OPT_WAIT },
	{ NULL, 0, NULL, 0 }
};

static int set_option(struct send *send, int option)
{
	switch (option) {
	case OPT_CONFIRM:
		send->health = optarg;
		return 0;
	case OPT_SSH:
		send->ssh = optarg;
		return 0;
	case OPT_WAIT:
		if (!system_parse_number(optarg, 1, TRIAL_WITHIN_MAX,
					 &send->wait))
			return 0;
		return report("--wait %s: not a number of seconds from 1 to %d",
			      optarg, TRIAL_WITHIN_MAX);
	default:
		return -1; /* getopt has said why */
	}
}

static void add_option(struct send *send, const char *word)
{
	char *more = quoted(word), *all;

	all = must_print("%s %s", send->options, more);
	free(send->options);
	free(more);
	send->options = all;
	/* getopt_long(3) takes the begin of an option for all of it */
	if (strlen(word) > strlen("--") &&
	    !strncmp(word, "--dry-run", strlen(word)))
		send->dry = true;
}

static int parse(struct send *send, int argc, char **argv)
{
	int option, words = argc, i;

	for (i = 1; i < argc && words == argc; i++)
		if (!strcmp(argv[i], "--"))
			words = i;
	optind = 0; /* all anew, getopt(3) */
	while ((option = getopt_long(words, argv, "", options, NULL)) != -1)
		if (set_option(send, option))
			return -1;
	if (optind + 2 != words)
		return report("send: give a BUNDLE and a HOST");
	send->path = argv[optind];
	send->host = argv[optind + 1];
	if (send->host[0] == '-')
		return report("%s: no name of a host", send->host);
	for (i = words + 1; i < argc; i++)
		add_option(send, argv[i]);
	return 0;
}

static void make_id(char id[9])
{
	unsigned int number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = system_now() ^ getpid();
	snprintf(id, 9, "%08x", number);
}

static int run_send(int argc, char **argv)
{
	const char *ssh = getenv("KEXEC_TRY_SSH");
	struct send send = { .ssh = ssh && *ssh ? ssh : SSH, .wait = WAIT };
	int status = EXIT_REFUSED;
	struct bundle bundle;

	send.options = must_print("%s", "");
	if (parse(&send, argc, argv)) {
		free(send.options);
		return EXIT_USAGE;
	}
	make_id(send.id);
	send.began = system_now();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	if (!bundle_open(&bundle, send.path) && !bundle_verify(&bundle))
		status = send_bundle(&send, &bundle);
	bundle_close(&bundle);
	free(send.options);
	return status;
}

const struct subcommand subcommand_send = {
	"send",
	"try a bundle on a device, over ssh",
	"BUNDLE HOST [OPTION...] [-- OPTION-OF-RUN...]\n\n"
	"Has HOST, as ssh knows it (root@router), run BUNDLE, waits for the new system,\n"
	"and tells how it went. Uses your ssh and its configuration.\n\n"
	"  --confirm COMMAND  for /bin/sh here, when the new system is up: is it well?\n"
	"                     Then it is confirmed, else the device goes back at once.\n"
	"                     KEXEC_TRY_HOST is the host, without a user before it;\n"
	"                     KEXEC_TRY_ID the identity of the try\n"
	"  --ssh COMMAND      to be used in place of ssh, with its options; also\n"
	"                     KEXEC_TRY_SSH in the environment\n"
	"  --wait SECONDS     how long to wait for either system; 900\n\n"
	"With `-- --dry-run` the device is looked at, and nothing else.\n\n"
	"Exit code: 0 the new system is confirmed, or would be tried; 1 the device\n"
	"refused, and is as it was; 3 the new system is up and not confirmed; 4 the old\n"
	"system is back; 5 no answer; 130 or 143 interrupted.\n",
	run_send,
};
