// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-try-send.c - a bundle goes to a device, and what becomes of it is told
 *
 * In place of ssh there is a script that stands for the device: what it answers
 * to the status is a file for each time that it is asked.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kexec-stubs.h"
#include "say.h"
#include "send.h"
#include "try-fixtures.h"
#include "try-root.h"
#include "try.h"

/* Room for the arguments of a subcommand */
#define ARGS	16

static char parts[] = "/tmp/test-try-send-XXXXXX";
static char *said;

/* ssh HOST COMMAND. `cat` is not in PATH: read and echo are the shell's own.
 * ID stands for the identity of the try.
 */
static const char *const device =
	"echo \"$1 $2\" >>$root/log\n"
	"case $2 in\n"
	"*'run - '*) while read -r line; do :; done; set -- $2\n"
	"    echo $5 >$root/id; exit $(read -r code <$root/code; echo $code) ;;\n"
	"*confirm) read -r code <$root/confirm; echo confirm says $code; exit $code ;;\n"
	"*revert) echo back; exit 0 ;;\n"
	"*status) read -r n <$root/asked || n=0; n=$((n + 1)); echo $n >$root/asked\n"
	"    [ -e $root/status$n ] || { echo broken; exit 255; }\n"
	"    read -r id <$root/id\n"
	"    while read -r line; do\n"
	"        case $line in *ID) echo \"${line%ID}$id\" ;; *) echo \"$line\" ;; esac\n"
	"    done <$root/status$n ;;\n"
	"esac";

static int begin(void **state)
{
	(void)state;
	try_begin();
	said = NULL;
	try_put("/asked", "0\n");
	try_put("/code", "0\n");
	try_put("/confirm", "0\n");
	try_program("device", device);
	setenv("KEXEC_TRY_SSH", try_path("/bin/device"), 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(said);
	try_end();
	return 0;
}

static int make_bundle(void **state)
{
	char *argv[12] = { "pack", "-o", "bundle", "--kernel", "vmlinux",
			   "--dtb", "dtb", "--rootfs", "root" };
	char maps[] = "zeros@auto";
	int status;

	(void)state;
	assert_non_null(mkdtemp(parts));
	assert_int_equal(chdir(parts), 0);
	fixture_parts();
	free(fixture_capture(subcommand_pack.run, 9, argv, &status));
	assert_int_equal(status, 0);
	/* More than a pipe holds */
	fixture_run("head -c 200000 /dev/zero >zeros");
	argv[2] = "large";
	argv[9] = "--map";
	argv[10] = maps;
	free(fixture_capture(subcommand_pack.run, 11, argv, &status));
	assert_int_equal(status, 0);
	return 0;
}

static int remove_parts(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	fixture_run("rm -rf %s", parts);
	return 0;
}

/* Runs `send` with arguments, which end with a NULL; its exit code. */
static int send_it(const char *first, ...)
{
	char *argv[ARGS] = { "send", (char *)first };
	int argc = 1, status;
	va_list args;

	va_start(args, first);
	while (argv[argc])
		argv[++argc] = va_arg(args, char *);
	va_end(args);
	free(said);
	said = fixture_capture(subcommand_send.run, argc, argv, &status);
	return status;
}

/* What the device says when it is asked its status for the n-th time */
static void says(int n, const char *text)
{
	char path[32];

	snprintf(path, sizeof(path), "/status%d", n);
	try_put(path, text);
}

static void log_is(const char *part)
{
	char log[4096];

	try_get("/log", log, sizeof(log));
	assert_contains(log, part);
}

static void log_is_not(const char *part)
{
	char log[4096];

	try_get("/log", log, sizeof(log));
	assert_null(strstr(log, part));
}

#define OLD		"system: old\n"
#define LEAVING		"system: old, leaving for a new one\n"
#define PENDING		"system: new, pending, 9 s left to confirm it\ntry: ID\n"
#define CONFIRMED	"system: new, confirmed\ntry: ID\n"
#define GOING_BACK	"system: new, going back: not confirmed\ntry: ID\n"
#define UNGUARDED	"system: new, going back: guard was not started\ntry: ID\n"

static void answer_is(const char *text, enum send_answer answer)
{
	assert_int_equal(send_parse(text, "1a2b"), answer);
}

static void test_parse(void **state)
{
	(void)state;
	answer_is("", ANSWER_NONE);
	answer_is("ssh: no route\n", ANSWER_NONE);
	answer_is("no system: old\n", ANSWER_NONE);
	answer_is("Warning: x\nsystem: old\n", ANSWER_OTHER);
	answer_is("Operating system: x\nsystem: old\n", ANSWER_OTHER);
	answer_is("This system: x\nsystem: new, pending\nno try: 1\ntry: 1a2b\n",
		  ANSWER_PENDING);
	answer_is("system: old, a try is being prepared\n", ANSWER_LEAVING);
	answer_is("system: new, leaving\ntry: 1a2b\n", ANSWER_LEAVING);
	answer_is("system: new, pending\ntry: 1a2b\n", ANSWER_PENDING);
	answer_is("system: new, pending\ntry: 1a2b", ANSWER_PENDING);
	answer_is("system: new, pending\ntry: 1a2\n", ANSWER_OTHER);
	answer_is("system: new, pending\ntry: 1a2b3\n", ANSWER_OTHER);
	answer_is("system: new, pending\n", ANSWER_OTHER);
	answer_is("system: new, confirmed\ntry: 1a2b\n", ANSWER_CONFIRMED);
	answer_is("system: new, needs no confirmation\ntry: 1a2b\n",
		  ANSWER_CONFIRMED);
	answer_is("system: new, going back: guard was not started\ntry: 1a2b\n",
		  ANSWER_UNGUARDED);
	answer_is("system: new, going back: x\ntry: 1a2b\n",
		  ANSWER_GOING_BACK);
}

static void test_arguments(void **state)
{
	(void)state;
	assert_int_equal(send_it(NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "-ohost", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "--", "-ohost", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--wait", "0", NULL), EXIT_USAGE);
	assert_int_equal(send_it("missing", "h", NULL), EXIT_REFUSED);
}

static void test_confirmed(void **state)
{
	(void)state;
	says(1, LEAVING);
	says(3, UNGUARDED);
	says(4, PENDING);
	assert_int_equal(send_it("bundle", "root@h", "--confirm",
				 "[ $KEXEC_TRY_HOST = h ]", "--", "--append",
				 "it's", NULL), EXIT_GOOD);
	assert_contains(said, "the device leaves its system");
	assert_contains(said, "no answer");
	assert_contains(said, "the new system is confirmed");
	log_is("root@h kexec-try run - --id ");
	log_is(" '--append' 'it'\\''s'\n");
	log_is("root@h kexec-try confirm");
}

static void test_not_well(void **state)
{
	(void)state;
	says(1, PENDING);
	says(2, GOING_BACK);
	says(3, OLD);
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 1", NULL),
			 SEND_BACK);
	log_is("h kexec-try revert");
	assert_contains(said, "the new system goes back");
	assert_contains(said, "the old system is back");
}

static void test_too_late(void **state)
{
	(void)state;
	says(1, PENDING);
	says(2, PENDING);
	says(3, OLD);
	try_put("/confirm", "1\n");
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 0", NULL),
			 SEND_BACK);
	assert_contains(said, "not confirmed: confirm says 1");
}

/* The answer to `confirm` got lost, but it was heard. */
static void test_answer_lost(void **state)
{
	(void)state;
	says(1, PENDING);
	says(2, CONFIRMED);
	try_put("/confirm", "255\n");
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 0", NULL),
			 EXIT_GOOD);
}

static void test_undecided(void **state)
{
	(void)state;
	says(1, PENDING);
	assert_int_equal(send_it("bundle", "h", NULL), SEND_PENDING);
	assert_contains(said, "ssh h kexec-try confirm");
	says(2, CONFIRMED);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_GOOD);
}

/* Nothing becomes of it, and nobody asks. */
static void test_dry(void **state)
{
	(void)state;
	says(1, OLD);
	assert_int_equal(send_it("bundle", "h", "--", "--dry-run", NULL),
			 EXIT_GOOD);
	assert_contains(said, "a dry run: the device can try it, and is as it was");
	assert_int_equal(send_it("bundle", "h", "--", "--dry", NULL),
			 EXIT_GOOD);
	try_put("/code", "1\n");
	assert_int_equal(send_it("bundle", "h", "--", "--dry-run", NULL),
			 EXIT_REFUSED);
}

static void test_refused(void **state)
{
	(void)state;
	try_put("/code", "1\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	/* the connection broke, and the device is as it was */
	try_put("/code", "255\n");
	says(1, OLD);
	assert_int_equal(send_it("bundle", "h", NULL), SEND_BACK);
	assert_contains(said, "the connection broke");
	assert_contains(said, "the old system is there; the new one was never seen");
}

/* ssh cannot be started; or it breaks, and nothing answers any more. */
static void test_lost(void **state)
{
	char none[80];

	(void)state;
	says(1, PENDING);
	snprintf(none, sizeof(none), "%s/none", try_root);
	assert_int_equal(send_it("bundle", "h", "--ssh", none, "--wait", "3",
				 NULL), EXIT_REFUSED);
	try_program("device", "case $2 in *run*) while read -r line; do :; done ;; esac\n"
		    "echo no route to host; exit 255");
	assert_int_equal(send_it("bundle", "h", "--wait", "3", NULL),
			 SEND_UNKNOWN);
	assert_contains(said, "does not answer: no route to host");
}

/* What did not go over whole is not tried, so that nobody waits for it. */
static void test_cut(void **state)
{
	(void)state;
	says(1, PENDING);
	try_program("device", "echo \"$2\" >>$root/log; exit 255");
	assert_int_equal(send_it("large", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "the device took only a part of the bundle");
	assert_contains(said, "no part of a bundle is tried");
	log_is_not("status");
}

/* A new system that never starts its guard goes back, whatever it says. */
static void test_no_guard(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 40; i++)
		says(i, UNGUARDED);
	assert_int_equal(send_it("bundle", "h", "--wait", "60", NULL),
			 SEND_UNKNOWN);
	assert_contains(said, "the new system goes back");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_parse),
		TEST(test_arguments),
		TEST(test_confirmed),
		TEST(test_not_well),
		TEST(test_too_late),
		TEST(test_answer_lost),
		TEST(test_undecided),
		TEST(test_dry),
		TEST(test_refused),
		TEST(test_lost),
		TEST(test_cut),
		TEST(test_no_guard),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_bundle, remove_parts);
}
