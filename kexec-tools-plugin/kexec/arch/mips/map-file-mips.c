// SPDX-License-Identifier: GPL-2.0-only
/*
 * map-file-mips.c - --map-file on MIPS
 *
 * What MIPS is to map-file.c, and its steps in the order in which the loader
 * needs them. Each step ends kexec with one line on stderr when the image
 * cannot be had; nothing has been given to the running kernel by then.
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "../../kexec.h"
#include "../../kexec-syscall.h"
#include "../../dt-memory.h"
#include "../../map-file.h"
#include "map-file-mips.h"

/*
 * The copy loop of a 32-bit kernel writes through KSEG0, which is the first
 * 512 MiB of the physical addresses, and that is also what a 32-bit new kernel
 * reaches without a mapping.
 */
#define KSEG0_SIZE	(512ULL << 20)

/*
 * The unmapped windows: MIPS32 Architecture Reference Manual, volume III, table
 * 4.1, and MIPS64, volume III, tables 4.1 and 4.2. KSEG0 and KSEG1 also as a
 * 64-bit CPU has them, with bit 31 extended.
 */
static const struct map_file_window windows[] = {
	{ "KSEG0", 0x80000000ULL, 0x9fffffffULL, 0x1fffffff },
	{ "KSEG1", 0xa0000000ULL, 0xbfffffffULL, 0x1fffffff },
	{ "CKSEG0", 0xffffffff80000000ULL, 0xffffffff9fffffffULL,
	  0x1fffffff },
	{ "CKSEG1", 0xffffffffa0000000ULL, 0xffffffffbfffffffULL,
	  0x1fffffff },
	{ "XKPHYS", 0x8000000000000000ULL, 0xbfffffffffffffffULL,
	  0x07ffffffffffffffULL },
	{ NULL, 0, 0, 0 },
};

/*
 * Linux reserves up to here for the exception vectors of CPUs that cannot move
 * them: arch/mips/kernel/cpu-probe.c has 0x1000 to 0x5000 for a BMIPS5000, and
 * less for all others.
 */
#define VECTORS_END	0x5000

static struct map_file_machine machine = {
	.window = windows,
	.vectors_end = VECTORS_END,
};

/* On top of what a 32-bit kernel reaches, a 64-bit one reaches all physical
 * addresses, through XKPHYS, and kexec those that fit in an unsigned long.
 */
static void set_reach(bool kernel_is_64_bit)
{
	machine.reach_end = KSEG0_SIZE;
	machine.reach_name = "KSEG0, which is all that a 32-bit kernel reaches directly";
#ifdef __mips64
	if (kernel_is_64_bit) {
		machine.reach_end = ULONG_MAX;
		machine.reach_name = "the addresses that kexec can name";
	}
#else
	(void)kernel_is_64_bit;
#endif
}

/* Half of the RAM in pages, as sanity_check_segment_list() in Linux,
 * kernel/kexec_core.c, has it.
 */
static unsigned long long image_max(void)
{
	struct sysinfo system;

	if (sysinfo(&system))
		die("sysinfo: %s\n", strerror(errno));
	return (unsigned long long)system.totalram * system.mem_unit /
		machine.page_size / 2 * machine.page_size;
}

static void die_if_refused(int result, const struct map_files *files)
{
	if (result < 0)
		die("%s\n", files->error);
}

/**
 * mips_place_map_files() - add the files that have an address to the image
 * @files: the options; none is fine, here and in all that follows
 * @space: set up here, for all that follows
 * @info: the image, with the kernel as its only segments
 * @kernel_is_64_bit: whether that is a 64-bit kernel
 * @buffers: how many segments come after the map files
 *
 * They come first, so that everything else makes room for them.
 */
void mips_place_map_files(struct map_files *files,
			  struct map_file_space *space,
			  struct kexec_info *info, bool kernel_is_64_bit,
			  int buffers)
{
	*space = (struct map_file_space) { .machine = &machine, .info = info };
	machine.page_size = getpagesize();
	if (!files->nr)
		return;

	machine.segments_max = KEXEC_MAX_SEGMENTS;
	machine.segments_after = buffers;
	machine.image_max = image_max();
	set_reach(kernel_is_64_bit);
	if (info->kexec_flags & KEXEC_ON_CRASH)
		die("--map-file %s: not with --load-panic, which has no room for it\n",
		    files->file[0].arg);
	die_if_refused(map_files_open(files, &machine), files);
	die_if_refused(map_files_place_fixed(files, space), files);
}

static unsigned int make_regions(const struct map_files *files,
				 struct dt_region *region)
{
	unsigned int i, regions = 0;

	for (i = 0; i < files->nr; i++) {
		const struct map_file *file = &files->file[i];

		if (!file->reserve)
			continue;
		region[regions++] = (struct dt_region) {
			.arg = file->arg,
			.addr = file->addr,
			.size = file->size,
			.span = _ALIGN(file->size, machine.page_size),
			.label = file->label,
			.root = file->root,
		};
	}
	return regions;
}

/**
 * mips_describe_map_files() - place the other files, and tell the new kernel
 * @files: the options
 * @space: where the image is
 * @dtb: the device tree, checked; replaced by a new buffer
 * @dtb_size: its size in bytes
 *
 * Also without map files, to drop what an earlier kexec left in the tree.
 */
void mips_describe_map_files(struct map_files *files,
			     struct map_file_space *space, char **dtb,
			     off_t *dtb_size)
{
	struct dt_region region[MAP_FILE_MAX];
	struct memory_range *reserved = NULL;

	if ((files->nr || kexec_debug) &&
	    dt_reserved(*dtb, &reserved, &space->reserved_nr) && files->nr)
		exit(EXIT_FAILURE);
	space->reserved = reserved;

	die_if_refused(map_files_place_auto(files, space), files);
	if (dt_reserve_regions(dtb, dtb_size, region, make_regions(files, region)))
		exit(EXIT_FAILURE);
}

/**
 * mips_add_buffer() - add something that may lie anywhere to the image
 * @files: the options
 * @space: where the image is
 * @what: what is in the buffer
 * @buf: the buffer
 * @size: its size in bytes
 * @min: lowest physical address where it may begin
 *
 * Beside map files it also keeps clear of what the device tree reserves, and a
 * message says what is in the way.
 *
 * Return: its physical address.
 */
unsigned long mips_add_buffer(struct map_files *files,
			      const struct map_file_space *space,
			      const char *what, const void *buf,
			      unsigned long size, unsigned long min)
{
	unsigned long long addr;

	if (!files->nr)
		return add_buffer(space->info, buf, size, size, sizeof(void *), min,
				  MIPS_BUFFER_MAX, 1);

	die_if_refused(map_files_find_room(files, space, what, size, min,
					   MIPS_BUFFER_MAX + 1, &addr), files);
	add_segment_phys_virt(space->info, buf, size, addr, size, 0);
	return addr;
}

/**
 * mips_add_dtb() - add the device tree to the image
 * @files: the options
 * @space: where the image is, complete but for it
 * @dtb: the device tree
 * @dtb_size: its size in bytes
 * @min: lowest physical address where it goes, unless there is something that
 *	looks like a device tree, too, and it must lie below
 *
 * Return: its physical address.
 */
unsigned long mips_add_dtb(struct map_files *files,
			   const struct map_file_space *space,
			   const char *dtb, unsigned long dtb_size,
			   unsigned long min)
{
	unsigned long long addr;

	if (!files->nr)
		return mips_add_buffer(files, space, "the device tree", dtb,
				       dtb_size, min);

	die_if_refused(map_files_find_dtb(files, space, dtb_size, min,
					  MIPS_BUFFER_MAX + 1, &addr), files);
	add_segment_phys_virt(space->info, dtb, dtb_size, addr, dtb_size, 0);
	return addr;
}

/**
 * mips_check_map_files() - see whether the kernel will take the whole image
 * @files: the options
 * @space: where the image is, complete
 */
void mips_check_map_files(struct map_files *files,
			  const struct map_file_space *space)
{
	die_if_refused(map_files_check_image(files, space), files);
	die_if_refused(map_files_check_unchanged(files), files);
}

/**
 * mips_print_plan() - print what lies where, for --debug
 * @files: the options
 * @space: where the image is, complete
 * @part: see map_files_print_plan()
 * @parts: how many there are
 */
void mips_print_plan(const struct map_files *files,
		     const struct map_file_space *space,
		     const struct map_file_part *part, unsigned int parts)
{
	map_files_print_plan(stderr, files, space, part, parts);
}
