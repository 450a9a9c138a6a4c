/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog.h - the hardware watchdog, and whether it lives through kexec
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
	WATCHDOG_BY_PATCH,	/* the same, in a kernel with this project's patch, which
				 * nothing shows; else it stops the hardware
				 */
	WATCHDOG_NEVER,		/* nothing; it stops the hardware */
};

/* What the driver does when a new kernel starts it */
enum watchdog_wakes {
	WATCHDOG_ALONE,		/* nothing, until /dev/watchdog is opened */
	WATCHDOG_FEEDS,		/* feeds until watchdog.open_timeout= is over */
	WATCHDOG_STOPS,		/* a kernel that hangs later hangs for good */
};

/**
 * struct watchdog_driver - a driver of Linux for a watchdog
 * @module: its module, whose name stands before its parameters
 * @platform: its name as a driver of the platform bus, or NULL
 * @identity: what WDIOC_GETSUPPORT says
 * @lives: what happens at `kexec -e`
 * @wakes: what happens when the new kernel starts
 */
struct watchdog_driver {
	const char *module;
	const char *platform;
	const char *identity;
	enum watchdog_lives lives;
	enum watchdog_wakes wakes;
};

/* Those that MIPS boards have; ends with one without a module */
extern const struct watchdog_driver watchdog_table[];

/**
 * struct watchdog - an open watchdog; to open it starts the hardware
 * @fd: /dev/watchdog, or -1 when it is not open
 * @identity: what the driver says of itself, or "watchdog"
 * @stays: whether it runs on when its program ends and has not said otherwise
 * @timeout: seconds until the reset; 0 when nobody knows
 */
struct watchdog {
	int fd;
	char identity[WATCHDOG_IDENTITY_MAX + 1];
	bool stays;
	int timeout;
};

/* The driver of the watchdog, found without opening it; NULL: not in the table */
const struct watchdog_driver *watchdog_find(void);

/* The same by what WDIOC_GETSUPPORT says */
const struct watchdog_driver *watchdog_by_identity(const char *identity);

/* Whether there is /dev/watchdog */
bool watchdog_there(void);

enum watchdog_verdict {
	VERDICT_LIVES,
	VERDICT_STOPS,
	VERDICT_UNKNOWN,
};

/**
 * watchdog_verdict() - whether the watchdog lives through `kexec -e`
 * @driver: the driver, or NULL for one that the table does not have
 * @why: why, and what would help, in one line
 *
 * What the running kernel does not show is not known: the same driver differs from
 * one tree to another.
 */
enum watchdog_verdict watchdog_verdict(const struct watchdog_driver *driver,
				       char why[WATCHDOG_WHY_MAX]);

/**
 * watchdog_words() - what a new kernel with this driver must be told
 * @driver: the driver, or NULL for one that the table does not have
 * @open_timeout: seconds that the new system has to open /dev/watchdog
 *
 * Return: words for its command line with a blank before each, to be freed.
 */
char *watchdog_words(const struct watchdog_driver *driver, int open_timeout);

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

/* How often, in milliseconds: a quarter of its time, at most 10 s */
int watchdog_feed_every(const struct watchdog *watchdog);

/* Closes it, and leaves it running where the driver has magic close or nowayout */
void watchdog_close(struct watchdog *watchdog);

/* Closes it, and stops it if it can be stopped */
void watchdog_let_go(struct watchdog *watchdog);

/* ioctl() on /dev/watchdog; the tests have their own */
extern int (*watchdog_ioctl)(int fd, unsigned long request, void *arg);

#endif /* TRY_WATCHDOG_H */
