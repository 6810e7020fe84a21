/* SPDX-License-Identifier: ISC */
/*
 * self_test.c -- see self_test.h.
 *
 * It is done in a child, since it has to die of it.  What the child does not live
 * to tell is in memory that both have.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "landlock.h"
#include "macros.h"
#include "sandbox.h"
#include "self_test.h"

enum outcome { SURVIVED = 1, NO_SANDBOX, REFUSED };

/* What the child does not live to tell. */
struct report {
	int forbidden;
	int error; /* of entering the sandbox, or of what was tried there */
};

struct test {
	const char *name;
	void (*try)(void); /* NULL: this is about Landlock alone */
};

static void
try_open(void)
{
	close(open("/", O_RDONLY | O_CLOEXEC));
}

static void
try_exec(void)
{
	char *argv[] = { "/bin/true", NULL }, *env[] = { NULL };

	execve(argv[0], argv, env);
}

static void
try_socket(void)
{
	close(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static const struct test tests[] = {
	{ "open", try_open },
	{ "exec", try_exec },
	{ "socket", try_socket },
	{ "files", NULL },
};

static enum outcome
try_files(struct report *r)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || (r->error = landlock_enter()) <= 0)
		return NO_SANDBOX;
	if (open("/", O_RDONLY | O_CLOEXEC) != -1)
		return SURVIVED;
	r->error = -errno;
	return r->error == -EACCES ? REFUSED : SURVIVED;
}

static enum outcome
try_in_sandbox(const struct test *t, struct report *r)
{
	if (t->try == NULL)
		return try_files(r);
	if ((r->error = sandbox_enter(false, &r->forbidden)) < 0)
		return NO_SANDBOX;
	t->try();
	return SURVIVED;
}

static int
judge(const char *name, const struct report *r, int status)
{
	char call[SANDBOX_TEXT];
	enum outcome end = WIFEXITED(status) ? (enum outcome)WEXITSTATUS(status) : SURVIVED;

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS && r->forbidden != 0) {
		sandbox_describe(call, r->forbidden);
		printf("%s: the sandbox killed it, for %s\n", name, call);
		return 0;
	}
	if (end == REFUSED) {
		printf("%s: Landlock refused it: %s\n", name, strerror(-r->error));
		return 0;
	}
	if (end == NO_SANDBOX) {
		printf("%s: cannot be tried: %s\n", name,
		    r->error == 0 ? "this kernel has no Landlock" : strerror(-r->error));
		return EX_UNAVAILABLE;
	}
	printf("%s: nothing prevented it\n", name);
	return EX_OSERR;
}

static int
run(const struct test *t, struct report *r)
{
	struct rlimit no_core = { 0, 0 };
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		_exit((int)try_in_sandbox(t, r));
	}
	if (pid == -1)
		return -errno;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -errno;
	return judge(t->name, r, status);
}

int
self_test(const char *what)
{
	const char *lack = sandbox_lacks();
	struct report *r;
	size_t i;
	int rc;

	for (i = 0; i < countof(tests); i++)
		if (strcmp(tests[i].name, what) == 0)
			break;
	if (i == countof(tests))
		return -EINVAL;
	if (tests[i].try != NULL && lack != NULL) {
		printf("%s: cannot be tried: the sandbox %s\n", what, lack);
		return EX_UNAVAILABLE;
	}
	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	rc = r == MAP_FAILED ? -errno : run(&tests[i], r);
	if (rc < 0) {
		printf("%s: cannot be tried: %s\n", what, strerror(-rc));
		rc = EX_OSERR;
	}
	return rc;
}
