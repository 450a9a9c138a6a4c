// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-watchdog.c - the watchdog of kexec-try: its driver, whether it survives
 *	kexec, and how it is fed; and files of the running system
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/watchdog.h>

#include "kexec-stubs.h"
#include "try-fixtures.h"
#include "try-root.h"
#include "text.h"
#include "watchdog.h"

/* The fake watchdog */
static struct {
	const char *identity;
	unsigned int options;
	int timeout;
	int longest;
} dog;

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	struct watchdog_info *info = arg;
	int *seconds = arg;

	(void)fd;
	switch (request) {
	case WDIOC_GETSUPPORT:
		if (!dog.identity)
			return -1;
		info->options = dog.options;
		strncpy((char *)info->identity, dog.identity, 32);
		return 0;
	case WDIOC_GETTIMEOUT:
		*seconds = dog.timeout;
		return 0;
	case WDIOC_SETTIMEOUT:
		if (*seconds > dog.longest)
			return -1;
		dog.timeout = *seconds;
		return 0;
	}
	return -1;
}

static int begin(void **state)
{
	(void)state;
	try_begin();
	watchdog_ioctl = fake_ioctl;
	dog.identity = "IB700 WDT";
	dog.options = WDIOF_MAGICCLOSE;
	dog.timeout = 30;
	dog.longest = 30;
	return 0;
}

static int end(void **state)
{
	(void)state;
	try_end();
	return 0;
}

static void test_words(void **state)
{
	char value[8];

	(void)state;
	assert_true(text_word("a=1 b-c=2 b_c=3\n", "b_c", value, 8));
	assert_string_equal(value, "3");
	assert_true(text_word("a=1", "a", value, 8));
	assert_false(text_word("aa=1 a", "a", value, 8));
	assert_true(text_word("a=", "a", value, 8));
	assert_string_equal(value, "");
	/* seven bytes and a NUL fit, eight do not */
	assert_true(text_word("a=1234567", "a", value, 8));
	assert_false(text_word("a=12345678", "a", value, 8));
	/* what follows -- is not for the kernel */
	assert_false(text_word("x=1 -- a=2", "a", value, 8));
	assert_true(text_word("x=1 a=2 -- a=3", "a", NULL, 0));
}

static void test_numbers(void **state)
{
	long number;

	(void)state;
	assert_int_equal(text_number("7", 1, 7, &number), 0);
	assert_int_equal(number, 7);
	assert_int_equal(text_number("8", 1, 7, &number), -1);
	assert_int_equal(text_number("0", 1, 7, &number), -1);
	assert_int_equal(text_number("-1", -9, 7, &number), -1);
	assert_int_equal(text_number("1s", 1, 7, &number), -1);
	assert_int_equal(text_number("", 0, 7, &number), -1);
	assert_int_equal(text_number("99999999999999999999", 0, 7,
					     &number), -1);
	try_put("/sys/n", "12\n");
	assert_int_equal(system_number("/sys/n", -1), 12);
	try_put("/sys/n", "Y\n");
	assert_int_equal(system_number("/sys/n", -1), 1);
	try_put("/sys/n", "N\n");
	assert_int_equal(system_number("/sys/n", -1), 0);
	try_put("/sys/n", "twelve");
	assert_int_equal(system_number("/sys/n", -1), -1);
	try_put("/sys/n", "");
	assert_int_equal(system_number("/sys/n", -1), -1);
	assert_int_equal(system_number("/sys/missing", -1), -1);
}

static int make_run_dir(void *arg)
{
	return system_run_dir(arg);
}

static void test_run_dir(void **state)
{
	char path[SYSTEM_PATH_MAX], kept[SYSTEM_PATH_MAX], *said;
	char memory[] = "/dev/shm/kexec-try-XXXXXX";
	struct stat stat_;
	int result;

	(void)state;
	assert_int_equal(system_run_dir(path), 0);
	assert_string_equal(path, try_path("/run/kexec-try"));
	assert_int_equal(stat(path, &stat_), 0);
	assert_int_equal(stat_.st_mode & 0777, 0700);
	assert_int_equal(system_run_dir(path), 0);

	assert_int_equal(chmod(path, 0777), 0);
	said = capture_stderr(make_run_dir, path, &result);
	assert_int_equal(result, -1);
	assert_contains(said, "not a directory that is ours alone");
	free(said);
	rmdir(path);

	/* a symbolic link is refused */
	try_link("/run/kexec-try", "/tmp");
	said = capture_stderr(make_run_dir, path, &result);
	assert_int_equal(result, -1);
	free(said);
	unlink(path);

	/* a system without /run */
	strcpy(kept, try_path("/kept"));
	assert_int_equal(rename(try_path("/run"), kept), 0);
	said = capture_stderr(make_run_dir, path, &result);
	assert_contains(said, "cannot be made");
	free(said);
	try_put("/var/run/x", "");
	assert_int_equal(system_run_dir(path), 0);
	assert_string_equal(path, try_path("/var/run/kexec-try"));
	assert_int_equal(rename(kept, try_path("/run")), 0);
	assert_int_equal(system_run_dir(path), 0);
	assert_string_equal(path, try_path("/run/kexec-try"));

	/* a /run in flash, and /var in RAM */
	fixture_run("PATH=/bin:/usr/bin rm -r %s/var/run", try_root);
	assert_non_null(mkdtemp(memory));
	try_link("/var/run", memory);
	assert_int_equal(system_run_dir(path), 0);
	assert_string_equal(path, try_path("/var/run/kexec-try"));
	fixture_run("PATH=/bin:/usr/bin rm -r %s %s/var", memory, try_root);
}

static void test_find(void **state)
{
	(void)state;
	assert_null(watchdog_find());
	assert_false(system_exists("/dev/watchdog"));
	/* a driver without a device does not count */
	try_put("/sys/bus/platform/drivers/ath79-wdt/bind", "");
	try_link("/sys/bus/platform/drivers/ath79-wdt/module", "x");
	assert_null(watchdog_find());
	try_link("/sys/bus/platform/drivers/ib700wdt/ib700wdt", "x");
	assert_string_equal(watchdog_find()->module, "ib700wdt");
	/* the watchdog core takes precedence */
	try_put("/sys/class/watchdog/watchdog0/identity", "ltq_wdt\n");
	assert_string_equal(watchdog_find()->module, "lantiq_wdt");
	try_put("/sys/class/watchdog/watchdog0/identity", "another one\n");
	assert_null(watchdog_find());
	try_put("/dev/watchdog", "");
	assert_true(system_exists("/dev/watchdog"));
}

static void verdict_is(const char *identity, enum watchdog_verdict want,
		       const char *reason)
{
	char why[WATCHDOG_WHY_MAX];

	assert_int_equal(watchdog_verdict(watchdog_by_identity(identity), why),
			 want);
	assert_contains(why, reason);
}

static void test_verdict(void **state)
{
	(void)state;
	verdict_is("no such thing", VERDICT_UNKNOWN, "does not use the watchdog core");
	verdict_is("ltq_wdt", VERDICT_LIVES, "never stops it");
	verdict_is("OCTEON", VERDICT_STOPS, "no parameter prevents that");
	/* patched, it survives with nowayout; nothing in /sys shows that */
	try_put("/proc/cmdline", "ib700wdt.nowayout=1 x");
	verdict_is("IB700 WDT", VERDICT_UNKNOWN, "kexec-try rehearse shows it");

	try_put("/sys/class/watchdog/watchdog0/nowayout", "1\n");
	verdict_is("IB700 WDT", VERDICT_STOPS, "with watchdog.stop_on_reboot=0");
	verdict_is("no such thing", VERDICT_STOPS, "with watchdog.stop_on_reboot=0");
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "0\n");
	verdict_is("IB700 WDT", VERDICT_LIVES, "keeps ib700wdt from");
	/* Octeon's driver uses the core, but arch/mips stops the hardware */
	verdict_is("no such thing", VERDICT_UNKNOWN, "does not tell which driver it has (CONFIG_WATCHDOG_SYSFS)");
	try_put("/sys/class/watchdog/watchdog0/identity", "no such thing\n");
	verdict_is("no such thing", VERDICT_LIVES, "watchdog.stop_on_reboot=0 keeps");
	try_remove("/sys/class/watchdog/watchdog0/identity");
	verdict_is("Mediatek Watchdog", VERDICT_UNKNOWN, "unless the kernel has this project's patch");
	try_put("/sys/module/watchdog/parameters/stop_on_reboot", "1\n");
	verdict_is("ltq_wdt", VERDICT_STOPS, "watchdog.stop_on_reboot=1 has lantiq_wdt stop it");
}

/* What stops the hardware, according to the source (kernel-patches/WATCHDOGS.md):
 * nothing; the driver unless nowayout is set; the watchdog core; or the driver always.
 */
enum stops {
	STOPS_NEVER,
	STOPS_WITHOUT_NOWAYOUT,
	STOPS_BY_CORE,
	STOPS_ALWAYS,
};

static const struct {
	const char *identity;
	enum stops stops;
} source[] = {
	/* the upstream driver, and OpenWrt's, which uses the core */
	{ "ATH79 watchdog", STOPS_BY_CORE },
	{ "Ralink Watchdog", STOPS_BY_CORE },
	{ "Mediatek Watchdog", STOPS_ALWAYS },
	{ "ltq_wdt", STOPS_NEVER },
	{ "Broadcom BCM7038 Watchdog Timer", STOPS_BY_CORE },
	{ "bcm47xx_wdt", STOPS_BY_CORE },
	{ "Realtek Otto watchdog timer", STOPS_BY_CORE },
	{ "IMG PDC Watchdog", STOPS_BY_CORE },
	{ "PIC32 Watchdog", STOPS_NEVER },
	{ "PIC32 Deadman Timer", STOPS_NEVER },
	{ "jz4740 Watchdog", STOPS_NEVER },
	{ "Loongson1 Watchdog", STOPS_NEVER },
	{ "GPIO Watchdog", STOPS_BY_CORE },
	{ "OCTEON", STOPS_ALWAYS },
	{ "Hardware Watchdog for TXx9", STOPS_ALWAYS },
	{ "RC32434_WDT Watchdog", STOPS_ALWAYS },
	{ "Hardware Watchdog for SGI IP22", STOPS_ALWAYS },
	{ "SiByte Watchdog", STOPS_ALWAYS },
	{ "TI AR7 Watchdog Timer", STOPS_WITHOUT_NOWAYOUT },
	{ "MTX-1 WDT", STOPS_NEVER },
	{ "Software Watchdog", STOPS_ALWAYS },
	{ "i6300ESB timer", STOPS_BY_CORE },
	{ "IB700 WDT", STOPS_WITHOUT_NOWAYOUT },
};

#define SOURCES	(sizeof(source) / sizeof(source[0]))

/* Whether the hardware stops, for each setting, with and without the core */
static bool stops(enum stops how, bool core, bool nowayout, int reboot)
{
	if (how == STOPS_ALWAYS || (core && reboot == 1))
		return true;
	if (how == STOPS_NEVER)
		return reboot == 1;
	if (core)
		return reboot;
	return how == STOPS_BY_CORE || !nowayout;
}

/* The verdict is never the opposite of the truth. */
static void test_every_driver(void **state)
{
	char why[WATCHDOG_WHY_MAX], text[64];
	const struct watchdog_driver *driver;
	enum watchdog_verdict verdict;
	unsigned int i, setting;

	(void)state;
	assert_null(watchdog_table[SOURCES].module);
	assert_non_null(watchdog_table[SOURCES - 1].module);
	/* All settings, with CONFIG_WATCHDOG_SYSFS (tells) and without it */
	for (i = 0; i < SOURCES * 24; i++) {
		bool tells = i / SOURCES / 12;
		bool core = i / SOURCES & 1, nowayout = i / SOURCES & 2;
		int reboot = (int)(i / SOURCES / 4 % 3) - 1;

		setting = i % SOURCES;
		driver = watchdog_by_identity(source[setting].identity);
		assert_non_null(driver);
		unlink(try_path("/sys/class/watchdog/watchdog0/identity"));
		rmdir(try_path("/sys/class/watchdog/watchdog0"));
		if (core)
			try_dirs("/sys/class/watchdog/watchdog0/");
		if (core && tells)
			try_put("/sys/class/watchdog/watchdog0/identity",
				driver->identity);
		snprintf(text, sizeof(text), "%s.nowayout=%d", driver->module,
			 nowayout);
		try_put("/proc/cmdline", text);
		snprintf(text, sizeof(text), "%d\n", reboot);
		try_put("/sys/module/watchdog/parameters/stop_on_reboot", text);
		/* "stops" is allowed for an unknown driver */
		if (core)
			driver = watchdog_find();
		verdict = watchdog_verdict(driver, why);
		if (stops(source[setting].stops, core, nowayout, reboot) ?
		    verdict == VERDICT_LIVES :
		    driver && verdict == VERDICT_STOPS && reboot != 1)
			fail_msg("%s, core %d, nowayout %d, stop_on_reboot %d: %s",
				 source[setting].identity, core, nowayout,
				 reboot, why);
	}
}

static void assert_words(const char *identity, const char *want)
{
	char *words = NULL;

	watchdog_add_words(&words, watchdog_by_identity(identity), 60);
	assert_string_equal(words, want);
	free(words);
}

static void test_new_words(void **state)
{
	(void)state;
	/* open_timeout is for any driver: that of the new kernel may be another one */
	assert_words("no such thing",
		     " watchdog.stop_on_reboot=0 watchdog.open_timeout=60");
	assert_words("IB700 WDT",
		     " ib700wdt.nowayout=1 watchdog.stop_on_reboot=0 watchdog.open_timeout=60");
	assert_words("ltq_wdt",
		     " lantiq_wdt.nowayout=1 watchdog.stop_on_reboot=0 watchdog.open_timeout=60");
}

static void test_holder(void **state)
{
	char who[WATCHDOG_NAME_MAX];

	(void)state;
	assert_false(watchdog_holder(who));
	try_put("/proc/1/comm", "procd\n");
	try_link("/proc/1/fd/0", "/dev/null");
	assert_false(watchdog_holder(who));
	try_put("/proc/1/fd/1", "no link");
	try_link("/proc/1/fd/8", "/dev/watchdog1"); /* another watchdog */
	assert_false(watchdog_holder(who));
	try_link("/proc/1/fd/7", "/dev/watchdog0");
	assert_int_equal(watchdog_holder(who), 1);
	assert_string_equal(who, "procd");
	/* as for a guard that was started on a /dev of its own */
	try_remove("/proc/1/fd/7");
	assert_false(watchdog_holder(who));
	try_link("/proc/1/fd/7", "/watchdog");
	assert_int_equal(watchdog_holder(who), 1);
}

static int open_it(void *arg)
{
	return watchdog_open(arg);
}

static void test_open(void **state)
{
	struct watchdog watchdog;
	char text[32], *said;
	int result;

	(void)state;
	said = capture_stderr(open_it, &watchdog, &result);
	assert_int_equal(result, -1);
	assert_contains(said, "/dev/watchdog cannot be opened: No such file");
	free(said);

	try_put("/dev/watchdog", "");
	assert_int_equal(watchdog_open(&watchdog), 0);
	assert_string_equal(watchdog.identity, "IB700 WDT");
	assert_true(watchdog.stays);
	assert_int_equal(watchdog.timeout, 30);
	assert_int_equal(watchdog_feed_every(&watchdog), 7500);
	watchdog_feed(&watchdog);
	watchdog_feed(&watchdog);
	try_get("/dev/watchdog", text, sizeof(text));
	assert_string_equal(text, "..");
	watchdog_let_go(&watchdog);
	try_get("/dev/watchdog", text, sizeof(text));
	assert_string_equal(text, "..V");
	watchdog_let_go(&watchdog); /* does nothing */
	watchdog_feed(&watchdog);
	try_get("/dev/watchdog", text, sizeof(text));
	assert_string_equal(text, "..V");
}

/* A watchdog that stops on close unless nowayout is set; one without ioctls */
static void test_magic(void **state)
{
	struct watchdog watchdog;

	(void)state;
	try_put("/dev/watchdog", "");
	dog.options = 0;
	assert_int_equal(watchdog_open(&watchdog), 0);
	assert_false(watchdog.stays);
	close(watchdog.fd);
	try_put("/proc/cmdline", "ib700wdt.nowayout=1");
	assert_int_equal(watchdog_open(&watchdog), 0);
	assert_true(watchdog.stays);
	close(watchdog.fd);

	dog.identity = NULL;
	dog.timeout = 0;
	assert_int_equal(watchdog_open(&watchdog), 0);
	assert_string_equal(watchdog.identity, "watchdog");
	assert_int_equal(watchdog.timeout, 0);
	assert_int_equal(watchdog_feed_every(&watchdog), 1000);
	close(watchdog.fd);
}

static void test_timeout(void **state)
{
	struct watchdog watchdog;

	(void)state;
	try_put("/dev/watchdog", "");
	assert_int_equal(watchdog_open(&watchdog), 0);
	watchdog_set_longest(&watchdog, 12);
	assert_int_equal(watchdog.timeout, 12);
	watchdog_set_longest(&watchdog, 120);
	assert_int_equal(watchdog.timeout, 30);
	dog.longest = 65;
	watchdog_set_longest(&watchdog, 120);
	assert_int_equal(watchdog.timeout, 60);
	dog.longest = 1000;
	watchdog_set_longest(&watchdog, 120);
	assert_int_equal(watchdog.timeout, 120);
	assert_int_equal(watchdog_feed_every(&watchdog), 10000);
	dog.longest = 3;
	watchdog_set_longest(&watchdog, 120);
	assert_int_equal(watchdog.timeout, 120);
	close(watchdog.fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_words, begin, end),
		cmocka_unit_test_setup_teardown(test_numbers, begin, end),
		cmocka_unit_test_setup_teardown(test_run_dir, begin, end),
		cmocka_unit_test_setup_teardown(test_find, begin, end),
		cmocka_unit_test_setup_teardown(test_verdict, begin, end),
		cmocka_unit_test_setup_teardown(test_every_driver, begin, end),
		cmocka_unit_test_setup_teardown(test_new_words, begin, end),
		cmocka_unit_test_setup_teardown(test_holder, begin, end),
		cmocka_unit_test_setup_teardown(test_open, begin, end),
		cmocka_unit_test_setup_teardown(test_magic, begin, end),
		cmocka_unit_test_setup_teardown(test_timeout, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
