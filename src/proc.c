/* SPDX-License-Identifier: ISC */
/*
 * proc.c -- see proc.h.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "units.h"

void
proc_clean(bool hold_signals)
{
	int fd, sig;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	for (sig = 1; sig < NSIG; sig++)
		(void)signal(sig, sig == SIGPIPE || sig == SIGXFSZ ? SIG_IGN : SIG_DFL);
	if (!hold_signals)
		proc_let_signals_in();
	umask(027);
}

char *
proc_program(void)
{
	return realpath("/proc/self/exe", NULL);
}

void
proc_hold_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

void
proc_let_signals_in(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void
proc_close_others(const int *keep, size_t n)
{
	int sorted[PROC_KEEP];
	unsigned from = STDERR_FILENO + 1;
	size_t i;

	if (n > PROC_KEEP)
		n = PROC_KEEP;
	memcpy(sorted, keep, n * sizeof(*keep));
	qsort(sorted, n, sizeof(*sorted), by_number);
	for (i = 0; i < n; i++) {
		if (sorted[i] < (int)from)
			continue;
		if ((unsigned)sorted[i] > from)
			(void)close_range(from, (unsigned)sorted[i] - 1, 0);
		from = (unsigned)sorted[i] + 1;
	}
	(void)close_range(from, ~0u, 0);
}

void
proc_let_go(int fd)
{
	int null = -1;

	if (fd <= STDERR_FILENO && (null = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0)
		dup2(null, fd);
	close(null >= 0 ? null : fd);
}

static unsigned
clamp(rlim_t limit)
{
	return limit > INT_MAX ? INT_MAX : (unsigned)limit;
}

unsigned
proc_raise_files(unsigned wanted, bool insist)
{
	struct rlimit now, more;

	if (getrlimit(RLIMIT_NOFILE, &now) != 0)
		return 0;
	if (now.rlim_cur >= wanted)
		return clamp(now.rlim_cur);
	more = now;
	more.rlim_cur = wanted <= now.rlim_max ? wanted : now.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		now = more;
	if (insist && now.rlim_cur < wanted) {
		more = (struct rlimit){ wanted, wanted };
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			now = more;
	}
	return clamp(now.rlim_cur);
}

int
proc_find_user(const char *spec, struct proc_user *user)
{
	const char *colon = strchr(spec, ':');
	size_t len = colon != NULL ? (size_t)(colon - spec) : strlen(spec);
	const struct passwd *pw;
	const struct group *gr;
	unsigned id;

	if (len == 0 || len >= sizeof(user->name))
		return -ENOENT;
	memcpy(user->name, spec, len);
	user->name[len] = '\0';
	pw = getpwnam(user->name);
	if (pw == NULL && units_count(user->name, 0, UINT_MAX - 1, &id) == 0)
		pw = getpwuid(id);
	if (pw == NULL)
		return -ENOENT;
	user->uid = pw->pw_uid;
	user->gid = pw->pw_gid;
	snprintf(user->name, sizeof(user->name), "%s", pw->pw_name);
	if (colon == NULL)
		return 0;
	if ((gr = getgrnam(colon + 1)) != NULL)
		user->gid = gr->gr_gid;
	else if (units_count(colon + 1, 0, UINT_MAX - 1, &id) == 0)
		user->gid = id;
	else
		return -ENOENT;
	return 0;
}

static bool
is_user(const struct proc_user *user)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 && r == user->uid &&
	    e == user->uid && s == user->uid && rg == user->gid && eg == user->gid &&
	    sg == user->gid;
}

int
proc_become(const struct proc_user *user)
{
	if (geteuid() != 0 && is_user(user))
		return 0;
	if (initgroups(user->name, user->gid) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		return -errno;
	if (!is_user(user) || (user->uid != 0 && setuid(0) == 0))
		return -EPERM;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return 0;
}

int
proc_pretend(const struct proc_user *user)
{
	if (setegid(user->gid) != 0)
		return -errno;
	if (seteuid(user->uid) != 0) {
		int rc = -errno;

		(void)!setegid(getgid());
		return rc;
	}
	return 0;
}

void
proc_pretend_no_more(void)
{
	if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
		abort(); /* Linux lets a process do that */
}

int
proc_become_named(const char *spec)
{
	struct proc_user user;
	int rc = proc_find_user(spec, &user);

	return rc == 0 ? proc_become(&user) : rc;
}

/* The part of the parent: end as the child fares. */
static _Noreturn void
await_child(int fd, pid_t child)
{
	int status;
	ssize_t n;
	char byte;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		continue;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	fprintf(stderr, "echod: did not start, exit status %d; the log says why\n", status);
	_exit(status);
}

int
proc_detach(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0 || (pid = fork()) == -1)
		return -errno;
	if (pid > 0) {
		close(fds[1]);
		await_child(fds[0], pid);
	}
	close(fds[0]);
	if (setsid() == -1)
		return -errno;
	return fds[1];
}

void
proc_detached(int fd)
{
	char byte = 0;

	(void)!write(fd, &byte, 1);
	close(fd);
	proc_leave_terminal();
}

void
proc_leave_terminal(void)
{
	proc_let_go(STDIN_FILENO);
	proc_let_go(STDOUT_FILENO);
	proc_let_go(STDERR_FILENO);
}

static struct flock
whole_file(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

/* Between open and lock another may have removed the file and made a new one. */
static bool
is_still(int fd, const char *path)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
	    mine.st_ino == there.st_ino;
}

int
proc_pid_lock(const char *path, pid_t *owner)
{
	struct flock lock;
	int fd, rc;

	for (;;) {
		fd = open(
		    path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
		if (fd == -1)
			return -errno;
		lock = whole_file(F_WRLCK);
		if (fcntl(fd, F_SETLK, &lock) == 0) {
			if (is_still(fd, path))
				return fd;
			close(fd);
			continue;
		}
		rc = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
		lock = whole_file(F_WRLCK);
		*owner = fcntl(fd, F_GETLK, &lock) == 0 ? lock.l_pid : 0;
		close(fd);
		return rc;
	}
}

int
proc_pid_write(int fd)
{
	char text[UNITS_TEXT];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return -errno;
	return 0;
}

/*
 * Who has given up root may not be able to remove it, but can empty it.  Another
 * may have put his own in its place; that one stays.
 */
void
proc_pid_remove(int fd, const char *path)
{
	if (fd < 0)
		return;
	if (!is_still(fd, path) || unlink(path) != 0)
		(void)!ftruncate(fd, 0);
	close(fd);
}

pid_t
proc_pid_owner(const char *path)
{
	struct flock lock = whole_file(F_WRLCK);
	int fd, rc;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) == -1)
		return errno == ENOENT ? -ESRCH : -errno;
	rc = fcntl(fd, F_GETLK, &lock) == 0 ? 0 : -errno;
	close(fd);
	if (rc < 0)
		return rc;
	return lock.l_type == F_UNLCK ? -ESRCH : lock.l_pid;
}
