/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog.h - the hardware watchdog, and whether it lives through kexec
 */
#ifndef TRY_WATCHDOG_H
#define TRY_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>

#define WATCHDOG_IDENTITY_MAX	32

/* Longest reason of watchdog_lives(), and name of watchdog_holder(), in bytes */
#define WATCHDOG_WHY_MAX	256

/* The longest time-out that may be asked for, in seconds */
#define WATCHDOG_TIMEOUT_MAX	3600

/**
 * enum watchdog_lives - what decides whether a driver leaves the hardware
 *	running when `kexec -e` tells it that the system goes down
 * @WATCHDOG_ALWAYS: nothing; it does, but for watchdog.stop_on_reboot=1
 * @WATCHDOG_NOWAYOUT: nowayout of the driver; where the running kernel has it as
 *	a driver of the watchdog core, WATCHDOG_STOP_ON_REBOOT
 * @WATCHDOG_STOP_ON_REBOOT: whether sysfs shows that it is a driver of the
 *	watchdog core, and watchdog.stop_on_reboot=0
 * @WATCHDOG_NEVER: nothing; it stops the hardware
 */
enum watchdog_lives {
	WATCHDOG_ALWAYS,
	WATCHDOG_NOWAYOUT,
	WATCHDOG_STOP_ON_REBOOT,
	WATCHDOG_NEVER,
};

/**
 * enum watchdog_wakes - what the driver does when a new kernel starts it
 * @WATCHDOG_ALONE: leaves the running hardware alone, until /dev/watchdog is
 *	opened
 * @WATCHDOG_FEEDS: feeds it until watchdog.open_timeout= is over
 * @WATCHDOG_STOPS: stops it, so that a kernel that hangs later hangs for good
 */
enum watchdog_wakes {
	WATCHDOG_ALONE,
	WATCHDOG_FEEDS,
	WATCHDOG_STOPS,
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

/**
 * watchdog_find() - find the driver of the watchdog, without opening it
 *
 * Return: the driver, or NULL: there is no driver that the table has.
 */
const struct watchdog_driver *watchdog_find(void);

/**
 * watchdog_by_identity() - find a driver by what it says of itself
 * @identity: as WDIOC_GETSUPPORT has it
 *
 * Return: the driver, or NULL.
 */
const struct watchdog_driver *watchdog_by_identity(const char *identity);

/**
 * watchdog_there() - see whether the system has a watchdog
 *
 * Return: whether there is /dev/watchdog.
 */
bool watchdog_there(void);

/**
 * watchdog_nowayout() - see whether the driver was told that nothing stops it
 * @driver: the driver
 *
 * A driver that is a module, and got the parameter when it was loaded, does not
 * show it: then only CONFIG_WATCHDOG_SYSFS tells.
 *
 * Return: whether we know that it was.
 */
bool watchdog_nowayout(const struct watchdog_driver *driver);

/**
 * watchdog_lives() - whether the watchdog lives through `kexec -e`
 * @driver: the driver, or NULL for one that the table does not have; of that
 *	only sysfs tells
 * @why: why, and what would help; one line of at most WATCHDOG_WHY_MAX bytes
 *
 * Return: whether it does.
 */
bool watchdog_lives(const struct watchdog_driver *driver,
		    char why[WATCHDOG_WHY_MAX]);

/**
 * watchdog_words() - what a new kernel with this driver must be told
 * @driver: the driver, or NULL
 * @open_timeout: seconds that the new system has to open /dev/watchdog
 * @words: words for its command line, or ""
 * @size: room at @words, in bytes
 */
void watchdog_words(const struct watchdog_driver *driver, int open_timeout,
		    char *words, size_t size);

/**
 * watchdog_holder() - find the program that has the watchdog open
 * @who: its name and number, as `procd (1)`
 *
 * Return: whether there is one.
 */
bool watchdog_holder(char who[WATCHDOG_WHY_MAX]);

/**
 * watchdog_open() - open the watchdog, which starts it
 * @watchdog: the watchdog
 *
 * Return: 0, or -1 with one line on stderr: there is none, or somebody has it.
 */
int watchdog_open(struct watchdog *watchdog);

/**
 * watchdog_set_timeout() - set the time after which it resets the system
 * @watchdog: the watchdog, open
 * @seconds: how long, at least 1
 *
 * Return: 0, @watchdog->timeout being what the driver made of it, or -1 without
 * a word: the driver does not take it.
 */
int watchdog_set_timeout(struct watchdog *watchdog, int seconds);

/**
 * watchdog_set_longest() - set a time that is long enough, or nearly so
 * @watchdog: the watchdog, open
 * @seconds: how long it should be; less is tried when the driver refuses
 */
void watchdog_set_longest(struct watchdog *watchdog, int seconds);

/**
 * watchdog_feed() - start its time anew
 * @watchdog: the watchdog; one that is not open is left alone
 */
void watchdog_feed(struct watchdog *watchdog);

/**
 * watchdog_feed_every() - how often to feed it
 * @watchdog: the watchdog
 *
 * Return: milliseconds: a quarter of its time, at most 10 s.
 */
int watchdog_feed_every(const struct watchdog *watchdog);

/**
 * watchdog_let_go() - close the watchdog, and stop it if it can be stopped
 * @watchdog: the watchdog
 */
void watchdog_let_go(struct watchdog *watchdog);

/* ioctl() on /dev/watchdog; the tests have their own */
extern int (*watchdog_ioctl)(int fd, unsigned long request, void *arg);

#endif /* TRY_WATCHDOG_H */
