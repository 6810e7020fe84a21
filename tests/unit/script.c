/* SPDX-License-Identifier: ISC */
/*
 * script.c -- see script.h.
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "script.h"
#include "unit.h"

#define FIRST_FD (1 << 20) /* no descriptor of ours gets that high */
#define MANY_TURNS 10000

ssize_t __real_recv(int, void *, size_t, int), __wrap_recv(int, void *, size_t, int);
ssize_t __real_send(int, const void *, size_t, int), __wrap_send(int, const void *, size_t, int);
int __real_shutdown(int, int), __wrap_shutdown(int, int);
int __real_close(int), __wrap_close(int);

struct peer script_peers[SCRIPT_PEERS];
bool script_edge;
bool script_after_fin;
int script_add_error;

void
script_reset(void)
{
	size_t i;

	for (i = 0; i < SCRIPT_PEERS; i++) {
		struct peer *p = &script_peers[i];

		/* All but got, which is large. */
		memset(p->recv, 0, sizeof(p->recv));
		memset(p->send, 0, sizeof(p->send));
		p->at_recv = p->at_send = p->used_recv = p->used_send = 0;
		p->io = NULL;
		p->ngot = p->ngiven = 0;
		p->nrecv = 0;
		p->fin = p->closed = false;
		p->shutdown_error = 0;
		p->on_recv = NULL;
	}
	script_add_error = 0;
}

int
script_fd(const struct peer *p)
{
	return FIRST_FD + (int)(p - script_peers);
}

static struct peer *
find(int fd)
{
	if (fd < FIRST_FD || fd >= FIRST_FD + SCRIPT_PEERS)
		return NULL;
	assert_false(script_peers[fd - FIRST_FD].closed);
	return &script_peers[fd - FIRST_FD];
}

static void
skip_events(struct peer *p)
{
	while (p->recv[p->at_recv].what == HUNG_UP || p->recv[p->at_recv].what == IS_URGENT)
		p->at_recv++;
}

static ssize_t
fail_with(int error)
{
	errno = error;
	return -1;
}

ssize_t
__wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct peer *p = find(fd);
	const struct step *s;
	size_t n;

	if (p == NULL)
		return __real_recv(fd, buf, len, flags);
	skip_events(p);
	s = &p->recv[p->at_recv];
	if ((flags & MSG_PEEK) != 0) {
		if (s->what != GO)
			return fail_with(EAGAIN);
		n = s->n - p->used_recv < len ? s->n - p->used_recv : len;
		memcpy(buf, s->bytes + p->used_recv, n);
		return (ssize_t)n;
	}
	p->nrecv++;
	if (p->on_recv != NULL)
		p->on_recv(p);
	if (s->what == OVER)
		return fail_with(EAGAIN);
	if (s->what == FAILS) {
		p->at_recv++;
		return fail_with(s->error);
	}
	n = s->n - p->used_recv < len ? s->n - p->used_recv : len;
	if (n > 0)
		memcpy(buf, s->bytes + p->used_recv, n);
	p->ngiven += n;
	p->used_recv += n;
	if (p->used_recv == s->n) {
		p->at_recv++;
		p->used_recv = 0;
	}
	return (ssize_t)n;
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct peer *p = find(fd);
	const struct step *s;
	size_t n = len;

	if (p == NULL)
		return __real_send(fd, buf, len, flags);
	assert_true((flags & MSG_NOSIGNAL) != 0);
	if (p->fin && script_after_fin)
		return fail_with(EPIPE);
	assert_false(p->fin);
	s = &p->send[p->at_send];
	if (s->what == STUCK)
		return fail_with(EAGAIN);
	if (s->what == FAILS) {
		p->at_send++;
		return fail_with(s->error);
	}
	if (s->what == GO) {
		n = s->n - p->used_send < len ? s->n - p->used_send : len;
		p->used_send += n;
		if (p->used_send == s->n) {
			p->at_send++;
			p->used_send = 0;
		}
	}
	assert_true(p->ngot + n <= sizeof(p->got));
	memcpy(p->got + p->ngot, buf, n);
	p->ngot += n;
	return (ssize_t)n;
}

int
__wrap_shutdown(int fd, int how)
{
	struct peer *p = find(fd);

	if (p == NULL)
		return __real_shutdown(fd, how);
	assert_int_equal(how, SHUT_WR);
	assert_false(p->fin);
	if (p->shutdown_error != 0)
		return (int)fail_with(p->shutdown_error);
	p->fin = true;
	return 0;
}

int
__wrap_close(int fd)
{
	struct peer *p = find(fd);

	if (p == NULL)
		return __real_close(fd);
	assert_null(p->io); /* the backend was told before */
	p->closed = true;
	return 0;
}

static int
add(struct io *io)
{
	if (script_add_error != 0)
		return -script_add_error;
	find(io->fd)->io = io;
	return 0;
}

static void
set(struct io *io)
{
	assert_ptr_equal(find(io->fd)->io, io);
}

static void
del(struct io *io)
{
	assert_ptr_equal(find(io->fd)->io, io);
	find(io->fd)->io = NULL;
}

const struct backend script_backend = { .name = "script",
	.host = EVBACKEND_POLL,
	.add = add,
	.set = set,
	.del = del };

static bool
mark(struct peer *p)
{
	const struct step *s = &p->recv[p->at_recv];
	bool hangup = false, urgent = false;
	unsigned dirs = 0;

	if (p->io == NULL)
		return false;
	for (; s->what == HUNG_UP || s->what == IS_URGENT; s++) {
		hangup |= s->what == HUNG_UP;
		urgent |= s->what == IS_URGENT;
	}
	if ((s->what == GO || s->what == FAILS) && !(script_edge && s->quiet))
		dirs |= IO_READ;
	if (p->send[p->at_send].what != STUCK)
		dirs |= IO_WRITE;
	dirs &= script_edge ? ~(unsigned)p->io->ready : p->io->want;
	if (dirs == 0)
		return false;
	if (script_edge && (dirs & IO_READ) != 0) {
		p->at_recv = (size_t)(s - p->recv);
		p->io->hangup |= hangup;
		p->io->urgent |= urgent;
	}
	io_mark(p->io, dirs);
	return true;
}

void
script_turn(struct reactor *r, bool events)
{
	size_t i;

	for (i = 0; events && i < SCRIPT_PEERS; i++)
		(void)mark(&script_peers[i]);
	ev_run(r->loop, EVRUN_NOWAIT);
}

void
script_play(struct reactor *r)
{
	unsigned turns;
	bool any;
	size_t i;

	for (turns = 0;; turns++) {
		any = r->nrunnable > 0;
		for (i = 0; i < SCRIPT_PEERS; i++)
			any |= mark(&script_peers[i]);
		ev_run(r->loop, EVRUN_NOWAIT);
		if (!any && r->nrunnable == 0)
			return;
		if (turns == MANY_TURNS)
			fail_msg("something spins");
	}
}
