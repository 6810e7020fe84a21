/* SPDX-License-Identifier: ISC */
/*
 * backend_ev.c -- level-triggered readiness: libev's own select, poll and epoll.
 */
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "backend.h"

#define PROBES 8 /* a signal may interrupt some */

static void
on_ready(struct ev_loop *loop, ev_io *w, int revents)
{
	(void)loop;
	if ((revents & EV_ERROR) != 0) /* libev has stopped the watcher */
		io_fail(w->data, -EIO);
	else
		io_mark(w->data, (unsigned)revents & (IO_READ | IO_WRITE));
}

static int
add(struct io *io)
{
	ev_io_init(&io->ev, on_ready, io->fd, EV_NONE);
	io->ev.data = io;
	return 0;
}

/* ev_io_modify() keeps libev from taking it for a new descriptor. */
static void
set(struct io *io)
{
	ev_io_stop(io->reactor->loop, &io->ev);
	ev_io_modify(&io->ev, io->want);
	if (io->want != 0)
		ev_io_start(io->reactor->loop, &io->ev);
}

static void
del(struct io *io)
{
	ev_io_stop(io->reactor->loop, &io->ev);
}

static void
on_probe(struct ev_loop *loop, ev_io *w, int revents)
{
	w->data = (revents & EV_READ) != 0 ? w : NULL;
	ev_break(loop, EVBREAK_ALL);
}

/* In a process of its own, for where libev cannot it calls abort(). */
static void
probe_select(int fd, unsigned max_fd)
{
	struct ev_loop *loop = ev_loop_new(EVBACKEND_SELECT | EVFLAG_NOENV);
	struct rlimit no_core = { 0, 0 };
	int high, tries;
	ev_io w;

	setrlimit(RLIMIT_CORE, &no_core);
	close(STDERR_FILENO);
	if (loop == NULL || (high = fcntl(fd, F_DUPFD_CLOEXEC, (int)max_fd)) == -1)
		_exit(1);
	ev_io_init(&w, on_probe, high, EV_READ);
	w.data = NULL;
	ev_io_start(loop, &w);
	for (tries = 0; tries < PROBES && w.data == NULL; tries++)
		ev_run(loop, EVRUN_NOWAIT);
	_exit(w.data == NULL);
}

/*
 * libev's select has bit sets of its own, of any size, unless it was built with
 * the C library's fd_set, and few kernels mind.  So ask: is a descriptor that
 * high reported as readable?
 */
static int
check_select(unsigned max_fd)
{
	int fds[2], status = -1;
	pid_t pid;

	if (max_fd < FD_SETSIZE)
		return 0;
	if (pipe(fds) != 0)
		return -errno;
	close(fds[1]); /* the other end is now at its end */
	if ((pid = fork()) == 0)
		probe_select(fds[0], max_fd);
	close(fds[0]);
	if (pid == -1)
		return -errno;
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return status == 0 ? 0 : -EMFILE;
}

/* libev's table of descriptors goes as far as the highest it has been shown. */
static void
reserve(struct reactor *r, unsigned max_fd)
{
	ev_io w;

	ev_io_init(&w, on_ready, (int)max_fd, EV_READ);
	ev_io_start(r->loop, &w);
	ev_io_stop(r->loop, &w);
}

static void
on_nudge(struct ev_loop *loop, ev_async *w, int revents)
{
	(void)loop, (void)w, (void)revents;
}

/*
 * About to wait.  That a descriptor cannot be watched libev finds out so late that it
 * would sleep before it says so.  select and poll know of no such trouble.
 */
static void
on_wait(struct ev_loop *loop) EV_NOEXCEPT
{
	struct reactor *r = ev_userdata(loop);

	if (ev_pending_count(loop) > 0)
		ev_async_send(loop, &r->nudge);
}

static int
open_epoll(struct reactor *r)
{
	ev_async_init(&r->nudge, on_nudge);
	ev_async_start(r->loop, &r->nudge);
	ev_set_userdata(r->loop, r);
	ev_set_loop_release_cb(r->loop, on_wait, NULL);
	return 0;
}

const struct backend backend_select = {
	.name = "select",
	.host = EVBACKEND_SELECT,
	.check = check_select,
	.reserve = reserve,
	.add = add,
	.set = set,
	.del = del,
};
const struct backend backend_poll = {
	.name = "poll",
	.host = EVBACKEND_POLL,
	.reserve = reserve,
	.add = add,
	.set = set,
	.del = del,
};
const struct backend backend_epoll = {
	.name = "epoll",
	.host = EVBACKEND_EPOLL,
	.reserve = reserve,
	.open = open_epoll,
	.add = add,
	.set = set,
	.del = del,
};
