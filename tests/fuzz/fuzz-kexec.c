// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz-kexec.c - kexec as a whole: its options, /proc/iomem and a device tree
 *
 * world.h describes the form of an input. Each is tried in a process of its own,
 * where a path that begins with "/" is below a directory of the fuzzer, and
 * kexec_load() checks the segments. There kexec must end by itself: with status 0
 * and an image loaded, or with another status, a line of text and nothing loaded.
 * The child leaves its coverage counters in shared memory for libFuzzer in the
 * parent.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "kexec.h"
#include "fuzz.h"
#include "world.h"

/* As many as Linux takes */
#define KEXEC_SEGMENT_MAX	16

int kexec_main(int argc, char **argv);

/* The counters of all instrumented code; the linker names their ends. */
extern uint8_t __start___sancov_cntrs[], __stop___sancov_cntrs[];

/* How the child ended */
struct result {
	bool ended;
	bool loaded;
	int status;
	uint8_t counters[];
};

static char directory[] = "/tmp/fuzz-kexec-XXXXXX";
static struct result *result;
static struct world world;
static bool is_child;

/* The file with the child's output */
static int said_fd;

/* --- what kexec calls instead of libc ------------------------------------ */

int __real_open(const char *path, int flags, ...);
FILE *__real_fopen(const char *path, const char *mode);
int __real_stat(const char *path, struct stat *status);
int __real_lstat(const char *path, struct stat *status);
int __real_access(const char *path, int mode);
DIR *__real_opendir(const char *path);
int __real_scandir(const char *path, struct dirent ***list,
		   int (*filter)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **));
int __real_uname(struct utsname *name);
int __real_sysinfo(struct sysinfo *info);
void __real_exit(int status) __attribute__((noreturn));

static const char *inside(const char *path)
{
	return is_child && *path == '/' ? path + 1 : path;
}

int __wrap_open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return __real_open(inside(path), flags, mode);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	return __real_fopen(inside(path), mode);
}

int __wrap_stat(const char *path, struct stat *status)
{
	return __real_stat(inside(path), status);
}

int __wrap_lstat(const char *path, struct stat *status)
{
	return __real_lstat(inside(path), status);
}

int __wrap_access(const char *path, int mode)
{
	return __real_access(inside(path), mode);
}

DIR *__wrap_opendir(const char *path)
{
	return __real_opendir(inside(path));
}

int __wrap_scandir(const char *path, struct dirent ***list,
		   int (*filter)(const struct dirent *),
		   int (*compare)(const struct dirent **, const struct dirent **))
{
	return __real_scandir(inside(path), list, filter, compare);
}

int __wrap_uname(struct utsname *name)
{
	int status = __real_uname(name);

	if (is_child)
		strcpy(name->machine, "mips64");
	return status;
}

int __wrap_sysinfo(struct sysinfo *info)
{
	int status = __real_sysinfo(info);

	if (is_child) {
		info->totalram = world.ram;
		info->mem_unit = 1;
	}
	return status;
}

/* kexec uses syscall() for kexec_load() only. */
long __wrap_syscall(long number, ...)
{
	const struct kexec_segment *segments;
	unsigned long nr;
	va_list args;

	CHECK(is_child && number == SYS_kexec_load);
	va_start(args, number);
	va_arg(args, void *);
	nr = va_arg(args, unsigned long);
	segments = va_arg(args, const struct kexec_segment *);
	va_end(args);
	if (nr > KEXEC_SEGMENT_MAX) {
		errno = EINVAL;
		return -1;
	}
	image_check(&world, segments, nr);
	result->loaded = true;
	return 0;
}

/* kexec leaves its memory to exit(), so leaks are not checked. */
void __attribute__((noreturn)) __wrap_exit(int status)
{
	if (!is_child)
		__real_exit(status);
	fflush(stdout);
	fflush(stderr);
	memcpy(result->counters, __start___sancov_cntrs,
	       __stop___sancov_cntrs - __start___sancov_cntrs);
	result->status = status;
	result->ended = true;
	_exit(status);
}

/* --- one input ----------------------------------------------------------- */

static void write_file(const char *name, const void *data, size_t size)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && !close(fd));
}

/* A 64-bit kernel at 1 MiB, most of it bss */
static void write_kernel(void)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr load;
		char code[64];
	} kernel = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_MIPS,
			.e_version = EV_CURRENT,
			.e_entry = 0xffffffff80100000,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
		},
		.load = {
			.p_type = PT_LOAD,
			.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
			.p_vaddr = 0xffffffff80100000,
			.p_paddr = 0xffffffff80100000,
			.p_filesz = 64,
			.p_memsz = 0x20000,
			.p_align = 0x1000,
		},
	};

	write_file("vmlinux", &kernel, sizeof(kernel));
}

static void write_files(void)
{
	static const char *const directories[] = {
		"proc", "d", "sys", "sys/kernel", "sys/devices", "sys/devices/system",
		"sys/devices/system/cpu", "sys/devices/system/cpu/cpu0",
	};
	static char data[5 * 4096 + 3];
	size_t i;

	for (i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		CHECK(!mkdir(directories[i], 0700));
	write_file("proc/cmdline", "console=ttyS0\n", 14);
	write_file("proc/cpuinfo", "cpu model : MIPS 5KE\n", 21);
	write_file("sys/devices/system/cpu/cpu0/crash_notes", "3000000\n", 8);
	write_file("sys/kernel/vmcoreinfo", "3001000 1000\n", 13);
	write_kernel();
	for (i = 0; i < sizeof(data); i++)
		data[i] = i % 251 + 1;
	write_file("f", data, 5000);
	write_file("g", data + 1, 2 * 4096);
	write_file("h", data + 2, 5 * 4096);
	write_file("i", data + 3, 1);
	write_file("empty", data, 0);
	write_file("tree", "\xd0\x0d\xfe\xed and no more", 16);
}

static void remove_directory(void)
{
	if (!is_child)
		remove_tree(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int here;

	(void)argc;
	(void)argv;
	result = mmap(NULL, sizeof(*result) +
		      (__stop___sancov_cntrs - __start___sancov_cntrs),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(result != MAP_FAILED);
	here = open(".", O_RDONLY | O_DIRECTORY);
	CHECK(here >= 0 && mkdtemp(directory) && !chdir(directory));
	atexit(remove_directory);
	write_files();
	said_fd = open("said", O_RDWR | O_CREAT | O_APPEND, 0600);
	CHECK(said_fd >= 0 && !fchdir(here) && !close(here));
	return 0;
}

static void __attribute__((noreturn)) run_kexec(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGABRT, SIG_DFL);
	dup2(said_fd, STDOUT_FILENO);
	dup2(said_fd, STDERR_FILENO);
	CHECK(text && !chdir(directory));
	memcpy(text, data, size);
	text[size] = '\0';
	world_create(&world, text);
	is_child = true;
	exit(kexec_main(world.argc, world.argv));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char said[1 << 16];
	ssize_t said_size;
	pid_t child;
	int status;

	memset(result, 0, sizeof(*result));
	CHECK(!ftruncate(said_fd, 0));
	child = fork();
	CHECK(child >= 0);
	if (!child)
		run_kexec(data, size);
	/* libFuzzer has a timer. */
	while (waitpid(child, &status, 0) != child)
		CHECK(errno == EINTR);

	said_size = pread(said_fd, said, sizeof(said) - 1, 0);
	CHECK(said_size >= 0);
	said[said_size] = '\0';
	if (!result->ended || result->loaded == !!result->status ||
	    (!result->loaded && !strchr(said, '\n')))
		dprintf(STDERR_FILENO, "%s\nended %d, loaded %d, status %d\n", said,
			result->ended, result->loaded, result->status);
	CHECK(result->ended);
	CHECK(result->loaded == !result->status);
	CHECK(result->loaded || strchr(said, '\n'));
	memcpy(__start___sancov_cntrs, result->counters,
	       __stop___sancov_cntrs - __start___sancov_cntrs);
	return 0;
}
