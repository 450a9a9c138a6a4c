/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.h - what a device must have for a try
 */
#ifndef TRY_DEVICE_H
#define TRY_DEVICE_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/utsname.h>

#include "bundle.h"
#include "plan.h"
#include "system.h"
#include "watchdog.h"

/**
 * enum device_guard - who guards the try
 * @GUARD_WATCHDOG: a watchdog that lives through kexec, as far as we know
 * @GUARD_TRUSTED: a watchdog that does, as the user knows
 * @GUARD_NOBODY: nobody; the user wants it so
 */
enum device_guard {
	GUARD_WATCHDOG,
	GUARD_TRUSTED,
	GUARD_NOBODY,
};

/**
 * struct device - what was found out about the device
 * @ram: its RAM
 * @driver: driver of its watchdog, NULL when we do not know it
 * @held_by_guard: whether the watchdog is held by guard, since this is a new
 *	system that was confirmed
 */
struct device {
	struct ram ram;
	const struct watchdog_driver *driver;
	bool held_by_guard;
};

/**
 * device_check() - see whether the device has what a try needs
 * @device: what is found out
 * @bundle: the bundle, opened
 * @guard: who is to guard the try
 *
 * Nothing is changed; the watchdog is not opened.
 *
 * Return: how many things are missing, each having been told in a line on
 * stderr, with what would help.
 */
int device_check(struct device *device, const struct bundle *bundle,
		 enum device_guard guard);

/* uname() and geteuid(); the tests have their own */
extern int (*device_uname)(struct utsname *name);
extern uid_t (*device_euid)(void);

#endif /* TRY_DEVICE_H */
