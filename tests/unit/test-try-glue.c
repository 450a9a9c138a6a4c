// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-glue.c - what stands in kexec-try for the rest of kexec
 *
 * Under other names, because the tests have stand-ins of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kexec-stubs.h"
#include "say.h"

#define die			glue_die
#define xmalloc			glue_xmalloc
#define xrealloc		glue_xrealloc
#define mem_min			glue_mem_min
#define mem_max			glue_mem_max
#define add_segment_phys_virt	glue_add_segment_phys_virt
#include "kexec-glue.c"

static void test_segments(void **state)
{
	static const char buffer[4];
	struct kexec_info info = { 0 };
	unsigned long page = getpagesize();
	void *memory;

	(void)state;
	add_segment_phys_virt(&info, buffer, 4, 16 * page, 1, 0);
	add_segment_phys_virt(&info, buffer, 4, 32 * page, page + 1, 0);
	assert_int_equal(info.nr_segments, 2);
	assert_ptr_equal(info.segment[0].mem, 16 * page);
	assert_int_equal(info.segment[0].memsz, page);
	assert_ptr_equal(info.segment[1].buf, buffer);
	assert_int_equal(info.segment[1].memsz, 2 * page);
	free(info.segment);

	memory = xrealloc(xmalloc(10), 20);
	assert_non_null(memory);
	free(memory);
	assert_int_equal(mem_min, 0);
	assert_true(mem_max == ~0ULL);
}

/* The line goes to stderr, and the program ends. */
static void test_die(void **state)
{
	char said[64] = "";
	int status, out[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(out), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(out[1], STDERR_FILENO);
		die("no %s for %d", "room", 7);
	}
	close(out[1]);
	assert_true(read(out[0], said, sizeof(said) - 1) > 0);
	assert_string_equal(said, "kexec-try: no room for 7\n");
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_die),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
