// SPDX-License-Identifier: GPL-2.0-only
/*
 * verify.c - kexec-try verify: see whether a bundle is whole
 */

#include "bundle.h"
#include "say.h"
#include "try.h"

static int run_verify(int argc, char **argv)
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
	"verify",
	"see whether a bundle is whole",
	"BUNDLE\n\n"
	"Sees whether BUNDLE has all files of its manifest, each with the size and the\n"
	"SHA-256 that the manifest has for it, and no other.\n",
	run_verify,
};
