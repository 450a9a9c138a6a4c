// SPDX-License-Identifier: GPL-2.0-only
/*
 * plan-host.c - kexec-try plan: show where a bundle will lie in RAM
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "say.h"
#include "text.h"
#include "try.h"

/* No device has so many MTDs */
#define MTD_MAX		1000

/* Highest address first */
static void print_plan(const struct plan *plan)
{
	const struct plan_part *part = plan->part + plan->parts;
	const struct bundle *bundle = plan->bundle;
	char *command = plan_command(plan);

	printf("Bundle %s: Linux %s, mips, %s endian, %u bit; %llu MiB of RAM\n\n",
	       bundle->id, bundle->linux_version,
	       bundle->big_endian ? "big" : "little", bundle->bits,
	       ram_total(&plan->ram) >> 20);
	while (part-- > plan->part)
		printf("0x%08llx-0x%08llx  %8llu KiB  %s\n", part->at.start,
		       part->at.end - 1, (part->at.end - part->at.start) >> 10,
		       part->file->name);
	printf("\nThe command, which kexec-try run executes for you:\n\n%s\n",
	       command);
	if (strstr(command, "mtdblockN"))
		printf("\nN is the number of MTDs that the device has in memory-mapped flash; it is 0 if all flash is SPI or NAND\n");
	free(command);
}

static int make_and_print(struct plan *plan, const char *iomem)
{
	plan->ram = plan->bundle->ram;
	if (iomem && ram_from_iomem(iomem, &plan->ram))
		return -1;
	if (!plan->ram.ranges)
		return report("the bundle's device tree lists no RAM; give --iomem FILE, a copy of the device's /proc/iomem");
	if (plan_make(plan))
		return -1;
	print_plan(plan);
	return 0;
}

static int run_plan(int argc, char **argv)
{
	struct bundle bundle;
	struct plan plan = { .bundle = &bundle, .more = "" };
	long mtd = PLAN_MTD_UNKNOWN, page_size = PAGE_MIN;
	const char *iomem = NULL;
	const struct choice choices[] = {
		{ "iomem", .text = &iomem },
		{ "numbers", .flag = &plan.numbers },
		{ "mtd", .number = &mtd, .most = MTD_MAX },
		{ "page-size", .number = &page_size, .least = PAGE_MIN,
		  .most = PAGE_MAX },
		{ .name = NULL },
	};
	int result;

	if (text_options(choices, "", argc, argv))
		return EXIT_USAGE;
	if (argc - optind != 1)
		return report_as(EXIT_USAGE, "plan takes one bundle");
	if (page_size & (page_size - 1))
		return report_as(EXIT_USAGE, "--page-size %ld: not a power of 2",
				 page_size);
	plan.mtd = mtd;
	plan.page_size = page_size;
	if (bundle_open(&bundle, argv[optind]))
		return EXIT_REFUSED;
	result = bundle_verify(&bundle) || make_and_print(&plan, iomem);
	plan_free(&plan);
	bundle_close(&bundle);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_plan = {
	"plan",
	"show where a bundle will lie in RAM, and the kexec command",
	"BUNDLE [--iomem FILE] [--numbers] [--mtd N] [--page-size BYTES]\n\n"
	"Verifies BUNDLE, prints what will lie where in RAM, and the kexec\n"
	"command that puts it there.\n\n"
	"  --iomem FILE       take the RAM from FILE, a copy of a device's /proc/iomem,\n"
	"                     and not from the bundle's device tree\n"
	"  --numbers          the form for kernels before 5.18, with every number spelled\n"
	"                     out; the default when the bundle has such a kernel\n"
	"  --mtd N            the rootfs becomes mtdN\n"
	"  --page-size BYTES  page size of the device's running kernel; 4096 unless given\n",
	run_plan,
};
