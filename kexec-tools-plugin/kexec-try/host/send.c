// SPDX-License-Identifier: GPL-2.0-only
/*
 * send.c - kexec-try send: try a bundle on a device, over ssh
 *
 * `run` and `guard` decide everything, on the device. If the connection breaks or
 * this program ends, the device stays as it was, or it tries the new system and
 * goes back because nobody confirms it. Only `confirm`, which is one datagram on
 * the device, changes that.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bundle.h"
#include "files.h"
#include "parts.h"
#include "program.h"
#include "say.h"
#include "ssh.h"
#include "status.h"
#include "text.h"
#include "try.h"

/* Whether the device has a kexec with --map-file, and kexec-try */
#define TOOLS_THERE	"kexec-try --version >/dev/null 2>&1 && kexec --help 2>&1 | grep -q -- --map-file"

/* Unpacks the tools in RAM: a /run that is not mounted may be in flash. */
#define TOOLS_TAKE	"umask 077; d=/run; grep -q ' /run ' /proc/mounts || [ ! -d /var/run ] || d=/var/run; d=$d/kexec-try/bin; mkdir -p $d && tar -C $d -xf -"

/* Whether the device uses these tools, which its own shutdown does not know of */
#define TOOLS_USED	"case $(command -v kexec) in */kexec-try/bin/kexec) ;; *) false ;; esac"

/* Whether the device's kexec reads gzip: it links to libz.so, or contains zlib's
 * copyright notice. busybox' grep ignores what follows a NUL in a line.
 */
#define READS_GZIP	"k=$(command -v kexec) || exit 0; tr '\\0' '\\n' <$k | grep -qE '^libz\\.so|inflate .* Adler'"

#define STATUS		"kexec-try status --porcelain"

/* A reset removes the tools from RAM, and the new system may lack them, too. */
#define STATUS_OR_OLD	STATUS " || { [ $? = 127 ] && case $(cat /proc/cmdline) in *kexec_try.id=*) echo system=new; echo state=unguarded; sed 's/.*kexec_try.id=\\([^ ]*\\).*/try=\\1/' /proc/cmdline ;; *) echo system=old ;; esac && sed s/^/boot=/ /proc/sys/kernel/random/boot_id; }"

#define OURS		"kexec-try: " /* prefix of what kexec-try prints */
#define ASK_EVERY	1000	/* between two questions to the device, in ms */
#define ASK_TIMES	5	/* for a confirm or revert whose connection breaks */
#define COUNT_FOR	5	/* seconds between two questions in a countdown */
#define REHEARSALS_MAX	1000

/* Default of --wait, in seconds: two boots of a slow device, and the watchdog's
 * timeout between them
 */
#define WAIT		900

/* After that many answers, a new system is not going to start guard any more. */
#define ANSWERS_WITHOUT_GUARD	60

/* The state of the try, from the device's last answer */
enum answer {
	ANSWER_NONE,		/* no answer */
	ANSWER_LEAVING,		/* a system is about to leave */
	ANSWER_OTHER,		/* not the new system of this try */
	ANSWER_PENDING,
	ANSWER_UNGUARDED,	/* guard may start soon */
	ANSWER_STARTING,	/* guard checks the root file system */
	ANSWER_GOING_BACK,
	ANSWER_CONFIRMED,
};

/* What the user wants, and what is known of the device */
struct send {
	const char *path;		/* the bundle; NULL: only rehearse */
	const char *host;		/* the device, for ssh */
	const char *ssh;		/* command, with options */
	const char *tools;		/* directory, or NULL */
	const char *health;		/* command of --confirm, or NULL */
	long health_timeout;		/* seconds; 0: the time left */
	long wait;			/* seconds */
	long rehearsals;		/* how many */
	bool json;			/* print the result as JSON */
	char *options;			/* of `run`, quoted for a shell */
	bool dry;			/* they have --dry-run */
	bool other_board;		/* they have --other-board */
	bool free;			/* they have --confirm-within 0 */
	char *rehearsal;		/* those for `rehearse`, quoted */
	bool now;			/* add --now */
	struct bundle bundle;
	char id[TEXT_ID_SIZE];		/* identity of the try */
	char boot[STATUS_VALUE_MAX];	/* identity of the old system's boot */
	char root[STATUS_VALUE_MAX];	/* root of the old system */
	long long began;		/* clock_now() */
	char said[STATUS_MAX];		/* the device's last answer */
	int status;			/* its exit code */
};

/* Prints a line with the seconds since the start. */
#define say(send, fmt, ...) \
	step("%4lld s  " fmt, (clock_now() - (send)->began) / 1000, ##__VA_ARGS__)

/* Prints the last line. Return: @status. */
static int finish(const struct send *send, int status, const char *what)
{
	say(send, "%s", what);
	return status;
}

static void show(const char *line)
{
	step("        %s", line);
}

static int ask(struct send *send, const char *command)
{
	send->status = ssh_ask(command, send->said, STATUS_MAX);
	return send->status;
}

/* Prints the message of kexec-try on the device, or of ssh. Return: -1. */
static int tell_said(const struct send *send)
{
	const char *line = send->said;
	size_t length;

	if (!*line)
		report(ssh_broke(send->status) ? "%s: no answer" :
		       "%s: the command ended with %d and said nothing",
		       send->host, send->status);
	for (; *line; line += length + (line[length] == '\n')) {
		if (!strncmp(line, OURS, strlen(OURS)))
			line += strlen(OURS);
		length = strcspn(line, "\n");
		if (length)
			report("%s: %.*s", send->host, (int)length, line);
	}
	return -1;
}

static enum answer ask_status(struct send *send)
{
	char system[STATUS_VALUE_MAX], state[STATUS_VALUE_MAX];

	ask(send, send->boot[0] ? STATUS_OR_OLD : STATUS);
	status_get(send->said, "state", state);
	if (ssh_broke(send->status) ||
	    !status_get(send->said, "system", system))
		return ANSWER_NONE;
	if (!strcmp(state, "leaving") || !strcmp(state, "preparing"))
		return ANSWER_LEAVING;
	if (strcmp(system, "new") ||
	    !status_is(send->said, "try", send->id))
		return ANSWER_OTHER;
	if (!strcmp(state, "pending"))
		return ANSWER_PENDING;
	if (!strcmp(state, "confirmed") || !strcmp(state, "free"))
		return ANSWER_CONFIRMED;
	if (!strcmp(state, "starting"))
		return ANSWER_STARTING;
	return !strcmp(state, "unguarded") ? ANSWER_UNGUARDED :
					     ANSWER_GOING_BACK;
}

/* The number that the last status has for a key, or 0 */
static long long number(const struct send *send, const char *key)
{
	char value[STATUS_VALUE_MAX];

	status_get(send->said, key, value);
	return strtoll(value, NULL, 0);
}

static long long seconds_left(const struct send *send)
{
	long long left = number(send, "left");

	return left < 0 ? 0 : left < TRY_WITHIN_MAX ? left : TRY_WITHIN_MAX;
}

/* Only one try can be in progress. */
static int check_free(const struct send *send)
{
	char state[STATUS_VALUE_MAX], left[STATUS_VALUE_MAX];

	if (!status_get(send->said, "state", state) || !strcmp(state, "none") ||
	    !strcmp(state, "confirmed") || !strcmp(state, "free"))
		return 0;
	if (status_get(send->said, "left", left))
		return report("%s: there is a try already, and %s s are left to confirm it; end it with: ssh %s kexec-try confirm (or revert)",
			      send->host, left, send->host);
	return report("%s: there is a try already, and it is %s; wait for its end",
		      send->host, state);
}

static int check_bundle(const struct send *send)
{
	unsigned long long ram_end = number(send, "ram-end");
	char compatible[STATUS_VALUE_MAX];

	status_get(send->said, "compatible", compatible);
	if (bundle_check_memory(&send->bundle, ram_end,
				number(send, "available"), false))
		return -1;
	return send->other_board ? 0 :
		bundle_check_board(&send->bundle, compatible, ram_end);
}

/* Copies the bundle, with @data as its kernel. */
static int make_plain(struct send *send, const char *directory,
		      struct bundle_file *kernel, const char *data, size_t size)
{
	char *argv[] = { "/bin/sh", "-c",
			 "mkdir \"$2\" && cp -R -- \"$1/.\" \"$2\" && cd \"$2\" && rm \"$3\" " BUNDLE_MANIFEST,
			 "sh", (char *)send->path, (char *)directory,
			 kernel->name, NULL };
	char *manifest, said[1024];
	int result;

	if (program_run(argv, 0, said, sizeof(said)))
		return report("%s", program_last_line(said));
	kernel->size = size;
	sum_of_data(data, size, kernel->sum);
	manifest = bundle_print(&send->bundle);
	result = files_make(directory, kernel->name, data, size) ||
		files_make(directory, BUNDLE_MANIFEST, manifest,
			   strlen(manifest)) ? -1 : 0;
	free(manifest);
	return result;
}

/* A kexec without zlib reads no gzip: it gets the kernel uncompressed. */
static int suit_kexec(struct send *send)
{
	char *path, *data, *directory;
	struct bundle_file *kernel;
	int result = 0;
	size_t size;

	if (!send->path || ssh_broke(send->status) ||
	    !ask(send, READS_GZIP) || ssh_broke(send->status))
		return 0;
	kernel = (struct bundle_file *)
		bundle_find(&send->bundle, BUNDLE_KERNEL);
	path = must_print("%s/%s", send->path, kernel->name);
	data = kernel_load(path, &size);
	free(path);
	if (!data)
		return -1;
	if (size != kernel->size) {
		step("the device's kexec reads no gzip: sending the kernel uncompressed");
		directory = must_print("%s/plain", ssh_directory());
		result = make_plain(send, directory, kernel, data, size);
		/* To the user, it is the same bundle: the identity stays. So does
		 * dirfd, by which nothing is opened from here on.
		 */
		free(send->bundle.path);
		send->path = send->bundle.path = directory;
	}
	free(data);
	return result;
}

/* Copies the tools if the device lacks them; leaves a broken connection to the caller. */
static int bring_tools(struct send *send)
{
	if (send->tools && ask(send, TOOLS_THERE) && !ssh_broke(send->status)) {
		say(send, "sending the tools");
		if (ssh_give(TOOLS_TAKE, send->tools, "kexec kexec-try", 0,
			     send->wait))
			return report("%s: the tools from there cannot be copied to the device",
				      send->tools);
		if (ask(send, TOOLS_THERE) && !ssh_broke(send->status))
			return report("%s: its kexec and kexec-try do not run on the device, or that kexec has no --map-file; build static ones for its CPU",
				      send->tools);
	}
	if (send->tools && ssh_broke(send->status))
		return 0;
	send->now = !ask(send, TOOLS_USED);
	return 0;
}

/* After a rehearsal, the watchdog is trusted. --id is the last: that one counts. */
static char *run_command(const struct send *send, const char *bundle)
{
	return must_print("kexec-try run %s%s%s%s --id %s", bundle,
			  send->now ? " --now" : "",
			  send->rehearsals ? " --trust-watchdog" : "",
			  send->options, send->id);
}

/* Checks that the device answers, and can try the bundle. */
static int look(struct send *send)
{
	char *command;
	int result;

	if (bring_tools(send) || suit_kexec(send))
		return -1;
	if (!ssh_broke(send->status) && ask_status(send) == ANSWER_NONE &&
	    send->status == PROGRAM_MISSING)
		return report("%s: %s; --tools DIR brings a kexec-try and a kexec",
			      send->host, program_last_line(send->said));
	if (ssh_broke(send->status) ||
	    !status_get(send->said, "boot", send->boot))
		return tell_said(send);
	status_get(send->said, "root", send->root);
	if (check_free(send))
		return -1;
	if (!send->path)
		return 0;
	result = check_bundle(send);
	/* This needs no bundle */
	command = run_command(send, "--dry-run");
	if (ask(send, command))
		result = tell_said(send);
	free(command);
	return result;
}

/* Waits until the device has settled in one system. */
static enum answer settle(struct send *send)
{
	enum answer answer, before = ANSWER_NONE;
	long long end = clock_now() + send->wait * 1000;
	int without_guard = 0;
	bool refused = false;

	do {
		answer = ask_status(send);
		if (answer == ANSWER_UNGUARDED &&
		    ++without_guard >= ANSWERS_WITHOUT_GUARD) {
			/* Its init may feed the watchdog forever */
			answer = ANSWER_GOING_BACK;
			ask(send, "kexec-try revert || reboot");
		}
		if (answer == ANSWER_OTHER || answer == ANSWER_PENDING ||
		    answer == ANSWER_CONFIRMED)
			return answer;
		/* Keep asking: a new system may have other keys; the old one may return */
		if (ssh_refused(send->status, send->said) && !refused) {
			tell_said(send);
			refused = true;
		}
		if (answer != before && answer == ANSWER_GOING_BACK)
			say(send, "the new system goes back");
		if (answer != before && answer == ANSWER_LEAVING)
			say(send, "the device leaves its system");
		if (answer != before && answer == ANSWER_NONE)
			say(send, "no answer: %s", program_last_line(send->said));
		before = answer;
		clock_sleep(ASK_EVERY);
	} while (clock_now() < end);
	return answer;
}

static int lost(struct send *send)
{
	if (ssh_broke(send->status))
		tell_said(send);
	return report_as(EXIT_UNKNOWN, "the outcome is unknown; unless the new system was confirmed, it goes back by itself; look later with: ssh %s kexec-try status",
			 send->host);
}

/* Waits --wait seconds longer than the new system may be pending, by its first answer. */
static int await_old(struct send *send)
{
	enum answer answer;
	long long end = 0;

	while ((answer = settle(send)) == ANSWER_PENDING) {
		if (!end)
			end = clock_now() +
				1000 * (seconds_left(send) + send->wait);
		if (clock_now() >= end)
			break;
		clock_sleep(ASK_EVERY);
	}
	if (answer == ANSWER_CONFIRMED)
		return finish(send, EXIT_GOOD, "the new system is confirmed");
	if (answer == ANSWER_PENDING)
		return report_as(EXIT_PENDING, "the new system is still pending; go back with: ssh %s 'kexec-try revert || reboot'",
				 send->host);
	return answer == ANSWER_OTHER ?
		finish(send, EXIT_BACK, "the old system is back") : lost(send);
}

/* Sends confirm or revert, which can be repeated if the connection breaks. Somebody else's
 * try may have taken the place of this one.
 */
static int tell(struct send *send, const char *what)
{
	char *command = must_print("if " STATUS " | grep -qx try=%s; then kexec-try %s; else echo 'another system is up'; false; fi",
				   send->id, what);
	int times = 1;

	while (ssh_broke(ask(send, command)) && times++ < ASK_TIMES)
		clock_sleep(ASK_EVERY);
	free(command);
	return send->status;
}

static int keep(struct send *send)
{
	if (!tell(send, "confirm"))
		return finish(send, EXIT_GOOD, "the new system is confirmed");
	report("not confirmed: %s", program_last_line(send->said));
	return await_old(send);
}

static int go_back(struct send *send)
{
	tell(send, "revert");
	return await_old(send);
}

/* Runs the user's command, with the terminal, the connection, and a time limit. */
static int run_health(const struct send *send)
{
	const char *at = strrchr(send->host, '@');
	char *argv[] = { "/bin/sh", "-c", (char *)send->health, NULL };
	long long limit = send->health_timeout ? send->health_timeout :
		seconds_left(send);
	struct program program;

	setenv("KEXEC_TRY_HOST", at ? at + 1 : send->host, 1);
	setenv("KEXEC_TRY_ID", send->id, 1);
	setenv("KEXEC_TRY_SSH", ssh_command(), 1);
	if (program_start(&program, argv, PROGRAM_STDIN))
		return -1;
	if (!program_ends(&program, 1000 * limit))
		report("the command has not ended within %lld s", limit);
	return program_wait(&program);
}

/* Counts down, until the device is to be asked again. Return: the first character of
 * the line that the user typed, 0 for no line, or EOF.
 */
static int await_line(long long end)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[4096]; /* the longest that a terminal gives, termios(3) */
	int i = 0;

	do {
		dprintf(STDERR_FILENO,
			"\rkexec-try: %4lld s left: Enter keeps the new system, q and Enter goes back ",
			(end - clock_now() + 999) / 1000);
		if (poll(&input, 1, 1000) <= 0)
			continue;
		if (read(STDIN_FILENO, line, sizeof(line)) < 1)
			return EOF;
		if (line[0] == '\n' || line[0] == 'q')
			return line[0];
	} while (++i < COUNT_FOR && clock_now() < end);
	return 0;
}

/* Leaves the terminal's settings alone, so nothing needs to be restored. */
static int count_down(struct send *send)
{
	long long end = clock_now() + 1000 * seconds_left(send);
	enum answer answer;
	int key;

	/* What was typed earlier is no answer */
	tcflush(STDIN_FILENO, TCIFLUSH);
	do {
		key = await_line(end);
		if (key == '\n')
			return keep(send);
		if (key == 'q')
			return go_back(send);
		if (key == EOF)
			return EXIT_PENDING;
		answer = ask_status(send);
		if (answer == ANSWER_PENDING)
			end = clock_now() + 1000 * seconds_left(send);
	} while ((answer == ANSWER_PENDING || answer == ANSWER_NONE) &&
		 clock_now() < end);
	dprintf(STDERR_FILENO, "\n");
	return await_old(send);
}

/* The new system waits: lets the command, the user, or nobody confirm it. */
static int decide(struct send *send)
{
	if (send->health) {
		say(send, "%s", send->health);
		if (!run_health(send))
			return keep(send);
		say(send, "the command failed; going back to the old system");
		return go_back(send);
	}
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return count_down(send);
	step("it goes back unless you run: ssh %s kexec-try confirm",
	     send->host);
	return EXIT_PENDING;
}

static int conclude(struct send *send)
{
	enum answer answer = settle(send);
	char root[STATUS_VALUE_MAX];

	if (answer == ANSWER_OTHER && status_is(send->said, "boot", send->boot))
		return report_as(EXIT_REFUSED, "nothing was tried; the device is as it was");
	status_get(send->said, "root", root);
	if (answer == ANSWER_OTHER && strstr(root, "in RAM") &&
	    strcmp(root, send->root))
		/* Without its command line, the new system knows of no try */
		return report_as(EXIT_PENDING, "%s: the new system is up, but its kernel did not take the command line: nobody can confirm it, and a reboot goes back; pack a kernel that takes it from the device tree",
				 send->host);
	if (answer == ANSWER_OTHER)
		return finish(send, EXIT_BACK, "the old system answers; the new one never did");
	if (answer != ANSWER_PENDING && answer != ANSWER_CONFIRMED)
		return lost(send);
	say(send, "the new system is up");
	status_tell(send->said, show);
	return answer == ANSWER_CONFIRMED ? EXIT_GOOD : decide(send);
}

/* Rehearses once. Only a new boot of the old system is a success. */
static int rehearse(struct send *send)
{
	char *command = must_print("kexec-try rehearse%s", send->rehearsal);
	int status = ask(send, command);
	char boot[STATUS_VALUE_MAX];
	enum answer answer;

	free(command);
	if (status && !ssh_broke(status)) {
		tell_said(send);
		return EXIT_REFUSED;
	}
	say(send, "%s", status ? "the connection broke; checking the device" :
	    "the device starts a kernel that hangs");
	answer = settle(send);
	if (ssh_refused(send->status, send->said))
		return lost(send);
	if (ssh_broke(send->status))
		return report_as(EXIT_LOST, "the device did not come back within %ld s: its watchdog does not bring the old system back. Switch it off and on, and do not try a system on it from afar",
				 send->wait);
	if (answer != ANSWER_OTHER || !status_get(send->said, "boot", boot))
		return lost(send);
	if (!strcmp(boot, send->boot))
		return report_as(EXIT_REFUSED, "the device did not leave, and is as it was");
	strcpy(send->boot, boot);
	return finish(send, EXIT_GOOD, "the old system is back, by itself");
}

/* If the connection breaks on the way, `run` refuses the partial bundle. */
static int send_bundle(struct send *send)
{
	char *command = run_command(send, "-");
	int status = ssh_give(command, send->path, "*",
			      bundle_size(&send->bundle), send->wait);

	free(command);
	if (status && !ssh_broke(status))
		return EXIT_REFUSED; /* `run` has said why */
	if (!status && send->dry)
		return finish(send, EXIT_GOOD, "a dry run: the device can try it, and is as it was");
	if (status)
		say(send, "the connection broke; checking the device");
	return conclude(send);
}

static void interrupted(int signal)
{
	static const char text[] =
		"\nkexec-try: interrupted. A new system that is not confirmed goes back by itself.\n";

	ssh_close();
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_REFUSED);
	_exit(128 + signal); /* like a shell */
}

/* Whether a word is the option, maybe abbreviated as for getopt_long(3) */
static bool is_option(const char *word, const char *option)
{
	return strlen(word) > strlen("--") &&
		!strncmp(word, option, strcspn(word, "="));
}

/* Adds a word for `run`, and for `rehearse` if that has the option, too. */
static void add_option(struct send *send, const char *word, const char *before)
{
	char *quoted = text_quoted(word);
	long zero;

	must_add(&send->options, " %s", quoted);
	if (is_option(word, "--trust-watchdog") ||
	    is_option(word, "--watchdog-timeout") ||
	    (is_option(before, "--watchdog-timeout") && !strchr(before, '=')))
		must_add(&send->rehearsal, " %s", quoted);
	free(quoted);
	send->dry |= is_option(word, "--dry-run");
	send->other_board |= is_option(word, "--other-board");
	if (is_option(word, "--confirm-within") && strchr(word, '='))
		send->free = !text_number(strchr(word, '=') + 1, 0, 0, &zero);
	else if (is_option(before, "--confirm-within") && !strchr(before, '='))
		send->free = !text_number(word, 0, 0, &zero);
}

static int parse(struct send *send, int argc, char **argv)
{
	bool rehearse = false;
	const struct choice choices[] = {
		{ "confirm", .text = &send->health },
		{ "confirm-timeout", .number = &send->health_timeout,
		  .least = 1, .most = TRY_WITHIN_MAX },
		{ "json", .flag = &send->json },
		{ "ssh", .text = &send->ssh },
		{ "tools", .text = &send->tools },
		{ "rehearse", .flag = &rehearse },
		{ "times", .number = &send->rehearsals,
		  .least = 1, .most = REHEARSALS_MAX },
		{ "wait", .number = &send->wait,
		  .least = 1, .most = TRY_WITHIN_MAX },
		{ .name = NULL },
	};
	int words = 1, i;

	while (words < argc && strcmp(argv[words], "--"))
		words++;
	if (text_options(choices, "", words, argv))
		return -1;
	if (rehearse && !send->rehearsals)
		send->rehearsals = 1;
	if (optind + 2 != words && !(send->rehearsals && optind + 1 == words))
		return report("send: give a BUNDLE and a HOST, or --rehearse and a HOST");
	send->path = optind + 2 == words ? argv[optind] : NULL;
	send->host = argv[words - 1];
	if (send->host[0] == '-')
		return report("%s: not a host name", send->host);
	if (send->health && !send->health[strspn(send->health, " \t\n")])
		return report("--confirm: the command is empty");
	for (i = words + 1; i < argc; i++)
		add_option(send, argv[i], argv[i - 1]);
	if (send->rehearsals && send->dry)
		return report("send: a rehearsal resets the device: give --rehearse or --dry-run");
	return !send->free || !send->health ? 0 :
		report("send: with --confirm-within 0 there is nothing for --confirm to decide");
}

static void print_result(const struct send *send, int status, int out)
{
	static const char *const results[] = {
		[EXIT_GOOD] = "confirmed", [EXIT_REFUSED] = "refused",
		[EXIT_PENDING] = "pending", [EXIT_BACK] = "back",
		[EXIT_UNKNOWN] = "unknown", [EXIT_LOST] = "lost",
	};
	const char *result = results[status];

	if (!status && (send->dry || !send->path))
		result = send->path ? "dry-run" : "rehearsed";
	dprintf(out, "{\"result\": \"%s\", \"exit\": %d, \"try\": \"%s\", \"bundle\": \"%s\", \"seconds\": %lld}\n",
		result, status, send->id, send->bundle.id,
		(clock_now() - send->began) / 1000);
}

static int check_tool(const char *directory, const char *name)
{
	char *path = must_print("%s/%s", directory, name);
	int result = 0;

	if (access(path, X_OK))
		result = report("%s: %s; --tools DIR has a static kexec and kexec-try, for the device",
				path, strerror(errno));
	free(path);
	return result;
}

static int send_all(struct send *send)
{
	int status = EXIT_GOOD;
	long i;

	if ((send->path && (bundle_open(&send->bundle, send->path) ||
			    bundle_verify(&send->bundle))) ||
	    (send->tools && (check_tool(send->tools, "kexec") ||
			     check_tool(send->tools, "kexec-try"))) ||
	    ssh_open(send->ssh, send->host))
		return EXIT_REFUSED;
	if (look(send))
		return ssh_broke(send->status) ? EXIT_UNKNOWN : EXIT_REFUSED;
	for (i = 1; i <= send->rehearsals && !status; i++) {
		if (i > 1 && bring_tools(send))
			return EXIT_REFUSED;
		if (send->rehearsals > 1)
			step("rehearsal %ld of %ld", i, send->rehearsals);
		status = rehearse(send);
	}
	if (status || !send->path)
		return status;
	return send->rehearsals && bring_tools(send) ? EXIT_REFUSED :
						       send_bundle(send);
}

static int run_send(int argc, char **argv)
{
	const char *ssh = getenv("KEXEC_TRY_SSH");
	struct send send = { .ssh = ssh && *ssh ? ssh : "ssh", .wait = WAIT };
	int status = EXIT_USAGE, out;

	send.options = must_print("%s", "");
	send.rehearsal = must_print("%s", "");
	bundle_init(&send.bundle);
	if (!parse(&send, argc, argv)) {
		text_make_id(send.id);
		send.began = clock_now();
		program_at_signals(interrupted);
		signal(SIGPIPE, SIG_IGN);
		out = send.json ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0) : -1;
		if (send.json)
			dup2(STDERR_FILENO, STDOUT_FILENO);
		status = send_all(&send);
		ssh_close();
		if (send.json) {
			print_result(&send, status, out);
			dup2(out, STDOUT_FILENO);
			close(out);
		}
	}
	bundle_close(&send.bundle);
	free(send.options);
	free(send.rehearsal);
	return status;
}

const struct subcommand subcommand_send = {
	"send",
	"try a bundle on a device, over ssh",
	"[BUNDLE] HOST [OPTION...] [-- OPTION-OF-RUN...]\n\n"
	"Has HOST, as ssh knows it (root@router), run BUNDLE, waits for the new system,\n"
	"and tells how it went. Uses your ssh and its configuration.\n\n"
	"  --confirm COMMAND  /bin/sh runs COMMAND here when the new system is up. If it\n"
	"                     succeeds, the new system is confirmed; otherwise the device\n"
	"                     goes back at once. COMMAND has the terminal, and in its\n"
	"                     environment KEXEC_TRY_HOST (the host without user@),\n"
	"                     KEXEC_TRY_ID (the identity of the try) and\n"
	"                     KEXEC_TRY_SSH (the ssh that reuses the connection)\n"
	"  --confirm-timeout SECONDS\n"
	"                     COMMAND fails after this time; the default is the\n"
	"                     time left to confirm the system\n"
	"  --ssh COMMAND      the ssh to use, with options, which come before ours; also\n"
	"                     KEXEC_TRY_SSH in the environment\n"
	"  --rehearse         first have HOST start a kernel that only hangs, to see that\n"
	"                     its watchdog brings the old system back; without BUNDLE that\n"
	"                     is all\n"
	"  --times N          rehearse N times, one after the other\n"
	"  --tools DIR        directory with a static kexec and kexec-try for a device\n"
	"                     that lacks them: they are copied to its RAM\n"
	"  --wait SECONDS     time to wait for a system; default 900\n"
	"  --json             print only the result on standard output, as JSON\n\n"
	"Without --confirm, on a terminal, Enter keeps the new system, and q and Enter\n"
	"goes back.\n"
	"With `-- --dry-run` the device only checks whether it could try BUNDLE.\n\n"
	"Exit code: 0 the new system is confirmed, or would be tried; 1 the device\n"
	"refused, and is as it was; 3 the new system is up and not confirmed; 4 the old\n"
	"system is back; 5 no answer; 6 it did not come back from a rehearsal; 129, 130\n"
	"or 143 interrupted.\n",
	run_send,
};
