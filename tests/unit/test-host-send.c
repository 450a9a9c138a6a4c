// SPDX-License-Identifier: GPL-2.0-only
/*
 * test-host-send.c - kexec-try send: a bundle is sent, and the outcome is reported
 *
 * A script in place of ssh plays the device. It answers the n-th request for the
 * status from a file of that number.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "kexec-stubs.h"
#include "say.h"
#include "ssh.h"
#include "try-fixtures.h"
#include "try-root.h"
#include "try.h"

/* Room for the arguments of a subcommand */
#define ARGS	16

static char parts[] = "/tmp/test-try-send-XXXXXX";
static char *said;

/* ssh OPTIONS HOST COMMAND. PATH has hardly any programs, so the script uses read and
 * echo of the shell. ID in a status becomes the identity of the try. If there is a
 * file `ssh`, the connection fails with its content as the message.
 */
static const char *const device =
	"options=\n"
	"while [ $1 = -o ]; do options=\"$options $2\"; shift 2; done\n"
	"if [ $1 = -O ]; then\n"
	"    [ $2 = check ] || echo $2 no >$root/connection\n"
	"    read -r last is <$root/connection; [ $is = yes ]; exit\n"
	"elif [ \"$2\" = true ]; then\n"
	"    echo connected $options >>$root/log; echo $2 yes >$root/connection\n"
	"    [ ! -e $root/ssh ] || { cat $root/ssh; exit 255; }; exit\n"
	"fi\n"
	"set -- $1 \"${2#*; }\"\n"
	"printf '%s\\n' \"$1 $2\" >>$root/log\n"
	"case $2 in\n"
	"*'run - '*) [ ! -e $root/hangs ] || PATH=/usr/bin:/bin exec sleep 99\n"
	"    while read -r line; do :; done\n"
	"    echo \"${2##*--id }\" >$root/id; exit $(read -r code <$root/code; echo $code) ;;\n"
	"'if kexec-try status --porcelain | grep -qx try='*) read -r id <$root/id\n"
	"    case $2 in *\"try=$id; then kexec-try \"*) ;; *) echo another; exit 1 ;; esac\n"
	"    case $2 in *revert*) echo back; exit ;; esac\n"
	"    read -r code <$root/confirm; echo confirm says $code; exit $code ;;\n"
	"*Adler*) [ ! -e $root/without-zlib ] ;;\n"
	"umask*) PATH=/usr/bin:/bin cat >$root/tools; rm -f $root/gone ;;\n"
	"*grep*|*command*) [ -e $root/tools ] || exit 127 ;;\n"
	"*rehearse*) [ ! -e $root/tools ] || { rm $root/tools; : >$root/gone; }\n"
	"    echo kexec-try: such and such; exit $(read -r code <$root/code; echo $code) ;;\n"
	"*--dry-run*) [ ! -e $root/drops ] || { read -r why <$root/drops; echo $why >$root/ssh; echo x no >$root/connection; }\n"
	"    [ ! -e $root/lacks ] || { cat $root/lacks; exit $(read -r code <$root/code; echo $code); } ;;\n"
	"*status*) if [ -e $root/gone ]; then\n"
	"        case $2 in *boot_id*) PATH=/usr/bin:/bin; eval \"$2\"; exit ;; esac\n"
	"    fi\n"
	"    read -r n <$root/asked || n=0; n=$((n + 1)); echo $n >$root/asked\n"
	"    [ -e $root/status$n ] || { echo broken no >$root/connection; cat $root/later || echo broken; exit 255; }\n"
	"    id=; [ -e $root/id ] && read -r id <$root/id\n"
	"    while read -r line; do\n"
	"        case $line in *ID) echo \"${line%ID}$id\" ;; *) echo \"$line\" ;; esac\n"
	"    done <$root/status$n ;;\n"
	"esac";

/* Sets the answer to request @n for the status; request 0 is before the try. */
static void says(int n, const char *text)
{
	char path[32];

	snprintf(path, sizeof(path), "/status%d", n + 1);
	try_put(path, text);
}

#define BEFORE		"Welcome\nsystem=old\nstate=none\nboot=1\n"
#define OLD		"Operating system=x\nsystem=old\nstate=none\nboot=2\n"
#define LEAVING		"system=old\nstate=leaving\nboot=1\n"
#define PENDING		"system=new\nstate=pending\nleft=99\nboot=2\ntry=ID\n"
#define CONFIRMED	"system=new\nstate=confirmed\ntry=ID\n"
#define GOING_BACK	"system=new\nstate=going-back\nwhy=x\ntry=ID\n"
#define UNGUARDED	"system=new\nstate=unguarded\ntry=ID\n"

static int begin(void **state)
{
	(void)state;
	try_begin();
	said = NULL;
	try_put("/asked", "0\n");
	try_put("/code", "0\n");
	try_put("/confirm", "0\n");
	try_program("device", device);
	try_put("/connection", "none no\n");
	try_program("tar", "PATH=/usr/bin:/bin exec tar \"$@\"");
	try_program("cat", "PATH=/usr/bin:/bin exec cat \"$@\"");
	try_program("rm", "PATH=/usr/bin:/bin exec rm \"$@\"");
	says(0, BEFORE);
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
	int status;

	(void)state;
	assert_non_null(mkdtemp(parts));
	assert_int_equal(chdir(parts), 0);
	fixture_parts();
	free(fixture_capture(subcommand_pack.run, 9, argv, &status));
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

/* Runs `send` with arguments, which end with a NULL. Return: its exit code. */
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

/* The same on a terminal. Types @typed when send prompts for input. @said includes what
 * the terminal shows.
 */
static int send_on_terminal(const char *typed, const char *first, ...)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status, i;
	int slave, kept[2], ends[] = { STDIN_FILENO, STDERR_FILENO };
	char *argv[ARGS] = { "send", (char *)first }, seen[8192] = "";
	size_t size = 0;
	int argc = 1;
	va_list args;
	ssize_t got;
	pid_t pid;

	va_start(args, first);
	while (argv[argc])
		argv[++argc] = va_arg(args, char *);
	va_end(args);
	assert_true(master >= 0 && !grantpt(master) && !unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		close(slave);
		while (size < sizeof(seen) - 1 &&
		       (got = read(master, seen + size,
				   sizeof(seen) - 1 - size)) > 0) {
			size += got;
			if (typed && strstr(seen, "Enter keeps")) {
				if (write(master, typed, strlen(typed)) < 0)
					_exit(1);
				typed = NULL;
			}
		}
		try_put("/seen", seen);
		_exit(0);
	}
	for (i = 0; i < 2; i++) {
		kept[i] = dup(ends[i]);
		dup2(slave, ends[i]);
	}
	close(slave);
	free(said);
	said = fixture_capture(subcommand_send.run, argc, argv, &status);
	for (i = 0; i < 2; i++) {
		dup2(kept[i], ends[i]);
		close(kept[i]);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(master);
	try_get("/seen", seen, sizeof(seen));
	said = realloc(said, strlen(said) + strlen(seen) + 1);
	strcat(said, seen);
	return status;
}

static void test_arguments(void **state)
{
	(void)state;
	assert_int_equal(send_it(NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "-ohost", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "--", "-ohost", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--wait", "0", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--confirm", " ", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--confirm", "false", "--",
				 "--confirm-within", "00", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--confirm", "false", "--",
				 "--confirm-within=00", NULL), EXIT_USAGE);
	assert_int_equal(send_it("missing", "h", NULL), EXIT_REFUSED);
	assert_int_equal(send_it("bundle", "h", "--rehearse", "--", "--dry-run", NULL),
			 EXIT_USAGE);
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
	assert_contains(said, "kexec-try: sent 0.0 MiB in ");
	log_is("root@h kexec-try run - --append 'it'\\''s' --id ");
	log_is("; then kexec-try confirm; else ");
}

/* send reports what the device lacks before it sends the bundle. */
static void test_lacks(void **state)
{
	(void)state;
	try_put("/code", "1\n");
	try_put("/lacks", "Welcome\nkexec-try: there is no /dev/watchdog\n"
		"kexec-try: 1 thing is missing\n");
	assert_int_equal(send_it("bundle", "h", "--", "--now", NULL),
			 EXIT_REFUSED);
	assert_contains(said, "kexec-try: h: there is no /dev/watchdog\n");
	log_is("h kexec-try run --dry-run --now --id ");
	/* also an option that `run` does not know */
	try_put("/code", "2\n");
	says(1, BEFORE);
	assert_int_equal(send_it("bundle", "h", "--rehearse", "--", "--nwo", NULL),
			 EXIT_REFUSED);
	log_is_not("rehearse");
	log_is_not("run - ");
	try_put("/code", "255\n");
	says(2, BEFORE);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_UNKNOWN);
	assert_contains(said, "h: there is no /dev/watchdog\n");
}

/* A device whose kexec cannot read gzip gets the uncompressed kernel. */
static void test_without_zlib(void **state)
{
	(void)state;
	try_put("/without-zlib", "");
	try_program("cp", "PATH=/usr/bin:/bin exec cp \"$@\"");
	try_program("mkdir", "PATH=/usr/bin:/bin exec mkdir \"$@\"");
	try_program("tar", "PATH=/usr/bin:/bin\n"
		    "cp vmlinux manifest $root/; exec tar \"$@\"");
	says(1, PENDING);
	/* the bundle itself does not change, even when named by a link */
	assert_int_equal(symlink("bundle", "link"), 0);
	assert_int_equal(send_it("link", "h", "--confirm", "exit 0", NULL),
			 EXIT_GOOD);
	assert_int_equal(unlink("link"), 0);
	assert_contains(said, "reads no gzip: sending the kernel uncompressed");
	setenv("PATH", "/usr/bin:/bin", 1);
	fixture_run("cmp vmlinux %s/vmlinux && grep -q \"^kernel vmlinux $(stat -c %%s vmlinux) $(sha256sum <vmlinux | cut -c1-64)\" %s/manifest && ! cmp -s vmlinux bundle/vmlinux",
		    try_root, try_root);
}

/* An ssh command with a syntax error leaves nothing behind. */
static void test_bad_ssh(void **state)
{
	char path[64];

	(void)state;
	setenv("KEXEC_TRY_SSH", "ssh \"", 1);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_UNKNOWN);
	snprintf(path, sizeof(path), "%s",
		 strstr(ssh_command(), "ControlPath=") + strlen("ControlPath="));
	*strstr(path, "/ssh") = '\0';
	assert_int_equal(access(path, F_OK), -1);
}

static void test_not_well(void **state)
{
	(void)state;
	says(1, PENDING);
	says(2, GOING_BACK);
	says(3, OLD);
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 1", NULL),
			 EXIT_BACK);
	log_is("; then kexec-try revert; else ");
	assert_contains(said, "the new system goes back");
	assert_contains(said, "the old system is back");
}

static void test_too_late(void **state)
{
	int n;

	(void)state;
	says(1, PENDING);
	says(2, PENDING);
	says(3, OLD);
	try_put("/confirm", "1\n");
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 0", NULL),
			 EXIT_BACK);
	assert_contains(said, "not confirmed: confirm says 1");
	/* or never: the device does not do what it is told */
	says(4, BEFORE);
	for (n = 5; n < 400; n++)
		says(n, "system=new\nstate=pending\nleft=9\ntry=ID\n");
	assert_int_equal(send_it("bundle", "h", "--wait", "4", "--confirm",
				 "exit 1", NULL), EXIT_PENDING);
	assert_contains(said, "the new system is still pending; go back with: ssh h 'kexec-try revert || reboot'");
	for (n = 5; n < 400; n++)
		says(n, "system=new\nstate=pending\nleft=0\ntry=ID\n");
	try_put("/asked", "4\n");
	assert_int_equal(send_on_terminal("x\n", "bundle", "h", "--wait", "4",
					  NULL), EXIT_PENDING);
}

/* While the command ran, the try of another operator took the place of this one. */
static void test_replaced(void **state)
{
	char command[300];

	(void)state;
	says(1, PENDING);
	says(2, OLD);
	snprintf(command, sizeof(command), "echo 1 >%s", try_path("/id"));
	assert_int_equal(send_it("bundle", "h", "--confirm", command, NULL),
			 EXIT_BACK);
	assert_contains(said, "not confirmed: another");
}

/* A device whose `run` neither goes nor ends */
static void test_hangs(void **state)
{
	(void)state;
	try_put("/hangs", "");
	says(1, BEFORE);
	assert_int_equal(send_it("bundle", "h", "--wait", "2", NULL),
			 EXIT_REFUSED);
	assert_contains(said, "the connection broke; checking the device");
}

/* Any value of left= from the device is accepted. */
static void test_much_left(void **state)
{
	(void)state;
	says(1, "system=new\nstate=pending\nleft=9223372036854775807\ntry=ID\n");
	says(2, CONFIRMED);
	assert_int_equal(send_it("bundle", "h", "--confirm", "exit 0", NULL),
			 EXIT_GOOD);
}

/* `confirm` succeeded, but its answer was lost. */
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
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_PENDING);
	assert_contains(said, "system: new, pending, 99 s left to confirm it");
	assert_contains(said, "ssh h kexec-try confirm");
	says(2, BEFORE);
	says(3, CONFIRMED);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_GOOD);
}

/* How often @part is in the log of the scripts */
static int log_has(const char *part)
{
	char log[65536], *at = log;
	int times = 0;

	try_get("/log", log, sizeof(log));
	while ((at = strstr(at, part)) && ++times)
		at++;
	return times;
}

/* One connection per system, and so one password; the user's options come first. The
 * --confirm command shares the connection, and nothing of it is left behind.
 */
static void test_one_connection(void **state)
{
	char ssh[300], confirm[320], told[1024], *path;

	(void)state;
	snprintf(ssh, sizeof(ssh), "%s -o ConnectTimeout=1",
		 try_path("/bin/device"));
	snprintf(confirm, sizeof(confirm), "echo $KEXEC_TRY_SSH >%s; $KEXEC_TRY_SSH h health",
		 try_path("/told"));
	says(1, LEAVING);
	says(2, PENDING);
	assert_int_equal(send_it("bundle", "h", "--ssh", ssh, "--confirm",
				 confirm, NULL), EXIT_GOOD);
	assert_int_equal(log_has("connected"), 1);
	log_is("connected ConnectTimeout=1 ConnectTimeout=10 ServerAliveInterval=5");
	log_is("h health\n");
	try_get("/connection", told, sizeof(told));
	assert_contains(told, "exit no");
	try_get("/told", told, sizeof(told));
	path = strstr(told, "ControlPath=");
	assert_non_null(path);
	path += strlen("ControlPath=");
	*strstr(path, "/ssh") = '\0';
	assert_int_equal(access(path, F_OK), -1);
	/* a second connection, to the new system */
	says(3, BEFORE);
	says(5, PENDING);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_PENDING);
	assert_int_equal(log_has("connected"), 3);
}

/* Ctrl-C also closes the connection. */
static void test_interrupted(void **state)
{
	char told[64];
	int status;
	pid_t pid;

	(void)state;
	says(1, PENDING);
	pid = fork();
	if (!pid) {
		signal(SIGINT, SIG_DFL); /* it may be ignored */
		send_it("bundle", "h", "--confirm", "kill -INT $PPID; read x", NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGINT);
	try_get("/connection", told, sizeof(told));
	assert_contains(told, "exit no");
}

/* A pending try blocks another one. During a try, a system from another operator's try
 * counts as the old system.
 */
static void test_others(void **state)
{
	(void)state;
	says(0, PENDING);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "kexec-try: h: there is a try already, and 99 s are left to confirm it; end it with: ssh h kexec-try confirm (or revert)\n");
	try_put("/asked", "0\n");
	says(0, LEAVING);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "there is a try already, and it is leaving; wait for its end\n");
	try_put("/asked", "0\n");
	says(0, "system=new\nstate=going-back\nwhy=x\ntry=1\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	log_is_not("run -");
	says(1, BEFORE);
	says(2, "system=new\nstate=pending\ntry=1\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_BACK);
}

/* A bundle for another board is not sent. */
static void test_other_board(void **state)
{
	char text[512];

	(void)state;
	says(0, "system=old\nstate=none\nboot=1\ncompatible=b,board\nram-end=0x7fff000\n");
	says(1, "system=old\nstate=none\nboot=1\ncompatible=a,board\nram-end=0x4000000\n");
	says(2, "system=old\nstate=none\nboot=1\ncompatible=b,board\n");
	says(3, PENDING);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "is for 'a,board', and this board is 'b,board'");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "has RAM up to 0x8000000");
	/* the matching word may be the last of many */
	snprintf(text, sizeof(text), "system=old\nstate=none\nboot=1\ncompatible=%0400d a,board\nram-end=0x4000000\n", 0);
	try_put("/asked", "0\n");
	says(0, text);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "has RAM up to 0x8000000");
	try_put("/asked", "0\n");
	says(0, "system=old\nstate=none\nboot=1\ncompatible=a,board\nram-end=0x90000\n");
	assert_int_equal(send_it("bundle", "h", "--", "--other-board", NULL),
			 EXIT_REFUSED);
	assert_contains(said, "the bundle needs 1 MiB of RAM; the device has 0 MiB");
	try_put("/asked", "0\n");
	says(0, "system=old\nstate=none\nboot=1\ncompatible=a,board\navailable=70000\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "take 1 MiB of memory; 0 MiB are free: stop services");
	try_put("/asked", "2\n");
	log_is_not("run - ");
	assert_int_equal(send_it("bundle", "h", "--", "--other-board", NULL),
			 EXIT_PENDING);
}

static void test_tools(void **state)
{
	(void)state;
	fixture_run("PATH=/usr/bin:/bin; mkdir -p tools && : >tools/kexec && : >tools/kexec-try && chmod +x tools/kexec");
	assert_int_equal(send_it("bundle", "h", "--tools", "tools", NULL),
			 EXIT_REFUSED);
	assert_contains(said, "tools/kexec-try: Permission denied; --tools DIR has a static kexec and kexec-try, for the device");
	assert_int_equal(send_it("bundle", "h", "--tools", "", NULL),
			 EXIT_REFUSED);
	assert_contains(said, "/kexec: No such file or directory; --tools DIR");
	log_is_not("kexec-try");
	/* with links and a CDPATH, still two programs arrive */
	fixture_run("PATH=/usr/bin:/bin; chmod +x tools/kexec-try && mv tools/kexec elsewhere && ln -s ../elsewhere tools/kexec");
	setenv("CDPATH", ".:/", 1);
	says(1, PENDING);
	assert_int_equal(send_it("bundle", "h", "--tools", "tools", NULL),
			 EXIT_PENDING);
	unsetenv("CDPATH");
	fixture_run("PATH=/usr/bin:/bin; [ \"$(tar -tvf %s/tools | cut -c1-4 | xargs)\" = '-rwx -rwx' ]",
		    try_root);
	assert_contains(said, "sending the tools");
	log_is("kexec-try run - --now --id ");
	/* The tools are there now, but not in PATH. */
	says(2, BEFORE);
	says(3, PENDING);
	try_put("/log", "");
	assert_int_equal(send_it("bundle", "h", "--tools", "tools", NULL),
			 EXIT_PENDING);
	assert_null(strstr(said, "sending the tools"));
	log_is("kexec-try run - --now --id ");
	/* A reboot has removed them, and the status is read without them. */
	says(4, BEFORE);
	assert_int_equal(send_it("h", "--times", "2", "--tools", "tools", NULL),
			 EXIT_REFUSED);
	log_is("kexec-try rehearse\n");
	assert_contains(said, "the old system is back, by itself");
	assert_contains(said, "rehearsal 2 of 2");
	assert_contains(said, "sending the tools");
	assert_contains(said, "the device did not leave, and is as it was");
}

/* After a successful rehearsal, `run` gets --trust-watchdog. */
static void test_rehearse(void **state)
{
	(void)state;
	says(2, OLD);
	assert_int_equal(send_it("h", "--rehearse", NULL), EXIT_GOOD);
	assert_contains(said, "the old system is back, by itself");
	log_is_not("run -");
	says(3, BEFORE);
	says(4, "system=old\nstate=none\nboot=3\n");
	says(5, OLD);
	says(6, PENDING);
	assert_int_equal(send_it("bundle", "h", "--times", "2", NULL),
			 EXIT_PENDING);
	assert_contains(said, "rehearsal 2 of 2");
	log_is("--trust-watchdog");
	says(7, BEFORE);
	assert_int_equal(send_it("bundle", "h", "--rehearse", "--wait", "9", NULL),
			 EXIT_LOST);
	assert_contains(said, "does not bring the old system back");
	says(8, BEFORE);
	try_put("/asked", "8\n");
	try_put("/code", "1\n");
	assert_int_equal(send_it("h", "--rehearse", NULL), EXIT_REFUSED);
	assert_contains(said, "kexec-try: h: such and such\n");
	says(9, BEFORE);
	says(10, BEFORE);
	try_put("/code", "0\n");
	assert_int_equal(send_it("h", "--rehearse", NULL), EXIT_REFUSED);
	assert_contains(said, "the device did not leave, and is as it was");
	/* A broken connection is not an answer. */
	says(11, BEFORE);
	says(12, OLD);
	try_put("/asked", "11\n");
	try_put("/code", "255\n");
	assert_int_equal(send_it("h", "--rehearse", NULL), EXIT_GOOD);
	assert_contains(said, "the connection broke; checking the device");
	try_put("/code", "0\n");
	assert_int_equal(send_it("h", "--times", "0", NULL), EXIT_USAGE);
	/* The rehearsal gets the same options as the try that follows. */
	says(13, BEFORE);
	says(14, OLD);
	says(15, PENDING);
	try_put("/asked", "13\n");
	try_put("/log", "");
	assert_int_equal(send_it("bundle", "h", "--rehearse", "--", "--now", "--id",
				 "1", "--watchdog-timeout", "16", "--trust", NULL),
			 EXIT_PENDING);
	log_is("kexec-try rehearse --watchdog-timeout 16 --trust\n");
	/* An answer without an identity of the boot tells nothing. */
	says(16, BEFORE);
	says(17, "system=old\nstate=none\n");
	try_put("/asked", "16\n");
	assert_int_equal(send_it("h", "--rehearse", NULL), EXIT_UNKNOWN);
}

/* A dry run: send does not wait for a new system. */
static void test_dry(void **state)
{
	(void)state;
	says(1, OLD);
	assert_int_equal(send_it("bundle", "h", "--", "--dry-run", NULL),
			 EXIT_GOOD);
	assert_contains(said, "a dry run: the device can try it, and is as it was");
	says(1, BEFORE);
	assert_int_equal(send_it("bundle", "h", "--", "--dry", NULL),
			 EXIT_GOOD);
	says(2, BEFORE);
	try_put("/code", "1\n");
	assert_int_equal(send_it("bundle", "h", "--", "--dry-run", NULL),
			 EXIT_REFUSED);
}

static void test_refused(void **state)
{
	(void)state;
	try_put("/code", "1\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	/* the connection broke before the try */
	try_put("/code", "255\n");
	says(1, BEFORE);
	says(2, BEFORE);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_REFUSED);
	assert_contains(said, "the connection broke");
	assert_contains(said, "nothing was tried; the device is as it was");
	/* or after the try, and the new system never answered */
	says(3, BEFORE);
	says(4, OLD);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_BACK);
	assert_contains(said, "the old system answers; the new one never did");
	/* or the new system runs, but its kernel ignored the command line: it says
	 * `old`, but its root is in RAM, and that of the old system was not
	 */
	says(5, BEFORE "root=mtd1 \"rootfs\", in flash\n");
	says(6, OLD "root=mtd0 \"rootfs\", in RAM\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_PENDING);
	assert_contains(said, "its kernel did not take the command line: nobody can confirm it");
}

/* The connection drops before the bundle is sent: ssh's reason comes first. */
static void test_drops(void **state)
{
	const char *why;

	(void)state;
	try_put("/drops", "ssh: connect to host h: No route\n");
	assert_int_equal(send_it("bundle", "h", "--wait", "2", NULL),
			 EXIT_UNKNOWN);
	why = strstr(said, "kexec-try: h: ssh: connect to host h: No route\n");
	assert_non_null(why);
	assert_contains(why, "the connection broke; checking the device");
}

/* All lines of ssh's message are shown at once. */
static void test_lost(void **state)
{
	(void)state;
	try_put("/code", "255\n");
	assert_int_equal(send_it("bundle", "h", "--wait", "3", NULL),
			 EXIT_UNKNOWN);
	assert_contains(said, "h: broken\nkexec-try: the outcome is unknown; unless");
	try_put("/connection", "none no\n");
	try_put("/ssh", "IDENTIFICATION HAS CHANGED!\r\nssh-keygen -R h\r\nHost key verification failed.\r\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_UNKNOWN);
	assert_contains(said, "kexec-try: h: IDENTIFICATION HAS CHANGED!\nkexec-try: h: ssh-keygen -R h\nkexec-try: h: Host key verification failed.\n");
	assert_null(strstr(said, "--tools"));
	try_remove("/ssh");
	try_program("device", "[ $1 = x ] || echo sh: kexec-try: not found; exit 127");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_UNKNOWN);
	assert_contains(said, "not found");
	assert_int_equal(send_it("bundle", "h", "--ssh", "no-ssh", NULL),
			 EXIT_UNKNOWN);
	assert_null(strstr(said, "--tools"));
}

static void test_refused_later(void **state)
{
	(void)state;
	says(1, LEAVING);
	try_put("/later", "Permission denied (publickey).\r\n");
	assert_int_equal(send_it("bundle", "h", "--wait", "9", NULL),
			 EXIT_UNKNOWN);
	assert_contains(said, "h: Permission denied (publickey).\n");
	assert_contains(said, "the outcome is unknown");
	/* The new system may have other keys; ssh knows those of the old system. */
	try_put("/asked", "0\n");
	says(3, OLD);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_BACK);
	assert_contains(said, "h: Permission denied (publickey).\n");
	/* a host name may come from the device itself: send keeps trying */
	try_put("/asked", "0\n");
	says(3, PENDING);
	try_put("/later", "ssh: Could not resolve hostname h\r\n");
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_PENDING);
	assert_contains(said, "no answer: ssh: Could not resolve hostname h\n");
	try_put("/asked", "0\n");
	try_remove("/status4");
	try_put("/later", "Host key verification failed.\r\n");
	assert_int_equal(send_it("h", "--rehearse", "--wait", "9", NULL),
			 EXIT_UNKNOWN);
}

/* A long banner may come before each answer. */
static void test_banner(void **state)
{
	char *text = must_print("%0*d\n" "%s", 100000, 0, BEFORE);

	(void)state;
	says(0, text);
	free(text);
	text = must_print("%0*d\n" "%s", 3000, 0, PENDING);
	says(1, text);
	free(text);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_PENDING);
	log_is("run - ");
}

/* Progress is shown only on a terminal. */
static void test_progress(void **state)
{
	(void)state;
	says(1, LEAVING);
	says(2, CONFIRMED);
	assert_int_equal(send_on_terminal(NULL, "bundle", "h", NULL), EXIT_GOOD);
	assert_contains(said, "kexec-try: [");
	assert_contains(said, " MiB/s, ");
	assert_contains(said, " s left ");
	assert_contains(said, "kexec-try: sent ");
	says(3, BEFORE);
	says(4, CONFIRMED);
	assert_int_equal(send_it("bundle", "h", NULL), EXIT_GOOD);
	assert_null(strstr(said, "kexec-try: ["));
}

#define LINE_64	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Enter keeps the new system, and q goes back; send also notices any other outcome. */
static void test_countdown(void **state)
{
	(void)state;
	says(1, PENDING);
	assert_int_equal(send_on_terminal("x\n\n", "bundle", "h", NULL),
			 EXIT_GOOD);
	assert_contains(said, " s left: Enter keeps the new system, q and Enter goes back ");
	assert_contains(said, "the new system is confirmed");
	log_is("; then kexec-try confirm; else ");
	log_is_not("revert");
	try_put("/log", "");
	try_put("/asked", "0\n");
	says(2, OLD);
	/* a pasted line as long as the buffer: its newline must not count as Enter */
	assert_int_equal(send_on_terminal(LINE_64 "\nq\n", "bundle", "h", NULL),
			 EXIT_BACK);
	log_is_not("confirm");
	try_put("/asked", "2\n");
	says(2, BEFORE);
	says(3, PENDING);
	says(4, OLD);
	assert_int_equal(send_on_terminal("q\n", "bundle", "h", NULL),
			 EXIT_BACK);
	log_is("; then kexec-try revert; else ");
	says(5, BEFORE);
	says(6, "system=new\nstate=pending\nleft=1\ntry=ID\n");
	says(7, GOING_BACK);
	says(8, OLD);
	assert_int_equal(send_on_terminal(NULL, "bundle", "h", NULL),
			 EXIT_BACK);
	assert_contains(said, "   1 s left: Enter");
	says(9, BEFORE);
	says(10, PENDING);
	assert_int_equal(send_on_terminal("\004", "bundle", "h", NULL),
			 EXIT_PENDING);
}

/* Under nohup(1), a hangup ends neither send nor what it runs. */
static void test_nohup(void **state)
{
	(void)state;
	says(1, PENDING);
	signal(SIGHUP, SIG_IGN);
	assert_int_equal(send_it("bundle", "h", "--confirm", "kill -HUP $$", NULL),
			 EXIT_GOOD);
	signal(SIGHUP, SIG_DFL);
}

/* The command may use the terminal, and is killed after its timeout. */
static void test_command(void **state)
{
	(void)state;
	says(1, PENDING);
	assert_int_equal(send_on_terminal("yes\n", "bundle", "h", "--confirm",
					  "echo Enter keeps >&2; read -r answer; [ $answer = yes ]",
					  NULL), EXIT_GOOD);
	says(2, BEFORE);
	says(3, PENDING);
	says(4, OLD);
	assert_int_equal(send_it("bundle", "h", "--confirm",
				 "while :; do :; done", "--confirm-timeout",
				 "1", NULL), EXIT_BACK);
	assert_contains(said, "the command has not ended within 1 s");
	log_is("; then kexec-try revert; else ");
	says(5, BEFORE);
	says(6, "system=new\nstate=pending\nleft=2\ntry=ID\n");
	says(7, OLD);
	assert_int_equal(send_it("bundle", "h", "--confirm",
				 "while :; do :; done", NULL), EXIT_BACK);
	assert_contains(said, "the command has not ended within 2 s");
}

/* Standard output has only the result. */
static void json_is(int status, const char *part)
{
	int kept = dup(STDOUT_FILENO);
	int to = open(try_path("/out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	char out[512], *seconds;

	dup2(to, STDOUT_FILENO);
	close(to);
	assert_int_equal(send_it("bundle", "h", "--json", "--", status ?
				 "--now" : "--dry-run", NULL), status);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	try_get("/out", out, sizeof(out));
	assert_int_equal(strncmp(out, "{\"result\": ", 11), 0);
	assert_contains(out, part);
	/* few seconds, even on a busy machine */
	seconds = strstr(out, "\"seconds\": ");
	assert_non_null(seconds);
	seconds += strlen("\"seconds\": ");
	assert_in_range(strtoll(seconds, &seconds, 10), 0, 60);
	assert_int_equal(*seconds, '}');
}

static void test_json(void **state)
{
	(void)state;
	says(1, PENDING);
	json_is(EXIT_PENDING, "{\"result\": \"pending\", \"exit\": 3, \"try\": \"");
	says(2, BEFORE);
	json_is(EXIT_GOOD, "{\"result\": \"dry-run\", \"exit\": 0, ");
	says(3, PENDING);
	json_is(EXIT_REFUSED, "{\"result\": \"refused\", \"exit\": 1, ");
}

/* send resets a new system that never starts its guard. */
static void test_no_guard(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 70; i++)
		says(i, UNGUARDED);
	assert_int_equal(send_it("bundle", "h", "--wait", "300", NULL),
			 EXIT_UNKNOWN);
	assert_contains(said, "the new system goes back");
	log_is("h kexec-try revert || reboot\n");
}

/* --confirm contradicts --confirm-within 0. */
static void test_nothing_to_confirm(void **state)
{
	(void)state;
	assert_int_equal(send_it("bundle", "h", "--confirm", "false", "--",
				 "--confirm-within", "0", NULL), EXIT_USAGE);
	assert_int_equal(send_it("bundle", "h", "--confirm", "false", "--",
				 "--confirm-within=0", NULL), EXIT_USAGE);
	assert_contains(said, "nothing for --confirm to decide");
	log_is_not("kexec-try");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_arguments),
		TEST(test_confirmed),
		TEST(test_lacks),
		TEST(test_without_zlib),
		TEST(test_bad_ssh),
		TEST(test_not_well),
		TEST(test_too_late),
		TEST(test_replaced),
		TEST(test_hangs),
		TEST(test_much_left),
		TEST(test_answer_lost),
		TEST(test_undecided),
		TEST(test_one_connection),
		TEST(test_interrupted),
		TEST(test_others),
		TEST(test_other_board),
		TEST(test_tools),
		TEST(test_rehearse),
		TEST(test_dry),
		TEST(test_refused),
		TEST(test_drops),
		TEST(test_lost),
		TEST(test_refused_later),
		TEST(test_banner),
		TEST(test_progress),
		TEST(test_countdown),
		TEST(test_nohup),
		TEST(test_command),
		TEST(test_json),
		TEST(test_no_guard),
		TEST(test_nothing_to_confirm),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_bundle, remove_parts);
}
