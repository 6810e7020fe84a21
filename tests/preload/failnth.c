/* SPDX-License-Identifier: ISC */
/*
 * failnth.c -- the n-th call of a kind fails, as it might for real.
 *
 * Preloaded, it counts the calls of one kind and lets one of them fail:
 *
 *	FAILNTH=KIND:N		KIND is one of the table below, "memory" for what
 *				allocates; N counts from 1, and 0 fails none
 *	FAILNTH_LOG=FILE	"hit" when it has failed one, and at an orderly exit
 *				"left N", the blocks of memory that nobody has freed
 *
 * So a test runs a program once for each N, until nothing is hit any more.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "next.h"

void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void __libc_free(void *);
int open64(const char *, int, ...);
int __open_2(const char *, int);

enum kind {
	NONE,
	MEMORY,
	ACCEPT4,
	RECV,
	SEND,
	EPOLL_CTL,
	EPOLL_CREATE,
	EVENTFD,
	SETSOCKOPT,
	SOCKET,
	BIND,
	LISTEN,
	GETSOCKNAME,
	SHUTDOWN,
	OPEN,
	FORK,
	PIPE,
	KINDS
};

static const struct {
	const char *name;
	int error;
} kinds[KINDS] = { { "none", 0 }, { "memory", ENOMEM }, { "accept4", EMFILE },
	{ "recv", ETIMEDOUT }, { "send", EHOSTUNREACH }, { "epoll_ctl", ENOSPC },
	{ "epoll_create1", EMFILE }, { "eventfd", EMFILE }, { "setsockopt", ENOBUFS },
	{ "socket", EMFILE }, { "bind", EADDRINUSE }, { "listen", EADDRINUSE },
	{ "getsockname", ENOBUFS }, { "shutdown", ENOTCONN }, { "open", EACCES },
	{ "fork", EAGAIN }, { "pipe", EMFILE } };

static enum kind kind;
static unsigned long at, calls;
static long blocks;

NEXT(int, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
    (fd, addr, len, flags))
NEXT(ssize_t, recv, (int fd, void *buf, size_t len, int flags), (fd, buf, len, flags))
NEXT(ssize_t, send, (int fd, const void *buf, size_t len, int flags), (fd, buf, len, flags))
NEXT(int, epoll_ctl, (int epfd, int op, int fd, struct epoll_event *event), (epfd, op, fd, event))
NEXT(int, epoll_create1, (int flags), (flags))
NEXT(int, eventfd, (unsigned count, int flags), (count, flags))
NEXT(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len),
    (fd, level, name, value, len))
NEXT(int, socket, (int domain, int type, int protocol), (domain, type, protocol))
NEXT(int, bind, (int fd, const struct sockaddr *addr, socklen_t len), (fd, addr, len))
NEXT(int, listen, (int fd, int backlog), (fd, backlog))
NEXT(int, getsockname, (int fd, struct sockaddr *addr, socklen_t *len), (fd, addr, len))
NEXT(int, shutdown, (int fd, int how), (fd, how))
NEXT(int, open64, (const char *path, int flags, mode_t mode), (path, flags, mode))
NEXT(pid_t, fork, (void), ())
NEXT(int, pipe, (int fds[2]), (fds))
NEXT(int, pipe2, (int fds[2], int flags), (fds, flags))

static void
note(const char *text, size_t len)
{
	const char *path = getenv("FAILNTH_LOG");
	int fd;

	if (path == NULL ||
	    (fd = next_open64(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)) == -1)
		return;
	(void)!write(fd, text, len);
	close(fd);
}

/* Before main(), and before that nothing fails. */
__attribute__((constructor)) static void
begin(void)
{
	const char *how = getenv("FAILNTH");
	int i;

	for (i = 1; how != NULL && i < KINDS; i++) {
		size_t len = strlen(kinds[i].name);

		if (strncmp(how, kinds[i].name, len) == 0 && how[len] == ':') {
			at = strtoul(how + len + 1, NULL, 10);
			kind = (enum kind)i;
		}
	}
	blocks = 0;
}

__attribute__((destructor)) static void
say(void)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "left %ld\n", blocks);

	kind = NONE;
	note(text, (size_t)n);
}

static int
fails(enum kind k)
{
	if (k != kind || ++calls != at)
		return 0;
	note("hit\n", 4);
	errno = kinds[k].error;
	return 1;
}

void *
malloc(size_t size)
{
	void *p = fails(MEMORY) ? NULL : __libc_malloc(size);

	blocks += p != NULL;
	return p;
}

void *
calloc(size_t n, size_t size)
{
	void *p = fails(MEMORY) ? NULL : __libc_calloc(n, size);

	blocks += p != NULL;
	return p;
}

void *
realloc(void *old, size_t size)
{
	void *p = fails(MEMORY) ? NULL : __libc_realloc(old, size);

	blocks += p != NULL && old == NULL;
	blocks -= p == NULL && old != NULL && size == 0;
	return p;
}

void
free(void *p)
{
	blocks -= p != NULL;
	__libc_free(p);
}

int
accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return fails(ACCEPT4) ? -1 : next_accept4(fd, addr, len, flags);
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	return fails(RECV) ? -1 : next_recv(fd, buf, len, flags);
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	return fails(SEND) ? -1 : next_send(fd, buf, len, flags);
}

int
epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	return fails(EPOLL_CTL) ? -1 : next_epoll_ctl(epfd, op, fd, event);
}

int
epoll_create1(int flags)
{
	return fails(EPOLL_CREATE) ? -1 : next_epoll_create1(flags);
}

int
eventfd(unsigned count, int flags)
{
	return fails(EVENTFD) ? -1 : next_eventfd(count, flags);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return fails(SETSOCKOPT) ? -1 : next_setsockopt(fd, level, name, value, len);
}

int
socket(int domain, int type, int protocol)
{
	return fails(SOCKET) ? -1 : next_socket(domain, type, protocol);
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return fails(BIND) ? -1 : next_bind(fd, addr, len);
}

int
listen(int fd, int backlog)
{
	return fails(LISTEN) ? -1 : next_listen(fd, backlog);
}

int
getsockname(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	return fails(GETSOCKNAME) ? -1 : next_getsockname(fd, addr, len);
}

int
shutdown(int fd, int how)
{
	return fails(SHUTDOWN) ? -1 : next_shutdown(fd, how);
}

static int
open_with_mode(const char *path, int flags, va_list ap)
{
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;

	return fails(OPEN) ? -1 : next_open64(path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_with_mode(path, flags, ap);
	va_end(ap);
	return fd;
}

int
open64(const char *path, int flags, ...)
{
	va_list ap;
	int fd;

	va_start(ap, flags);
	fd = open_with_mode(path, flags, ap);
	va_end(ap);
	return fd;
}

/* open() where the compiler knows that there is no mode. */
int
__open_2(const char *path, int flags)
{
	return fails(OPEN) ? -1 : next_open64(path, flags, 0);
}

pid_t
fork(void)
{
	return fails(FORK) ? -1 : next_fork();
}

int
pipe(int fds[2])
{
	return fails(PIPE) ? -1 : next_pipe(fds);
}

int
pipe2(int fds[2], int flags)
{
	return fails(PIPE) ? -1 : next_pipe2(fds, flags);
}
