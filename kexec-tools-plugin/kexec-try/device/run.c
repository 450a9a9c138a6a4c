// SPDX-License-Identifier: GPL-2.0-only
/*
 * run.c - kexec-try run and rehearse: leave this system for that of a bundle, or for
 *	a kernel that only hangs
 *
 * Nothing changes until all checks have passed and the image is loaded: any failure
 * before that leaves the old system as it was. Then the watchdog is armed, and a
 * child process, which no broken connection can end, does the rest.
 *
 * A rehearsal does what a try does, with the same watchdog. So it also shows what no
 * kernel can tell: whether the boot ROM finds its flash after a watchdog reset,
 * unless kexec -e leaves the flash as the boot ROM expects it (broken-flash-reset in
 * the device tree).
 */

#define _GNU_SOURCE
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "leave.h"
#include "plan.h"
#include "program.h"
#include "say.h"
#include "system.h"
#include "trial.h"
#include "try.h"

/* In seconds */
#define CONFIRM_WITHIN	300	/* default: time to log in and look around */
#define OPEN_TIMEOUT	60	/* a new driver may feed a running watchdog that long */
#define PANIC_TIMEOUT	10	/* of panic=: the new driver may have stopped the watchdog */

#define MTDS		"/sys/class/mtd"
#define MTD_ROOT	"/dev/mtdblock"	/* what the root of a bundle becomes */

/* Read this much of a stream at a time, in bytes */
#define CHUNK		4096

/* The user's options */
struct run {
	struct leave leave;
	long within;		/* seconds to confirm; 0: no confirmation needed */
	bool numbers;		/* as in struct plan */
	bool other_board;	/* accept a bundle for another board */
	bool dry;		/* everything except load, arm and leave */
	const char *id;		/* of the try */
};

static int refuse(int missing)
{
	return report("%d thing%s missing or wrong: nothing was done", missing,
		      missing > 1 ? "s are" : " is");
}

int run_silence = 120;

/* Copies standard input to @to until either ends */
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

/* The device's own tar unpacks the stream; bundle_verify() checks the result. */
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
		result = report("the stream is not a whole bundle (tar: %d); send it again",
				status);
	return result;
}

/* Words for the new kernel's command line, in addition to the bundle's */
static char *make_words(const struct run *run, const struct bundle *bundle)
{
	const struct bundle_file *rootfs = bundle_find(bundle, BUNDLE_ROOTFS);
	char *words = must_print(TRIAL_ID_WORD "=%s", run->id);
	char id[ROOT_ID_MAX], root[256] = MTD_ROOT;

	root_id(rootfs->size, rootfs->sum, id);
	text_word(bundle->append, "root", root, sizeof(root));
	if (run->within)
		must_add(&words, " " TRIAL_WITHIN_WORD "=%ld", run->within);
	/* The user who appends root= with another device answers for it */
	if (run->within && !strncmp(root, MTD_ROOT, strlen(MTD_ROOT)))
		must_add(&words, " " TRIAL_ROOT_WORD "=%s", id);
	else if (run->within)
		warn("root=%s is not the bundle's root file system: nobody checks what comes up",
		     root);
	if (run->leave.no_watchdog)
		return words;
	watchdog_add_words(&words, watchdog_find(),
			   run->leave.timeout > OPEN_TIMEOUT ?
			   run->leave.timeout : OPEN_TIMEOUT);
	if (!text_word(bundle->append, "panic", NULL, 0))
		must_add(&words, " panic=%d", PANIC_TIMEOUT);
	return words;
}

/* Counts mtd0, not mtd0ro, if its driver is for memory-mapped flash. SPI and
 * NAND flash come after phram; phram itself is a virtual device.
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

/* The number of phram's MTD in the new system: Linux links and probes
 * drivers/mtd/maps before devices/ (phram), and that before nand and spi-nor:
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

static int make_plan(const struct run *run, const struct ram *ram,
		     const struct bundle *bundle, struct plan *plan)
{
	char *words = make_words(run, bundle);
	int result;

	*plan = (struct plan) {
		.bundle = bundle,
		.ram = *ram,
		.page_size = getpagesize(),
		.load_only = true,
		.numbers = run->numbers,
		.mtd = count_maps(),
		.more = words,
	};
	result = plan_make(plan);
	free(words);
	if (!result && plan->root_by_mtd && plan->mtd == PLAN_MTD_UNKNOWN)
		result = report("without " MTDS " the number of the root's MTD is unknown; pack the bundle with root= among its words");
	return result;
}

static int go(const struct run *run, char *const argv[])
{
	if (run->dry)
		step("a dry run ends here: nothing was done");
	else if (leave_for(&run->leave, argv))
		return -1;
	else if (run->within)
		step("try %s: the new system must be confirmed within %ld s of its boot",
		     run->id, run->within);
	else
		step("try %s: the new system needs no confirmation", run->id);
	return 0;
}

static int check_only(const struct run *run)
{
	struct ram ram;
	int missing = check_device(&run->leave, NULL, false, &ram);

	if (missing)
		return refuse(missing);
	step("this device can try a bundle");
	return 0;
}

static int try_bundle(const struct run *run, const char *path)
{
	struct plan plan = { .argv = { NULL } };
	struct bundle bundle;
	struct ram ram;
	int missing, result;
	char *command;

	if (bundle_open(&bundle, path))
		return -1;
	missing = bundle_verify(&bundle) ? 1 : 0;
	if (!missing)
		step("bundle %s: all %u files are as its manifest says",
		     bundle.id, bundle.files);
	missing += check_device(&run->leave, &bundle, run->other_board, &ram);
	if (ram.ranges && make_plan(run, &ram, &bundle, &plan))
		missing++;
	if (missing) {
		result = refuse(missing);
	} else {
		command = plan_command(&plan);
		step("%s", command);
		free(command);
		result = go(run, plan.argv);
	}
	plan_free(&plan);
	bundle_close(&bundle);
	return result;
}

/* Unpacks into RAM, and removes the bundle once it is loaded or refused. */
static int try_stream(const struct run *run)
{
	char *path = system_run_file("bundle");
	int result;

	if (!path)
		return -1;
	program_remove(path);
	result = unpack(path) ? -1 : try_bundle(run, path);
	program_remove(path);
	free(path);
	return result;
}

/* Load this far above the start of RAM, clear of the exception vectors */
#define LOAD_OFFSET	0x100000

/* CKSEG0 of a 32-bit kernel. kexec uses only the physical part of an address,
 * and loads both ELF classes on 32 and 64 bits: one file fits all.
 */
#define CKSEG0		0x80000000U

/* Runs on the target itself, so our byte order is the right one. */
static int write_kernel(const char *directory, const char *name, uint32_t start)
{
	const struct {
		Elf32_Ehdr ehdr;
		Elf32_Phdr phdr;
		uint32_t code[7];
	} kernel = {
		.ehdr = {
			.e_ident = {
				ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32,
				__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ?
					ELFDATA2MSB : ELFDATA2LSB,
				EV_CURRENT,
			},
			.e_type = ET_EXEC,
			.e_machine = EM_MIPS,
			.e_version = EV_CURRENT,
			.e_entry = CKSEG0 + start,
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.phdr = {
			.p_type = PT_LOAD,
			.p_offset = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
			.p_vaddr = CKSEG0 + start,
			.p_paddr = CKSEG0 + start,
			.p_filesz = sizeof(kernel.code),
			.p_memsz = sizeof(kernel.code),
			.p_flags = PF_R | PF_X,
			.p_align = sizeof(uint32_t),
		},
		/* The same on all MIPS, 32 and 64 bits, including release 6 */
		.code = {
			0x40086000,	/* mfc0	$t0, $12	Status */
			0x35080001,	/* ori	$t0, $t0, 1	set IE ... */
			0x39080001,	/* xori	$t0, $t0, 1	... and clear it */
			0x40886000,	/* mtc0	$t0, $12 */
			0x000000c0,	/* ehb */
			0x1000ffff,	/* b	. */
			0x00000000,	/* nop */
		},
	};

	return files_make(directory, name, &kernel, sizeof(kernel));
}

/* Goes at once: a shutdown that hangs, or reboots in place of `kexec -e`, brings the old
 * system back, too, and a rehearsal would mistake that for the watchdog's work.
 */
static int rehearse(struct leave *leave)
{
	char *argv[] = { "kexec", "-l", NULL, NULL };
	char dir[SYSTEM_PATH_MAX];
	unsigned long long at;
	struct ram ram;
	int missing, result;

	missing = check_device(leave, NULL, false, &ram);
	if (missing)
		return refuse(missing);
	at = (ram.range[0].start + LOAD_OFFSET) / PAGE_MAX * PAGE_MAX;
	if (!ram_has(&ram, at, at + PAGE_MAX) ||
	    at + PAGE_MAX > KSEG0_SIZE)
		return report("there is no RAM at 0x%llx for a kernel that hangs",
			      at);
	if (system_run_dir(dir))
		return -1;
	argv[2] = must_print("%s/rehearsal", dir);
	unlink(argv[2]); /* left by a rehearsal that was killed */
	result = write_kernel(dir, "rehearsal", at);
	if (!result)
		result = leave_for(leave, argv);
	unlink(argv[2]);
	free(argv[2]);
	if (!result)
		step("a rehearsal: the new system only hangs; the old one must come back by itself");
	return result;
}

static int run_run(int argc, char **argv)
{
	char id[TEXT_ID_SIZE];
	struct run run = { .within = CONFIRM_WITHIN, .id = id };
	const char *path;
	const struct choice choices[] = {
		{ "confirm-within", .number = &run.within,
		  .most = TRY_WITHIN_MAX },
		{ "id", .text = &run.id },
		{ "no-watchdog", .flag = &run.leave.no_watchdog },
		{ "trust-watchdog", .flag = &run.leave.trusted },
		{ "watchdog-timeout", .number = &run.leave.timeout, .least = 1,
		  .most = WATCHDOG_TIMEOUT_MAX },
		{ "dry-run", .flag = &run.dry },
		{ "now", .flag = &run.leave.now },
		{ "numbers", .flag = &run.numbers },
		{ "other-board", .flag = &run.other_board },
		{ .name = NULL },
	};
	int result;

	text_make_id(id);
	if (text_options(choices, "", argc, argv))
		return EXIT_USAGE;
	if (!text_is_id(run.id))
		return report_as(EXIT_USAGE, "--id %s: not 1 to %d hexadecimal digits",
				 run.id, TEXT_ID_SIZE - 1);
	path = argv[optind];
	if (path ? optind + 1 != argc : !run.dry)
		return report_as(EXIT_USAGE, "run: give one BUNDLE, or - for a stream");
	if (leave_lock())
		return EXIT_REFUSED;
	if (!path)
		result = check_only(&run);
	else
		result = strcmp(path, "-") ? try_bundle(&run, path) :
					     try_stream(&run);
	/* The child that leaves the system keeps its copy of the lock */
	leave_unlock();
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

static int run_rehearse(int argc, char **argv)
{
	struct leave leave = { .rehearsal = true, .now = true };
	const struct choice choices[] = {
		{ "trust-watchdog", .flag = &leave.trusted },
		{ "watchdog-timeout", .number = &leave.timeout, .least = 1,
		  .most = WATCHDOG_TIMEOUT_MAX },
		{ .name = NULL },
	};
	int result;

	if (text_options(choices, "", argc, argv))
		return EXIT_USAGE;
	if (optind != argc)
		return report_as(EXIT_USAGE, "rehearse: '%s' is one argument too many",
				 argv[optind]);
	if (leave_lock())
		return EXIT_REFUSED;
	result = rehearse(&leave);
	leave_unlock();
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_run = {
	"run",
	"on a device: start the system in a bundle",
	"BUNDLE [OPTION...]\n"
	"              --dry-run [OPTION...]\n\n"
	"BUNDLE is a directory, or - for a tar stream of one on standard input. Checks\n"
	"bundle and device, loads, arms the watchdog, and leaves.\n\n"
	"  --confirm-within SECONDS    time from its boot to confirm the new system; 300;\n"
	"                              with 0 it stays, and guard does not feed the watchdog\n"
	"  --watchdog-timeout SECONDS  watchdog timeout, until guard starts; default 120,\n"
	"                              or the driver's limit\n"
	"  --no-watchdog               go without: a new system that hangs stays hung\n"
	"  --trust-watchdog            you know that the watchdog survives kexec\n"
	"  --now                       leave without the system's own shutdown, whose last\n"
	"                              step must be kexec -e; always so with procd\n"
	"  --numbers                   tell the new kernel by command line where its root is\n"
	"  --other-board               the device tree may be for another board, or more RAM\n"
	"  --id DIGITS                 identity of the try, hexadecimal\n"
	"  --dry-run                   only check; without BUNDLE, the device alone\n",
	run_run,
};

const struct subcommand subcommand_rehearse = {
	"rehearse",
	"on a device: start a kernel that hangs, to see that the old one comes back",
	"[OPTION...]\n\n"
	"Starts a kernel that only hangs, as `run --now` starts a new system. The watchdog\n"
	"must bring the old one back. Do it several times, where you can switch the device\n"
	"off.\n\n"
	"  --watchdog-timeout SECONDS  as for `run`\n"
	"  --trust-watchdog            rehearse although the watchdog is known to stop\n",
	run_rehearse,
};
