/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watchdog-table.h - the watchdogs of MIPS boards, and kexec
 */
#ifndef TRY_WATCHDOG_TABLE_H
#define TRY_WATCHDOG_TABLE_H

#include "watchdog.h"

extern const struct watchdog_driver watchdog_table[];
extern const unsigned int watchdog_table_size;

#endif /* TRY_WATCHDOG_TABLE_H */
