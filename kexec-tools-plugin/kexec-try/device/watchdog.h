/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog.h - the hardware watchdog, whether it survives kexec, and its owner
 */
#ifndef TRY_WATCHDOG_H
#define TRY_WATCHDOG_H

#include <stdbool.h>
#include <sys/types.h>

#define WATCHDOG_IDENTITY_MAX	32

/* Room for the reason of watchdog_verdict(), in bytes */
#define WATCHDOG_WHY_MAX	256

/* Room for the name of a module, driver or process, in bytes */
#define WATCHDOG_NAME_MAX	64

/* A timeout below this, in seconds, is short for a boot */
#define WATCHDOG_TIMEOUT_SHORT	30

/* The longest timeout that the user may ask for, in seconds */
#define WATCHDOG_TIMEOUT_MAX	3600

/* When a driver keeps the hardware running at `kexec -e` */
enum watchdog_lives {
	WATCHDOG_ALWAYS,	/* unless watchdog.stop_on_reboot=1 */
	WATCHDOG_BY_CORE,	/* if watchdog.stop_on_reboot=0, and sysfs shows the core */
	WATCHDOG_BY_PATCH,	/* the same, with this project's patch, which nothing shows */
	WATCHDOG_NEVER,		/* it always stops the hardware */
};

/* What a driver's probe does with a running watchdog */
enum watchdog_probe {
	PROBE_RUNS,		/* feeds it until watchdog.open_timeout=, or never */
	PROBE_STOPS,		/* stops it until it is opened */
};

/* A Linux watchdog driver */
struct watchdog_driver {
	const char *module;	/* prefix of its parameters */
	const char *platform;	/* name on the platform bus, or NULL */
	const char *identity;	/* from WDIOC_GETSUPPORT */
	enum watchdog_lives lives;
	enum watchdog_probe probe;
};

/* The drivers of MIPS boards; ends with an entry whose module is NULL */
extern const struct watchdog_driver watchdog_table[];

/* An open watchdog; opening it starts the hardware */
struct watchdog {
	int fd;		/* /dev/watchdog; -1: not open */
	char identity[WATCHDOG_IDENTITY_MAX + 1];	/* or "watchdog" */
	bool stays;	/* keeps running if closed without a `V` */
	int timeout;	/* seconds; 0: unknown */
	long long next;	/* when to feed it, by clock_now() */
};

/* Finds the driver without opening the watchdog; NULL if the table lacks it */
const struct watchdog_driver *watchdog_find(void);

/* The same by identity */
const struct watchdog_driver *watchdog_by_identity(const char *identity);

enum watchdog_verdict {
	VERDICT_LIVES,
	VERDICT_STOPS,
	VERDICT_UNKNOWN,
};

/**
 * watchdog_verdict() - whether the watchdog survives `kexec -e`
 * @driver: the driver, or NULL if the table lacks it
 * @why: the reason and, if there is one, the remedy, in one line
 *
 * Only what the running kernel shows counts: the same driver differs from one tree
 * to another.
 *
 * Return: the verdict.
 */
enum watchdog_verdict watchdog_verdict(const struct watchdog_driver *driver,
				       char why[WATCHDOG_WHY_MAX]);

/**
 * watchdog_add_words() - add what a new kernel with this driver must be told
 * @words: its command line so far, to be freed; each word is preceded by a blank
 * @driver: the driver, or NULL if the table lacks it
 * @open_timeout: seconds for the new system to open /dev/watchdog
 */
void watchdog_add_words(char **words, const struct watchdog_driver *driver,
			int open_timeout);

/* The process that has the watchdog open, and its name; 0: none */
pid_t watchdog_holder(char name[WATCHDOG_NAME_MAX]);

/* Opens the watchdog, which starts it. Return: 0, or -1 after a line on stderr. */
int watchdog_open(struct watchdog *watchdog);

/* The same without a message, but with errno set */
int watchdog_try_open(struct watchdog *watchdog);

/**
 * watchdog_set_longest() - set a timeout, or the longest round one below it
 * @seconds: the timeout, at least 1; if the driver refuses, shorter ones down to 10 s
 *	are tried, and if it takes none of them, the timeout stays as it was
 */
void watchdog_set_longest(struct watchdog *watchdog, int seconds);

/* Feeds the watchdog, if it is open */
void watchdog_feed(struct watchdog *watchdog);

/* The same, if it is time */
void watchdog_feed_due(struct watchdog *watchdog, long long now);

/* The interval, in milliseconds: a quarter of the timeout, at most 10 s */
int watchdog_feed_every(const struct watchdog *watchdog);

/* Closes it; it keeps running if the driver has magic close or nowayout */
void watchdog_close(struct watchdog *watchdog);

/* Closes it, and stops it if possible */
void watchdog_let_go(struct watchdog *watchdog);

/* ioctl() on /dev/watchdog; tests replace it */
extern int (*watchdog_ioctl)(int fd, unsigned long request, void *arg);

/* Room for the command line of a watchdog daemon, in bytes */
#define OWNER_COMMAND_MAX	512

enum owner_kind {
	OWNER_NOBODY,
	OWNER_GUARD,		/* ends when asked for the watchdog */
	OWNER_PROCD,		/* OpenWrt's init, asked through ubus */
	OWNER_DAEMON,		/* a program named `watchdog`, such as busybox's */
	OWNER_OTHER,		/* cannot be asked */
};

/* The process that has the watchdog open when no try does, usually init. A try
 * takes the watchdog from it as its last step, and gives it back if the system
 * stays.
 */
struct owner {
	enum owner_kind kind;
	pid_t pid;
	char who[WATCHDOG_WHY_MAX];	/* its name and process ID, for messages */
	char command[OWNER_COMMAND_MAX];	/* of a daemon: NUL-terminated arguments */
	int size;			/* of @command, in bytes */
};

/* Finds the owner; changes nothing */
void owner_find(struct owner *owner);

/**
 * owner_take() - make the owner close the watchdog
 *
 * The hardware goes on counting if the driver has magic close or nowayout.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int owner_take(const struct owner *owner);

/**
 * owner_give() - make the owner feed the watchdog again
 * @watchdog: is closed for that, but not stopped
 *
 * Return: whether somebody else has the watchdog now; if not, it is open as before.
 */
bool owner_give(const struct owner *owner, struct watchdog *watchdog);

#endif /* TRY_WATCHDOG_H */
