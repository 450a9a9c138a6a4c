/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * owner.h - who feeds the watchdog while no try does
 *
 * Init mostly has it open. A try takes it from there as its last step, and gives
 * it back when the system stays.
 */
#ifndef TRY_OWNER_H
#define TRY_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "watchdog.h"

/* The longest command line of a watchdog daemon, in bytes */
#define OWNER_COMMAND_MAX	512

enum owner_kind {
	OWNER_NOBODY,
	OWNER_GUARD,		/* it ends when the watchdog is taken from it */
	OWNER_PROCD,		/* OpenWrt's init, by ubus */
	OWNER_DAEMON,		/* a program `watchdog`: busybox has one */
	OWNER_OTHER,		/* nobody knows how to take it from that one */
};

/**
 * struct owner - who has the watchdog open
 * @kind: what it is
 * @pid: its process
 * @who: its name and process, for messages
 * @command: of a daemon: its arguments, with a NUL behind each
 * @size: how many bytes of that there are
 */
struct owner {
	enum owner_kind kind;
	pid_t pid;
	char who[WATCHDOG_WHY_MAX];
	char command[OWNER_COMMAND_MAX];
	size_t size;
};

/* Looks for it; nothing is changed */
void owner_find(struct owner *owner);

/* Of a watchdog that nobody had: procd, where that is here; else it stays as it is */
void owner_of_init(struct owner *owner);

/* Says that nobody knows how to take it. Return: -1. */
int owner_refuse(const struct owner *owner);

/**
 * owner_take() - have it close the watchdog
 *
 * The hardware goes on counting where the driver has magic close, or nowayout.
 *
 * Return: 0, or -1 with one line on stderr.
 */
int owner_take(const struct owner *owner);

/**
 * owner_give() - have it feed the watchdog again
 * @watchdog: closed for that, but not stopped
 *
 * Return: whether somebody has the watchdog now; if not, it is open as before.
 */
bool owner_give(const struct owner *owner, struct watchdog *watchdog);

#endif /* TRY_OWNER_H */
