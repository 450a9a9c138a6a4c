// SPDX-License-Identifier: GPL-2.0-only
/*
 * rehearse.c - kexec-try rehearse: start a kernel that only hangs, to see that the
 *	old system comes back
 *
 * It goes the way of every try, with the same watchdog. So it also shows what no
 * kernel tells: whether the boot ROM finds its flash after a reset by the watchdog.
 */

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"
#include "files.h"
#include "say.h"
#include "start.h"
#include "system.h"
#include "text.h"
#include "try.h"

/* The kernel lies so far above the begin of RAM, clear of the exception vectors */
#define LOAD_OFFSET	0x100000

/* Begins a page of every size that MIPS has */
#define PAGE_MAX	0x10000

/* CKSEG0, in which every MIPS can run without a page table */
#define CKSEG0		0xffffffff80000000ULL
#define KSEG0_SIZE	(512ULL << 20)

/* The same for all of MIPS, 32 and 64 bits, release 6 included */
static const uint32_t code[] = {
	0x40086000,	/* mfc0	$t0, $12	Status */
	0x35080001,	/* ori	$t0, $t0, 1	its bit IE */
	0x39080001,	/* xori	$t0, $t0, 1	is 0 from here on */
	0x40886000,	/* mtc0	$t0, $12 */
	0x000000c0,	/* ehb */
	0x1000ffff,	/* b	. */
	0x00000000,	/* nop */
};

/* As this program is for the device that it runs on, its byte order is right. */
#define MAKE_ELF(bits, class, file, address) do { \
	Elf##bits##_Ehdr *ehdr = (void *)(file); \
	Elf##bits##_Phdr *phdr = (void *)(ehdr + 1); \
	memcpy(ehdr->e_ident, ELFMAG, SELFMAG); \
	ehdr->e_ident[EI_CLASS] = class; \
	ehdr->e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? \
		ELFDATA2MSB : ELFDATA2LSB; \
	ehdr->e_ident[EI_VERSION] = EV_CURRENT; \
	ehdr->e_type = ET_EXEC; \
	ehdr->e_machine = EM_MIPS; \
	ehdr->e_version = EV_CURRENT; \
	ehdr->e_entry = (address); \
	ehdr->e_phoff = sizeof(*ehdr); \
	ehdr->e_ehsize = sizeof(*ehdr); \
	ehdr->e_phentsize = sizeof(*phdr); \
	ehdr->e_phnum = 1; \
	phdr->p_type = PT_LOAD; \
	phdr->p_offset = REHEARSE_SIZE - sizeof(code); \
	phdr->p_vaddr = (address); \
	phdr->p_paddr = (address); \
	phdr->p_filesz = sizeof(code); \
	phdr->p_memsz = sizeof(code); \
	phdr->p_flags = PF_R | PF_X; \
	phdr->p_align = sizeof(uint32_t); \
} while (0)

/* Headers of either word size, and the code */
#define REHEARSE_SIZE	(sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + sizeof(code))

static int write_kernel(const char *path, unsigned long long start, bool wide)
{
	uint64_t file[(REHEARSE_SIZE + 7) / 8] = { 0 };
	uint64_t address = CKSEG0 + start;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		      O_NOFOLLOW, 0600);
	int result;

	if (wide)
		MAKE_ELF(64, ELFCLASS64, file, address);
	else
		MAKE_ELF(32, ELFCLASS32, file, (uint32_t)address);
	memcpy((char *)file + REHEARSE_SIZE - sizeof(code), code, sizeof(code));
	result = fd < 0 ? -1 : files_write(fd, file, REHEARSE_SIZE);
	if (result)
		report("%s: cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return result;
}

static int rehearse(const struct start *start, const struct device *device)
{
	unsigned long long at = (device->ram.range[0].start + LOAD_OFFSET) /
		PAGE_MAX * PAGE_MAX;
	char dir[SYSTEM_PATH_MAX], *path;
	struct utsname name;
	int result;

	if (!ram_has(&device->ram, at, at + PAGE_MAX) ||
	    at + PAGE_MAX > KSEG0_SIZE)
		return report("there is no RAM at 0x%llx for a kernel that hangs",
			      at);
	if (system_run_dir(dir) || system_uname(&name))
		return -1;
	path = must_print("%s/rehearsal", dir);
	result = write_kernel(path, at, !strcmp(name.machine, "mips64"));
	if (!result) {
		char *argv[] = { "kexec", "-l", path, NULL };

		result = start_system(start, argv);
	}
	unlink(path);
	free(path);
	if (!result)
		step("a rehearsal: the new system only hangs; the old one must come back by itself");
	return result;
}

static int parse(struct start *start, int argc, char **argv)
{
	static const struct option options[] = {
		{ "watchdog-timeout", required_argument, NULL, 't' },
		{ "now", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 }
	};
	int option;

	optind = 0; /* all anew, getopt(3) */
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			start->way = LEAVE_NOW;
		else if (option != 't' ||
			 text_option("watchdog-timeout", optarg, 1,
				     WATCHDOG_TIMEOUT_MAX, &start->timeout))
			return -1;
	}
	return optind == argc ? 0 :
		report("rehearse: '%s' is one argument too many", argv[optind]);
}

static int run_rehearse(int argc, char **argv)
{
	struct start start = { .way = LEAVE_AUTO };
	struct device device;
	int missing, result = -1;

	if (parse(&start, argc, argv))
		return EXIT_USAGE;
	start.lock = start_lock();
	if (start.lock < 0)
		return EXIT_REFUSED;
	missing = check_rehearsal(&device);
	if (missing)
		check_report(missing);
	else
		result = rehearse(&start, &device);
	close(start.lock);
	return result ? EXIT_REFUSED : EXIT_GOOD;
}

const struct subcommand subcommand_rehearse = {
	"rehearse",
	"on a device: start a kernel that hangs, to see that the old one comes back",
	"[OPTION...]\n\n"
	"Starts a kernel that masks interrupts and loops, in the way in which `run` starts\n"
	"a new system. The watchdog must bring the old one back. Do it, several times,\n"
	"where you can switch the device off; `send --rehearse` counts for you.\n\n"
	"  --watchdog-timeout SECONDS  from the last moment of the old system on; 120;\n"
	"                              less where the driver cannot\n"
	"  --now                       leave at once, as for `run`\n",
	run_rehearse,
};
