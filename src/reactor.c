/* SPDX-License-Identifier: ISC */
/*
 * reactor.c -- see reactor.h.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend.h"
#include "macros.h"

#define STEP 1024 /* bytes */

/* In the order in which "auto" prefers them. */
static const struct backend *const backends[] = { &backend_epoll, &backend_epoll_et, &backend_poll,
	&backend_select };

const char *const reactor_backends[] = { "select", "poll", "epoll", "epoll-et", NULL };

static void (*on_fatal)(const char *what);

static bool
is_supported(const struct backend *b)
{
	return (ev_supported_backends() & b->host) != 0;
}

const char *
reactor_auto(void)
{
	size_t i;

	for (i = 0; i < countof(backends) - 1; i++)
		if (is_supported(backends[i]))
			break;
	return backends[i]->name;
}

static const struct backend *
find(const char *name)
{
	size_t i;

	if (strcmp(name, "auto") == 0)
		name = reactor_auto();
	for (i = 0; i < countof(backends); i++)
		if (strcmp(backends[i]->name, name) == 0)
			return backends[i];
	return NULL;
}

int
reactor_check(const char *name, unsigned max_fd)
{
	const struct backend *b = find(name);

	if (b == NULL)
		return -ENOENT;
	if (!is_supported(b))
		return -ENOTSUP;
	return b->check != NULL ? b->check(max_fd) : 0;
}

/*
 * libev wants realloc() and free() in one, and no NULL but for size 0.  Its select
 * lengthens five sets by a word for each 64 descriptors: in steps of a KiB they do not
 * leave a trail of small holes, with which a heap cannot be given back.
 */
static void *
allocate(void *old, long size)
{
	void *new;

	if (size == 0) {
		free(old);
		return NULL;
	}
	if ((new = realloc(old, ((size_t)size + STEP - 1) / STEP * STEP)) == NULL)
		on_fatal("no memory for the event loop");
	return new;
}

void
reactor_on_fatal(void (*fn)(const char *what))
{
	on_fatal = fn;
	ev_set_syserr_cb(fn);
	ev_set_allocator(allocate);
}

static void
enqueue(struct io *io)
{
	struct reactor *r = io->reactor;

	if (io->queued)
		return;
	io->queued = true;
	TAILQ_INSERT_TAIL(&r->runnable, io, link);
	r->nrunnable++;
}

static void
dequeue(struct io *io)
{
	if (!io->queued)
		return;
	io->queued = false;
	TAILQ_REMOVE(&io->reactor->runnable, io, link);
	io->reactor->nrunnable--;
}

/*
 * Everything a socket ever makes us do is done here, before the loop sleeps.
 * An io that yields goes to the back of the queue and waits for the next turn,
 * so that one busy peer starves neither the others nor the timers.
 */
static void
on_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct reactor *r = w->data;
	unsigned n = r->nrunnable;
	struct io *io;

	(void)revents;
	if (n > 0 && r->busy_poll > 0)
		r->busy_until = reactor_now(r) + r->busy_poll;
	for (; n > 0 && (io = TAILQ_FIRST(&r->runnable)) != NULL; n--) {
		dequeue(io);
		io->fn(io);
	}
	if (r->nrunnable > 0 || (r->busy_poll > 0 && reactor_now(r) < r->busy_until))
		ev_idle_start(loop, &r->awake);
	else
		ev_idle_stop(loop, &r->awake);
}

static void
on_awake(struct ev_loop *loop, ev_idle *w, int revents)
{
	(void)loop, (void)w, (void)revents;
}

static void
on_clock(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
}

int
reactor_open_with(struct reactor *r, const struct backend *b, double busy_poll)
{
	int rc;

	*r = (struct reactor){ .backend = b, .busy_poll = busy_poll };
	TAILQ_INIT(&r->runnable);
	/* Not from the environment: LIBEV_FLAGS would choose another backend. */
	if ((r->loop = ev_loop_new(b->host | EVFLAG_NOENV)) == NULL)
		return -ENOTSUP;
	if (b->open != NULL && (rc = b->open(r)) < 0) {
		ev_loop_destroy(r->loop);
		r->loop = NULL;
		return rc;
	}
	ev_prepare_init(&r->turn, on_turn);
	r->turn.data = r;
	ev_prepare_start(r->loop, &r->turn);
	ev_idle_init(&r->awake, on_awake);
	ev_timer_init(&r->clock, on_clock, REACTOR_FOR_EVER, REACTOR_FOR_EVER);
	ev_timer_start(r->loop, &r->clock);
	return 0;
}

int
reactor_open(struct reactor *r, const char *name, double busy_poll)
{
	const struct backend *b = find(name);

	return b == NULL ? -ENOENT : reactor_open_with(r, b, busy_poll);
}

void
reactor_reserve(struct reactor *r, unsigned max_fd)
{
	if (r->backend->reserve != NULL)
		r->backend->reserve(r, max_fd);
}

void
reactor_close(struct reactor *r)
{
	if (r->loop == NULL)
		return;
	if (r->backend->close != NULL)
		r->backend->close(r);
	ev_loop_destroy(r->loop);
	r->loop = NULL;
}

void
reactor_run(struct reactor *r)
{
	ev_run(r->loop, 0);
}

void
reactor_stop(struct reactor *r)
{
	ev_break(r->loop, EVBREAK_ALL);
}

int
io_open(struct io *io, struct reactor *r, int fd, io_fn *fn)
{
	/* A new socket has all of its send buffer free. */
	*io = (struct io){ .fd = fd, .ready = IO_WRITE, .reactor = r, .fn = fn };
	return r->backend->add(io);
}

void
io_connecting(struct io *io)
{
	io->ready = 0;
}

void
io_close(struct io *io)
{
	dequeue(io);
	io->reactor->backend->del(io);
	close(io->fd);
	io->fd = -1;
}

void
io_want(struct io *io, unsigned dirs)
{
	if (io->want == dirs)
		return;
	io->want = (unsigned char)dirs;
	io->reactor->backend->set(io);
	if (dirs == 0)
		dequeue(io);
	else if ((io->want & io->ready) != 0)
		enqueue(io);
}

void
io_yield(struct io *io)
{
	enqueue(io);
}

void
io_mark(struct io *io, unsigned dirs)
{
	io->ready |= (unsigned char)dirs;
	if ((io->want & io->ready) != 0)
		enqueue(io);
}

void
io_fail(struct io *io, int error)
{
	io->error = (short)error;
	io_mark(io, IO_READ | IO_WRITE);
}

/*
 * A short count means that the socket is drained, or full: no need to pay for
 * another call to be told EAGAIN (epoll(7), "Questions and answers").
 *
 * With two exceptions.  Once the peer has hung up its FIN may be next in line,
 * and no further edge will come to say so.  And a recv() ends at urgent data,
 * tcp(7), with more behind it; not until EAGAIN is it certain that there is none.
 */
ssize_t
io_recv(struct io *io, void *buf, size_t len)
{
	ssize_t n;

	if ((io->ready & IO_READ) == 0)
		return -EAGAIN;
	if (io->error != 0)
		return io->error;
	do
		n = recv(io->fd, buf, len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		n = -errno;
	if (n == -EAGAIN) {
		io->ready &= (unsigned char)~IO_READ;
		io->urgent = false;
	} else if (n > 0 && (size_t)n < len && !io->hangup && !io->urgent) {
		io->ready &= (unsigned char)~IO_READ;
	}
	return n;
}

ssize_t
io_send(struct io *io, const void *buf, size_t len)
{
	ssize_t n;

	if ((io->ready & IO_WRITE) == 0)
		return -EAGAIN;
	if (io->error != 0)
		return io->error;
	do
		n = send(io->fd, buf, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		n = -errno;
	if (n == -EAGAIN || (n >= 0 && (size_t)n < len))
		io->ready &= (unsigned char)~IO_WRITE;
	return n;
}

bool
io_has_input(struct io *io)
{
	char byte;

	return io->queued || recv(io->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
