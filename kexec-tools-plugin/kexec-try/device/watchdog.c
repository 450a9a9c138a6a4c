// SPDX-License-Identifier: GPL-2.0-only
/*
 * watchdog.c - the hardware watchdog, whether it survives kexec, and its owner
 *
 * procd, watchdog_set() in system.c: `stop` closes the device; the hardware goes on
 * counting unless `magicclose` was set before. Before commit 254810d, so up to
 * OpenWrt 23.05, it closes only with `magicclose`. `stop: false` opens the device and
 * feeds it.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "program.h"
#include "say.h"
#include "system.h"
#include "trial.h"
#include "watchdog.h"

/* In milliseconds */
#define FEED_EVERY_MAX	10000	/* whatever the timeout */
#define ASK_WITHIN	5000	/* for a program that asks the owner */
#define DONE_WITHIN	3000	/* for the owner to open or close the device */
#define LOOK_EVERY	100

/* Assumed if a watchdog does not tell its timeout, in seconds */
#define UNKNOWN_TIMEOUT	4

/* The most arguments of a daemon, without the NULL; more are dropped */
#define ARGS_MAX	16

/* kernel-patches/WATCHDOGS.md gives the Linux source for each line. */
const struct watchdog_driver watchdog_table[] = {
	/* Upstream it stops whatever nowayout says; with this project's patch
	 * it does not; in OpenWrt from 6.12 on it uses the watchdog core. Only
	 * the last can be seen from here.
	 */
	{ "ath79_wdt", "ath79-wdt", "ATH79 watchdog", WATCHDOG_BY_CORE, PROBE_RUNS },
	{ "rt2880_wdt", "rt2880_wdt", "Ralink Watchdog", WATCHDOG_BY_CORE, PROBE_RUNS },
	{ "mt7621_wdt", "mt7621_wdt", "Mediatek Watchdog", WATCHDOG_BY_PATCH, PROBE_RUNS },
	{ "lantiq_wdt", "wdt", "ltq_wdt", WATCHDOG_ALWAYS, PROBE_RUNS },
	{ "bcm7038_wdt", "bcm7038-wdt", "Broadcom BCM7038 Watchdog Timer",
	  WATCHDOG_BY_CORE, PROBE_RUNS },
	{ "bcm47xx_wdt", "bcm47xx-wdt", "bcm47xx_wdt", WATCHDOG_BY_CORE, PROBE_RUNS },
	{ "realtek_otto_wdt", "realtek-otto-watchdog",
	  "Realtek Otto watchdog timer", WATCHDOG_BY_CORE, PROBE_STOPS },
	{ "imgpdc_wdt", "imgpdc-wdt", "IMG PDC Watchdog", WATCHDOG_BY_CORE, PROBE_STOPS },
	{ "pic32_wdt", "pic32-wdt", "PIC32 Watchdog", WATCHDOG_ALWAYS, PROBE_RUNS },
	{ "pic32_dmt", "pic32-dmt", "PIC32 Deadman Timer", WATCHDOG_ALWAYS, PROBE_RUNS },
	{ "jz4740_wdt", "jz4740-wdt", "jz4740 Watchdog", WATCHDOG_ALWAYS, PROBE_STOPS },
	{ "loongson1_wdt", "ls1x-wdt", "Loongson1 Watchdog", WATCHDOG_ALWAYS, PROBE_RUNS },
	/* Without `always-running` it stops at kexec -e, or may stop later: the
	 * more cautious of its two lines in WATCHDOGS.md.
	 */
	{ "gpio_wdt", "gpio-wdt", "GPIO Watchdog", WATCHDOG_BY_CORE, PROBE_RUNS },
	{ "octeon_wdt", NULL, "OCTEON", WATCHDOG_NEVER, PROBE_RUNS },
	{ "txx9wdt", "txx9wdt", "Hardware Watchdog for TXx9", WATCHDOG_NEVER, PROBE_RUNS },
	{ "rc32434_wdt", "rc32434_wdt", "RC32434_WDT Watchdog", WATCHDOG_NEVER, PROBE_STOPS },
	{ "indydog", NULL, "Hardware Watchdog for SGI IP22", WATCHDOG_NEVER, PROBE_RUNS },
	{ "sb_wdog", NULL, "SiByte Watchdog", WATCHDOG_NEVER, PROBE_RUNS },
	{ "ar7_wdt", "ar7_wdt", "TI AR7 Watchdog Timer", WATCHDOG_BY_CORE, PROBE_STOPS },
	{ "mtx-1_wdt", "mtx1-wdt", "MTX-1 WDT", WATCHDOG_ALWAYS, PROBE_RUNS },
	{ "softdog", NULL, "Software Watchdog", WATCHDOG_NEVER, PROBE_RUNS },
	/* A PCI card; QEMU's Boston has it */
	{ "i6300esb", NULL, "i6300ESB timer", WATCHDOG_BY_CORE, PROBE_RUNS },
	/* Not on MIPS boards, but on QEMU's Malta, with this project's patches */
	{ "ib700wdt", "ib700wdt", "IB700 WDT", WATCHDOG_BY_CORE, PROBE_RUNS },
	{ NULL, NULL, NULL, 0, PROBE_RUNS },
};

/* glibc and musl declare the request with different types */
static int real_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

int (*watchdog_ioctl)(int fd, unsigned long request, void *arg) = real_ioctl;

/* In a driver's directory of the platform bus, each bound device is a link,
 * such as `NAME.0` or `ADDRESS.NAME`. Some file systems leave d_type unset.
 */
static bool is_device(int dirfd, const char *name, void *data)
{
	char target;

	(void)data;
	return readlinkat(dirfd, name, &target, 1) > 0 &&
		strcmp(name, "module");
}

const struct watchdog_driver *watchdog_by_identity(const char *identity)
{
	const struct watchdog_driver *driver;

	for (driver = watchdog_table; driver->module; driver++)
		if (!strcmp(driver->identity, identity))
			return driver;
	return NULL;
}

const struct watchdog_driver *watchdog_find(void)
{
	char identity[WATCHDOG_IDENTITY_MAX + 1], path[SYSTEM_PATH_MAX];
	const struct watchdog_driver *driver;

	/* With CONFIG_WATCHDOG_SYSFS, for drivers of the watchdog core only */
	if (system_read("/sys/class/watchdog/watchdog0/identity", identity,
			sizeof(identity)) >= 0)
		return watchdog_by_identity(identity);
	for (driver = watchdog_table; driver->module; driver++) {
		if (!driver->platform)
			continue;
		snprintf(path, sizeof(path), "/sys/bus/platform/drivers/%s",
			 driver->platform);
		if (system_each(path, is_device, NULL))
			return driver;
	}
	return NULL;
}

/* A module that got the parameter when it was loaded may not show it: then only
 * CONFIG_WATCHDOG_SYSFS tells.
 */
static bool nowayout(const struct watchdog_driver *driver)
{
	char cmdline[SYSTEM_CMDLINE_MAX], path[SYSTEM_PATH_MAX];
	char name[WATCHDOG_NAME_MAX], value[8];

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/nowayout",
		 driver->module);
	if (system_number("/sys/class/watchdog/watchdog0/nowayout", 0) == 1 ||
	    system_number(path, 0) == 1)
		return true;
	snprintf(name, sizeof(name), "%s.nowayout", driver->module);
	system_read("/proc/cmdline", cmdline, sizeof(cmdline));
	/* True for the kernel: kstrtobool() in lib/kstrtox.c */
	return text_word(cmdline, name, value, sizeof(value)) &&
	       strchr("1yYtT", value[0]) && value[0];
}

/* watchdog0 exists only for drivers of the watchdog core, and stop_on_reboot=
 * (-1: the driver decides) concerns only these: Linux,
 * drivers/watchdog/watchdog_core.c.
 */
enum watchdog_verdict watchdog_verdict(const struct watchdog_driver *driver,
				       char why[WATCHDOG_WHY_MAX])
{
	long stop = system_number("/sys/module/watchdog/parameters/stop_on_reboot",
				  -1);
	bool core = system_exists("/sys/class/watchdog/watchdog0");
	enum watchdog_verdict verdict = VERDICT_STOPS;
	const char *format;

	if (driver && driver->lives == WATCHDOG_NEVER) {
		format = "%s stops it, and no parameter prevents that";
	} else if (stop == 1) {
		format = "watchdog.stop_on_reboot=1 has %s stop it; boot the old system without that";
	} else if (core && !stop && !driver &&
		   !system_exists("/sys/class/watchdog/watchdog0/identity")) {
		/* An unnamed driver may be Octeon's, which is stopped by other means */
		verdict = VERDICT_UNKNOWN;
		format = "this kernel does not tell which driver it has (CONFIG_WATCHDOG_SYSFS); kexec-try rehearse shows it";
	} else if (core && !stop && driver &&
		   driver->lives == WATCHDOG_BY_PATCH) {
		verdict = VERDICT_UNKNOWN;
		format = "%s stops it unless the kernel has this project's patch; kexec-try rehearse shows it";
	} else if (core && !stop) {
		verdict = VERDICT_LIVES;
		format = "watchdog.stop_on_reboot=0 keeps %s from stopping it";
	} else if (driver && driver->lives == WATCHDOG_ALWAYS) {
		verdict = VERDICT_LIVES;
		format = "%s never stops it";
	} else if (core) {
		format = "%s may have it stopped; boot the old system with watchdog.stop_on_reboot=0";
	} else {
		verdict = VERDICT_UNKNOWN;
		format = "%s does not use the watchdog core; kexec-try rehearse shows it";
	}
	snprintf(why, WATCHDOG_WHY_MAX, format,
		 driver ? driver->module : "its driver");
	return verdict;
}

/* With stop_on_reboot=0, the new system can also reboot guarded, and start a try. */
void watchdog_add_words(char **words, const struct watchdog_driver *driver,
			int open_timeout)
{
	if (driver)
		must_add(words, " %s.nowayout=1", driver->module);
	must_add(words, " watchdog.stop_on_reboot=0 watchdog.open_timeout=%d",
		 open_timeout);
}

/* The link in /proc/PID/fd lacks /dev if that has been unmounted since, as with a guard
 * that init= started.
 */
static bool is_watchdog(int dirfd, const char *name, void *data)
{
	static const char dev[] = "/dev";
	char target[sizeof("/dev/watchdog0") + 1] = "", *path = target;

	(void)data;
	if (readlinkat(dirfd, name, target, sizeof(target) - 1) <= 0)
		return false;
	if (!strncmp(path, dev, strlen(dev)))
		path += strlen(dev);
	return !strcmp(path, "/watchdog") || !strcmp(path, "/watchdog0");
}

static bool is_holder(int dirfd, const char *name, void *pid)
{
	char path[SYSTEM_PATH_MAX];

	(void)dirfd;
	*(long *)pid = strtol(name, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%ld/fd", *(long *)pid);
	return *(long *)pid > 0 && system_each(path, is_watchdog, NULL);
}

pid_t watchdog_holder(char name[WATCHDOG_NAME_MAX])
{
	char path[SYSTEM_PATH_MAX];
	long pid;

	if (!system_each("/proc", is_holder, &pid))
		return 0;
	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	system_read(path, name, WATCHDOG_NAME_MAX);
	return pid;
}

/* A driver without WDIOF_MAGICCLOSE stops when closed, unless nowayout is set. */
static void ask(struct watchdog *watchdog)
{
	const struct watchdog_driver *driver;
	struct watchdog_info info = { .options = 0 };

	strcpy(watchdog->identity, "watchdog");
	if (watchdog_ioctl(watchdog->fd, WDIOC_GETSUPPORT, &info))
		return;
	memcpy(watchdog->identity, info.identity, WATCHDOG_IDENTITY_MAX);
	watchdog->identity[WATCHDOG_IDENTITY_MAX] = '\0';
	driver = watchdog_by_identity(watchdog->identity);
	watchdog->stays = info.options & WDIOF_MAGICCLOSE ||
			  (driver && nowayout(driver));
}

int watchdog_try_open(struct watchdog *watchdog)
{
	char path[SYSTEM_PATH_MAX];
	int seconds = 0;

	memset(watchdog, 0, sizeof(*watchdog));
	watchdog->fd = system_path(path, "/dev/watchdog") ? -1 :
		open(path, O_WRONLY | O_CLOEXEC);
	if (watchdog->fd < 0)
		return -1;
	ask(watchdog);
	if (!watchdog_ioctl(watchdog->fd, WDIOC_GETTIMEOUT, &seconds) &&
	    seconds > 0)
		watchdog->timeout = seconds;
	return 0;
}

int watchdog_open(struct watchdog *watchdog)
{
	return watchdog_try_open(watchdog) ?
		report("/dev/watchdog cannot be opened: %s", strerror(errno)) :
		0;
}

/* The driver returns what it has set: Documentation/watchdog/watchdog-api.rst */
void watchdog_set_longest(struct watchdog *watchdog, int seconds)
{
	/* Round numbers, as a driver's limit is often just above one */
	static const int less[] = { 300, 240, 180, 120, 90, 60, 45, 40, 30, 25,
				    20, 16, 15, 10, 0 };
	unsigned int i = 0;
	int granted = seconds;

	while (watchdog_ioctl(watchdog->fd, WDIOC_SETTIMEOUT, &granted)) {
		while (less[i] >= seconds)
			i++;
		if (!less[i])
			return;
		granted = less[i++];
	}
	watchdog->timeout = granted;
}

/* Any character but `V`, which would allow a stop. After a failure nothing else
 * can be done: the watchdog expires, as it should.
 */
void watchdog_feed(struct watchdog *watchdog)
{
	if (watchdog->fd >= 0 && write(watchdog->fd, ".", 1) != 1)
		warn("/dev/watchdog cannot be fed: %s", strerror(errno));
}

int watchdog_feed_every(const struct watchdog *watchdog)
{
	int timeout = watchdog->timeout ? watchdog->timeout : UNKNOWN_TIMEOUT;

	/* Some drivers have timeouts of years: avoid an overflow */
	return timeout < FEED_EVERY_MAX / 250 ? timeout * 250 : FEED_EVERY_MAX;
}

void watchdog_feed_due(struct watchdog *watchdog, long long now)
{
	if (now < watchdog->next)
		return;
	watchdog_feed(watchdog);
	watchdog->next = now + watchdog_feed_every(watchdog);
}

void watchdog_close(struct watchdog *watchdog)
{
	if (watchdog->fd >= 0)
		close(watchdog->fd);
	watchdog->fd = -1;
}

/* The only place that writes `V`; guard never calls it. */
void watchdog_let_go(struct watchdog *watchdog)
{
	if (watchdog->fd >= 0 && write(watchdog->fd, "V", 1) != 1)
		warn("/dev/watchdog cannot be stopped: %s", strerror(errno));
	watchdog_close(watchdog);
}

void owner_find(struct owner *owner)
{
	char path[SYSTEM_PATH_MAX], name[WATCHDOG_NAME_MAX];
	char text[CONTROL_ANSWER_MAX];

	memset(owner, 0, sizeof(*owner));
	owner->pid = watchdog_holder(name);
	if (!owner->pid)
		return;
	snprintf(owner->who, sizeof(owner->who), "%s (%ld)", name,
		 (long)owner->pid);
	owner->kind = OWNER_OTHER;
	if (!strcmp(name, "procd")) {
		owner->kind = OWNER_PROCD;
	} else if (!strcmp(name, "watchdog")) {
		owner->kind = OWNER_DAEMON;
		snprintf(path, sizeof(path), "/proc/%ld/cmdline",
			 (long)owner->pid);
		owner->size = system_read(path, owner->command,
					  OWNER_COMMAND_MAX);
	} else if (!strcmp(name, "kexec-try") &&
		   control_ask("status", text) >= 0) {
		owner->kind = OWNER_GUARD;
	}
}

static int ask_procd(const char *what)
{
	char *argv[] = { "ubus", "call", "system", "watchdog", (char *)what,
			 NULL };

	return system_run(argv, ASK_WITHIN,
			  "asking procd for the watchdog");
}

/* Waits for the watchdog to be open, or closed. Return: whether it is, in time. */
static bool wait_for_holder(bool wanted)
{
	char name[WATCHDOG_NAME_MAX];
	int i;

	for (i = 0; i < DONE_WITHIN / LOOK_EVERY; i++) {
		if (!!watchdog_holder(name) == wanted)
			return true;
		clock_sleep(LOOK_EVERY);
	}
	return false;
}

int owner_take(const struct owner *owner)
{
	char text[CONTROL_ANSWER_MAX];

	if (owner->kind == OWNER_NOBODY)
		return 0;
	if (owner->kind == OWNER_GUARD &&
	    control_ask("release", text) != EXIT_GOOD)
		return report("guard does not let go of the watchdog");
	if (owner->kind == OWNER_PROCD) {
		if (ask_procd("{\"stop\":true}"))
			return -1;
		/* An older procd: the watchdog stops until it is opened here */
		if (!wait_for_holder(false))
			ask_procd("{\"magicclose\":true,\"stop\":true}");
	}
	if (owner->kind == OWNER_DAEMON)
		kill(owner->pid, SIGTERM);
	if (owner->kind != OWNER_OTHER && wait_for_holder(false))
		return 0;
	return report("/dev/watchdog is held by %s; make it let go first: see WATCHDOG in kexec-try(8)",
		      owner->who);
}

static int start_daemon(const struct owner *owner)
{
	char *argv[ARGS_MAX + 1] = { NULL };
	int at, args = 0;

	for (at = 0; at < owner->size && args < ARGS_MAX;
	     at += strlen(owner->command + at) + 1)
		argv[args++] = (char *)owner->command + at;
	return args ? system_run(argv, ASK_WITHIN, NULL) : -1;
}

bool owner_give(const struct owner *owner, struct watchdog *watchdog)
{
	if (owner->kind != OWNER_PROCD && owner->kind != OWNER_DAEMON)
		return false;
	watchdog_feed(watchdog);
	watchdog_close(watchdog);
	if (!(owner->kind == OWNER_PROCD ? ask_procd("{\"magicclose\":false,\"stop\":false}") :
	      start_daemon(owner)) && wait_for_holder(true))
		return true;
	warn("%s does not take the watchdog; kexec-try feeds it", owner->who);
	watchdog_open(watchdog);
	return false;
}
