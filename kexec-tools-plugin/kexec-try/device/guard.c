// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard.c - feed the watchdog of a new system until its time is over
 *
 * A new system is kept only when somebody confirms it in time. Whatever else
 * happens ends in the old one: guard stops feeding, and the watchdog resets the
 * system. That holds for all ways in which guard itself may end, too, so it
 * never tells the watchdog that it may stop.
 */

#define _GNU_SOURCE
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "try.h"
#include "guard.h"
#include "say.h"
#include "system.h"

/* While the health command runs, look after it so often, in milliseconds */
#define HEALTH_TICK	200

/* The longest sleep, in milliseconds */
#define LONGEST_SLEEP	10000

/* A reset that has not happened is tried again so often, in milliseconds */
#define RESET_EVERY	5000

/* While a system is on trial, look so often for what init changes, in
 * milliseconds
 */
#define LOOK_EVERY	1000

/* The answer to `revert` has so long to reach who asked, in milliseconds */
#define REVERT_AFTER	1000

static long long seconds_left(const struct guard *guard, long long now)
{
	return guard->deadline > now ? (guard->deadline - now) / 1000 : 0;
}

/* The system is reset, and nothing is fed from here on: the watchdog does it if the
 * kernel cannot.
 */
static void go_back(struct guard *guard, long long reset_at, const char *why)
{
	guard->state = TRIAL_GOING_BACK;
	guard->reset_at = reset_at;
	snprintf(guard->why, sizeof(guard->why), "%s", why);
	health_stop(&guard->health);
	trial_state_write(TRIAL_GOING_BACK);
	step("%s: back to the old system, by a reset", why);
}

static void check_time(struct guard *guard, long long now)
{
	char why[GUARD_WHY_MAX];

	if (now < guard->deadline)
		return;
	snprintf(why, sizeof(why), "not confirmed within %ld s", guard->within);
	go_back(guard, now, why);
}

static void feed(struct guard *guard, long long now)
{
	if (now < guard->next_feed)
		return;
	watchdog_feed(&guard->watchdog);
	guard->next_feed = now + watchdog_feed_every(&guard->watchdog);
}

static int at_most(long long wait, long long until, long long now)
{
	if (until - now < wait)
		wait = until - now;
	return wait > 0 ? wait : 0;
}

static int time_to_wait(const struct guard *guard, long long now)
{
	int wait = LONGEST_SLEEP;

	if (guard->state == TRIAL_GOING_BACK)
		return at_most(wait, guard->reset_at, now);
	wait = at_most(wait, guard->next_feed, now);
	if (guard->state != TRIAL_PENDING)
		return wait;
	wait = at_most(wait, guard->deadline, now);
	if (guard->health.pid)
		return at_most(wait, now + HEALTH_TICK, now);
	if (guard->health.command)
		return at_most(wait, guard->health.next, now);
	return wait;
}

int guard_step(struct guard *guard, long long now)
{
	char why[HEALTH_WHY_MAX];

	if (guard->state == TRIAL_PENDING)
		check_time(guard, now);
	if (guard->state == TRIAL_PENDING &&
	    health_step(&guard->health, now, why))
		go_back(guard, now, why);
	if (guard->state != TRIAL_GOING_BACK) {
		feed(guard, now);
	} else if (now >= guard->reset_at) {
		system_reset();
		guard->reset_at = now + RESET_EVERY;
	}
	return time_to_wait(guard, now);
}

#define ANSWER(code, fmt, ...) \
	snprintf(answer, CONTROL_ANSWER_MAX, "%d " fmt, code, ##__VA_ARGS__)

/* Only once the file says so: a guard that is started after this one has died
 * feeds a confirmed system, and no other.
 */
static void confirm(struct guard *guard, long long now, char *answer)
{
	if (guard->state == TRIAL_PENDING)
		check_time(guard, now);
	if (guard->state == TRIAL_GOING_BACK)
		ANSWER(EXIT_REFUSED,
		       "too late: %s; the device goes back to the old system",
		       guard->why);
	else if (guard->state != TRIAL_PENDING)
		ANSWER(EXIT_GOOD, "it was confirmed before");
	else if (trial_state_write(TRIAL_CONFIRMED))
		ANSWER(EXIT_REFUSED,
		       "the confirmation cannot be written down, see the kernel log");
	else {
		guard->state = TRIAL_CONFIRMED;
		health_stop(&guard->health);
		ANSWER(EXIT_GOOD, "confirmed, with %lld s left",
		       seconds_left(guard, now));
		step("%s: this system stays", answer + 2);
	}
}

/* What was written to a file system of the device must not get lost, but
 * nobody waits for one that hangs.
 */
static void sync_aside(void)
{
	if (fork())
		return;
	sync();
	_exit(0);
}

static void revert(struct guard *guard, long long now, char *answer)
{
	if (guard->state == TRIAL_NONE) {
		ANSWER(EXIT_REFUSED,
		       "this is the old system: there is nothing to go back from");
		return;
	}
	sync_aside();
	go_back(guard, now + REVERT_AFTER, "reverted by the operator");
	ANSWER(EXIT_GOOD, "back to the old system, now");
}

/* For somebody who needs more time to look around */
static void extend(struct guard *guard, const char *seconds, long long now,
		   char *answer)
{
	long more;

	if (guard->state == TRIAL_PENDING)
		check_time(guard, now);
	if (guard->state != TRIAL_PENDING) {
		ANSWER(EXIT_REFUSED, "this system is %s: no time is left, or none is needed",
		       trial_state_name(guard->state));
		return;
	}
	if (text_number(seconds, 1, TRY_WITHIN_MAX, &more)) {
		ANSWER(EXIT_USAGE, "'%.16s' is no number of seconds from 1 to %d",
		       seconds, TRY_WITHIN_MAX);
		return;
	}
	guard->deadline = now + more * 1000LL;
	guard->within = guard->deadline / 1000;
	ANSWER(EXIT_GOOD, "%ld s left to confirm it", more);
	step("guard: %s", answer + 2);
}

/* Whoever asks feeds the watchdog from here on: a try that leaves this system. */
static void release(struct guard *guard, char *answer)
{
	if (guard->state != TRIAL_CONFIRMED && guard->state != TRIAL_NONE) {
		ANSWER(EXIT_REFUSED,
		       "this system is %s; nothing else can be tried from it",
		       trial_state_name(guard->state));
		return;
	}
	watchdog_feed(&guard->watchdog);
	watchdog_close(&guard->watchdog);
	guard->ended = true;
	ANSWER(EXIT_GOOD, "released");
}

static int status_code(enum trial_state state)
{
	switch (state) {
	case TRIAL_PENDING:
		return EXIT_PENDING;
	case TRIAL_GOING_BACK:
		return EXIT_BACK;
	default:
		return EXIT_GOOD;
	}
}

static void status(const struct guard *guard, long long now, char *answer)
{
	char more[GUARD_WHY_MAX + 32] = "", dog[128] = "watchdog=none\n";

	if (guard->state == TRIAL_PENDING)
		snprintf(more, sizeof(more), "left=%lld\n",
			 seconds_left(guard, now));
	else if (guard->state == TRIAL_GOING_BACK)
		snprintf(more, sizeof(more), "why=%s\n", guard->why);
	if (guard->watchdog.fd >= 0)
		snprintf(dog, sizeof(dog), "watchdog=%s, %s, resets after %d s\n",
			 guard->watchdog.identity,
			 guard->state == TRIAL_GOING_BACK ? "fed no more" :
			 "fed by guard",
			 guard->watchdog.timeout);
	ANSWER(status_code(guard->state), "state=%s\n%s%s",
	       trial_state_name(guard->state), more, dog);
}

void guard_answer(struct guard *guard, const char *request, long long now,
		  char answer[CONTROL_ANSWER_MAX])
{
	if (!strcmp(request, "confirm"))
		confirm(guard, now, answer);
	else if (!strcmp(request, "revert"))
		revert(guard, now, answer);
	else if (!strcmp(request, "status"))
		status(guard, now, answer);
	else if (!strncmp(request, "extend ", 7))
		extend(guard, request + 7, now, answer);
	else if (!strcmp(request, "release"))
		release(guard, answer);
	else
		ANSWER(EXIT_USAGE, "guard knows no such request");
}

static void answer_now(void *arg, const char *request, char *answer)
{
	guard_answer(arg, request, clock_now(), answer);
}

static void ignore_death(int signal)
{
	(void)signal; /* of the health command; poll() ends early */
}

/* Init may bring the device late, or have it open itself. */
static bool take_watchdog(struct guard *guard)
{
	struct watchdog *watchdog = &guard->watchdog;
	pid_t refused = guard->owner.pid;

	if (!watchdog_there())
		return false;
	owner_find(&guard->owner);
	/* Asked in vain before */
	if (refused && guard->owner.pid == refused)
		return false;
	if (owner_take(&guard->owner) || watchdog_try_open(watchdog))
		return false;
	if (!watchdog->stays)
		warn("%s stops when guard dies; give this kernel nowayout=1 for its driver",
		     watchdog->identity);
	step("guard: feeds %s, which resets after %d s", watchdog->identity,
	     watchdog->timeout);
	guard->next_feed = 0;
	return true;
}

static void tick(void *guard)
{
	feed(guard, clock_now());
}

static void check_root(struct guard *guard)
{
	char why[ROOT_WHY_MAX];

	if (guard->state != TRIAL_PENDING || !guard->root[0])
		return;
	if (!root_check(guard->root, tick, guard, why))
		step("guard: the root file system is the one that was sent");
	else
		go_back(guard, clock_now(), why);
}

/* One that began before init may have no place for its lock yet, but the watchdog. */
static int be_the_only_one(struct guard *guard)
{
	char name[WATCHDOG_NAME_MAX];

	if (guard->watchdog.fd >= 0 || !watchdog_holder(name) ||
	    strcmp(name, "kexec-try"))
		guard->lock = trial_lock("guard.lock");
	if (guard->lock == -1)
		report("guard: there is another one already");
	return guard->lock < 0 ? -1 : 0;
}

/* Makes what others know guard by: the lock, the state and the socket. Init may
 * mount what they are in after guard has started, and then they are made again.
 * Nobody can confirm a system before they are there, and its root has been read.
 */
static int settle(struct guard *guard)
{
	bool first = !guard->inode;

	if (guard->socket >= 0) {
		if (control_inode() == guard->inode)
			return 0;
		close(guard->socket);
		close(guard->lock);
		guard->socket = -1;
		guard->lock = -1;
	}
	if (guard->lock < 0 && be_the_only_one(guard))
		return -1;
	/* A state that cannot be kept is none that could be trusted later */
	if (trial_state_write(guard->state))
		return -1;
	if (first)
		check_root(guard);
	guard->socket = control_serve();
	guard->inode = control_inode();
	return guard->socket < 0 ? -1 : 0;
}

/* Init has the watchdog of a system that stays, so that its sysupgrade works, say. */
static void hand_over(struct guard *guard)
{
	struct owner *owner = &guard->owner;

	if (guard->watchdog.fd < 0)
		return;
	if (owner->kind == OWNER_NOBODY)
		owner_of_init(owner);
	guard->ended = owner_give(owner, &guard->watchdog);
	if (guard->ended)
		step("guard: %s feeds the watchdog from here on", owner->who);
}

/* Each second, until the system is confirmed */
static void look_around(struct guard *guard)
{
	if (guard->watchdog.fd < 0)
		take_watchdog(guard);
	if (system_can_run())
		settle(guard);
}

void guard_watch(struct guard *guard)
{
	struct sigaction action = { .sa_handler = ignore_death };
	enum trial_state before;

	sigaction(SIGCHLD, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (!guard->ended) {
		struct pollfd requests = { guard->socket, POLLIN, 0 };
		int wait = guard_step(guard, clock_now());

		if (guard->state == TRIAL_PENDING) {
			look_around(guard);
			wait = at_most(wait, LOOK_EVERY, 0);
		}
		before = guard->state;
		if (poll(&requests, 1, wait) > 0)
			control_receive(guard->socket, answer_now, guard);
		if (before == TRIAL_PENDING && guard->state == TRIAL_CONFIRMED)
			hand_over(guard);
	}
}

void guard_keep(const struct watchdog *watchdog)
{
	struct guard guard = { .watchdog = *watchdog };

	guard.state = trial_state_read() == TRIAL_CONFIRMED ? TRIAL_CONFIRMED :
							      TRIAL_NONE;
	guard.socket = watchdog->fd < 0 ? -1 : control_serve();
	if (guard.socket >= 0)
		guard_watch(&guard);
}

static void begin_pending(struct guard *guard)
{
	guard->state = TRIAL_PENDING;
	step("guard: this system goes back unless it is confirmed within %ld s of its boot",
	     guard->within);
}

/* Whether this system is on trial, and can be */
static int read_trial(struct guard *guard)
{
	struct trial trial;

	trial_read(&trial);
	guard->watchdog.fd = -1;
	guard->lock = -1;
	guard->socket = -1;
	strcpy(guard->root, trial.root);
	guard->within = trial.within;
	guard->deadline = trial.within * 1000LL;
	return trial.within >= 0 ? 0 :
		report("guard: the number of " TRIAL_WITHIN_WORD "= on the command line is not one from 0 to %d; nobody feeds the watchdog",
		       TRY_WITHIN_MAX);
}

int guard_begin(struct guard *guard)
{
	if (read_trial(guard))
		return -1;
	if (guard->within) {
		begin_pending(guard);
		take_watchdog(guard);
	}
	return 0;
}

/* A new system whose guard has died is not confirmed. Whoever started another
 * one, init, say, does not make it so.
 */
static void begin(struct guard *guard, long long now)
{
	enum trial_state before = trial_state_read();
	char name[WATCHDOG_NAME_MAX];

	if (before == TRIAL_NONE) {
		begin_pending(guard);
	} else if (before == TRIAL_LEAVING ||
		   (before == TRIAL_CONFIRMED && watchdog_holder(name))) {
		guard->ended = true;
		step("guard: nothing to do, this system is %s",
		     trial_state_name(before));
	} else if (before == TRIAL_CONFIRMED) {
		guard->state = TRIAL_CONFIRMED;
		step("guard: goes on, this system is confirmed");
	} else {
		go_back(guard, now, "an earlier guard ended without a confirmation");
	}
}

static int parse(struct guard *guard, int argc, char **argv)
{
	static const struct option options[] = {
		{ "health", required_argument, NULL, 'h' },
		{ "health-every", required_argument, NULL, 'e' },
		{ "health-timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 }
	};
	long seconds;
	int option;

	optind = 0; /* all anew, getopt(3) */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h') {
			guard->health.command = optarg;
			continue;
		}
		if (option == '?' || text_option(option == 'e' ? "health-every" :
						 "health-timeout", optarg, 1,
						 TRY_WITHIN_MAX, &seconds))
			return -1;
		if (option == 'e')
			guard->health.every = seconds * 1000;
		else
			guard->health.timeout = seconds * 1000;
	}
	if (optind < argc)
		return report("guard: '%s' is one argument too many",
			      argv[optind]);
	return 0;
}

static int guard_trial(struct guard *guard)
{
	if (be_the_only_one(guard))
		return EXIT_REFUSED;
	begin(guard, clock_now());
	if (!guard->ended) {
		/* To open it is to feed it */
		if (guard->state != TRIAL_GOING_BACK && !take_watchdog(guard))
			warn("guard: without a watchdog nobody guards guard");
		if (settle(guard) && guard->state != TRIAL_GOING_BACK)
			return EXIT_REFUSED;
		guard_watch(guard);
	}
	close(guard->lock);
	return EXIT_GOOD;
}

static int run_guard(int argc, char **argv)
{
	struct guard guard = {
		.health.every = HEALTH_EVERY * 1000,
		.health.timeout = HEALTH_TIMEOUT * 1000,
	};

	if (parse(&guard, argc, argv))
		return EXIT_USAGE;
	say_to_kernel_log(true);
	if (read_trial(&guard))
		return EXIT_REFUSED;
	if (!guard.within) {
		step("guard: nothing to do, this system need not be confirmed");
		return EXIT_GOOD;
	}
	return guard_trial(&guard);
}

const struct subcommand subcommand_guard = {
	"guard",
	"feed the watchdog of a new system until its time is over",
	"[OPTION...]\n\n"
	"Runs in the new system, in the foreground, from early on until the end, or until\n"
	"procd takes the watchdog of a confirmed system. Feeds the watchdog; stops that,\n"
	"so that the device goes back to the old system, when nobody confirms the new one\n"
	"in time, or when it is not well.\n\n"
	"  --health COMMAND            for /bin/sh: the system is not well when this\n"
	"                              fails, until it is confirmed\n"
	"  --health-every SECONDS      pause between two runs of it, 10\n"
	"  --health-timeout SECONDS    it fails when it takes longer, 30\n",
	run_guard,
};
