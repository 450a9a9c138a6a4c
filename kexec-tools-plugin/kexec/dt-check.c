// SPDX-License-Identifier: GPL-2.0-only
/*
 * dt-check.c - see whether a device tree blob can be worked on
 *
 * libfdt takes for granted that a blob is whole. One from a file may be cut,
 * damaged or made to do harm.
 */

#include <ctype.h>
#include <errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kexec.h"
#include "dt-check.h"

/* No board has a tree of even a tenth of it. It bounds the time that libfdt
 * needs, which is looking for things from the start again and again.
 */
#define DT_SIZE_MAX	(1024 * 1024)

/* A message, and how much of a file's name it repeats, in bytes */
#define LINE_MAX_BYTES	1024
#define NAME_SHOWN_MAX	256

/**
 * dt_refuse() - say in one line on stderr what is wrong with a device tree
 * @what: what is refused, with a blank where @name follows
 * @name: its name, as the user gave it, or ""
 * @fmt: the reason and the remedy, as for printf(), without a newline
 *
 * Return: -EINVAL, for the caller to return.
 */
int dt_refuse(const char *what, const char *name, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	char *c;
	int len;

	len = snprintf(line, sizeof(line), "%s%.*s: ", what, NAME_SHOWN_MAX,
		       name);
	va_start(args, fmt);
	vsnprintf(line + len, sizeof(line) - len, fmt, args);
	va_end(args);

	/* Names of nodes are as hostile as the rest of a blob */
	for (c = line; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	fprintf(stderr, "%s\n", line);
	return -EINVAL;
}

static bool block_fits(const char *dtb, uint32_t offset, uint32_t size)
{
	return offset <= fdt_totalsize(dtb) &&
		size <= fdt_totalsize(dtb) - offset;
}

/* Ends with an entry of size 0, which libfdt looks for without a limit. */
static bool reservations_end(const char *dtb)
{
	uint32_t offset = fdt_off_mem_rsvmap(dtb);
	struct fdt_reserve_entry entry;

	while (block_fits(dtb, offset, sizeof(entry))) {
		memcpy(&entry, dtb + offset, sizeof(entry));
		if (!entry.size)
			return true;
		offset += sizeof(entry);
	}
	return false;
}

static bool string_ends(const char *text, uint32_t size)
{
	return size && memchr(text, '\0', size);
}

/* Bytes after the tag of a property, or 0 when it does not fit in @left. */
static uint32_t property_size(const char *dtb, const char *at, uint32_t left)
{
	uint32_t field[2];
	uint32_t len, name;

	if (left < sizeof(field))
		return 0;
	memcpy(field, at, sizeof(field));
	len = fdt32_to_cpu(field[0]);
	name = fdt32_to_cpu(field[1]);

	if (len > left - sizeof(field) || name >= fdt_size_dt_strings(dtb) ||
	    !string_ends(dtb + fdt_off_dt_strings(dtb) + name,
			 fdt_size_dt_strings(dtb) - name))
		return 0;
	return sizeof(field) + len;
}

/* Walks the structure block once, so that libfdt can walk it without looking
 * left or right: every tag known, every name and value inside, nodes nested,
 * properties before children, one root, at the start, and an end.
 */
static bool structure_is_sound(const char *dtb)
{
	const char *block = dtb + fdt_off_dt_struct(dtb);
	uint32_t size = fdt_size_dt_struct(dtb);
	uint32_t at = 0, tag, body;
	bool properties = false;
	int depth = 0, nodes = 0;

	while (at <= size && size - at >= sizeof(tag)) {
		memcpy(&tag, block + at, sizeof(tag));
		at += sizeof(tag);
		body = 0;

		switch (fdt32_to_cpu(tag)) {
		case FDT_BEGIN_NODE:
			if (!string_ends(block + at, size - at) ||
			    (!depth && nodes++))
				return false;
			body = strlen(block + at) + 1;
			depth++;
			properties = true;
			break;
		case FDT_END_NODE:
			if (--depth < 0)
				return false;
			properties = false;
			break;
		case FDT_PROP:
			body = property_size(dtb, block + at, size - at);
			if (!body || !properties)
				return false;
			break;
		case FDT_NOP:
			if (!nodes)
				return false;
			break;
		case FDT_END:
			return nodes && !depth;
		default:
			return false;
		}
		at += _ALIGN(body, sizeof(tag));
	}
	return false;
}

/**
 * dt_check() - see whether a device tree blob can be worked on
 * @dtb: the blob
 * @dtb_size: how many bytes there are at @dtb
 * @name: how to call it in a message
 *
 * Checks all that libfdt takes for granted, so that a damaged blob can do no
 * harm: Devicetree Specification, release v0.4, chapter 5.
 *
 * Return: 0, or -EINVAL with one line on stderr.
 */
int dt_check(const char *dtb, off_t dtb_size, const char *name)
{
	if (dtb_size < (off_t)sizeof(struct fdt_header) ||
	    fdt_magic(dtb) != FDT_MAGIC)
		return dt_refuse("Device tree ", name,
				 "this is no device tree blob; make one with dtc");
	if (fdt_totalsize(dtb) > (unsigned long long)dtb_size)
		return dt_refuse("Device tree ", name,
				 "the blob is cut: it has %jd bytes, its header says %u",
				 (intmax_t)dtb_size, fdt_totalsize(dtb));
	if (fdt_totalsize(dtb) > DT_SIZE_MAX)
		return dt_refuse("Device tree ", name,
				 "the blob is too large: it has %u bytes, %d is the most",
				 fdt_totalsize(dtb), DT_SIZE_MAX);
	/* Version 17 is the first to tell the size of the structure block */
	if (fdt_version(dtb) < 17 || fdt_last_comp_version(dtb) > 17)
		return dt_refuse("Device tree ", name,
				 "the blob has version %u; make it anew with dtc, as version 17",
				 fdt_version(dtb));
	/* libfdt reads both as what they are, which not every CPU can do where
	 * they are not aligned
	 */
	if (fdt_off_mem_rsvmap(dtb) % sizeof(uint64_t) ||
	    fdt_off_dt_struct(dtb) % sizeof(uint32_t) ||
	    !block_fits(dtb, fdt_off_dt_struct(dtb),
			fdt_size_dt_struct(dtb)) ||
	    !block_fits(dtb, fdt_off_dt_strings(dtb),
			fdt_size_dt_strings(dtb)) ||
	    !reservations_end(dtb) || !structure_is_sound(dtb))
		return dt_refuse("Device tree ", name,
				 "the blob is damaged; make it anew with dtc");
	return 0;
}
