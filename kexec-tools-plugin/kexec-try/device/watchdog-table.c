// SPDX-License-Identifier: GPL-2.0-only
/*
 * watchdog-table.c - the watchdogs of MIPS boards, and kexec
 *
 * From where in the source of Linux each line is known, kernel-patches/
 * WATCHDOGS.md says.
 */

#include <stddef.h>

#include "watchdog.h"

const struct watchdog_driver watchdog_table[] = {
	/* Upstream it stops whatever nowayout says, with this project's patch it
	 * does not, and in OpenWrt from 6.12 on it is a driver of the watchdog
	 * core: only the last of these can be seen from here.
	 */
	{ "ath79_wdt", "ath79-wdt", "ATH79 watchdog",
	  WATCHDOG_BY_CORE, WATCHDOG_ALONE },
	{ "rt2880_wdt", "rt2880_wdt", "Ralink Watchdog",
	  WATCHDOG_BY_CORE, WATCHDOG_ALONE },
	{ "mt7621_wdt", "mt7621_wdt", "Mediatek Watchdog",
	  WATCHDOG_BY_PATCH, WATCHDOG_FEEDS },
	{ "lantiq_wdt", "wdt", "ltq_wdt",
	  WATCHDOG_ALWAYS, WATCHDOG_FEEDS },
	{ "bcm7038_wdt", "bcm7038-wdt", "Broadcom BCM7038 Watchdog Timer",
	  WATCHDOG_BY_CORE, WATCHDOG_ALONE },
	{ "bcm47xx_wdt", "bcm47xx-wdt", "bcm47xx_wdt",
	  WATCHDOG_BY_CORE, WATCHDOG_ALONE },
	{ "realtek_otto_wdt", "realtek-otto-watchdog",
	  "Realtek Otto watchdog timer",
	  WATCHDOG_BY_CORE, WATCHDOG_STOPS },
	{ "imgpdc_wdt", "imgpdc-wdt", "IMG PDC Watchdog",
	  WATCHDOG_BY_CORE, WATCHDOG_STOPS },
	{ "pic32_wdt", "pic32-wdt", "PIC32 Watchdog",
	  WATCHDOG_ALWAYS, WATCHDOG_ALONE },
	{ "pic32_dmt", "pic32-dmt", "PIC32 Deadman Timer",
	  WATCHDOG_ALWAYS, WATCHDOG_ALONE },
	{ "jz4740_wdt", "jz4740-wdt", "jz4740 Watchdog",
	  WATCHDOG_ALWAYS, WATCHDOG_STOPS },
	{ "loongson1_wdt", "ls1x-wdt", "Loongson1 Watchdog",
	  WATCHDOG_ALWAYS, WATCHDOG_ALONE },
	/* Without `always-running` it stops at kexec -e, or may stop later: the
	 * more cautious of its two lines.
	 */
	{ "gpio_wdt", "gpio-wdt", "GPIO Watchdog",
	  WATCHDOG_BY_CORE, WATCHDOG_FEEDS },
	{ "octeon_wdt", NULL, "OCTEON",
	  WATCHDOG_NEVER, WATCHDOG_FEEDS },
	{ "txx9wdt", "txx9wdt", "Hardware Watchdog for TXx9",
	  WATCHDOG_NEVER, WATCHDOG_ALONE },
	{ "rc32434_wdt", "rc32434_wdt", "RC32434_WDT Watchdog",
	  WATCHDOG_NEVER, WATCHDOG_STOPS },
	{ "indydog", NULL, "Hardware Watchdog for SGI IP22",
	  WATCHDOG_NEVER, WATCHDOG_ALONE },
	{ "sb_wdog", NULL, "SiByte Watchdog",
	  WATCHDOG_NEVER, WATCHDOG_ALONE },
	{ "ar7_wdt", "ar7_wdt", "TI AR7 Watchdog Timer",
	  WATCHDOG_BY_CORE, WATCHDOG_STOPS },
	{ "mtx-1_wdt", "mtx1-wdt", "MTX-1 WDT",
	  WATCHDOG_ALWAYS, WATCHDOG_FEEDS },
	{ "softdog", NULL, "Software Watchdog",
	  WATCHDOG_NEVER, WATCHDOG_ALONE },
	/* A PCI card's, and QEMU's Boston has it */
	{ "i6300esb", NULL, "i6300ESB timer",
	  WATCHDOG_BY_CORE, WATCHDOG_STOPS },
	/* No MIPS board but QEMU's Malta has it, with this project's patches. */
	{ "ib700wdt", "ib700wdt", "IB700 WDT",
	  WATCHDOG_BY_CORE, WATCHDOG_ALONE },
	{ NULL, NULL, NULL, 0, 0 },
};
