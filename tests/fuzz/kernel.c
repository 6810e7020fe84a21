/* SPDX-License-Identifier: ISC */
/*
 * kernel.c -- see kernel.h.
 *
 * All sockets carry the same endless text, each from a place of its own, so that
 * bytes which are lost, doubled, or somebody else's are seen at once.
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "backend.h"
#include "conn.h"
#include "fuzz.h"
#include "kernel.h"

#define FIRST_FD (1 << 20) /* no descriptor of ours gets that high */
#define ROOM 65536         /* bytes, of a send buffer */
#define PERIOD 65521       /* of the text: a prime, and no power of two near */
#define APART 997

ssize_t __real_recv(int, void *, size_t, int), __wrap_recv(int, void *, size_t, int);
ssize_t __real_send(int, const void *, size_t, int), __wrap_send(int, const void *, size_t, int);
int __real_shutdown(int, int), __wrap_shutdown(int, int);
int __real_close(int), __wrap_close(int);

struct sock kernel_socks[KERNEL_SOCKS];
bool kernel_edge;

static char text[PERIOD];

void
kernel_reset(void)
{
	uint32_t x = 1;
	size_t i;

	for (i = 0; text[1] == '\0' && i < PERIOD; i++) {
		x = x * 1664525u + 1013904223u;
		text[i] = (char)(x >> 24);
	}
	memset(kernel_socks, 0, sizeof(kernel_socks));
	for (i = 0; i < KERNEL_SOCKS; i++)
		kernel_socks[i].room = ROOM;
}

int
sock_fd(const struct sock *s)
{
	return FIRST_FD + (int)(s - kernel_socks);
}

bool
sock_is_alive(const struct sock *s)
{
	return s->open && !s->closed;
}

static struct sock *
find(int fd)
{
	struct sock *s;

	if (fd < FIRST_FD || fd >= FIRST_FD + KERNEL_SOCKS)
		return NULL;
	s = &kernel_socks[fd - FIRST_FD];
	must(sock_is_alive(s));
	return s;
}

/* Bytes of the text of s, from its offset at, as many as lie together. */
static const char *
text_at(const struct sock *s, uint64_t at, size_t *len)
{
	size_t place = (size_t)((at + (uint64_t)(s - kernel_socks) * APART) % PERIOD);

	if (*len > PERIOD - place)
		*len = PERIOD - place;
	return text + place;
}

static bool
is_readable(const struct sock *s)
{
	return s->reset || s->read < s->come || (s->peer_fin && !s->told_end);
}

static bool
is_writable(const struct sock *s)
{
	return s->reset || s->sent - s->taken < s->room;
}

void
sock_come(struct sock *s, uint64_t bytes)
{
	if (bytes == 0 || s->peer_fin || s->reset)
		return;
	s->come += bytes;
	s->edge |= IO_READ;
}

void
sock_urgent(struct sock *s)
{
	if (s->peer_fin || s->reset)
		return;
	s->urgent = true;
	s->urgent_at = s->come;
	sock_come(s, 1);
}

void
sock_take(struct sock *s, uint64_t bytes)
{
	uint64_t there = s->sent - s->taken;

	s->taken += bytes < there ? bytes : there;
	if (s->blocked && is_writable(s)) {
		s->blocked = false;
		s->edge |= IO_WRITE;
	}
}

void
sock_peer_fin(struct sock *s)
{
	if (s->peer_fin || s->reset)
		return;
	s->peer_fin = true;
	s->edge |= IO_READ;
}

void
sock_reset(struct sock *s)
{
	s->reset = s->faulted = true;
	s->come = s->read; /* what was not read is gone */
	s->edge |= IO_READ | IO_WRITE;
}

uint64_t
sock_owes(const struct sock *s)
{
	return s->fin ? 0 : s->read - s->sent;
}

static ssize_t
fail_with(int error)
{
	errno = error;
	return -1;
}

/* What was ordered for this call, and no other.  Whether it fails. */
static bool
is_spoilt(struct sock *s, enum next *next, unsigned dir, bool *is_short)
{
	enum next what = *next;

	*next = NEXT_GOES;
	*is_short = what == NEXT_SHORT;
	switch (what) {
	case NEXT_INTERRUPTED: errno = EINTR; return true;
	case NEXT_BLOCKS: /* and right behind it becomes ready */
		s->edge |= dir;
		s->blocked |= dir == IO_WRITE;
		errno = EAGAIN;
		return true;
	case NEXT_FAILS:
		s->broken = s->faulted = true;
		errno = s->next_error;
		return true;
	default: return false;
	}
}

static ssize_t
peek(const struct sock *s)
{
	if (s->reset)
		return fail_with(ECONNRESET);
	if (s->read < s->come)
		return 1;
	return s->peer_fin ? 0 : fail_with(EAGAIN);
}

ssize_t
__wrap_recv(int fd, void *buf, size_t len, int flags)
{
	struct sock *s = find(fd);
	size_t n, done, piece;
	const char *bytes;
	bool is_short;

	if (s == NULL)
		return __real_recv(fd, buf, len, flags);
	if ((flags & MSG_PEEK) != 0)
		return peek(s);
	must(!s->broken && !s->told_end);
	must(sock_owes(s) == 0); /* nothing is read while anything is left to send */
	if (is_spoilt(s, &s->next_recv, IO_READ, &is_short))
		return -1;
	if (s->reset) {
		s->broken = true;
		return fail_with(ECONNRESET);
	}
	if (s->read == s->come) {
		if (!s->peer_fin)
			return fail_with(EAGAIN);
		s->told_end = true;
		return 0;
	}
	n = s->come - s->read < len ? (size_t)(s->come - s->read) : len;
	if (s->urgent && s->urgent_at > s->read && s->urgent_at - s->read < n)
		n = (size_t)(s->urgent_at - s->read); /* tcp(7): up to the mark */
	if (is_short && n > 1) {
		n = (n + 1) / 2;
		s->edge |= IO_READ;
	}
	if (s->urgent && s->read + n > s->urgent_at)
		s->urgent = false;
	for (done = 0; done < n; done += piece) {
		piece = n - done;
		bytes = text_at(s, s->read + done, &piece);
		memcpy((char *)buf + done, bytes, piece);
	}
	s->read += n;
	return (ssize_t)n;
}

ssize_t
__wrap_send(int fd, const void *buf, size_t len, int flags)
{
	struct sock *s = find(fd);
	size_t n, done, piece;
	const char *bytes;
	bool is_short;

	if (s == NULL)
		return __real_send(fd, buf, len, flags);
	must((flags & MSG_NOSIGNAL) != 0);
	must(!s->broken && !s->fin && len > 0);
	if (is_spoilt(s, &s->next_send, IO_WRITE, &is_short))
		return -1;
	if (s->reset) {
		s->broken = true;
		return fail_with(EPIPE);
	}
	n = s->room - (s->sent - s->taken) < len ? (size_t)(s->room - (s->sent - s->taken)) : len;
	if (is_short && n > 1) {
		n = (n + 1) / 2;
		s->edge |= IO_WRITE;
	}
	if (n < len)
		s->blocked = true;
	if (n == 0)
		return fail_with(EAGAIN);
	must(s->sent + n <= s->read);
	for (done = 0; done < n; done += piece) {
		piece = n - done;
		bytes = text_at(s, s->sent + done, &piece);
		must(memcmp((const char *)buf + done, bytes, piece) == 0);
	}
	s->sent += n;
	return (ssize_t)n;
}

int
__wrap_shutdown(int fd, int how)
{
	struct sock *s = find(fd);

	if (s == NULL)
		return __real_shutdown(fd, how);
	must(how == SHUT_WR && !s->fin && !s->broken);
	must(s->sent == s->read); /* all of the echo goes before our end */
	if (s->reset) {
		s->broken = true;
		return (int)fail_with(ENOTCONN);
	}
	s->fin = true;
	s->read_at_fin = s->read;
	return 0;
}

int
__wrap_close(int fd)
{
	struct sock *s = find(fd);

	if (s == NULL)
		return __real_close(fd);
	must(s->io == NULL); /* the backend was told before */
	s->closed = true;
	return 0;
}

static int
add(struct io *io)
{
	struct sock *s = find(io->fd);

	must(s->io == NULL);
	s->io = io;
	s->edge = (is_readable(s) ? IO_READ : 0) | IO_WRITE;
	return 0;
}

static void
set(struct io *io)
{
	must(find(io->fd)->io == io);
}

static void
del(struct io *io)
{
	must(find(io->fd)->io == io);
	find(io->fd)->io = NULL;
}

const struct backend kernel_backend = { .name = "fuzz",
	.host = EVBACKEND_POLL,
	.add = add,
	.set = set,
	.del = del };

/* An edge that has come tells of all that is so now, epoll(7). */
static unsigned
by_edge(struct sock *s)
{
	unsigned dirs;

	if (s->edge == 0)
		return 0;
	dirs = (is_readable(s) ? IO_READ : 0u) | (is_writable(s) ? IO_WRITE : 0u);
	s->blocked |= !is_writable(s); /* as tcp_poll() does */
	if (s->peer_fin || s->reset)
		s->io->hangup = true;
	if (s->urgent)
		s->io->urgent = true;
	s->edge = 0;
	return dirs;
}

static unsigned
by_level(const struct sock *s)
{
	return s->io->want & ((is_readable(s) ? IO_READ : 0u) | (is_writable(s) ? IO_WRITE : 0u));
}

bool
kernel_events(void)
{
	bool any = false;
	size_t i;

	for (i = 0; i < KERNEL_SOCKS; i++) {
		struct sock *s = &kernel_socks[i];
		unsigned dirs;

		if (s->io == NULL)
			continue;
		if ((dirs = kernel_edge ? by_edge(s) : by_level(s)) != 0) {
			io_mark(s->io, dirs);
			any = true;
		}
	}
	return any;
}

void
kernel_is_quiet(void)
{
	size_t i;

	for (i = 0; i < KERNEL_SOCKS; i++) {
		const struct sock *s = &kernel_socks[i];

		if (!sock_is_alive(s) || s->io == NULL)
			continue;
		must(sock_owes(s) <= CONN_SHARE);
		must(sock_owes(s) == 0 || !is_writable(s));
		must(sock_owes(s) > 0 || !is_readable(s));
	}
}
