/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dt-check.h - see whether a device tree blob can be worked on
 */
#ifndef DT_CHECK_H
#define DT_CHECK_H

#include <sys/types.h>

int dt_check(const char *dtb, off_t dtb_size, const char *name);
int dt_refuse(const char *what, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* DT_CHECK_H */
