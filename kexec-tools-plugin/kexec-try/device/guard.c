// SPDX-License-Identifier: GPL-2.0-only
/*
 * guard.c - kexec-try guard and init: feed the watchdog of a new system until its
 *	time is over
 *
 * A new system stays only if somebody confirms it in time. Otherwise guard stops
 * feeding, and the watchdog resets the device into the old system. The same must
 * happen if guard itself dies, so guard never tells the watchdog to stop.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"
#include "program.h"
#include "say.h"
#include "system.h"

/* In seconds: defaults of the health command */
#define HEALTH_EVERY	10	/* pause between two runs */
#define HEALTH_TIMEOUT	30	/* of one run */

/* In milliseconds */
#define HEALTH_TICK	200	/* check a running health command this often */
#define LONGEST_SLEEP	10000
#define RESET_EVERY	5000	/* retry a reset that has not happened */
#define LOOK_EVERY	1000	/* on trial: look for what init has changed */
#define ASK_EVERY	10000	/* retry taking the watchdog, or handing it over */
#define REVERT_AFTER	1000	/* lets the answer to `revert` arrive */
#define END_AFTER	12000	/* longer than init waits from SIGTERM to SIGKILL */
#define READY_WITHIN	10000	/* then init starts, guard ready or not */
#define READY_EVERY	20	/* check whether guard is ready */

static int start(struct health *health, long long now,
		 char why[HEALTH_WHY_MAX])
{
	pid_t pid = fork();

	if (pid < 0) {
		snprintf(why, HEALTH_WHY_MAX,
			 "the health command cannot be started: %s",
			 strerror(errno));
		return -1;
	}
	/* In parent and child, so that the group exists whichever runs first */
	setpgid(pid, pid);
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		execl("/bin/sh", "sh", "-c", health->command, (char *)NULL);
		_exit(127); /* the shell's exit code for a missing command */
	}
	health->pid = pid;
	health->next = now + health->timeout;
	return 0;
}

int health_step(struct health *health, long long now, char why[HEALTH_WHY_MAX])
{
	int status;

	if (!health->command)
		return 0;
	if (!health->pid)
		return now < health->next ? 0 : start(health, now, why);
	if (waitpid(health->pid, &status, WNOHANG) == health->pid) {
		health->pid = 0;
		health->next = now + health->every;
		if (!status)
			return 0;
		snprintf(why, HEALTH_WHY_MAX, WIFEXITED(status) ?
			 "the health command exited with %d" :
			 "the health command was ended by signal %d",
			 WIFEXITED(status) ? WEXITSTATUS(status) :
					     WTERMSIG(status));
		return -1;
	}
	if (now < health->next)
		return 0;
	health_stop(health);
	snprintf(why, HEALTH_WHY_MAX,
		 "the health command took longer than %ld s",
		 health->timeout / 1000);
	return -1;
}

/* Does not wait: a process that hangs in the kernel cannot be killed. */
void health_stop(struct health *health)
{
	if (!health->pid)
		return;
	kill(-health->pid, SIGKILL);
	waitpid(health->pid, NULL, WNOHANG);
	health->pid = 0;
}

/* Unsigned: libc's printf() links the unsigned 64-bit division anyway */
static unsigned long long in_seconds(unsigned long long milliseconds)
{
	return milliseconds / 1000;
}

static unsigned long long seconds_left(const struct guard *guard, long long now)
{
	return guard->deadline > now ? in_seconds(guard->deadline - now) : 0;
}

/* For the reason in guard->why. Nothing feeds the watchdog from here on: it
 * resets the device if the kernel cannot.
 */
static void go_back(struct guard *guard, long long reset_at)
{
	guard->state = TRIAL_GOING_BACK;
	guard->reset_at = reset_at;
	health_stop(&guard->health);
	trial_state_write(TRIAL_GOING_BACK);
	step("%s: back to the old system, by a reset", guard->why);
}

/* Whether the system can be confirmed; checks the deadline */
static bool is_pending(struct guard *guard, long long now)
{
	if (guard->state == TRIAL_PENDING && now >= guard->deadline) {
		snprintf(guard->why, sizeof(guard->why),
			 "not confirmed within %llu s",
			 in_seconds(guard->deadline));
		go_back(guard, now);
	}
	return guard->state == TRIAL_PENDING;
}

static long long first(long long one, long long other)
{
	return one < other ? one : other;
}

static int time_to_wait(const struct guard *guard, long long now)
{
	long long until = now + LONGEST_SLEEP;

	until = first(until, guard->state == TRIAL_GOING_BACK ?
		      guard->reset_at : guard->watchdog.next);
	if (guard->state == TRIAL_PENDING) {
		until = first(until, guard->deadline);
		if (guard->health.pid)
			until = first(until, now + HEALTH_TICK);
		else if (guard->health.command)
			until = first(until, guard->health.next);
	}
	return until > now ? until - now : 0;
}

int guard_step(struct guard *guard, long long now)
{
	if (is_pending(guard, now) &&
	    health_step(&guard->health, now, guard->why))
		go_back(guard, now);
	if (guard->state != TRIAL_GOING_BACK) {
		watchdog_feed_due(&guard->watchdog, now);
	} else if (now >= guard->reset_at) {
		system_reset();
		guard->reset_at = now + RESET_EVERY;
	}
	return time_to_wait(guard, now);
}

#define ANSWER(code, fmt, ...) \
	snprintf(answer, CONTROL_ANSWER_MAX, "%d " fmt, code, ##__VA_ARGS__)

/* The state file comes first: if this guard dies, the next one feeds only a
 * system that the file calls confirmed.
 */
static void confirm(struct guard *guard, long long now, char *answer)
{
	bool pending = is_pending(guard, now);

	if (guard->state == TRIAL_GOING_BACK) {
		ANSWER(EXIT_REFUSED,
		       "too late: %s; the device goes back to the old system",
		       guard->why);
	} else if (!pending) {
		ANSWER(EXIT_GOOD, "it was confirmed before");
	} else if (trial_state_write(TRIAL_CONFIRMED)) {
		ANSWER(EXIT_REFUSED,
		       "the confirmation cannot be written down, see the kernel log");
	} else {
		guard->state = TRIAL_CONFIRMED;
		health_stop(&guard->health);
		ANSWER(EXIT_GOOD, "confirmed, with %llu s left",
		       seconds_left(guard, now));
		step("%s: this system stays", answer + 2);
	}
}

/* Saves what was written to the device's file systems. */
static void sync_and_go_back(struct guard *guard, long long reset_at,
			     const char *why)
{
	system_sync();
	strcpy(guard->why, why);
	go_back(guard, reset_at);
}

static void revert(struct guard *guard, long long now, char *answer)
{
	if (guard->state == TRIAL_NONE) {
		ANSWER(EXIT_REFUSED,
		       "this is the old system: there is nothing to go back from");
		return;
	}
	sync_and_go_back(guard, now + REVERT_AFTER, "reverted by the operator");
	ANSWER(EXIT_GOOD, "back to the old system, now");
}

/* SIGTERM may come from OpenWrt's sysupgrade: its `upgraded` becomes init and ends all
 * other programs before it writes to flash. The watchdog must not expire during that
 * write, so reset now. Any other SIGTERM comes from a shutdown, which ends in the old
 * system, or from somebody who ends guard alone: then the watchdog brings the old
 * system back, and without one that stays armed, guard does.
 */
static void end_of_system(struct guard *guard)
{
	static const char why[] = "guard was told to end";
	bool alone = guard->watchdog.fd < 0 || !guard->watchdog.stays;
	char init[16];

	system_read("/proc/1/comm", init, sizeof(init));
	if (guard->state != TRIAL_NONE && !strcmp(init, "upgraded"))
		sync_and_go_back(guard, clock_now() + REVERT_AFTER, why);
	else if (guard->state == TRIAL_PENDING && alone)
		sync_and_go_back(guard, clock_now() + END_AFTER, why);
	else if (guard->state != TRIAL_GOING_BACK || !alone)
		guard->ended = true;
}

static void extend(struct guard *guard, const char *seconds, long long now,
		   char *answer)
{
	long more;

	if (!is_pending(guard, now)) {
		ANSWER(EXIT_REFUSED, "this system is %s: no time is left, or none is needed",
		       trial_state_name(guard->state));
	} else if (text_number(seconds, 1, TRY_WITHIN_MAX, &more)) {
		ANSWER(EXIT_USAGE, "'%.16s' is not a number of seconds from 1 to %d",
		       seconds, TRY_WITHIN_MAX);
	} else {
		guard->deadline = now + more * 1000LL;
		ANSWER(EXIT_GOOD, "%ld s left to confirm it", more);
		step("guard: %s", answer + 2);
	}
}

/* For a try that leaves this system: the caller feeds the watchdog from here on. */
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

static void status(const struct guard *guard, long long now, char *answer)
{
	char more[GUARD_WHY_MAX + 32] = "", dog[128] = "watchdog=none\n";
	bool back = guard->state == TRIAL_GOING_BACK;
	int code = EXIT_GOOD;

	if (guard->state == TRIAL_PENDING) {
		code = EXIT_PENDING;
		snprintf(more, sizeof(more), "left=%llu\n",
			 seconds_left(guard, now));
	} else if (back) {
		code = EXIT_BACK;
		snprintf(more, sizeof(more), "why=%s\n", guard->why);
	}
	if (guard->watchdog.fd >= 0)
		snprintf(dog, sizeof(dog), "watchdog=%s, %s, resets after %d s\n",
			 guard->watchdog.identity,
			 back ? "fed no more" : "fed by guard",
			 guard->watchdog.timeout);
	ANSWER(code, "state=%s\n%s%s", trial_state_name(guard->state), more,
	       dog);
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

/* Init may create /dev/watchdog late, or hold it open itself. */
static bool take_watchdog(struct guard *guard)
{
	struct watchdog *watchdog = &guard->watchdog;
	pid_t refused = guard->owner.pid;
	long long now = clock_now();

	if (!system_exists("/dev/watchdog"))
		return false;
	owner_find(&guard->owner);
	/* It has refused before; its ubusd, for example, may be up later */
	if (refused && guard->owner.pid == refused &&
	    (guard->owner.kind == OWNER_OTHER || now < guard->ask_at))
		return false;
	guard->ask_at = now + ASK_EVERY;
	if (owner_take(&guard->owner) || watchdog_try_open(watchdog)) {
		owner_give(&guard->owner, watchdog);
		return false;
	}
	if (!watchdog->stays)
		warn("%s stops when guard dies; give this kernel nowayout=1 for its driver",
		     watchdog->identity);
	step("guard: feeds %s, which resets after %d s", watchdog->identity,
	     watchdog->timeout);
	return true;
}

static void tick(void *watchdog)
{
	watchdog_feed_due(watchdog, clock_now());
}

/* Return: false if init has not created the root's device yet. */
static bool check_root(struct guard *guard)
{
	bool told = guard->why[0];
	int result;

	if (guard->state != TRIAL_PENDING || !guard->root[0])
		return true;
	result = root_check(guard->root, tick, &guard->watchdog, guard->why);
	if (result == ROOT_NOT_YET) {
		if (!told)
			warn("guard: %s", guard->why);
		return false;
	}
	if (!result)
		step("guard: the root file system is the one that was sent");
	else
		go_back(guard, clock_now());
	guard->root[0] = '\0'; /* check it only once */
	return true;
}

/* A guard that started before init holds the watchdog, but may have no place
 * for its lock yet. Sets the lock to -1 if another guard has it, to -2 if it
 * cannot be created.
 */
static void be_the_only_one(struct guard *guard)
{
	char name[WATCHDOG_NAME_MAX];

	if (guard->watchdog.fd >= 0 || !watchdog_holder(name) ||
	    strcmp(name, "kexec-try"))
		guard->lock = trial_lock("guard.lock");
	if (guard->lock == -1)
		report("guard: there is another one already");
}

/* Creates what other programs know guard by: lock, state and socket. Creates
 * them again if init has since mounted over them, or has mounted /proc, whose
 * boot ID marks the state as current. Nobody can confirm the system before all
 * three exist and the root has been checked.
 */
static void settle(struct guard *guard)
{
	if (guard->socket >= 0) {
		if (trial_state_read() != TRIAL_NONE)
			return;
		close(guard->socket);
		close(guard->lock);
		guard->socket = -1;
		guard->lock = -1;
	}
	if (guard->lock < 0)
		be_the_only_one(guard);
	/* A state that cannot be written could not be trusted later */
	if (guard->lock < 0 || trial_state_write(guard->state))
		return;
	if (!check_root(guard))
		return;
	guard->socket = control_serve();
}

/* Init gets the watchdog of a confirmed system, so that its sysupgrade works. */
static void hand_over(struct guard *guard)
{
	struct owner *owner = &guard->owner;

	if (guard->watchdog.fd < 0)
		return;
	if (owner->kind == OWNER_NOBODY && system_exists("/sbin/procd")) {
		owner->kind = OWNER_PROCD;
		strcpy(owner->who, "procd");
	}
	guard->ended = owner_give(owner, &guard->watchdog);
	if (guard->ended)
		step("guard: %s feeds the watchdog from here on", owner->who);
}

/* The watchdog driver may load late, and so may the service that init is asked
 * through (ubusd).
 */
static void keep_confirmed(struct guard *guard, long long now)
{
	char name[WATCHDOG_NAME_MAX];

	if (now < guard->give_at)
		return;
	if (guard->watchdog.fd < 0 && system_exists("/dev/watchdog")) {
		if (watchdog_holder(name)) {
			guard->ended = true;
			step("guard: %s feeds the watchdog", name);
			return;
		}
		take_watchdog(guard);
	}
	hand_over(guard);
	guard->give_at = now + (guard->watchdog.fd < 0 ? LOOK_EVERY : ASK_EVERY);
}

static void watch(struct guard *guard)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	system_await_end();
	while (!guard->ended) {
		struct pollfd requests = { guard->socket, POLLIN, 0 };
		int wait;

		if (system_told_to_end())
			end_of_system(guard);
		if (guard->ended)
			break;
		wait = guard_step(guard, clock_now());
		if (guard->state == TRIAL_PENDING) {
			if (guard->watchdog.fd < 0)
				take_watchdog(guard);
			if (system_can_run()) {
				settle(guard);
				if (guard->lock == -1)
					break; /* the other guard opens the watchdog */
			}
			wait = first(wait, LOOK_EVERY);
		} else if (guard->state != TRIAL_GOING_BACK) {
			keep_confirmed(guard, clock_now());
			wait = first(wait, guard->give_at - clock_now());
		}
		if (!guard->ended && poll(&requests, 1, wait > 0 ? wait : 0) > 0)
			control_receive(guard->socket, answer_now, guard);
	}
}

void guard_keep(const struct watchdog *watchdog)
{
	struct guard guard = { .watchdog = *watchdog };

	guard.state = trial_state_read() == TRIAL_CONFIRMED ? TRIAL_CONFIRMED :
							      TRIAL_NONE;
	if (watchdog->fd < 0)
		return;
	guard.socket = control_serve();
	watch(&guard);
}

static void begin_pending(struct guard *guard)
{
	guard->state = TRIAL_PENDING;
	step("guard: this system goes back unless it is confirmed within %llu s of its boot",
	     in_seconds(guard->deadline));
}

/* Fails if the command line's time to confirm is invalid */
static int read_trial(struct guard *guard)
{
	struct trial trial;

	trial_read(&trial);
	guard->watchdog.fd = -1;
	guard->lock = -1;
	guard->socket = -1;
	strcpy(guard->root, trial.root);
	guard->deadline = trial.within * 1000LL;
	return trial.within >= 0 ? 0 :
		report("guard: " TRIAL_WITHIN_WORD "= on the command line is not a number from 0 to %d; nobody feeds the watchdog",
		       TRY_WITHIN_MAX);
}

/* If an earlier guard died before a confirmation, the system goes back: a
 * restart of guard, by init for example, must not give it more time.
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
		strcpy(guard->why,
		       "an earlier guard ended without a confirmation");
		go_back(guard, now);
	}
}

static int parse(struct health *health, int argc, char **argv)
{
	long every = HEALTH_EVERY, timeout = HEALTH_TIMEOUT;
	const struct choice choices[] = {
		{ "health", .text = &health->command },
		{ "health-every", .number = &every, .least = 1,
		  .most = TRY_WITHIN_MAX },
		{ "health-timeout", .number = &timeout, .least = 1,
		  .most = TRY_WITHIN_MAX },
		{ .name = NULL },
	};

	if (text_options(choices, "", argc, argv))
		return -1;
	health->every = every * 1000;
	health->timeout = timeout * 1000;
	return optind == argc ? 0 :
		report("guard: '%s' is one argument too many", argv[optind]);
}

static int run_guard(int argc, char **argv)
{
	struct guard guard = { .state = TRIAL_NONE };

	if (parse(&guard.health, argc, argv))
		return EXIT_USAGE;
	say_to_kernel_log(true);
	if (read_trial(&guard))
		return EXIT_REFUSED;
	if (!guard.deadline) {
		step("guard: nothing to do, this system need not be confirmed");
		return EXIT_GOOD;
	}
	be_the_only_one(&guard);
	if (guard.lock == -1)
		return EXIT_REFUSED;
	system_await_end(); /* also covers the check of the root */
	begin(&guard, clock_now());
	if (!guard.ended) {
		/* Opening the watchdog also feeds it */
		if (guard.state != TRIAL_GOING_BACK && !take_watchdog(&guard))
			warn("guard: no watchdog: nothing resets if it dies");
		settle(&guard);
		watch(&guard);
	}
	close(guard.lock);
	return EXIT_GOOD;
}

/* Without devtmpfs; numbers from Linux, Documentation/admin-guide/devices.txt */
static void make_devices(void)
{
	if (mount("none", "/dev", "tmpfs", 0, "mode=755,size=64k"))
		return;
	mknod("/dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
	mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
	mknod("/dev/watchdog", S_IFCHR | 0600, makedev(10, 130));
}

/* Many inits open the watchdog first and feed it come what may: a system that
 * hangs before it starts guard would be fed forever. init=/usr/sbin/kexec-try
 * starts guard first. It finds nothing mounted, and must leave nothing mounted
 * for the real init, which starts when this process exits. A child goes on as
 * guard. Never returns.
 */
static void guard_first(void)
{
	bool proc = !mount("none", "/proc", "proc", 0, NULL);
	bool sys = !mount("none", "/sys", "sysfs", 0, NULL);
	bool dev = !system_exists("/dev/watchdog");
	struct guard guard = { .state = TRIAL_NONE };

	if (dev && mount("none", "/dev", "devtmpfs", 0, NULL))
		make_devices();
	/* The console belongs to init; the kernel log reaches it anyway */
	system_detach();
	say_to_kernel_log(true);
	if (!read_trial(&guard) && guard.deadline) {
		begin_pending(&guard);
		take_watchdog(&guard);
	}
	if (dev)
		umount2("/dev", MNT_DETACH);
	if (sys)
		umount2("/sys", MNT_DETACH);
	if (proc)
		umount2("/proc", MNT_DETACH);
	if (guard.state == TRIAL_PENDING && fork() <= 0)
		watch(&guard);
	_exit(EXIT_GOOD);
}

static int run_init(int argc, char **argv)
{
	/* Where Linux looks for init: kernel_init() in init/main.c */
	static const char *const inits[] = {
		"/sbin/init", "/etc/init", "/bin/init", "/bin/sh",
	};
	unsigned int i;
	pid_t pid;

	(void)argc;
	if (getpid() != 1)
		return report_as(EXIT_USAGE, "init: this is for init= on the command line of a kernel");
	pid = fork();
	if (!pid)
		guard_first();
	for (i = 0; i < READY_WITHIN / READY_EVERY &&
		    !waitpid(pid, NULL, WNOHANG); i++)
		clock_sleep(READY_EVERY);
	for (i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		argv[0] = (char *)inits[i];
		execv(inits[i], argv);
	}
	return report_as(EXIT_REFUSED, "there is no init; the watchdog resets this system");
}

const struct subcommand subcommand_guard = {
	"guard",
	"feed the watchdog of a new system until its time is over",
	"[OPTION...]\n\n"
	"Feeds the watchdog of the new system, in the foreground, until init takes it in a\n"
	"confirmed one. If nobody confirms the system in time, or COMMAND fails, guard\n"
	"stops feeding, and the device goes back to the old system.\n\n"
	"  --health COMMAND            /bin/sh runs COMMAND again and again until the\n"
	"                              system is confirmed\n"
	"  --health-every SECONDS      pause between two runs of COMMAND; default 10\n"
	"  --health-timeout SECONDS    COMMAND fails after this time; default 30\n",
	run_guard,
};

const struct subcommand subcommand_init = {
	"init",
	"for init= of a new system: start guard before the real init",
	"\n\nFor the kernel: with init=/usr/sbin/kexec-try on its command line this is the\n"
	"first program. It starts guard, and then executes the system's init.\n",
	run_init,
};
