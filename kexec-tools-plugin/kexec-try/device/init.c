// SPDX-License-Identifier: GPL-2.0-only
/*
 * init.c - kexec-try as the first program of a new system
 *
 * Many an init opens the watchdog as its first step and feeds it whatever else
 * happens: a system that hangs before it can start guard would be fed for ever.
 * With init=/usr/sbin/kexec-try guard is there first. It finds nothing mounted, and
 * leaves nothing mounted to the init that follows.
 */

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "guard.h"
#include "say.h"
#include "system.h"
#include "try.h"

/* Guard has the watchdog within this time, or init starts without, in
 * milliseconds
 */
#define READY_WITHIN	10000

/* As Linux looks for an init, init/main.c:kernel_init() */
static const char *const inits[] = {
	"/sbin/init", "/etc/init", "/bin/init", "/bin/sh",
};

/* A kernel without devtmpfs: Linux, Documentation/admin-guide/devices.txt */
static void make_devices(void)
{
	if (mount("none", "/dev", "tmpfs", 0, "mode=755,size=64k"))
		return;
	mknod("/dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
	mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
	mknod("/dev/watchdog", S_IFCHR | 0600, makedev(10, 130));
}

/* Does what has to be done before init, and then guards until its own end. */
static void guard_first(int ready)
{
	bool proc = !mount("none", "/proc", "proc", 0, NULL);
	bool sys = !mount("none", "/sys", "sysfs", 0, NULL);
	bool dev = !watchdog_there();
	struct guard guard = { .state = TRIAL_NONE };

	if (dev && mount("none", "/dev", "devtmpfs", 0, NULL))
		make_devices();
	/* The console is init's; the kernel log goes there anyway */
	system_detach();
	say_to_kernel_log(true);
	guard_begin(&guard);
	if (dev)
		umount2("/dev", MNT_DETACH);
	if (sys)
		umount2("/sys", MNT_DETACH);
	if (proc)
		umount2("/proc", MNT_DETACH);
	close(ready);
	if (guard.state == TRIAL_PENDING)
		guard_watch(&guard);
	_exit(EXIT_GOOD);
}

static int run_init(int argc, char **argv)
{
	int ready[2] = { -1, -1 };
	struct pollfd end = { .events = POLLIN };
	unsigned int i;

	(void)argc;
	if (getpid() != 1) {
		report("init: this is for init= on the command line of a kernel");
		return EXIT_USAGE;
	}
	if (!pipe2(ready, O_CLOEXEC) && !fork())
		guard_first(ready[1]);
	close(ready[1]);
	end.fd = ready[0];
	poll(&end, 1, READY_WITHIN);
	for (i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		argv[0] = (char *)inits[i];
		execv(inits[i], argv);
	}
	report("there is no init; the watchdog resets this system");
	return EXIT_REFUSED;
}

const struct subcommand subcommand_init = {
	"init",
	"as init= of a new system: guard it from before its own init on",
	"\n\nFor the kernel: with init=/usr/sbin/kexec-try on the command line of a new\n"
	"system this is its first program. It has guard feed the watchdog, and becomes\n"
	"the system's own init.\n",
	run_init,
};
