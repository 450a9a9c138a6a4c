// SPDX-License-Identifier: GPL-2.0-only
/*
 * status.c - what a device says of its system, and how people read it
 */

#include <stdio.h>
#include <string.h>

#include "status.h"

bool status_get(const char *text, const char *key, char value[STATUS_VALUE_MAX])
{
	size_t length = strlen(key);

	value[0] = '\0';
	while (text && (strncmp(text, key, length) || text[length] != '=')) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return false;
	text += length + 1;
	snprintf(value, STATUS_VALUE_MAX, "%.*s", (int)strcspn(text, "\r\n"),
		 text);
	return true;
}

bool status_is(const char *text, const char *key, const char *value)
{
	char have[STATUS_VALUE_MAX];

	return status_get(text, key, have) && !strcmp(have, value);
}

static void tell_system(const char *text, void (*line)(const char *line))
{
	char system[STATUS_VALUE_MAX], state[STATUS_VALUE_MAX];
	char left[STATUS_VALUE_MAX], why[STATUS_VALUE_MAX];
	char out[4 * STATUS_VALUE_MAX + 64];

	status_get(text, "system", system);
	status_get(text, "state", state);
	status_get(text, "left", left);
	status_get(text, "why", why);
	snprintf(out, sizeof(out), "system: %s%s%s%s%s%s%s%s", system,
		 strcmp(state, "none") ? ", " : "",
		 strcmp(state, "none") ? state : "", left[0] ? ", " : "", left,
		 left[0] ? " s left to confirm it" : "", why[0] ? ": " : "",
		 why);
	line(out);
}

void status_tell(const char *text, void (*line)(const char *line))
{
	static const char *const keys[] = { "watchdog", "try", "root" };
	char value[STATUS_VALUE_MAX], out[STATUS_VALUE_MAX + 16];
	unsigned int i;

	tell_system(text, line);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!status_get(text, keys[i], value))
			continue;
		snprintf(out, sizeof(out), "%s: %s", keys[i], value);
		line(out);
	}
}
