// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan-command.c - kexec-try plan, verify and unpack
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle.h"
#include "plan.h"
#include "say.h"
#include "tar.h"
#include "try.h"

/* Height of the picture, in lines, about */
#define PICTURE_LINES	20

/* More MTDs than any device has */
#define MTD_MAX		1000

/**
 * struct plan_arguments - what the user asks for
 * @iomem: a file like /proc/iomem, or NULL
 * @dtb: a device tree with memory nodes, or NULL
 * @options: for plan_make()
 */
struct plan_arguments {
	const char *iomem;
	const char *dtb;
	struct plan_options options;
};

static int parse_mtd(const char *text, int *mtd)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (!*text || *end || number < 0 || number > MTD_MAX) {
		report("--mtd %s: no number of an MTD; `grep -c '^mtd' /proc/mtd` on the device tells it",
		       text);
		return EXIT_USAGE;
	}
	*mtd = number;
	return EXIT_GOOD;
}

/* The device that this runs on, if it is one. */
static int set_defaults(struct plan_arguments *arguments)
{
	if (arguments->iomem && arguments->dtb) {
		report("--iomem and --dtb: either of them tells the RAM; give one");
		return EXIT_USAGE;
	}
	if (arguments->iomem || arguments->dtb)
		return EXIT_GOOD;
#ifdef __mips__
	arguments->iomem = "/proc/iomem";
	arguments->options.page_size = sysconf(_SC_PAGESIZE);
	if (arguments->options.mtd == PLAN_MTD_UNKNOWN)
		arguments->options.mtd =
			plan_count_mtds("/proc/mtd",
					"/proc/device-tree/reserved-memory");
	return EXIT_GOOD;
#else
	report("this is no MIPS device; give --iomem FILE, a copy of the device's /proc/iomem, or --dtb FILE with its memory nodes");
	return EXIT_USAGE;
#endif
}

static int parse_plan(int argc, char **argv, struct plan_arguments *arguments)
{
	static const struct option options[] = {
		{ "iomem", required_argument, NULL, 'i' },
		{ "dtb", required_argument, NULL, 'd' },
		{ "numbers", no_argument, NULL, 'n' },
		{ "mtd", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = EXIT_GOOD;

	memset(arguments, 0, sizeof(*arguments));
	arguments->options.mtd = PLAN_MTD_UNKNOWN;
	optind = 0;
	while (!status &&
	       (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'i':
			arguments->iomem = optarg;
			break;
		case 'd':
			arguments->dtb = optarg;
			break;
		case 'n':
			arguments->options.form = PLAN_NUMBERS;
			break;
		case 'm':
			status = parse_mtd(optarg, &arguments->options.mtd);
			break;
		default:
			status = EXIT_USAGE;
		}
	}
	if (status)
		return status;
	if (argc - optind != 1) {
		report("plan takes one bundle");
		return EXIT_USAGE;
	}
	return set_defaults(arguments);
}

static void print_bundle(const struct bundle *bundle)
{
	printf("Bundle %s: Linux %s, mips, %s endian, %u bit\n\n", bundle->id,
	       bundle->linux_version,
	       bundle->big_endian ? "big" : "little", bundle->bits);
}

static void print_plan(const struct bundle *bundle, const struct plan *plan,
		       const struct plan_options *options)
{
	char *command = plan_command(plan);

	print_bundle(bundle);
	plan_draw(stdout, plan, PICTURE_LINES);
	printf("\nThe command, which kexec-try run gives by itself:\n\n%s\n",
	       command);
	if (plan->root_by_mtd && options->mtd == PLAN_MTD_UNKNOWN)
		printf("\nN is the number of MTDs that the device has: grep -c '^mtd' /proc/mtd\n");
	free(command);
}

static int make_and_print(const struct bundle *bundle,
			  const struct plan_arguments *arguments)
{
	struct plan plan;
	struct ram ram;
	int result;

	result = arguments->dtb ? ram_from_dtb(arguments->dtb, &ram) :
		ram_from_iomem(arguments->iomem, &ram);
	if (result)
		return EXIT_REFUSED;
	result = plan_make(bundle, &ram, &arguments->options, &plan);
	if (!result)
		print_plan(bundle, &plan, &arguments->options);
	plan_free(&plan);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

static int plan_main(int argc, char **argv)
{
	struct plan_arguments arguments;
	struct bundle bundle;
	int status;

	status = parse_plan(argc, argv, &arguments);
	if (status)
		return status;
	if (bundle_open(&bundle, argv[optind]))
		return EXIT_REFUSED;
	status = bundle_verify(&bundle) ? EXIT_REFUSED :
		make_and_print(&bundle, &arguments);
	bundle_close(&bundle);
	return status;
}

const struct subcommand subcommand_plan = {
	.name = "plan",
	.summary = "show where a bundle will lie in RAM, and the kexec command",
	.help = "BUNDLE [--iomem FILE | --dtb FILE] [--numbers] [--mtd N]\n"
		"\n"
		"Verifies BUNDLE, draws the RAM with what will lie where, and prints the\n"
		"kexec command that puts it there. On a device, the RAM is its own.\n"
		"\n"
		"  --iomem FILE  the RAM is that of FILE, a copy of a device's /proc/iomem\n"
		"  --dtb FILE    the RAM is that of the memory nodes of FILE, a device tree\n"
		"  --numbers     the form for kernels before 5.18, every number spelled out;\n"
		"                by itself when the bundle's kernel is one\n"
		"  --mtd N       the rootfs becomes mtdN; on a device, it is counted\n",
	.run = plan_main,
};

static int verify_main(int argc, char **argv)
{
	struct bundle bundle;
	int result;

	if (argc != 2 || argv[1][0] == '-') {
		report("verify takes one bundle");
		return EXIT_USAGE;
	}
	if (bundle_open(&bundle, argv[1]))
		return EXIT_REFUSED;
	result = bundle_verify(&bundle);
	if (!result)
		step("%s: bundle %s is whole: %u files", argv[1], bundle.id,
		     bundle.files);
	bundle_close(&bundle);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_verify = {
	.name = "verify",
	.summary = "see whether a bundle is whole",
	.help = "BUNDLE\n"
		"\n"
		"Sees whether BUNDLE has all files of its manifest, each with the size and\n"
		"the SHA-256 that the manifest has for it, and no other.\n",
	.run = verify_main,
};

static int unpack_to(const char *path)
{
	struct bundle bundle;
	int dirfd, result;

	if (mkdir(path, 0700)) {
		report("%s: %s", path, errno == EEXIST ?
		       "it is there already; remove it, or unpack elsewhere" :
		       strerror(errno));
		return EXIT_REFUSED;
	}
	dirfd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dirfd < 0) {
		report("%s: %s", path, strerror(errno));
		return EXIT_REFUSED;
	}
	result = tar_unpack(STDIN_FILENO, dirfd);
	close(dirfd);
	if (result || bundle_open(&bundle, path))
		return EXIT_REFUSED;
	result = bundle_verify(&bundle);
	bundle_close(&bundle);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

static int unpack_main(int argc, char **argv)
{
	int status;

	if (argc != 2 || argv[1][0] == '-') {
		report("unpack takes one directory, which it makes");
		return EXIT_USAGE;
	}
	status = unpack_to(argv[1]);
	if (!status)
		step("%s: unpacked and verified", argv[1]);
	return status;
}

const struct subcommand subcommand_unpack = {
	.name = "unpack",
	.summary = "unpack a bundle from a tar stream, and verify it",
	.help = "DIRECTORY <STREAM\n"
		"\n"
		"Makes DIRECTORY, unpacks into it what `kexec-try pack -o -` wrote, and\n"
		"verifies it. Takes plain files only, and no more than a bundle may have.\n"
		"After a failure DIRECTORY is of no use.\n",
	.run = unpack_main,
};
