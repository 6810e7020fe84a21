/* SPDX-License-Identifier: ISC */
/*
 * test_control.c -- who asks for a reload is told what came of it.  Those who ask
 * are processes of their own, since to ask is to wait.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "control.h"
#include "unit.h"

static char dir[32], pid_file[64], path[80], said[80];
static struct ev_loop *loop;
static struct control control;
static unsigned asked;

static void
on_ask(struct control *c)
{
	assert_ptr_equal(c, &control);
	assert_ptr_equal(c->owner, &asked);
	asked++;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(dir, "test_control.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(pid_file, sizeof(pid_file), "%s/pid", dir);
	snprintf(path, sizeof(path), "%s.reload", pid_file);
	snprintf(said, sizeof(said), "%s/said", dir);
	asked = 0;
	loop = ev_loop_new(EVBACKEND_POLL);
	assert_non_null(loop);
	control = (struct control){ 0 };
	assert_int_equal(control_open(&control, pid_file, -1), 0);
	control_start(&control, loop, on_ask, &asked);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	control_close(&control);
	ev_loop_destroy(loop);
	unlink(said);
	unlink(path);
	return rmdir(dir);
}

/* What it says goes to a file; its status is what control_ask() returned. */
static pid_t
ask(void)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (freopen(said, "w", stderr) == NULL)
			_exit(99);
		control_forget(&control); /* or others would not see its end */
		status = control_ask(pid_file);
		fflush(stderr);
		_exit(status);
	}
	return pid;
}

static void
wait_for_asked(unsigned n)
{
	while (asked < n)
		ev_run(loop, EVRUN_ONCE);
}

static void
assert_told(pid_t pid, int code, const char *text)
{
	char got[512] = "";
	int status, fd;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
	fd = open(said, O_RDONLY);
	assert_true(fd >= 0 && read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, text);
}

static void
test_answers(void **state)
{
	pid_t pid = ask();

	(void)state;
	wait_for_asked(1);
	control_begin(&control);
	control_end(&control, 0, "");
	assert_told(pid, 0, "");

	pid = ask();
	wait_for_asked(2);
	control_begin(&control);
	control_end(&control, EX_CONFIG, "echod.conf:3: bad\nexit of this line is text\n");
	assert_told(pid, EX_CONFIG, "echod.conf:3: bad\nexit of this line is text\n");
}

/* Who asks while a reload is under way is not told of that one, but of the next. */
static void
test_the_next(void **state)
{
	pid_t first = ask(), second, third;

	(void)state;
	wait_for_asked(1);
	control_begin(&control);
	second = ask();
	wait_for_asked(2);
	third = ask();
	wait_for_asked(3);
	control_end(&control, 1, "");
	assert_told(first, 1, "");
	assert_int_equal(waitpid(second, NULL, WNOHANG), 0);
	assert_int_equal(waitpid(third, NULL, WNOHANG), 0);
	control_begin(&control);
	assert_int_equal(control.nserved, 2);
	control_end(&control, 2, "");
	assert_told(second, 2, "");
	assert_told(third, 2, "");
}

static void
test_too_many(void **state)
{
	static const char sorry[] =
	    "echod: the instance ended, was replaced, or was busy before it could tell; see its log\n";
	pid_t pids[CONTROL_ASKERS], late;
	unsigned i;
	int status;

	(void)state;
	for (i = 0; i < CONTROL_ASKERS; i++)
		pids[i] = ask();
	wait_for_asked(CONTROL_ASKERS);
	late = ask();
	while (waitpid(late, &status, WNOHANG) == 0)
		ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(WEXITSTATUS(status), EX_UNAVAILABLE);
	assert_int_equal(asked, CONTROL_ASKERS);
	control_begin(&control);
	control_close(&control);
	for (i = 0; i < CONTROL_ASKERS; i++)
		assert_told(pids[i], EX_UNAVAILABLE, sorry);
}

/* Who does not wait for the answer harms nobody. */
static void
test_gone(void **state)
{
	pid_t pid = ask();
	int status;

	(void)state;
	wait_for_asked(1);
	control_begin(&control);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	signal(SIGPIPE, SIG_IGN); /* as proc_clean() does */
	control_end(&control, 0, "lost\n");
	pid = ask();
	wait_for_asked(2);
	control_begin(&control);
	control_end(&control, 0, "");
	assert_told(pid, 0, "");
}

static void
test_path(void **state)
{
	char long_name[200];
	struct control other = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true((fcntl(control_fd(&control), F_GETFD) & FD_CLOEXEC) != 0);

	/* A child leaves it where it is. */
	assert_int_equal(control_open(&other, pid_file, dup(control_fd(&control))), 0);
	control_forget(&other);
	assert_int_equal(control_fd(&other), -1);
	assert_int_equal(access(path, F_OK), 0);

	/* What a crash left behind is replaced, and then not ours to remove. */
	assert_int_equal(control_open(&other, pid_file, -1), 0);
	control_close(&control);
	assert_int_equal(access(path, F_OK), 0);
	control_close(&other);
	assert_int_equal(access(path, F_OK), -1);
	control_close(&other); /* once more does nothing */

	assert_int_equal(control_ask(pid_file), -ENOENT);
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(control_ask(long_name), -ENAMETOOLONG);
	assert_int_equal(control_open(&other, long_name, -1), -ENAMETOOLONG);
	assert_int_equal(control_open(&other, "/nonexistent/pid", -1), -ENOENT);
	assert_int_equal(control_fd(&other), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_next, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_path, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
