// SPDX-License-Identifier: GPL-2.0-only
/*
 * status.c - the status of a device's system, and how it is shown to people
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "status.h"

bool status_get(const char *text, const char *key, char value[STATUS_VALUE_MAX])
{
	size_t length = strlen(key);

	value[0] = '\0';
	while (strncmp(text, key, length) || text[length] != '=') {
		text = strchr(text, '\n');
		if (!text)
			return false;
		text++;
	}
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

void status_tell(const char *text, void (*line)(const char *line))
{
	static const char *const keys[] = { "watchdog", "try", "root", "overlay" };
	char value[STATUS_VALUE_MAX], *out = NULL;
	unsigned int i;

	status_get(text, "system", value);
	must_add(&out, "system: %s", value);
	status_get(text, "state", value);
	if (strcmp(value, "none"))
		must_add(&out, ", %s", value);
	status_get(text, "left", value);
	if (value[0])
		must_add(&out, ", %s s left to confirm it", value);
	status_get(text, "why", value);
	if (value[0])
		must_add(&out, ": %s", value);
	line(out);
	free(out);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!status_get(text, keys[i], value))
			continue;
		out = must_print("%s: %s", keys[i], value);
		line(out);
		free(out);
	}
}
