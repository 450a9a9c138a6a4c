// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the kernel of a test system that its random numbers are good. Without
 * it, an emulated board, which has no other source of them, spends most of its
 * boot with waiting for some (random(4), RNDADDENTROPY). They are the same each
 * time: nothing but a test may do this.
 *
 * It uses no C library, and so has one page where others have a hundred: the
 * flash of a Malta is small.
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/random.h>

/* ChaCha20, from which all random numbers come, has a key of 32 bytes */
#define SEED_BYTES 32

/* Release 6 has no HI and LO */
#if __mips_isa_rev >= 6
#define CLOBBER_HI_LO
#else
#define CLOBBER_HI_LO , "hi", "lo"
#endif

/*
 * The system call convention of Linux on MIPS, the same in its o32 and n64 ABI
 * for up to four arguments: number and result in v0, arguments in a0 to a2, an
 * error when a3 is not 0 (arch/mips/kernel/scall32-o32.S, scall64-n64.S).
 */
static long system_call(long number, long first, long second, long third)
{
	register long v0 asm("$2") = number;
	register long a0 asm("$4") = first;
	register long a1 asm("$5") = second;
	register long a2 asm("$6") = third;
	register long a3 asm("$7");

	asm volatile("syscall"
		     : "+r"(v0), "=r"(a3)
		     : "r"(a0), "r"(a1), "r"(a2)
		     : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13",
		       "$14", "$15", "$24", "$25", "memory" CLOBBER_HI_LO);
	return a3 ? -v0 : v0;
}

static int seed_random(void)
{
	static struct {
		int entropy_bits;
		int bytes;
		unsigned char seed[SEED_BYTES];
	} pool = { 8 * SEED_BYTES, SEED_BYTES, "random enough for a test" };
	long fd;

	fd = system_call(__NR_open, (long)"/dev/random", O_WRONLY, 0);
	if (fd < 0)
		return 1;
	return system_call(__NR_ioctl, fd, RNDADDENTROPY, (long)&pool) < 0;
}

void __start(void)
{
	system_call(__NR_exit, seed_random(), 0, 0);
	__builtin_unreachable();
}
