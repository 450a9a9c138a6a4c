// SPDX-License-Identifier: GPL-2.0-only
/*
 * kconfig.c - see whether a kernel has what a bundle needs
 *
 * A kernel built with CONFIG_IKCONFIG carries its configuration, compressed by
 * gzip between two marks: Linux, kernel/configs.c. What is missing there is a
 * warning only: a user may know of a patch that we do not.
 */

#define _GNU_SOURCE
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "say.h"

#define MARK_START	"IKCFG_ST"
#define MARK_END	"IKCFG_ED"

/* Largest configuration, in bytes: one with every symbol has half of it */
#define KCONFIG_MAX	(1024 * 1024)

char *kconfig_find(const char *image, size_t size)
{
	const char *start, *end;
	char *text = NULL;
	size_t text_size = 0;

	start = memmem(image, size, MARK_START "\x1f\x8b", 10);
	if (!start)
		return NULL;
	start += strlen(MARK_START);
	end = memmem(start, image + size - start, MARK_END, strlen(MARK_END));
	if (end)
		text = gunzip("the kernel's configuration", start, end - start,
			      KCONFIG_MAX, &text_size);
	if (text && strlen(text) == text_size)
		return text;
	warn("the kernel carries its configuration, but that is damaged");
	free(text);
	return NULL;
}

const char *kconfig_value(const char *config, const char *symbol)
{
	size_t len = strlen(symbol);
	const char *line;

	for (line = config; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "CONFIG_", 7) &&
		    !strncmp(line + 7, symbol, len) && line[7 + len] == '=')
			return line + 7 + len + 1;
	}
	return NULL;
}

/* The symbols of hardware drivers end in WDT or _WATCHDOG; so does
 * SOFT_WATCHDOG, which dies with its kernel, and no other with a T there.
 */
static bool has_watchdog_driver(const char *config)
{
	regex_t drivers;
	bool found;

	if (regcomp(&drivers, "^CONFIG_.*(WDT|[^T]_WATCHDOG)=",
		    REG_EXTENDED | REG_NEWLINE | REG_NOSUB))
		return true;
	found = !regexec(&drivers, config, 0, NULL, 0);
	regfree(&drivers);
	return found;
}

static unsigned int need(const char *config, const char *symbol,
			 const char *without)
{
	const char *value = kconfig_value(config, symbol);

	if (value && *value == 'y')
		return 0;
	if (value && *value == 'm')
		warn("CONFIG_%s is a module in the kernel, and no module is there before the root file system: %s",
		     symbol, without);
	else
		warn("the kernel lacks CONFIG_%s: %s", symbol, without);
	return 1;
}

unsigned int kconfig_check(const char *config, const struct bundle *bundle,
			   const char *compressor)
{
	static const char *const needs[][2] = {
		{ "MTD", "it finds no root file system in RAM" },
		{ "MTD_BLOCK", "no MTD can be its root device" },
		{ "MTD_PHRAM", "it finds no root file system in RAM" },
		{ "SQUASHFS", "it cannot mount the root file system" },
		{ "UNIX", "kexec-try confirm cannot reach kexec-try guard" },
	};
	unsigned int i, warnings = 0;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		warnings += need(config, needs[i][0], needs[i][1]);
	warnings += need(config, compressor,
			 "it cannot read the root file system");
	if (!bundle_linux(bundle, 5, 18))
		warnings += need(config, "MTD_CMDLINE_PARTS",
				 "mtdparts= on its command line says nothing to it");
	if (!kconfig_value(config, "WATCHDOG") || !has_watchdog_driver(config)) {
		warn("the kernel has no driver of a hardware watchdog: nobody feeds the one that the old system arms, and each try ends in the old system");
		warnings++;
	}
	if (kconfig_value(config, "CMDLINE_OVERRIDE")) {
		warn("CONFIG_CMDLINE_OVERRIDE is set in the kernel: it sees no command line but its own");
		warnings++;
	}
	return warnings;
}
