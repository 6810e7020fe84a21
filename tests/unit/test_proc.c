/* SPDX-License-Identifier: ISC */
/*
 * test_proc.c -- descriptors, users, pid files.
 *
 * What changes a process is done in one of its own, which ends with 0, or with
 * the line of the check that failed.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "unit.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			return __LINE__; \
	} while (0)

int __wrap_getrlimit(int, struct rlimit *), __wrap_setrlimit(int, const struct rlimit *);

static char dir[64], path[96];
static pid_t parent;

static int
make_dir(void **state)
{
	(void)state;
	strcpy(dir, "test_proc.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pid", dir);
	parent = getpid();
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static void
alone(int (*fn)(void))
{
	pid_t pid = fork();
	int status, line;

	if (pid == 0) {
		line = fn();
		_exit(line == 0 ? 0 : line < 256 ? line : line % 255 + 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("status %#x: the line of a check, modulo 255", status);
}

static int
is_held_by_parent(void)
{
	pid_t owner = 0;

	CHECK(proc_pid_lock(path, &owner) == -EBUSY);
	CHECK(owner == parent);
	CHECK(proc_pid_owner(path) == parent);
	return 0;
}

static int
is_held_by_nobody(void)
{
	CHECK(proc_pid_owner(path) == -ESRCH);
	return 0;
}

static void
test_pid_file(void **state)
{
	char text[32] = "", expected[32];
	pid_t owner;
	int fd;

	(void)state;
	assert_int_equal(proc_pid_owner(path), -ESRCH); /* there is none */
	fd = proc_pid_lock(path, &owner);
	assert_true(fd >= 0);
	assert_int_equal(proc_pid_write(fd), 0);
	alone(is_held_by_parent);
	assert_int_not_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0) > 0, 1);
	snprintf(expected, sizeof(expected), "%ld\n", (long)getpid());
	assert_string_equal(text, expected);
	proc_pid_remove(fd, path);
	assert_int_equal(access(path, F_OK), -1);
	proc_pid_remove(-1, path); /* of none that is held */
}

/* A crash leaves a file behind with a number that may be anybody's by now. */
static void
test_stale_pid_file(void **state)
{
	char text[64] = "";
	pid_t owner;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	(void)state;
	assert_int_equal(write(fd, "1234567890 and more\n", 20), 20);
	close(fd);
	alone(is_held_by_nobody);
	fd = proc_pid_lock(path, &owner);
	assert_true(fd >= 0);
	assert_int_equal(proc_pid_write(fd), 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	assert_int_equal(atol(text), getpid());
	assert_null(strstr(text, "more"));
	alone(is_held_by_parent);
	proc_pid_remove(fd, path);
}

static void
test_owner_dies(void **state)
{
	pid_t pid, owner;
	int fds[2], fd;
	char byte;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		if (proc_pid_lock(path, &owner) >= 0 && write(fds[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	assert_int_equal(proc_pid_owner(path), pid);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(proc_pid_owner(path), -ESRCH);
	fd = proc_pid_lock(path, &owner);
	assert_true(fd >= 0);
	proc_pid_remove(fd, path);
}

/* Another has removed our file and made his own there; that one stays. */
static void
test_pid_file_of_another(void **state)
{
	pid_t owner;
	int fd = proc_pid_lock(path, &owner);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	proc_pid_remove(fd, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(unlink(path), 0);
}

static int
let_go(void)
{
	struct stat null, st;
	int fds[2];

	CHECK(stat("/dev/null", &null) == 0);
	CHECK(pipe(fds) == 0);
	CHECK(dup2(fds[1], STDERR_FILENO) == STDERR_FILENO);
	proc_let_go(STDERR_FILENO); /* stays occupied */
	CHECK(fstat(STDERR_FILENO, &st) == 0 && st.st_rdev == null.st_rdev);
	proc_let_go(fds[1]);
	CHECK(fcntl(fds[1], F_GETFD) == -1);
	return 0;
}

static void
test_let_go(void **state)
{
	(void)state;
	alone(let_go);
}

static void
test_no_pid_file(void **state)
{
	pid_t owner;

	(void)state;
	assert_int_equal(proc_pid_lock("/no/such/directory/pid", &owner), -ENOENT);
	assert_int_equal(proc_pid_lock(dir, &owner), -EISDIR);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(proc_pid_lock(path, &owner), -ELOOP);
	assert_int_equal(unlink(path), 0);
}

static void
test_find_user(void **state)
{
	/* More than a name may have, and more than there is room for. */
	static const char too_long[] = "a23456789b123456789c123456789d123456789e123456789f12345678"
				       "9g123456789h123456789i123456789j123456789k123456789l123456";
	static const char *const bad[] = { "", ":", ":root", "no such user",
		"root:", "root:no such group", "-1", "4294967295", "root:4294967295", too_long };
	struct proc_user user;
	size_t i;

	(void)state;
	assert_int_equal(proc_find_user("root", &user), 0);
	assert_string_equal(user.name, "root");
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.gid, 0);
	assert_int_equal(proc_find_user("0:0", &user), 0);
	assert_string_equal(user.name, "root");
	assert_int_equal(proc_find_user("root:4711", &user), 0);
	assert_int_equal(user.uid, 0);
	assert_int_equal(user.gid, 4711);
	if (getpwnam("daemon") != NULL) {
		assert_int_equal(proc_find_user("root:daemon", &user), 0);
		assert_int_not_equal(user.gid, 0);
		assert_int_equal(proc_find_user("daemon", &user), 0);
		assert_int_equal(user.uid, getpwnam("daemon")->pw_uid);
		assert_int_equal(user.gid, getpwnam("daemon")->pw_gid);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(proc_find_user(bad[i], &user), -ENOENT);
}

static int
become(void)
{
	struct proc_user me, root = { .name = "root" }, nobody;

	if (geteuid() == 0) {
		CHECK(proc_find_user("nobody", &nobody) == 0);
		CHECK(proc_become(&nobody) == 0);
		CHECK(setuid(0) == -1 && setgid(0) == -1);
	}
	me = (struct proc_user){ .uid = getuid(), .gid = getgid() };
	CHECK(me.uid != 0);
	CHECK(proc_become(&me) == 0);
	CHECK(proc_become(&root) == -EPERM);
	CHECK(getuid() == me.uid && geteuid() == me.uid);
	CHECK(getgid() == me.gid && getegid() == me.gid);
	return 0;
}

static void
test_become(void **state)
{
	(void)state;
	alone(become);
}

static struct rlimit limit; /* in place of the real one */
static bool may_raise;

int
__wrap_getrlimit(int what, struct rlimit *to)
{
	assert_int_equal(what, RLIMIT_NOFILE);
	*to = limit;
	return 0;
}

int
__wrap_setrlimit(int what, const struct rlimit *from)
{
	assert_int_equal(what, RLIMIT_NOFILE);
	if (from->rlim_cur > from->rlim_max || (from->rlim_max > limit.rlim_max && !may_raise)) {
		errno = EPERM;
		return -1;
	}
	limit = *from;
	return 0;
}

static void
assert_limit(unsigned soft, unsigned hard)
{
	assert_int_equal(limit.rlim_cur, soft);
	assert_int_equal(limit.rlim_max, hard);
}

static void
test_raise_files(void **state)
{
	(void)state;
	limit = (struct rlimit){ 100, 200 };
	may_raise = true;
	assert_int_equal(proc_raise_files(50, true), 100);
	assert_limit(100, 200);
	assert_int_equal(proc_raise_files(150, true), 150);
	assert_limit(150, 200);
	assert_int_equal(proc_raise_files(300, false), 200);
	assert_limit(200, 200);
	may_raise = false;
	assert_int_equal(proc_raise_files(300, true), 200);
	assert_limit(200, 200);
	may_raise = true;
	assert_int_equal(proc_raise_files(300, true), 300);
	assert_limit(300, 300);
	limit = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	assert_int_equal(proc_raise_files(10, true), INT_MAX);
}

static int
clean(void)
{
	struct sigaction action;
	sigset_t all, now;
	struct stat st;
	int fd, sig;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGTERM, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	for (fd = 0; fd <= 2; fd++)
		close(fd);
	umask(0);
	proc_clean(false);
	for (fd = 0; fd <= 2; fd++)
		CHECK(fstat(fd, &st) == 0);
	CHECK(fcntl(3, F_GETFD) == -1 || fstat(3, &st) == 0);
	sigprocmask(SIG_SETMASK, NULL, &now);
	for (sig = 1; sig < 32; sig++) {
		CHECK(!sigismember(&now, sig));
		CHECK(sigaction(sig, NULL, &action) == 0);
		CHECK(action.sa_handler == (sig == SIGPIPE || sig == SIGXFSZ ? SIG_IGN : SIG_DFL));
	}
	CHECK(umask(0) == 027);
	return 0;
}

static void
test_clean(void **state)
{
	(void)state;
	alone(clean);
}

/* The one who called ends when the daemon is ready: the daemon goes on after. */
static int
detach(void)
{
	pid_t session = getsid(0);
	int fd = proc_detach();

	CHECK(fd >= 0);
	CHECK(getsid(0) == getpid() && getsid(0) != session);
	proc_detached(fd);
	_exit(1); /* too late to be of interest */
}

/* One that fails before it is ready passes its status on. */
static int
detach_and_fail(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		CHECK(proc_detach() >= 0);
		_exit(78);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 78);
	return 0;
}

static void
test_detach(void **state)
{
	(void)state;
	alone(detach);
	alone(detach_and_fail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pid_file),
		cmocka_unit_test(test_stale_pid_file),
		cmocka_unit_test(test_owner_dies),
		cmocka_unit_test(test_pid_file_of_another),
		cmocka_unit_test(test_let_go),
		cmocka_unit_test(test_no_pid_file),
		cmocka_unit_test(test_find_user),
		cmocka_unit_test(test_become),
		cmocka_unit_test(test_raise_files),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_detach),
	};

	return cmocka_run_group_tests_name("proc", tests, make_dir, remove_dir);
}
