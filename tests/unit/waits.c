/* SPDX-License-Identifier: ISC */
/*
 * waits.c -- see waits.h.
 */
#include <sys/epoll.h>
#include <sys/select.h>
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "waits.h"

unsigned waits_asleep;
int waits_select_max;
int waits_error;
int waits_add_error;

static bool
fails(bool sleeps)
{
	waits_asleep += sleeps;
	errno = waits_error;
	return waits_error != 0;
}

int
epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
	int (*real)(int, struct epoll_event *, int,
	    int) = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");

	return fails(timeout != 0) ? -1 : real(epfd, events, maxevents, timeout);
}

int
epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	int (*real)(int, int, int, struct epoll_event *) = (int (*)(
	    int, int, int, struct epoll_event *))dlsym(RTLD_NEXT, "epoll_ctl");

	if (op == EPOLL_CTL_ADD && waits_add_error != 0) {
		errno = waits_add_error;
		return -1;
	}
	return real(epfd, op, fd, event);
}

int
poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	int (*real)(struct pollfd *, nfds_t, int) = (int (*)(struct pollfd *, nfds_t, int))dlsym(
	    RTLD_NEXT, "poll");

	return fails(timeout != 0) ? -1 : real(fds, nfds, timeout);
}

int
select(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, struct timeval *timeout)
{
	int (*real)(int, fd_set *, fd_set *, fd_set *, struct timeval *) = (int (*)(
	    int, fd_set *, fd_set *, fd_set *, struct timeval *))dlsym(RTLD_NEXT, "select");

	if (waits_select_max != 0 && nfds > waits_select_max) {
		errno = EINVAL;
		return -1;
	}
	return fails(timeout == NULL || timeout->tv_sec != 0 || timeout->tv_usec != 0) ?
	    -1 :
	    real(nfds, readfds, writefds, exceptfds, timeout);
}
