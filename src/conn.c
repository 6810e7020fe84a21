/* SPDX-License-Identifier: ISC */
/*
 * conn.c -- see conn.h.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conn.h"
#include "macros.h"

#define LINGER_SECONDS 5
#define TRIM_SECONDS 1

/* What the connection is about; each is left only downwards. */
enum phase {
	ECHOING,  /* what is read is written */
	ENDING,   /* nothing more is read; what is left is still written */
	LINGERING /* our FIN is out; what is read is dropped */
};

struct conn {
	struct stream stream;
	struct conn_set *set;
	struct deadline *in; /* the queue of the set it stands in */
	struct due due;
	char *left;        /* what the peer would not take yet, or NULL */
	uint32_t off, len; /* of it, from off to len, has to be sent */
	enum phase phase;
};

static void on_idle(struct due *), on_stalled(struct due *), on_lingered(struct due *);

static void
wait_in(struct conn *c, struct deadline *d)
{
	if (c->in == d)
		return;
	if (c->in != NULL)
		deadline_del(c->in, &c->due);
	c->in = d;
	if (d != NULL)
		deadline_add(d, &c->due);
}

/*
 * free() gives the system only what lies at the end of the heap, and there is always
 * something that came late and stayed.  When a crowd has gone, see to the rest; a second
 * later, for the last of it may just be going, and so that it is rare.
 */
static void
on_trim(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct conn_set *set = w->data;

	(void)loop, (void)revents;
	set->crowd = set->stats->active;
#ifdef HAVE_MALLOC_TRIM
	malloc_trim(0);
#endif
}

static void
count_leaver(struct conn_set *set)
{
	stats_closed(set->stats);
	if (set->stats->active <= set->crowd / 4 && !ev_is_active(&set->trim)) {
		ev_timer_set(&set->trim, TRIM_SECONDS, 0);
		ev_timer_start(set->reactor->loop, &set->trim);
	}
}

static void
conn_close(struct conn *c)
{
	struct conn_set *set = c->set;

	wait_in(c, NULL);
	stream_close(&c->stream);
	free(c->left);
	free(c);
	count_leaver(set);
	set->on_close(set);
}

/* 0 when nothing is left over; else -EAGAIN, or what went wrong. */
static int
flush(struct conn *c)
{
	ssize_t n;

	if (c->left == NULL)
		return 0;
	while (c->off < c->len) {
		if ((n = stream_write(&c->stream, c->left + c->off, c->len - c->off)) < 0)
			return (int)n;
		c->off += (uint32_t)n;
		c->set->stats->bytes_out += (uint64_t)n;
		deadline_touch(&c->set->stalled, &c->due);
	}
	free(c->left);
	c->left = NULL;
	c->off = c->len = 0;
	wait_in(c, &c->set->idle);
	return 0;
}

static int
keep(struct conn *c, const char *bytes, size_t len)
{
	if ((c->left = malloc(len)) == NULL)
		return -ENOMEM;
	memcpy(c->left, bytes, len);
	c->off = 0;
	c->len = (uint32_t)len;
	wait_in(c, &c->set->stalled);
	return -EAGAIN;
}

/* 0 at the peer's end, -EAGAIN when there is nothing to do now, or -errno. */
static int
echo(struct conn *c)
{
	struct conn_set *set = c->set;
	size_t share = CONN_SHARE;
	ssize_t n, sent;

	do {
		if ((n = stream_read(&c->stream, set->scratch, CONN_SHARE)) <= 0)
			return (int)n;
		set->stats->bytes_in += (uint64_t)n;
		deadline_touch(&set->idle, &c->due);
		if ((sent = stream_write(&c->stream, set->scratch, (size_t)n)) == -EAGAIN)
			sent = 0;
		if (sent < 0)
			return (int)sent;
		set->stats->bytes_out += (uint64_t)sent;
		if (sent < n)
			return keep(c, set->scratch + sent, (size_t)(n - sent));
		share -= (size_t)n < share ? (size_t)n : share;
	} while (share > 0);
	io_yield(&c->stream.io);
	return -EAGAIN;
}

/* Our FIN, once nothing is left to send. */
static int
finish(struct conn *c)
{
	int rc = stream_finish(&c->stream);

	c->phase = LINGERING;
	wait_in(c, &c->set->lingering);
	return rc < 0 ? rc : -EAGAIN;
}

/* As echo(), to nobody. */
static int
discard(struct conn *c)
{
	ssize_t n = stream_read(&c->stream, c->set->scratch, CONN_SHARE);

	if (n > 0) {
		c->set->stats->bytes_in += (uint64_t)n;
		io_yield(&c->stream.io);
		return -EAGAIN;
	}
	return (int)n;
}

static int
go_on(struct conn *c)
{
	int rc = flush(c);

	if (rc == 0 && c->phase == ECHOING)
		rc = echo(c);
	else if (rc == 0 && c->phase == ENDING)
		rc = finish(c);
	else if (rc == 0)
		rc = discard(c);
	return rc;
}

static void
on_io(struct io *io)
{
	struct conn *c = container_of(io, struct conn, stream.io);
	struct stats *stats = c->set->stats;
	int rc = go_on(c);

	if (rc == -EAGAIN) {
		io_want(io, c->left != NULL ? c->stream.write_needs : c->stream.read_needs);
		return;
	}
	if (rc == -ECONNRESET || rc == -EPIPE)
		stats->reset++;
	else if (rc < 0)
		stats->failed++;
	conn_close(c);
}

/* Say goodbye in the next turn. */
static void
end(struct conn *c)
{
	if (c->phase == ECHOING) {
		c->phase = ENDING;
		io_yield(&c->stream.io);
	}
}

/* deadline.c has taken it out of the queue: put it into another, or close it. */
static void
on_idle(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);

	c->in = NULL;
	/* Was it the peer that was silent, or we, stopped or starved, deaf? */
	if (io_has_input(&c->stream.io)) {
		wait_in(c, &c->set->idle);
		return;
	}
	c->set->stats->idle++;
	wait_in(c, &c->set->lingering);
	end(c);
}

static void
on_stalled(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);

	c->in = NULL;
	c->set->stats->stalled++;
	conn_close(c);
}

static void
on_lingered(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);

	c->in = NULL;
	conn_close(c);
}

int
conn_new(struct conn_set *set, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL) {
		set->stats->refused[REFUSED_MEMORY]++;
		close(fd);
		return -ENOMEM;
	}
	if ((rc = stream_open(&c->stream, set->reactor, fd, on_io)) < 0) {
		set->stats->refused[REFUSED_BACKEND]++;
		close(fd);
		free(c);
		return rc;
	}
	c->set = set;
	stats_opened(set->stats);
	if (set->stats->active > set->crowd)
		set->crowd = set->stats->active;
	wait_in(c, &set->idle);
	io_want(&c->stream.io, c->stream.read_needs);
	return 0;
}

int
conn_set_open(struct conn_set *set, struct reactor *r, struct stats *stats, double idle,
    double stall, void (*on_close)(struct conn_set *))
{
	*set = (struct conn_set){ .reactor = r, .stats = stats, .on_close = on_close };
	if ((set->scratch = malloc(CONN_SHARE)) == NULL)
		return -ENOMEM;
	ev_timer_init(&set->trim, on_trim, 0, 0);
	set->trim.data = set;
	deadline_open(&set->idle, r, idle, on_idle);
	deadline_open(&set->stalled, r, stall, on_stalled);
	deadline_open(&set->lingering, r, LINGER_SECONDS, on_lingered);
	return 0;
}

void
conn_set_timeouts(struct conn_set *set, double idle, double stall)
{
	deadline_change(&set->idle, idle);
	deadline_change(&set->stalled, stall);
}

static void
for_each(struct deadline *d, void (*fn)(struct conn *))
{
	struct due *due, *next;

	for (due = deadline_first(d); due != NULL; due = next) {
		next = TAILQ_NEXT(due, link);
		fn(container_of(due, struct conn, due));
	}
}

void
conn_set_end(struct conn_set *set)
{
	for_each(&set->idle, end);
	for_each(&set->stalled, end);
}

void
conn_set_close(struct conn_set *set)
{
	if (set->scratch == NULL)
		return;
	for_each(&set->idle, conn_close);
	for_each(&set->stalled, conn_close);
	for_each(&set->lingering, conn_close);
	ev_timer_stop(set->reactor->loop, &set->trim);
	deadline_close(&set->idle);
	deadline_close(&set->stalled);
	deadline_close(&set->lingering);
	free(set->scratch);
	set->scratch = NULL;
}
