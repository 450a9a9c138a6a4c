// SPDX-License-Identifier: GPL-2.0-only
/*
 * start.c - load a new system, arm the watchdog, and leave for it
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "say.h"
#include "start.h"
#include "system.h"
#include "trial.h"

/* The watchdog's time-out when nobody says otherwise, in seconds: a router's
 * boot takes less. Where the driver cannot, the longest that it can.
 */
#define WATCHDOG_TIMEOUT	120

/* What was loaded is unloaded so often, and so long after another, in milliseconds:
 * the kernel may be at work on it
 */
#define UNLOAD_TIMES		5
#define UNLOAD_EVERY		1000

/* A time-out that hardly covers a boot, in seconds */
#define SHORT_TIMEOUT		20

static int arm(const struct start *start, struct watchdog *watchdog,
	       struct owner *owner)
{
	long wanted = start->timeout ? start->timeout : WATCHDOG_TIMEOUT;

	if (start->unguarded)
		return 0;
	owner_find(owner);
	if (owner_take(owner)) {
		owner->kind = OWNER_NOBODY;
		return -1;
	}
	if (watchdog_open(watchdog))
		return -1;
	/* A time that it cannot have is no reason to give up: it is open now, and
	 * with nowayout would reset the old system.
	 */
	watchdog_set_longest(watchdog, wanted);
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
static void give_up(struct watchdog *watchdog, const struct owner *owner)
{
	leave_unload();
	trial_stay();
	if (owner_give(owner, watchdog) || watchdog->fd < 0)
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

/* Until something is written to the other end of @alive, or there is none any more */
static void unload_when_killed(int alive)
{
	char done;
	int i;

	system_detach();
	if (read(alive, &done, 1) == 1)
		_exit(EXIT_GOOD);
	/* kexec dies with its parent, but not while the kernel copies the image */
	for (i = 0; i < UNLOAD_TIMES; i++) {
		clock_sleep(UNLOAD_EVERY);
		leave_unload();
	}
	_exit(EXIT_GOOD);
}

/* Whoever kills this program leaves nothing loaded that the next reboot would start
 * unguarded. Return: a pipe; what is written to it ends the watch.
 */
static int watch_over_load(void)
{
	int alive[2] = { -1, -1 };

	if (!pipe2(alive, O_CLOEXEC) && !fork()) {
		close(alive[1]);
		unload_when_killed(alive[0]);
	}
	close(alive[0]);
	return alive[1];
}

int start_system(const struct start *start, char *const argv[])
{
	struct owner owner = { .kind = OWNER_NOBODY };
	struct watchdog watchdog = { .fd = -1 };
	int alive = watch_over_load(), result = leave_load(argv);

	if (!result) {
		step("loaded");
		if (trial_state_write(TRIAL_LEAVING) ||
		    arm(start, &watchdog, &owner) ||
		    leave_begin(&watchdog, &owner, start->way, start->lock)) {
			give_up(&watchdog, &owner);
			result = -1;
		}
	}
	if (write(alive, "", 1) != 1)
		warn("nobody was there to unload it if this program is killed");
	close(alive);
	return result;
}
