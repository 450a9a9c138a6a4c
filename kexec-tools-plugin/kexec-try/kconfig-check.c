// SPDX-License-Identifier: GPL-2.0-only
/*
 * kconfig-check.c - see whether a kernel has what a bundle needs
 *
 * A kernel built with CONFIG_IKCONFIG carries its configuration, compressed by
 * gzip between two marks: Linux, kernel/configs.c. What is missing there ends in
 * a warning only: a user may know of a patch that we do not.
 */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "say.h"

#define MARK_START	"IKCFG_ST"
#define MARK_END	"IKCFG_ED"

char *kconfig_find(const unsigned char *image, size_t size)
{
	const unsigned char *start, *end;
	unsigned char *text = NULL;
	size_t text_size = 0;

	start = memmem(image, size, MARK_START "\x1f\x8b", 10);
	if (!start)
		return NULL;
	start += strlen(MARK_START);
	end = memmem(start, image + size - start, MARK_END, strlen(MARK_END));
	if (end)
		text = decompress("the kernel's configuration", start,
				  end - start, KCONFIG_MAX, &text_size);
	if (!text || strlen((char *)text) != text_size) {
		warn("the kernel carries its configuration, but that is damaged");
		free(text);
		return NULL;
	}
	return (char *)text;
}

/* After `CONFIG_SYMBOL=` at the begin of a line, or NULL. */
static const char *find_value(const char *config, const char *symbol)
{
	size_t len = strlen(symbol);
	const char *line = config;

	while (line) {
		if (!strncmp(line, "CONFIG_", 7) &&
		    !strncmp(line + 7, symbol, len) && line[7 + len] == '=')
			return line + 7 + len + 1;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return NULL;
}

char kconfig_value(const char *config, const char *symbol)
{
	const char *value = find_value(config, symbol);

	return value ? *value : 0;
}

static bool ends(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) &&
		!strncmp(text + len - strlen(with), with, strlen(with));
}

/* The symbols of hardware drivers end in WDT or _WATCHDOG; so does the one in
 * software, which dies with its kernel.
 */
static bool is_watchdog_driver(const char *symbol, size_t len)
{
	if (!strncmp(symbol, "SOFT_WATCHDOG", len))
		return false;
	return ends(symbol, len, "WDT") || ends(symbol, len, "_WATCHDOG");
}

static bool has_watchdog_driver(const char *config)
{
	const char *line = config;

	while (line) {
		size_t len = strcspn(line, "=\n");

		if (line[len] == '=' && !strncmp(line, "CONFIG_", 7) &&
		    is_watchdog_driver(line + 7, len - 7))
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

static unsigned int need(const char *config, const char *symbol,
			 const char *without)
{
	char value = kconfig_value(config, symbol);

	if (value == 'y')
		return 0;
	if (value == 'm')
		warn("CONFIG_%s is a module in the kernel, and no module is there before the root file system: %s",
		     symbol, without);
	else
		warn("the kernel lacks CONFIG_%s: %s", symbol, without);
	return 1;
}

static unsigned int check_watchdog(const char *config)
{
	if (kconfig_value(config, "WATCHDOG") && has_watchdog_driver(config))
		return 0;
	warn("the kernel has no driver of a hardware watchdog: nobody feeds the one that the old system arms, and each try ends in the old system");
	return 1;
}

unsigned int kconfig_check(const char *config, const struct bundle *bundle,
			   const char *compressor)
{
	unsigned int warnings = 0;

	warnings += need(config, "MTD", "it finds no root file system in RAM");
	warnings += need(config, "MTD_BLOCK", "no MTD can be its root device");
	warnings += need(config, "MTD_PHRAM",
			 "it finds no root file system in RAM");
	warnings += need(config, "SQUASHFS",
			 "it cannot mount the root file system");
	warnings += need(config, compressor,
			 "it cannot read the root file system");
	if (!bundle_linux(bundle, 5, 18))
		warnings += need(config, "MTD_CMDLINE_PARTS",
				 "mtdparts= on its command line says nothing to it");
	warnings += need(config, "UNIX",
			 "kexec-try confirm cannot reach kexec-try guard");
	warnings += check_watchdog(config);

	if (kconfig_value(config, "CMDLINE_OVERRIDE") == 'y') {
		warn("CONFIG_CMDLINE_OVERRIDE is set in the kernel: it sees no command line but its own");
		warnings++;
	}
	return warnings;
}
