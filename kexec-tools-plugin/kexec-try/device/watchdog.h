/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog.h - the hardware watchdog, whether it survives kexec, and who feeds
 *	it while no try does
 */
#ifndef TRY_WATCHDOG_H
#define TRY_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WATCHDOG_IDENTITY_MAX	32

/* Longest reason of watchdog_verdict(), in bytes */
#define WATCHDOG_WHY_MAX	256

/* Room for the name of a module, a driver or a process, in bytes */
#define WATCHDOG_NAME_MAX	64

/* One that hardly covers a boot, in seconds */
#define WATCHDOG_TIMEOUT_SHORT	30

/* The longest time-out that may be asked for, in seconds */
#define WATCHDOG_TIMEOUT_MAX	3600

/* What decides whether a driver leaves the hardware running when `kexec -e` tells
 * it that the system goes down
 */
enum watchdog_lives {
	WATCHDOG_ALWAYS,	/* nothing but watchdog.stop_on_reboot=1 */
	WATCHDOG_BY_CORE,	/* watchdog.stop_on_reboot=0, where sysfs shows that
				 * it is a driver of the watchdog core
				 */
	WATCHDOG_BY_PATCH,	/* the same, with this project's patch, which
				 * nothing shows; else it stops the hardware
				 */
	WATCHDOG_NEVER,		/* nothing; it stops the hardware */
};

/* What it does with a watchdog that runs when a new kernel starts it */
enum watchdog_probe {
	PROBE_RUNS,		/* feeds it until watchdog.open_timeout=, or never */
	PROBE_STOPS,		/* until somebody opens it */
};

/* A driver of Linux for a watchdog */
struct watchdog_driver {
	const char *module;	/* whose name stands before its parameters */
	const char *platform;	/* as a driver of the platform bus, or NULL */
	const char *identity;	/* what WDIOC_GETSUPPORT says */
	enum watchdog_lives lives;
	enum watchdog_probe probe;
};

/* Those that MIPS boards have; ends with one without a module */
extern const struct watchdog_driver watchdog_table[];

/* An open watchdog; to open it starts the hardware */
struct watchdog {
	int fd;		/* /dev/watchdog, or -1 when it is not open */
	char identity[WATCHDOG_IDENTITY_MAX + 1];	/* or "watchdog" */
	bool stays;	/* it runs on when its program ends without a `V` */
	int timeout;	/* seconds until the reset; 0 when nobody knows */
	long long next;	/* when it is to be fed, by clock_now() */
};

/* The driver of the watchdog, found without opening it; NULL: not in the table */
const struct watchdog_driver *watchdog_find(void);

/* The same by what WDIOC_GETSUPPORT says */
const struct watchdog_driver *watchdog_by_identity(const char *identity);

enum watchdog_verdict {
	VERDICT_LIVES,
	VERDICT_STOPS,
	VERDICT_UNKNOWN,
};

/**
 * watchdog_verdict() - whether the watchdog survives `kexec -e`
 * @driver: the driver, or NULL for one that the table does not have
 * @why: why, and what would help, in one line
 *
 * What the running kernel does not show is not known: the same driver differs from
 * one tree to another.
 */
enum watchdog_verdict watchdog_verdict(const struct watchdog_driver *driver,
				       char why[WATCHDOG_WHY_MAX]);

/**
 * watchdog_add_words() - add what a new kernel with this driver must be told
 * @words: its command line so far, to be freed
 * @driver: the driver, or NULL for one that the table does not have
 * @open_timeout: seconds that the new system has to open /dev/watchdog
 *
 * A blank comes before each word.
 */
void watchdog_add_words(char **words, const struct watchdog_driver *driver,
			int open_timeout);

/* The process that has the watchdog open, and its name; 0: none has */
pid_t watchdog_holder(char name[WATCHDOG_NAME_MAX]);

/* Opens it, which starts it. Return: 0, or -1 after a line on stderr. */
int watchdog_open(struct watchdog *watchdog);

/* The same without a word, errno being set */
int watchdog_try_open(struct watchdog *watchdog);

/**
 * watchdog_set_longest() - set a time that is long enough, or nearly so
 * @seconds: how long it should be; less is tried when the driver refuses
 */
void watchdog_set_longest(struct watchdog *watchdog, int seconds);

/* Starts its time anew, if it is open */
void watchdog_feed(struct watchdog *watchdog);

/* The same when it is time for that */
void watchdog_feed_due(struct watchdog *watchdog, long long now);

/* How often, in milliseconds: a quarter of its time, at most 10 s */
int watchdog_feed_every(const struct watchdog *watchdog);

/* Closes it, and leaves it running where the driver has magic close or nowayout */
void watchdog_close(struct watchdog *watchdog);

/* Closes it, and stops it if it can be stopped */
void watchdog_let_go(struct watchdog *watchdog);

/* ioctl() on /dev/watchdog; the tests have their own */
extern int (*watchdog_ioctl)(int fd, unsigned long request, void *arg);

/* The longest command line of a watchdog daemon, in bytes */
#define OWNER_COMMAND_MAX	512

enum owner_kind {
	OWNER_NOBODY,
	OWNER_GUARD,		/* it ends when the watchdog is taken from it */
	OWNER_PROCD,		/* OpenWrt's init, by ubus */
	OWNER_DAEMON,		/* a program `watchdog`: busybox has one */
	OWNER_OTHER,		/* nobody knows how to take it from that one */
};

/* Who has the watchdog open while no try does: init, mostly. A try takes it from there
 * as its last step, and gives it back when the system stays.
 */
struct owner {
	enum owner_kind kind;
	pid_t pid;
	char who[WATCHDOG_WHY_MAX];	/* its name and process, for messages */
	char command[OWNER_COMMAND_MAX];	/* of a daemon: its arguments, with
						 * a NUL behind each
						 */
	int size;			/* how many bytes of that there are */
};

/* Looks for it; nothing is changed */
void owner_find(struct owner *owner);

/**
 * owner_take() - have it close the watchdog
 *
 * The hardware goes on counting where the driver has magic close, or nowayout.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int owner_take(const struct owner *owner);

/**
 * owner_give() - have it feed the watchdog again
 * @watchdog: closed for that, but not stopped
 *
 * Return: whether somebody has the watchdog now; if not, it is open as before.
 */
bool owner_give(const struct owner *owner, struct watchdog *watchdog);

#endif /* TRY_WATCHDOG_H */
