/* SPDX-License-Identifier: ISC */
/*
 * shortio.c -- a kernel that gives little, takes little, and is in a bad mood.
 *
 * Preloaded, it makes recv() and read() return less than there is, send() take less
 * than it could, and any of them, accept4() and the waits as well, fail with EINTR
 * or EAGAIN now and then: never what a kernel may not do, and never a byte lost.
 *
 *	SHORTIO=SEED:MAX	MAX: bytes at once, at most; the same seed and the same
 *				calls make the same trouble
 *	SHORTIO_LOG=FILE	how often it was what, in FILE.PID at the exit of each process
 *
 * By edge a short count says that the socket is drained, or full (epoll(7)).  Where
 * that is a lie, the lie is made good: the socket is set again with EPOLL_CTL_MOD,
 * and then the kernel tells once more of what is ready.  This is what a program
 * sees when the rest has come in right behind the call.
 */
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "next.h"

#define FDS 4096
#define MOST_IN_A_ROW 3 /* after that a call gets through */

NEXT(ssize_t, recv, (int fd, void *buf, size_t len, int flags), (fd, buf, len, flags))
NEXT(ssize_t, send, (int fd, const void *buf, size_t len, int flags), (fd, buf, len, flags))
NEXT(ssize_t, read, (int fd, void *buf, size_t len), (fd, buf, len))
NEXT(int, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
    (fd, addr, len, flags))
NEXT(int, epoll_ctl, (int epfd, int op, int fd, struct epoll_event *event), (epfd, op, fd, event))
NEXT(int, epoll_wait, (int epfd, struct epoll_event *events, int max, int timeout),
    (epfd, events, max, timeout))
NEXT(int, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
NEXT(int, select, (int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout),
    (n, r, w, e, timeout))

static struct {
	int epfd;
	struct epoll_event event;
} watched[FDS]; /* what is watched by edge */

static uint64_t state; /* 0: not begun */
static size_t max = 7;
static unsigned in_a_row;
static unsigned long shorts, interrupts, blocks;

static uint32_t
roll(void)
{
	const char *how = getenv("SHORTIO");
	char *end;

	if (state == 0) {
		state = 1;
		if (how != NULL) {
			state = strtoull(how, &end, 10) * 2 + 1;
			if (*end == ':')
				max = strtoul(end + 1, NULL, 10);
		}
	}
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

__attribute__((destructor)) static void
say(void)
{
	const char *log = getenv("SHORTIO_LOG");
	char path[4096];
	FILE *f;

	if (log == NULL)
		return;
	snprintf(path, sizeof(path), "%s.%ld", log, (long)getpid());
	if ((f = fopen(path, "we")) == NULL)
		return;
	fprintf(f, "short %lu\nEINTR %lu\nEAGAIN %lu\n", shorts, interrupts, blocks);
	fclose(f);
}

/* errno for this call, or 0: it gets through. */
static int
trouble(int may_block)
{
	uint32_t what = roll() % 8;

	if (what > 1 || in_a_row >= MOST_IN_A_ROW) {
		in_a_row = 0;
		return 0;
	}
	in_a_row++;
	if (what == 0 || !may_block) {
		interrupts++;
		return EINTR;
	}
	blocks++;
	return EAGAIN;
}

/* Half of all are of a few bytes; the rest of up to max. */
static size_t
less(size_t len)
{
	size_t bound = roll() % 2 == 0 && max > 7 ? 7 : max;
	size_t n = 1 + roll() % bound;

	return n < len ? n : len;
}

static void
tell_again(int fd)
{
	if (fd < FDS && watched[fd].epfd > 0)
		(void)next_epoll_ctl(watched[fd].epfd, EPOLL_CTL_MOD, fd, &watched[fd].event);
}

static ssize_t
spoil(int fd, int error)
{
	if (error == EAGAIN)
		tell_again(fd);
	errno = error;
	return -1;
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	size_t asked = less(len);
	int error = trouble(1);
	ssize_t n;

	if (error != 0)
		return spoil(fd, error);
	n = next_recv(fd, buf, asked, flags);
	if (n > 0 && (size_t)n < len) {
		shorts++;
		tell_again(fd);
	}
	return n;
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	size_t asked = less(len);
	int error = trouble(1);
	ssize_t n;

	if (error != 0)
		return spoil(fd, error);
	n = next_send(fd, buf, asked, flags);
	if (n > 0 && (size_t)n < len) {
		shorts++;
		tell_again(fd);
	}
	return n;
}

ssize_t
read(int fd, void *buf, size_t len)
{
	int error = trouble(0);

	return error != 0 ? spoil(fd, error) : next_read(fd, buf, less(len));
}

int
accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	int error = trouble(1);

	return error != 0 ? (int)spoil(fd, error) : next_accept4(fd, addr, len, flags);
}

int
epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	if (fd >= 0 && fd < FDS) {
		watched[fd].epfd = 0;
		if (op != EPOLL_CTL_DEL && (event->events & EPOLLET) != 0) {
			watched[fd].epfd = epfd;
			watched[fd].event = *event;
		}
	}
	return next_epoll_ctl(epfd, op, fd, event);
}

int
epoll_wait(int epfd, struct epoll_event *events, int most, int timeout)
{
	int error = trouble(0);

	return error != 0 ? (int)spoil(-1, error) : next_epoll_wait(epfd, events, most, timeout);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	/* Without a timeout it is no wait, and nobody expects it to be interrupted. */
	int error = timeout != 0 ? trouble(0) : 0;

	return error != 0 ? (int)spoil(-1, error) : next_poll(fds, n, timeout);
}

int
select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *timeout)
{
	int error = trouble(0);

	return error != 0 ? (int)spoil(-1, error) : next_select(n, r, w, e, timeout);
}
