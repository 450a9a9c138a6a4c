// SPDX-License-Identifier: GPL-2.0-only
/*
 * check.c - what a device must have for a try
 *
 * Every check runs even if another has failed, so that the user sees all
 * problems at once.
 */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "leave.h"
#include "program.h"
#include "say.h"
#include "status.h"
#include "system.h"
#include "trial.h"
#include "watchdog.h"

/* Timeout of a helper program, in milliseconds */
#define ANSWER_WITHIN		10000

/* Room for the output of kexec --help, in bytes */
#define KEXEC_HELP_SIZE		16384

/* Each check returns 0, or minus the number of problems that it has reported. */
static int check_machine(const struct bundle *bundle)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	struct utsname name;
	unsigned int bits;
	int result = 0;

	if (system_uname(&name))
		return 0;
	bits = strcmp(name.machine, "mips64") ? 32 : 64;
	if (bits == 32 && strcmp(name.machine, "mips"))
		return report("the bundle is for MIPS; this machine is '%s'",
			      name.machine);
	if (bits != bundle->bits)
		result += report("the bundle's kernel has %u bits, the running one %u; build it for %u",
				 bundle->bits, bits, bits);
	if (bundle->big_endian != big)
		result += report("the bundle is %s endian, this device %s endian; build it for that",
				 bundle->big_endian ? "big" : "little",
				 big ? "big" : "little");
	return result;
}

static int check_kernel(void)
{
	long loaded = system_number("/sys/kernel/kexec_loaded", -1);

	if (loaded < 0)
		return report("the running kernel has no kexec; build it with CONFIG_KEXEC");
	if (loaded)
		return report("another kernel is loaded already; kexec -u unloads it");
	if (system_number("/proc/sys/kernel/kexec_load_disabled", 0))
		return report("kexec loading is disabled until the next reboot: kernel.kexec_load_disabled is 1");
	return 0;
}

static int check_kexec(const char *option)
{
	char *argv[] = { "kexec", "--help", NULL };
	char help[KEXEC_HELP_SIZE];
	int status = program_run(argv, ANSWER_WITHIN, help, sizeof(help));

	if (status == PROGRAM_FAILED || status == PROGRAM_MISSING)
		return report("there is no kexec program here; install the patched kexec-tools");
	if (!strstr(help, option))
		return report("the kexec program here has no %s; install the patched kexec-tools",
			      option);
	return 0;
}

static int check_board(const struct ram *ram, const struct bundle *bundle)
{
	char compatible[BUNDLE_COMPATIBLE_MAX + 1];

	system_compatible(compatible, sizeof(compatible));
	return bundle_check_board(bundle, compatible, ram->ranges ?
				  ram->range[ram->ranges - 1].end : 0);
}

static int check_watchdog(const struct leave *leave)
{
	const struct watchdog_driver *driver = watchdog_find();
	char why[WATCHDOG_WHY_MAX];
	enum watchdog_verdict verdict;
	struct owner owner;
	int result = 0;
	long longest;

	if (!system_exists("/dev/watchdog"))
		return report("no /dev/watchdog to bring the old system back; use --no-watchdog if you can do that yourself");
	longest = system_number("/sys/class/watchdog/watchdog0/max_timeout", 0);
	if (longest > 0 && longest < WATCHDOG_TIMEOUT_SHORT)
		warn("the watchdog's longest timeout is %ld s: if guard starts later than that, the device is reset",
		     longest);
	if (driver && driver->probe == PROBE_STOPS)
		warn("the new kernel's %s may stop the watchdog when it starts; a system that hangs before guard opens the watchdog stays hung: see init=/usr/sbin/kexec-try in kexec-try(8)",
		     driver->module);
	verdict = watchdog_verdict(driver, why);
	if (verdict == VERDICT_STOPS && leave->trusted)
		warn("the watchdog may not survive kexec: %s", why);
	else if (verdict == VERDICT_STOPS)
		result = report(leave->rehearsal ?
				"the watchdog does not survive kexec: %s; --trust-watchdog to rehearse where you can switch the board off" :
				"the watchdog does not survive kexec: %s; --no-watchdog to go without",
				why);
	else if (!leave->trusted && !leave->rehearsal &&
		 verdict == VERDICT_LIVES)
		step("watchdog: survives kexec, as %s", why);
	else if (!leave->trusted && !leave->rehearsal)
		result = report("unknown whether the watchdog survives kexec: %s; use --trust-watchdog if you have seen that it does",
				why);
	owner_find(&owner);
	/* owner_take() only reports an owner of this kind */
	if (owner.kind == OWNER_OTHER)
		result += owner_take(&owner);
	return result;
}

static bool is_broken_flash(int dirfd, const char *name, void *data)
{
	const char *path = data;
	char *below;
	bool found;

	(void)dirfd;
	if (!strcmp(name, "broken-flash-reset"))
		return true;
	below = must_print("%s/%s", path, name);
	found = system_each(below, is_broken_flash, below);
	free(below);
	return found;
}

/* No kernel can tell what the hardware does after a watchdog reset. */
static void check_reset(void)
{
	static const char *const socs[] = {
		"qca,ar9330", "qca,ar9331", "qca,ar9344", "realtek,rtl838x-soc",
	};
	static char tree[] = "/proc/device-tree";
	char list[BUNDLE_COMPATIBLE_MAX + 1], *rest = list, *soc;
	unsigned int i;

	if (system_each(tree, is_broken_flash, tree))
		warn("the device tree says broken-flash-reset: after a reset by the watchdog the boot ROM may not read the flash, and a rehearsal does not show that; see WATCHDOG in kexec-try(8)");
	system_compatible(list, sizeof(list));
	while ((soc = strsep(&rest, " ")))
		for (i = 0; i < sizeof(socs) / sizeof(socs[0]); i++)
			if (!strcmp(soc, socs[i]))
				warn("boards with %s are known to hang after some resets by the watchdog; rehearse where you can switch the board off",
				     soc);
}

/* A system that may be reset at any moment must not start another one. */
static int check_pending(void)
{
	char text[CONTROL_ANSWER_MAX], state[STATUS_VALUE_MAX] = "its guard does not run";
	struct trial trial;
	int code;

	trial_read(&trial);
	if (!trial.is_new || !trial.within)
		return 0;
	code = control_ask("status", text);
	if (code == EXIT_GOOD ||
	    (code < 0 && trial_state_read() == TRIAL_CONFIRMED))
		return 0;
	if (code >= 0)
		status_get(text, "state", state);
	return report("this system is itself on trial: %s; confirm it, or revert",
		      state);
}

/* Whether a file in /etc runs kexec -e, or sysvinit's equivalent, reboot -k.
 * Without grep or /etc, assume so.
 */
static bool may_start_new(void)
{
	char etc[SYSTEM_PATH_MAX], said[64];
	char *argv[] = { "grep", "-rqs", "-e", "^[^#]*kexec [^];|&]*-e",
			 "-e", "^[^#]*reboot -[a-z]*k", etc, NULL };

	return system_path(etc, "/etc") ||
		program_run(argv, ANSWER_WITHIN, said, sizeof(said)) != 1;
}

int check_device(const struct leave *leave, const struct bundle *bundle,
		 bool other_board, struct ram *ram)
{
	int result = system_user() ? report("only root can do that") : 0;

	result += check_pending();
	if (bundle)
		result += check_machine(bundle);
	result += check_kernel();
	result += check_kexec(leave->rehearsal ? "--load" : "--map-file");
	ram->ranges = 0;
	if (system_ram(ram))
		result--;
	else if (bundle)
		result += bundle_check_memory(bundle, ram_total(ram),
					      system_available(), true);
	if (bundle && !other_board)
		result += check_board(ram, bundle);
	if (!leave->no_watchdog) {
		result += check_watchdog(leave);
		check_reset();
	}
	if (leave_by_script(leave->now) && !may_start_new())
		warn("no file in /etc runs kexec -e, so a shutdown only reboots this system; use --now, or see INIT in kexec-try(8)");
	return -result;
}
