/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * world.h - the parts of fuzz-kexec
 *
 * An input is text in three parts, with a line of "%" between them.
 *
 * 1. Options of kexec, one per line. Only those of option_prefixes[] count.
 *
 * 2. /proc/iomem. Lines that the kernel would not write are left out.
 *
 * 3. A device tree, one item per line. It becomes the file "dtb", or, without
 *    --dtb, /proc/device-tree. All numbers are hexadecimal.
 *
 *	{NAME		begins a node
 *	}		ends it
 *	=NAME <N N N	a property of cells
 *	=NAME "TEXT	one of text
 *	=NAME 'TEXT	one of text without the NUL at its end
 *	=NAME *N	one of N zeros
 *	=NAME		one that is empty
 *	!START SIZE	an entry of the memory reservation block
 *	#I N		word I of the header is N
 *	-N		dtb is cut to N bytes
 *
 * kexec's libfdt trusts the structure of a tree. It is sound here, whatever the
 * text: only the header can be wrong, and only so that it must be refused.
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libfdt_env.h>
#include <fdt.h>

/**
 * struct world - what one run of kexec finds
 * @argc: how many arguments there are
 * @argv: the arguments, with a NULL behind the last one
 * @dtb: the value of --dtb, or NULL
 * @dtb_is_bad: kexec must refuse the file dtb
 * @ram: the size of the RAM in bytes
 */
struct world {
	int argc;
	char *argv[256];
	const char *dtb;
	bool dtb_is_bad;
	unsigned long long ram;
};

/**
 * world_create() - write the files of an input into the current directory
 * @world: what is not in a file
 * @text: the input with a NUL behind it; @world points into it
 */
void world_create(struct world *world, char *text);

/**
 * tree_create() - write a device tree into the current directory
 * @text: its description
 * @as_files: as proc/device-tree, and not as dtb
 *
 * Return: whether the header of dtb is good.
 */
bool tree_create(char *text, bool as_files);

/**
 * remove_tree() - remove a directory and all that is in it
 * @name: its name; it need not be there
 */
void remove_tree(const char *name);

struct kexec_segment;

/**
 * image_check() - check the segments that kexec would load
 * @world: the input
 * @segments: the segments
 * @nr: how many there are
 *
 * Aborts when they break the contract of --map-file.
 */
void image_check(const struct world *world,
		 const struct kexec_segment *segments, unsigned long nr);

#endif /* WORLD_H */
