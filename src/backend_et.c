/* SPDX-License-Identifier: ISC */
/*
 * backend_et.c -- edge-triggered epoll, which libev does not offer.
 *
 * Our epoll set is a guest in the libev loop: its descriptor is readable while
 * it has events, and that is all libev need know of it.  Each socket is added
 * once, for both directions, and never modified: want is a matter between the
 * reactor and the io, and closing the socket takes it out of the set.
 *
 * Closing does so only if no other process holds the same socket.  None does:
 * accepted sockets are close-on-exec, and a process with connections never forks.
 */
#include <sys/epoll.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend.h"

#define BATCH 256

struct et {
	int epfd;
	ev_io guest;
	struct epoll_event events[BATCH];
};

static void
on_event(struct io *io, unsigned events)
{
	unsigned dirs = 0;

	if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		dirs |= IO_READ;
	if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
		dirs |= IO_WRITE;
	if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		io->hangup = true;
	if ((events & EPOLLPRI) != 0)
		io->urgent = true;
	io_mark(io, dirs);
}

/* The io behind an event is alive: nothing is closed until all are marked. */
static void
on_events(struct ev_loop *loop, ev_io *w, int revents)
{
	struct et *et = w->data;
	int i, n = epoll_wait(et->epfd, et->events, BATCH, 0);

	(void)loop, (void)revents;
	for (i = 0; i < n; i++)
		on_event(et->events[i].data.ptr, et->events[i].events);
}

static int
open_set(struct reactor *r)
{
	struct et *et = calloc(1, sizeof(*et));
	int rc;

	if (et == NULL)
		return -ENOMEM;
	if ((et->epfd = epoll_create1(EPOLL_CLOEXEC)) == -1) {
		rc = -errno;
		free(et);
		return rc;
	}
	ev_io_init(&et->guest, on_events, et->epfd, EV_READ);
	et->guest.data = r->priv = et;
	ev_io_start(r->loop, &et->guest);
	return 0;
}

static void
close_set(struct reactor *r)
{
	struct et *et = r->priv;

	ev_io_stop(r->loop, &et->guest);
	close(et->epfd);
	free(et);
}

static int
add(struct io *io)
{
	struct et *et = io->reactor->priv;
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
		.data.ptr = io,
	};

	return epoll_ctl(et->epfd, EPOLL_CTL_ADD, io->fd, &e) == 0 ? 0 : -errno;
}

static void
ignore(struct io *io)
{
	(void)io;
}

/* The host is poll: it has the guest and a few listeners to look at, no more. */
const struct backend backend_epoll_et = { "epoll-et", EVBACKEND_POLL, NULL, NULL, open_set,
	close_set, add, ignore, ignore };
