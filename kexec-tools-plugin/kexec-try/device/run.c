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
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "check.h"
#include "files.h"
#include "plan.h"
#include "program.h"
#include "say.h"
#include "start.h"
#include "system.h"
#include "trial.h"
#include "try.h"

/* What `run` gives a new system for the confirmation, in seconds: time to log in
 * and look around
 */
#define CONFIRM_WITHIN		300

/* A new kernel that feeds a running watchdog by itself does so for this time, in
 * seconds
 */
#define OPEN_TIMEOUT		60

#define MTDS		"/sys/class/mtd"

/* What is read of a stream at a time, in bytes */
#define CHUNK		4096

/**
 * struct run - what the user wants
 * @path: the bundle's directory, or "-" for a stream
 * @within: seconds for the confirmation, 0 for none
 * @timeout: the watchdog's, in seconds; 0 is WATCHDOG_TIMEOUT, or less
 * @guard: who guards the try
 * @way: how to leave
 * @numbers: as in struct plan_options
 * @other_board: whether the bundle may be for another one
 * @dry: whether to do all but go
 * @id: identity of the try
 * @lock: that there is but one
 */
struct run {
	const char *path;
	long within;
	long timeout;
	enum check_guard guard;
	enum leave_way way;
	bool numbers;
	bool other_board;
	bool dry;
	char id[TEXT_ID_SIZE];
	int lock;
};

static bool remove_file(int dirfd, const char *name, void *data)
{
	(void)data;
	unlinkat(dirfd, name, 0);
	return false;
}

/* A bundle has no directories in it, so that its own is easily removed. */
static void remove_bundle(const char *path)
{
	system_each(path + strlen(system_root), remove_file, NULL);
	rmdir(path);
}

int run_silence = 120;

/* Hands standard input on, until one of both ends. */
static int hand_on(int to)
{
	struct pollfd ends[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = to },
	};
	char chunk[CHUNK];
	ssize_t got;

	do {
		if (!poll(ends, 2, run_silence * 1000))
			return report("nothing came for %d s; send the bundle again",
				      run_silence);
		if (ends[1].revents)
			break;
		got = read(STDIN_FILENO, chunk, sizeof(chunk));
	} while (got > 0 && !files_write(to, chunk, got));
	return 0;
}

/* The device's own tar takes the stream; what is wrong with that, the manifest
 * tells.
 */
static int unpack(const char *path)
{
	char *argv[] = { "tar", "-C", (char *)path, "-xf", "-", NULL };
	struct program program;
	int result, status;

	if (mkdir(path, 0700) < 0)
		return report("%s: cannot be made: %s", path, strerror(errno));
	if (program_start(&program, argv, PROGRAM_FEED))
		return -1;
	result = hand_on(program.to);
	status = program_wait(&program);
	if (status && !result)
		result = report("the stream is no whole bundle (tar: %d); send it again",
				status);
	return result;
}

/* What the new kernel is told beside what the bundle says */
static char *make_words(const struct run *run, const struct device *device,
			const struct bundle *bundle)
{
	char *dog = run->guard == GUARD_NOBODY ? must_print("%s", "") :
		watchdog_words(device->driver, OPEN_TIMEOUT);
	char within[64] = "", root[ROOT_ID_MAX + 32] = "", id[ROOT_ID_MAX];
	char *words;

	if (run->within)
		snprintf(within, sizeof(within), " " TRIAL_WITHIN_WORD "=%ld",
			 run->within);
	/* A root of their own is for those who append it to know */
	root_id(bundle_find(bundle, BUNDLE_ROOTFS), id);
	if (run->within && !text_word(bundle->append, "root", NULL, 0))
		snprintf(root, sizeof(root), " " TRIAL_ROOT_WORD "=%s", id);
	words = must_print(TRIAL_ID_WORD "=%s%s%s%s", run->id, within, root,
			   dog);
	free(dog);
	return words;
}

/* mtd0, and not mtd0ro, of a driver for memory-mapped flash. Those of SPI and NAND
 * come after phram, and phram itself has no device.
 */
static bool count_map(int dirfd, const char *name, void *maps)
{
	char target[SYSTEM_PATH_MAX], path[SYSTEM_PATH_MAX], type[16];
	ssize_t length = readlinkat(dirfd, name, target, sizeof(target) - 1);

	snprintf(path, sizeof(path), MTDS "/%s/type", name);
	target[length > 0 ? length : 0] = '\0';
	if (length > 0 && isdigit((unsigned char)name[strlen(name) - 1]) &&
	    !strstr(target, "/virtual/") && !strstr(target, "/spi") &&
	    system_read(path, type, sizeof(type)) > 0 && !strstr(type, "nand"))
		++*(int *)maps;
	return false;
}

/* The number that phram's MTD gets in a new system: Linux links drivers/mtd/maps
 * before devices, that before nand and spi-nor, and they probe in that order:
 * drivers/mtd/Makefile.
 */
static int count_maps(void)
{
	int maps = 0;

	if (!system_exists(MTDS))
		return PLAN_MTD_UNKNOWN;
	system_each(MTDS, count_map, &maps);
	return maps;
}

static int make_plan(const struct run *run, const struct device *device,
		     const struct bundle *bundle, struct plan *plan)
{
	char *words = make_words(run, device, bundle);
	struct plan_options options = {
		.numbers = run->numbers,
		.page_size = getpagesize(),
		.more = words,
		.load_only = true,
		.mtd = count_maps(),
	};
	int result = plan_make(bundle, &device->ram, &options, plan);

	free(words);
	if (!result && plan->root_by_mtd && options.mtd == PLAN_MTD_UNKNOWN)
		result = report("without " MTDS " nobody knows the number of the MTD that becomes the root; pack the bundle with root= among its words");
	return result;
}

static int go(const struct run *run, const struct plan *plan)
{
	struct start start = {
		.timeout = run->timeout,
		.unguarded = run->guard == GUARD_NOBODY,
		.way = run->way,
		.lock = run->lock,
	};

	if (start_system(&start, plan->argv))
		return -1;
	if (run->within)
		step("try %s: the new system must be confirmed within %ld s of its boot",
		     run->id, run->within);
	else
		step("try %s: the new system needs no confirmation", run->id);
	return 0;
}

/* All from a bundle in a directory on */
static int try_bundle(struct run *run, const struct bundle *bundle)
{
	struct plan plan = { .argv = { NULL } };
	struct device device;
	char *command;
	int missing, status = -1;

	missing = bundle_verify(bundle) ? 1 : 0;
	if (!missing)
		step("bundle %s: all %u files are as its manifest says",
		     bundle->id, bundle->files);
	missing += check_device(&device, bundle, run->guard,
				run->other_board);
	if (device.ram.ranges && make_plan(run, &device, bundle, &plan))
		missing++;
	if (missing) {
		check_report(missing);
	} else {
		command = plan_command(&plan);
		step("%s", command);
		free(command);
		status = run->dry ? 0 : go(run, &plan);
		if (run->dry)
			step("a dry run ends here: nothing was done");
	}
	plan_free(&plan);
	return status;
}

static int try_directory(struct run *run, const char *path)
{
	struct bundle bundle;
	int status = -1;

	if (!bundle_open(&bundle, path))
		status = try_bundle(run, &bundle);
	bundle_close(&bundle);
	return status;
}

/* In the RAM that the image needs; it is loaded at the end, or of no use. */
static int try_stream(struct run *run)
{
	char dir[SYSTEM_PATH_MAX], *path;
	int status = -1;

	if (system_run_dir(dir))
		return -1;
	path = must_print("%s/bundle", dir);
	remove_bundle(path);
	if (!unpack(path))
		status = try_directory(run, path);
	remove_bundle(path);
	free(path);
	return status;
}

static int set_option(struct run *run, int option)
{
	switch (option) {
	case 'c':
		return text_option("confirm-within", optarg, 0, TRY_WITHIN_MAX,
				   &run->within);
	case 't':
		return text_option("watchdog-timeout", optarg, 1,
				   WATCHDOG_TIMEOUT_MAX, &run->timeout);
	case 'i':
		if (!text_is_id(optarg))
			return report("--id %s: not 1 to %d hexadecimal digits",
				      optarg, TEXT_ID_SIZE - 1);
		strcpy(run->id, optarg);
		return 0;
	case 'w':
		run->guard = GUARD_NOBODY;
		return 0;
	case 'T':
		run->guard = GUARD_TRUSTED;
		return 0;
	case 'd':
		run->dry = true;
		return 0;
	case 'n':
		run->way = LEAVE_NOW;
		return 0;
	case 'o':
		run->other_board = true;
		return 0;
	case 'N':
		run->numbers = true;
		return 0;
	default:
		return -1; /* getopt has said why */
	}
}

static int parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "confirm-within", required_argument, NULL, 'c' },
		{ "no-watchdog", no_argument, NULL, 'w' },
		{ "trust-watchdog", no_argument, NULL, 'T' },
		{ "watchdog-timeout", required_argument, NULL, 't' },
		{ "dry-run", no_argument, NULL, 'd' },
		{ "now", no_argument, NULL, 'n' },
		{ "numbers", no_argument, NULL, 'N' },
		{ "other-board", no_argument, NULL, 'o' },
		{ "id", required_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 }
	};
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
	struct run run = { .within = CONFIRM_WITHIN };
	int status;

	text_make_id(run.id);
	if (parse(&run, argc, argv))
		return EXIT_USAGE;
	run.lock = start_lock();
	if (run.lock < 0)
		return EXIT_REFUSED;
	status = strcmp(run.path, "-") ? try_directory(&run, run.path) :
		try_stream(&run);
	/* What leaves the system for the new one has a copy of it. */
	close(run.lock);
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
	"  --now                       leave at once: sync, remount read-only, kexec -e; so\n"
	"                              it is anyway where procd is init; elsewhere by the\n"
	"                              system's shutdown, whose last step must be kexec -e\n"
	"  --numbers                   tell the new kernel by command line where its root is\n"
	"  --other-board               the bundle's device tree is right, though it is for\n"
	"                              another board, or has more RAM\n"
	"  --id DIGITS                 identity of the try, hexadecimal\n"
	"  --dry-run                   do all but load, arm and leave\n",
	run_run,
};
