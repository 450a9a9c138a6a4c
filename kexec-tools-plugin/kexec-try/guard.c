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
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "control.h"
#include "guard.h"
#include "say.h"
#include "system.h"
#include "try.h"

/* While the health command runs, look after it so often, in milliseconds */
#define HEALTH_TICK	200

/* The longest sleep, in milliseconds */
#define LONGEST_SLEEP	10000

/* Past its time-out the watchdog should have done it, in milliseconds */
#define WATCHDOG_MARGIN	5000

/* The answer to `revert` has so long to reach who asked, in milliseconds */
#define REVERT_AFTER	1000

static void real_reset(void)
{
	int fd;

	reboot(RB_AUTOBOOT);
	/* Still here? Without the drivers, then. */
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "b", 1) != 1)
		report("the system cannot be reset: %s", strerror(errno));
	close(fd);
}

void (*guard_reset)(void) = real_reset;

static long long seconds_left(const struct guard *guard, long long now)
{
	return guard->deadline > now ? (guard->deadline - now) / 1000 : 0;
}

/* Nothing is fed from here on. */
static void go_back(struct guard *guard, long long now, long long reset_at,
		    const char *why)
{
	guard->state = TRIAL_GOING_BACK;
	guard->reset_at = reset_at;
	snprintf(guard->why, sizeof(guard->why), "%s", why);
	health_stop(&guard->health);
	trial_state_write(TRIAL_GOING_BACK);
	step("%s: back to the old system, %s", why,
	     reset_at > now && guard->watchdog.fd >= 0 ?
	     "the watchdog is fed no more" : "by a reset");
}

/* When the watchdog must have reset the system, if there is one */
static long long watchdog_is_over(const struct guard *guard, long long now)
{
	if (guard->watchdog.fd < 0)
		return now;
	return now + guard->watchdog.timeout * 1000LL + WATCHDOG_MARGIN;
}

static void check_time(struct guard *guard, long long now)
{
	char why[GUARD_WHY_MAX];

	if (now < guard->deadline)
		return;
	if (guard->state == TRIAL_LEAVING)
		snprintf(why, sizeof(why), "the system did not leave within %d s",
			 GUARD_LEAVE_WITHIN);
	else
		snprintf(why, sizeof(why), "not confirmed within %ld s",
			 guard->within);
	go_back(guard, now, watchdog_is_over(guard, now), why);
}

static void check_health(struct guard *guard, long long now)
{
	char why[HEALTH_WHY_MAX];

	if (health_step(&guard->health, now, why))
		go_back(guard, now, watchdog_is_over(guard, now), why);
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
	if (guard->state == TRIAL_CONFIRMED)
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
	if (guard->state == TRIAL_PENDING || guard->state == TRIAL_LEAVING)
		check_time(guard, now);
	if (guard->state == TRIAL_PENDING)
		check_health(guard, now);
	if (guard->state != TRIAL_GOING_BACK) {
		feed(guard, now);
	} else if (now >= guard->reset_at) {
		guard_reset();
		guard->reset_at = now + WATCHDOG_MARGIN; /* and again */
	}
	return time_to_wait(guard, now);
}

/* Only once the file says so: a guard that is started after this one has died
 * feeds a confirmed system, and no other.
 */
static void confirm(struct guard *guard, long long now,
		    char answer[GUARD_ANSWER_MAX])
{
	if (guard->state == TRIAL_PENDING && now >= guard->deadline)
		check_time(guard, now);
	if (guard->state == TRIAL_GOING_BACK) {
		snprintf(answer, GUARD_ANSWER_MAX,
			 "%d too late: %s; the device goes back to the old system",
			 EXIT_REFUSED, guard->why);
		return;
	}
	if (guard->state != TRIAL_PENDING) {
		snprintf(answer, GUARD_ANSWER_MAX, "%d it was confirmed before",
			 EXIT_GOOD);
		return;
	}
	if (trial_state_write(TRIAL_CONFIRMED)) {
		snprintf(answer, GUARD_ANSWER_MAX,
			 "%d the confirmation cannot be written down, see the kernel log",
			 EXIT_REFUSED);
		return;
	}
	guard->state = TRIAL_CONFIRMED;
	health_stop(&guard->health);
	snprintf(answer, GUARD_ANSWER_MAX, "%d confirmed, with %lld s left",
		 EXIT_GOOD, seconds_left(guard, now));
	step("%s: this system stays", answer + 2);
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

static void revert(struct guard *guard, long long now,
		   char answer[GUARD_ANSWER_MAX])
{
	sync_aside();
	go_back(guard, now, now + REVERT_AFTER, "reverted by the operator");
	snprintf(answer, GUARD_ANSWER_MAX, "%d back to the old system, now",
		 EXIT_GOOD);
}

static void hold(struct guard *guard, const char *seconds, long long now,
		 char answer[GUARD_ANSWER_MAX])
{
	long timeout;

	if (guard->state != TRIAL_CONFIRMED ||
	    system_parse_number(seconds, 1, WATCHDOG_TIMEOUT_MAX, &timeout)) {
		snprintf(answer, GUARD_ANSWER_MAX,
			 "%d this system is %s; nothing else can be tried from it",
			 EXIT_REFUSED, trial_state_name(guard->state));
		return;
	}
	if (guard->watchdog.fd < 0) {
		snprintf(answer, GUARD_ANSWER_MAX, "%d guard has no watchdog",
			 EXIT_REFUSED);
		return;
	}
	watchdog_set_longest(&guard->watchdog, timeout);
	watchdog_feed(&guard->watchdog);
	guard->state = TRIAL_LEAVING;
	guard->deadline = now + GUARD_LEAVE_WITHIN * 1000LL;
	snprintf(answer, GUARD_ANSWER_MAX, "%d %s, fed by guard, %d s",
		 EXIT_GOOD, guard->watchdog.identity, guard->watchdog.timeout);
}

static int status_code(enum trial_state state)
{
	switch (state) {
	case TRIAL_PENDING:
		return STATUS_PENDING;
	case TRIAL_GOING_BACK:
		return STATUS_GOING_BACK;
	case TRIAL_LEAVING:
		return STATUS_LEAVING;
	default:
		return EXIT_GOOD;
	}
}

static void status(const struct guard *guard, long long now,
		   char answer[GUARD_ANSWER_MAX])
{
	char more[GUARD_WHY_MAX + 32] = "", dog[96] = "none";

	if (guard->state == TRIAL_PENDING)
		snprintf(more, sizeof(more), ", %lld s left to confirm it",
			 seconds_left(guard, now));
	else if (guard->state == TRIAL_GOING_BACK)
		snprintf(more, sizeof(more), ": %s", guard->why);
	if (guard->watchdog.fd >= 0)
		snprintf(dog, sizeof(dog), "%s, %s, resets after %d s",
			 guard->watchdog.identity,
			 guard->state == TRIAL_GOING_BACK ? "fed no more" :
			 "fed by guard", guard->watchdog.timeout);
	snprintf(answer, GUARD_ANSWER_MAX, "%d %s%s\nwatchdog: %s",
		 status_code(guard->state), trial_state_name(guard->state),
		 more, dog);
}

void guard_answer(struct guard *guard, const char *request, long long now,
		  char answer[GUARD_ANSWER_MAX])
{
	if (!strcmp(request, "confirm"))
		confirm(guard, now, answer);
	else if (!strcmp(request, "revert"))
		revert(guard, now, answer);
	else if (!strcmp(request, "status"))
		status(guard, now, answer);
	else if (!strncmp(request, "hold ", 5))
		hold(guard, request + 5, now, answer);
	else
		snprintf(answer, GUARD_ANSWER_MAX,
			 "%d guard knows no such request", EXIT_USAGE);
}

static void answer_now(void *arg, const char *request, char *answer)
{
	guard_answer(arg, request, system_now(), answer);
}

/* A new system whose guard has died is not confirmed. Whoever started another
 * one, init, say, does not make it so.
 */
static void begin(struct guard *guard, long long now)
{
	enum trial_state before = trial_state_read();

	if (before == TRIAL_NONE) {
		guard->state = TRIAL_PENDING;
		step("guard: this system goes back unless it is confirmed within %lld s",
		     seconds_left(guard, now));
	} else if (before == TRIAL_CONFIRMED) {
		guard->state = TRIAL_CONFIRMED;
		step("guard: goes on, this system is confirmed");
	} else {
		go_back(guard, now, now, "an earlier guard ended without a confirmation");
	}
}

static void begin_watchdog(struct guard *guard, long timeout)
{
	struct watchdog *watchdog = &guard->watchdog;

	watchdog->fd = -1;
	if (guard->state == TRIAL_GOING_BACK)
		return; /* to open it is to feed it */
	if (watchdog_open(watchdog)) {
		warn("guard: without a watchdog nobody guards guard");
		return;
	}
	if (timeout && watchdog_set_timeout(watchdog, timeout))
		warn("%s does not take a time-out of %ld s; it has %d s",
		     watchdog->identity, timeout, watchdog->timeout);
	if (!watchdog->stays)
		warn("%s stops when guard dies; give this kernel nowayout=1 for its driver",
		     watchdog->identity);
	step("guard: feeds %s, which resets after %d s", watchdog->identity,
	     watchdog->timeout);
}

static void ignore_death(int signal)
{
	(void)signal; /* of the health command; poll() ends early */
}

static void begin_signals(void)
{
	struct sigaction action = { .sa_handler = ignore_death };

	sigaction(SIGCHLD, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

static int watch(struct guard *guard)
{
	struct pollfd requests = { .events = POLLIN };
	int wait;

	requests.fd = control_serve();
	if (requests.fd < 0)
		return EXIT_REFUSED;
	for (;;) {
		wait = guard_step(guard, system_now());
		if (poll(&requests, 1, wait) > 0)
			control_receive(requests.fd, answer_now, guard);
	}
}

enum {
	OPT_HEALTH = 256,
	OPT_EVERY,
	OPT_TIMEOUT,
	OPT_WITHIN,
	OPT_WATCHDOG,
};

static const struct option options[] = {
	{ "health", required_argument, NULL, OPT_HEALTH },
	{ "health-every", required_argument, NULL, OPT_EVERY },
	{ "health-timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "confirm-within", required_argument, NULL, OPT_WITHIN },
	{ "watchdog-timeout", required_argument, NULL, OPT_WATCHDOG },
	{ NULL, 0, NULL, 0 }
};

static int set_number(const char *text, long most, long *number,
		      const char *option)
{
	if (!system_parse_number(text, 1, most, number))
		return 0;
	return report("--%s %s: not a number of seconds from 1 to %ld", option,
		      text, most);
}

static int set_option(struct guard *guard, int option, long *watchdog)
{
	long seconds = 0;
	int failed = 0;

	switch (option) {
	case OPT_HEALTH:
		guard->health.command = optarg;
		break;
	case OPT_EVERY:
		failed = set_number(optarg, TRIAL_WITHIN_MAX, &seconds,
				    "health-every");
		guard->health.every = seconds * 1000;
		break;
	case OPT_TIMEOUT:
		failed = set_number(optarg, TRIAL_WITHIN_MAX, &seconds,
				    "health-timeout");
		guard->health.timeout = seconds * 1000;
		break;
	case OPT_WITHIN:
		failed = set_number(optarg, TRIAL_WITHIN_MAX, &guard->within,
				    "confirm-within");
		break;
	case OPT_WATCHDOG:
		failed = set_number(optarg, WATCHDOG_TIMEOUT_MAX, watchdog,
				    "watchdog-timeout");
		break;
	default:
		failed = -1; /* getopt has said why */
	}
	return failed;
}

static int parse(struct guard *guard, int argc, char **argv, long *watchdog)
{
	int option;

	optind = 0; /* all anew, getopt(3) */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (set_option(guard, option, watchdog))
			return -1;
	if (optind < argc)
		return report("guard: '%s' is one argument too many",
			      argv[optind]);
	return 0;
}

/* 0: go on; else the exit code plus 1 */
static int look_at_trial(struct guard *guard)
{
	struct trial trial;

	trial_read(&trial);
	if (guard->within)
		return 0;
	if (trial.within < 0) {
		report("guard: the number of " TRIAL_WITHIN_WORD "= on the command line is not one from 0 to %d; nobody feeds the watchdog",
		       TRIAL_WITHIN_MAX);
		return EXIT_REFUSED + 1;
	}
	guard->within = trial.within;
	if (!guard->within) {
		step("guard: nothing to do, this system need not be confirmed");
		return EXIT_GOOD + 1;
	}
	return 0;
}

static int be_the_only_one(void)
{
	int lock = trial_lock_soon("guard.lock");

	if (lock == -1)
		report("guard: there is another one already");
	return lock;
}

static int run_guard(int argc, char **argv)
{
	struct guard guard = {
		.health.every = HEALTH_EVERY * 1000,
		.health.timeout = HEALTH_TIMEOUT * 1000,
	};
	long watchdog = 0;
	int lock, end;

	if (parse(&guard, argc, argv, &watchdog))
		return EXIT_USAGE;
	say_to_kernel_log(true);
	end = look_at_trial(&guard);
	if (end)
		return end - 1;
	lock = be_the_only_one();
	if (lock < 0)
		return EXIT_REFUSED;

	begin_signals();
	guard.deadline = guard.within * 1000LL;
	guard.watchdog.fd = -1;
	begin(&guard, system_now());
	begin_watchdog(&guard, watchdog);
	/* A state that cannot be kept is none that could be trusted later */
	if (guard.state == TRIAL_PENDING && trial_state_write(TRIAL_PENDING))
		return EXIT_REFUSED;
	return watch(&guard);
}

const struct subcommand subcommand_guard = {
	"guard",
	"feed the watchdog of a new system until its time is over",
	"[OPTION...]\n\n"
	"Runs in the new system, in the foreground, from early on until the end.\n"
	"Feeds the watchdog; stops that, so that the device goes back to the old\n"
	"system, when nobody confirms the new one in time, or when it is not well.\n\n"
	"  --confirm-within SECONDS    time for `kexec-try confirm` from the boot of\n"
	"                              this system on; else what `run` was given; if\n"
	"                              that was nothing, there is nothing to guard\n"
	"  --health COMMAND            for /bin/sh: the system is not well when this\n"
	"                              fails, until it is confirmed\n"
	"  --health-every SECONDS      pause between two runs of it, 10\n"
	"  --health-timeout SECONDS    it fails when it takes longer, 30\n"
	"  --watchdog-timeout SECONDS  the watchdog resets after this time without\n"
	"                              food; else what its driver has\n",
	run_guard,
};
