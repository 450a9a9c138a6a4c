// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - try the system of a bundle
 *
 * Nothing is changed before all checks are passed and the image is loaded: until
 * then any failure, and any end of this program, leaves the old system as it
 * was. Then the watchdog is armed, and the rest is up to a process that no
 * broken connection ends.
 */

#define _GNU_SOURCE
/* Where long has 32 bits, a directory of a file system with larger numbers could
 * not be read to its end. No off_t goes in or out of this file.
 */
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "control.h"
#include "device.h"
#include "guard.h"
#include "leave.h"
#include "plan.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "tar.h"
#include "trial.h"
#include "try.h"

/* The watchdog's time-out when nobody says otherwise, in seconds: a router's
 * boot takes less. Where the driver cannot, the longest that it can.
 */
#define WATCHDOG_TIMEOUT	120

/* A time-out that hardly covers a boot, in seconds */
#define SHORT_TIMEOUT		20

/* A new kernel that feeds a running watchdog by itself does so for this time, in
 * seconds
 */
#define OPEN_TIMEOUT		60

/* How much of what kexec says is kept, in bytes */
#define SAID_MAX		4096

/**
 * struct run - what the user wants
 * @path: the bundle's directory, or "-" for a stream
 * @within: seconds for the confirmation, 0 for none
 * @timeout: the watchdog's, in seconds; 0 is WATCHDOG_TIMEOUT, or less
 * @guard: who guards the try
 * @way: how to leave
 * @form: how the new kernel is told of its root
 * @dry: whether to do all but go
 * @id: identity of the try
 * @unpacked: the directory that the stream was unpacked to, or ""
 */
struct run {
	const char *path;
	long within;
	long timeout;
	enum device_guard guard;
	enum leave_way way;
	enum plan_form form;
	bool dry;
	char id[TRIAL_ID_MAX + 1];
	char unpacked[SYSTEM_PATH_MAX];
};

/* A bundle has no directories in it, so that its own is easily removed. */
static void remove_bundle(const char *path)
{
	struct dirent *entry;
	DIR *dir;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}

static int unpack(struct run *run)
{
	char dir[SYSTEM_PATH_MAX];
	int fd, status = -1;

	if (system_run_dir(dir))
		return -1;
	if (snprintf(run->unpacked, sizeof(run->unpacked), "%s/bundle", dir) >=
	    SYSTEM_PATH_MAX)
		return report("%s: the name is too long", dir);
	remove_bundle(run->unpacked);
	if (mkdir(run->unpacked, 0700) < 0)
		return report("%s: cannot be made: %s", run->unpacked,
			      strerror(errno));
	fd = open(run->unpacked, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		status = tar_unpack(STDIN_FILENO, fd);
	close(fd);
	run->path = run->unpacked;
	return status;
}

/* What the new kernel is told beside what the bundle says */
static void make_words(const struct run *run, const struct device *device,
		       char *words, size_t size)
{
	char dog[128] = "", within[64] = "";

	if (run->guard != GUARD_NOBODY)
		watchdog_words(device->driver, OPEN_TIMEOUT, dog, sizeof(dog));
	if (run->within)
		snprintf(within, sizeof(within), " " TRIAL_WITHIN_WORD "=%ld",
			 run->within);
	snprintf(words, size, TRIAL_ID_WORD "=%s%s%s%s", run->id, within,
		 dog[0] ? " " : "", dog);
}

static int make_plan(const struct run *run, const struct device *device,
		     const struct bundle *bundle, struct plan *plan)
{
	char mtd[SYSTEM_PATH_MAX], reserved[SYSTEM_PATH_MAX], words[256];
	struct plan_options options = {
		.form = run->form,
		.page_size = sysconf(_SC_PAGESIZE),
		.more = words,
		.load_only = true,
	};

	if (system_path(mtd, "/proc/mtd") ||
	    system_path(reserved, "/proc/device-tree/reserved-memory"))
		return report("%s: the name is too long", system_root);
	options.mtd = plan_count_mtds(mtd, reserved);
	make_words(run, device, words, sizeof(words));
	if (plan_make(bundle, &device->ram, &options, plan))
		return -1;
	if (plan->root_by_mtd && options.mtd == PLAN_MTD_UNKNOWN)
		return report("without /proc/mtd nobody knows the number of the MTD that becomes the root; pack the bundle with root= among its words");
	return 0;
}

static int load(const struct plan *plan)
{
	char *said = must_alloc(SAID_MAX), *line, *save = NULL;
	int status = program_run(plan_argv(plan), 0, said, SAID_MAX);

	for (line = strtok_r(said, "\n", &save); line && status;
	     line = strtok_r(NULL, "\n", &save))
		report("kexec: %s", line);
	if (status)
		report("kexec does not load the bundle (%d); the old system is as it was",
		       status);
	free(said);
	return status ? -1 : 0;
}

static void unload(void)
{
	static char *const argv[] = { "kexec", "-u", NULL };
	char said[256];

	program_run(argv, 0, said, sizeof(said));
}

/* Guard has the watchdog of a system that it guarded before. */
static int arm_by_guard(const struct run *run)
{
	char request[CONTROL_REQUEST_MAX], text[GUARD_ANSWER_MAX];
	int code;

	snprintf(request, sizeof(request), "hold %ld",
		 run->timeout ? run->timeout : WATCHDOG_TIMEOUT);
	code = control_ask(request, text, sizeof(text));
	if (code != EXIT_GOOD)
		return report("guard does not lend its watchdog: %s",
			      code < 0 ? "no answer" : text);
	step("watchdog armed: %s", text);
	return 0;
}

static int arm(const struct run *run, const struct device *device,
	       struct watchdog *watchdog)
{
	watchdog->fd = -1;
	if (run->guard == GUARD_NOBODY)
		return 0;
	if (device->held_by_guard)
		return arm_by_guard(run);
	if (watchdog_open(watchdog))
		return -1;
	/* A time that it cannot have is no reason to give up: it is open now, and
	 * with nowayout would reset the old system.
	 */
	watchdog_set_longest(watchdog, run->timeout ? run->timeout :
			     WATCHDOG_TIMEOUT);
	if (watchdog->timeout < run->timeout)
		warn("%s does not take a time-out of %ld s; it has %d s",
		     watchdog->identity, run->timeout, watchdog->timeout);
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

/* Halfway nothing but a failure ends a try: an image that is loaded, and a
 * watchdog that nobody feeds, are not to be left behind.
 */
static void be_deaf(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
}

/* One that has nowayout cannot be let go of. */
static void give_up(struct watchdog *watchdog)
{
	trial_state_write(TRIAL_NONE);
	unload();
	if (watchdog->fd < 0)
		return;
	warn("the watchdog was armed: where it has nowayout, it resets this system after %d s",
	     watchdog->timeout);
	watchdog_let_go(watchdog);
}

static int go(const struct run *run, const struct device *device,
	      const struct plan *plan)
{
	struct watchdog watchdog;

	be_deaf();
	if (load(plan))
		return -1;
	step("loaded");
	if (arm(run, device, &watchdog) ||
	    trial_state_write(TRIAL_LEAVING) ||
	    leave_begin(&watchdog, leave_way(run->way))) {
		give_up(&watchdog);
		return -1;
	}
	if (run->within)
		step("try %s: the new system must be confirmed within %ld s of its boot",
		     run->id, run->within);
	else
		step("try %s: the new system needs no confirmation", run->id);
	return 0;
}

/* try_bundle - all from a bundle in a directory on */
static int try_bundle(struct run *run, struct bundle *bundle)
{
	struct device device;
	struct plan plan;
	char *command;
	int missing, status = -1;

	memset(&plan, 0, sizeof(plan));
	missing = bundle_verify(bundle) ? 1 : 0;
	if (!missing)
		step("bundle %s: all %u files are as its manifest says",
		     bundle->id, bundle->files);
	missing += device_check(&device, bundle, run->guard);
	if (device.ram.ranges && make_plan(run, &device, bundle, &plan))
		missing++;
	if (missing) {
		report("%d thing%s missing or wrong: nothing was done", missing,
		       missing > 1 ? "s are" : " is");
	} else {
		command = plan_command(&plan);
		step("%s", command);
		free(command);
		status = run->dry ? 0 : go(run, &device, &plan);
		if (run->dry)
			step("a dry run ends here: nothing was done");
	}
	plan_free(&plan);
	return status;
}

static int try_path(struct run *run)
{
	struct bundle bundle;
	int status = -1;

	if (!strcmp(run->path, "-") && unpack(run))
		return -1;
	if (!bundle_open(&bundle, run->path))
		status = try_bundle(run, &bundle);
	bundle_close(&bundle);
	return status;
}

static void make_id(char id[TRIAL_ID_MAX + 1])
{
	unsigned char bytes[4];
	unsigned int i;

	/* Not a secret: it tells one try from another */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != sizeof(bytes)) {
		unsigned int other = system_now() ^ getpid();

		memcpy(bytes, &other, sizeof(bytes));
	}
	for (i = 0; i < sizeof(bytes); i++)
		sprintf(id + 2 * i, "%02x", bytes[i]);
}

/* It becomes a word of a command line. */
static int set_id(struct run *run, const char *id)
{
	size_t length = strlen(id);

	if (!length || length > TRIAL_ID_MAX ||
	    strspn(id, "0123456789abcdef") != length)
		return report("--id %s: not 1 to %d hexadecimal digits", id,
			      TRIAL_ID_MAX);
	strcpy(run->id, id);
	return 0;
}

enum {
	OPT_WITHIN = 256,
	OPT_NO_WATCHDOG,
	OPT_TRUST,
	OPT_TIMEOUT,
	OPT_DRY,
	OPT_NOW,
	OPT_SHUTDOWN,
	OPT_NUMBERS,
	OPT_ID,
};

static const struct option options[] = {
	{ "confirm-within", required_argument, NULL, OPT_WITHIN },
	{ "no-watchdog", no_argument, NULL, OPT_NO_WATCHDOG },
	{ "trust-watchdog", no_argument, NULL, OPT_TRUST },
	{ "watchdog-timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "dry-run", no_argument, NULL, OPT_DRY },
	{ "now", no_argument, NULL, OPT_NOW },
	{ "shutdown", no_argument, NULL, OPT_SHUTDOWN },
	{ "numbers", no_argument, NULL, OPT_NUMBERS },
	{ "id", required_argument, NULL, OPT_ID },
	{ NULL, 0, NULL, 0 }
};

static int set_number(const char *text, long least, long most, long *number,
		      const char *option)
{
	if (!system_parse_number(text, least, most, number))
		return 0;
	return report("--%s %s: not a number of seconds from %ld to %ld",
		      option, text, least, most);
}

static int set_option(struct run *run, int option)
{
	switch (option) {
	case OPT_WITHIN:
		return set_number(optarg, 0, TRIAL_WITHIN_MAX, &run->within,
				  "confirm-within");
	case OPT_TIMEOUT:
		return set_number(optarg, 1, WATCHDOG_TIMEOUT_MAX,
				  &run->timeout, "watchdog-timeout");
	case OPT_ID:
		return set_id(run, optarg);
	case OPT_NO_WATCHDOG:
		run->guard = GUARD_NOBODY;
		return 0;
	case OPT_TRUST:
		run->guard = GUARD_TRUSTED;
		return 0;
	case OPT_DRY:
		run->dry = true;
		return 0;
	case OPT_NOW:
		run->way = LEAVE_NOW;
		return 0;
	case OPT_SHUTDOWN:
		run->way = LEAVE_SHUTDOWN;
		return 0;
	case OPT_NUMBERS:
		run->form = PLAN_NUMBERS;
		return 0;
	default:
		return -1; /* getopt has said why */
	}
}

static int parse(struct run *run, int argc, char **argv)
{
	int option;

	optind = 0; /* all anew, getopt(3) */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (set_option(run, option))
			return -1;
	if (optind + 1 != argc)
		return report("run: give one BUNDLE, or - for a stream");
	run->path = argv[optind];
	return 0;
}

static int run_run(int argc, char **argv)
{
	struct run run = { .within = TRIAL_WITHIN };
	int lock, status;

	make_id(run.id);
	if (parse(&run, argc, argv))
		return EXIT_USAGE;
	/* What is said may find nobody who listens */
	signal(SIGPIPE, SIG_IGN);
	lock = trial_lock_soon("run.lock");
	if (lock == -1)
		report("another try is on its way from this system");
	if (lock < 0)
		return EXIT_REFUSED;
	say_to_kernel_log(true);
	status = try_path(&run);
	/* It is in the RAM that the image needs, and loaded, or of no use. */
	if (run.unpacked[0])
		remove_bundle(run.unpacked);
	/* What leaves the system for the new one has a copy of it. */
	close(lock);
	return status ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_run = {
	"run",
	"on a device: leave its system for that of a bundle",
	"BUNDLE [OPTION...]\n\n"
	"BUNDLE is a directory, or - for a tar stream of one on standard input. Checks\n"
	"all of the bundle and of the device, loads it, arms the watchdog, and leaves.\n\n"
	"  --confirm-within SECONDS    the new system goes back unless it is confirmed\n"
	"                              in this time from its boot on; 300; 0: it stays,\n"
	"                              and guard does not feed the watchdog there\n"
	"  --watchdog-timeout SECONDS  from the last moment of the old system until guard\n"
	"                              starts in the new one; 120; less where the driver\n"
	"                              cannot\n"
	"  --no-watchdog               go without: a new system that hangs, hangs for good\n"
	"  --trust-watchdog            you know that the watchdog lives through kexec\n"
	"  --shutdown                  leave by the system's own shutdown, whose last step\n"
	"                              must be `kexec -e`\n"
	"  --now                       leave at once: sync, remount read-only, kexec -e;\n"
	"                              where procd is init, that is what is done anyway\n"
	"  --numbers                   tell the new kernel by command line where its root is\n"
	"  --id DIGITS                 identity of the try, hexadecimal\n"
	"  --dry-run                   do all but load, arm and leave\n",
	run_run,
};
