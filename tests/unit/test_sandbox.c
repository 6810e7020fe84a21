/* SPDX-License-Identifier: ISC */
/*
 * test_sandbox.c -- what a worker may ask of the kernel, and what it dies of.
 *
 * Each attempt is made in a child, which ends with 0 if it was let through.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "channel.h"
#include "landlock.h"
#include "log.h"
#include "sandbox.h"
#include "self_test.h"
#include "unit.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			return __LINE__ % 255 + 1; \
	} while (0)

static int *forbidden; /* shared with the child */
static int pair[2];    /* a unix socket, connected to itself */

static int
open_all(void **state)
{
	(void)state;
	forbidden = mmap(
	    NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(forbidden, MAP_FAILED);
	assert_int_equal(channel_open(&pair[0], &pair[1]), 0);
	return 0;
}

static int
close_all(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	munmap(forbidden, sizeof(int));
	return 0;
}

/* How a child ends that enters the sandbox and calls fn there: as of waitpid(2). */
static int
inside(bool syslog, int (*fn)(void))
{
	struct rlimit no_core = { 0, 0 };
	pid_t pid;
	int status;

	*forbidden = 0;
	if ((pid = fork()) == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (sandbox_enter(syslog, forbidden) < 0)
			_exit(255);
		_exit(fn());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
skip_without(void)
{
	if (sandbox_lacks() != NULL)
		SKIP(sandbox_lacks());
}

/* What dies, and of what.  The arguments are such that nothing comes of a survivor. */

static int
do_open(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0;
}

static int
do_stat(void)
{
	struct stat st;

	return stat("/", &st) == 0;
}

static int
do_unlink(void)
{
	return unlink("/nowhere") == 0;
}

static int
do_fork(void)
{
	return fork() == 0;
}

static int
do_exec(void)
{
	char *args[] = { "/nowhere", NULL };

	return execve(args[0], args, args + 1);
}

static int
do_kill(void)
{
	return kill(getpid(), 0);
}

static int
do_tgkill(void)
{
	return (int)syscall(SYS_tgkill, 1, 1, 0);
}

static int
do_inet(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
}

static int
do_unix(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0;
}

static int
do_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/nowhere" };

	return connect(pair[0], (struct sockaddr *)&to, sizeof(to)) == 0;
}

static int
do_receive_buffer(void)
{
	int n = 1 << 20;

	return setsockopt(pair[0], SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
}

static int
do_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	    MAP_FAILED;
}

static int
do_make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int
do_duplicate(void)
{
	return fcntl(pair[0], F_DUPFD_CLOEXEC, 0) >= 0;
}

static int
do_setuid(void)
{
	return setuid(65534);
}

static int
do_ioctl(void)
{
	return (int)syscall(SYS_ioctl, 0, 0, 0);
}

static int
do_prctl(void)
{
	return (int)syscall(SYS_prctl, 0, 0, 0, 0, 0);
}

static void
test_forbidden(void **state)
{
	static const struct {
		int (*fn)(void);
		const char *call; /* as its name begins */
	} all[] = {
		{ do_open, "open" },
		{ do_stat, "" }, /* it has many names */
		{ do_unlink, "unlink" },
		{ do_fork, "" },
		{ do_exec, "execve" },
		{ do_kill, "kill" },
		{ do_tgkill, "tgkill" },
		{ do_inet, "socket" },
		{ do_unix, "socket" },
		{ do_connect, "connect" },
		{ do_receive_buffer, "setsockopt" },
		{ do_map_code, "mmap" },
		{ do_make_code, "mprotect" },
		{ do_duplicate, "fcntl" },
		{ do_setuid, "setuid" },
		{ do_ioctl, "ioctl" },
		{ do_prctl, "prctl" },
	};
	char text[SANDBOX_TEXT], number[32];
	size_t i;
	int status;

	(void)state;
	skip_without();
	for (i = 0; i < sizeof(all) / sizeof(*all); i++) {
		status = inside(false, all[i].fn);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS || *forbidden == 0)
			fail_msg("%zu, %s: status %#x", i, all[i].call, (unsigned)status);
		sandbox_describe(text, *forbidden);
		snprintf(number, sizeof(number), " (system call %d)", *forbidden - 1);
		if (strncmp(text, all[i].call, strlen(all[i].call)) != 0 ||
		    strstr(text, number) == NULL)
			fail_msg("%s is not %s", text, all[i].call);
	}
}

/* Memory, time, a log, sockets, descriptors that come, and an end. */
static int
work(void)
{
	char byte, *block = malloc(8 << 20), line[64];
	struct pollfd p = { .fd = pair[1], .events = POLLIN };
	time_t now = time(NULL);
	struct tm tm;
	int fd, n = 4096, epoll = epoll_create1(EPOLL_CLOEXEC);

	CHECK(block != NULL && epoll >= 0);
	memset(block, 1, 8 << 20);
	free(block);
	CHECK(
	    localtime_r(&now, &tm) != NULL && strftime(line, sizeof(line), "%H:%M:%S %Z", &tm) > 0);
	tzset();
	log_error("a line of the log");
	CHECK(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &n, sizeof(n)) == 0);
	CHECK(channel_send(pair[0], CHANNEL_LOG, epoll) == 0);
	CHECK(poll(&p, 1, -1) == 1);
	CHECK(channel_receive(pair[1], &fd) == CHANNEL_LOG && fd >= 0);
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	CHECK(send(pair[0], "x", 1, MSG_NOSIGNAL) == 1 && recv(pair[1], &byte, 1, 0) == 1);
	CHECK(close(fd) == 0 && shutdown(pair[0], SHUT_WR) == 0);
	return 0;
}

static void
test_allowed(void **state)
{
	int status;

	(void)state;
	skip_without();
	if ((status = inside(false, work)) != 0)
		fail_msg("status %#x, system call %d", (unsigned)status, *forbidden - 1);
}

/* As of a mistake that assert() or the C library has found. */
static int
give_up(void)
{
	abort();
}

static void
test_abort(void **state)
{
	int status;

	(void)state;
	skip_without();
	status = inside(false, give_up);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_int_equal(*forbidden, 0);
}

/* A log daemon can be connected to again, and nobody else. */
static int
connect_to_log(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/nowhere" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == -1);
	CHECK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) == -1 && errno == EACCES);
	return 0;
}

static void
test_syslog(void **state)
{
	int status;

	(void)state;
	skip_without();
	if ((status = inside(true, connect_to_log)) != 0)
		fail_msg("status %#x, system call %d", (unsigned)status, *forbidden - 1);
	status = inside(true, do_inet);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS && *forbidden != 0);
}

/* A signal that somebody has sent is not a call. */
static int
be_told(void)
{
	raise(SIGSYS);
	return 0;
}

static void
test_signal(void **state)
{
	int status;

	(void)state;
	skip_without();
	status = inside(false, be_told);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	assert_int_equal(*forbidden, 0);
}

static void
test_self_test(void **state)
{
	bool has = sandbox_lacks() == NULL;

	(void)state;
	assert_int_equal(self_test("open"), has ? 0 : EX_UNAVAILABLE);
	assert_int_equal(self_test("exec"), has ? 0 : EX_UNAVAILABLE);
	assert_int_equal(self_test("socket"), has ? 0 : EX_UNAVAILABLE);
	assert_int_equal(self_test("files"), landlock_version() > 0 ? 0 : EX_UNAVAILABLE);
	assert_int_equal(self_test(""), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_abort),
		cmocka_unit_test(test_syslog),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_self_test),
	};

	return cmocka_run_group_tests_name("sandbox", tests, open_all, close_all);
}
