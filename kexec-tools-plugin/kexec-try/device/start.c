// SPDX-License-Identifier: GPL-2.0-only
/*
 * start.c - load a new system, arm the watchdog, and leave for it
 */

#include <signal.h>
#include <stdio.h>

#include "control.h"
#include "say.h"
#include "start.h"
#include "trial.h"

/* The watchdog's time-out when nobody says otherwise, in seconds: a router's
 * boot takes less. Where the driver cannot, the longest that it can.
 */
#define WATCHDOG_TIMEOUT	120

/* A time-out that hardly covers a boot, in seconds */
#define SHORT_TIMEOUT		20

static long wanted_timeout(const struct start *start)
{
	return start->timeout ? start->timeout : WATCHDOG_TIMEOUT;
}

/* Guard has the watchdog of a system that it guarded before. */
static int arm_by_guard(const struct start *start)
{
	char request[CONTROL_REQUEST_MAX], text[CONTROL_ANSWER_MAX];
	int code;

	snprintf(request, sizeof(request), "hold %ld",
		 wanted_timeout(start));
	code = control_ask(request, text);
	if (code != EXIT_GOOD)
		return report("guard does not lend its watchdog: %s",
			      code < 0 ? "no answer" : text);
	step("watchdog armed: %s", text);
	return 0;
}

static int arm(const struct start *start, struct watchdog *watchdog)
{
	watchdog->fd = -1;
	if (start->unguarded)
		return 0;
	if (start->held_by_guard)
		return arm_by_guard(start);
	if (watchdog_open(watchdog))
		return -1;
	/* A time that it cannot have is no reason to give up: it is open now, and
	 * with nowayout would reset the old system.
	 */
	watchdog_set_longest(watchdog, wanted_timeout(start));
	if (watchdog->timeout < start->timeout)
		warn("%s does not take a time-out of %ld s; it has %d s",
		     watchdog->identity, start->timeout, watchdog->timeout);
	watchdog_feed(watchdog);
	step("watchdog armed: %s, resets after %d s", watchdog->identity,
	     watchdog->timeout);
	if (watchdog->timeout && watchdog->timeout < SHORT_TIMEOUT)
		warn("%d s are few for a boot", watchdog->timeout);
	if (!watchdog->stays)
		warn("%s stops when a program that has it open ends; set nowayout",
		     watchdog->identity);
	return 0;
}

/* One that has nowayout cannot be let go of. */
static void give_up(struct watchdog *watchdog)
{
	char text[CONTROL_ANSWER_MAX];

	leave_unload();
	if (control_ask("unhold", text) < 0)
		trial_state_write(TRIAL_NONE);
	if (watchdog->fd < 0)
		return;
	warn("the watchdog was armed: where it has nowayout, it resets this system after %d s",
	     watchdog->timeout);
	watchdog_let_go(watchdog);
}

int start_lock(void)
{
	int lock;

	/* Nothing but a failure ends a try, of one of the programs that it runs, say:
	 * a bundle in RAM, an image that is loaded, and a watchdog that nobody feeds
	 * are not to be left behind. What is said may find nobody who listens.
	 */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	lock = trial_lock("run.lock");
	if (lock == -1)
		report("another try is on its way from this system");
	say_to_kernel_log(lock >= 0);
	return lock;
}

int start_system(const struct start *start, char *const argv[])
{
	struct watchdog watchdog = { .fd = -1 };

	if (leave_load(argv))
		return -1;
	step("loaded");
	if (!arm(start, &watchdog) && !trial_state_write(TRIAL_LEAVING) &&
	    !leave_begin(&watchdog, start->way, start->lock))
		return 0;
	give_up(&watchdog);
	return -1;
}
