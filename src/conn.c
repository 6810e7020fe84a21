/* SPDX-License-Identifier: ISC */
/*
 * conn.c -- see conn.h.
 */
#include <sys/socket.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bucket.h"
#include "conn.h"
#include "macros.h"
#include "stream_tls.h"
#include "tls.h"

#define LINGER_SECONDS 5
#define HANDSHAKE_SECONDS 10
#define HANDSHAKE_STEPS 4 /* in one turn, each up to half a millisecond */
#define TRIM_SECONDS 1
#define PAUSE_SECONDS 0.25 /* of one who has used up its byte-rate */

/* What the connection is about; each is left only downwards. */
enum phase {
	HANDSHAKING, /* of TLS; nothing is echoed yet */
	ECHOING,     /* what is read is written */
	ENDING,      /* nothing more is read; what is left is still written */
	PARTING,     /* the peer has ended and has it all; our goodbye is not out yet */
	LINGERING    /* our FIN is out; what is read is dropped */
};

struct conn {
	struct stream stream;
	struct conn_set *set;
	struct deadline *in; /* the queue of the set it stands in */
	struct due due;
	struct due life;
	struct bucket bucket;  /* of byte-rate */
	struct source *source; /* NULL: not counted */
	char *left;            /* what the peer would not take yet, or NULL */
	uint32_t off, len;     /* of it, from off to len, has to be sent */
	enum phase phase;
};

static void on_slow(struct due *), on_idle(struct due *), on_paused(struct due *),
    on_stalled(struct due *), on_lingered(struct due *), on_aged(struct due *);

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
	deadline_del(&set->living, &c->life);
	if (c->source != NULL)
		sources_leave(&set->sources, c->source);
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

static rare int
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

/* How much it may read now by its byte-rate; 0: it has to wait. */
static size_t
allowance(struct conn *c)
{
	double bytes = bucket_has(&c->bucket, c->set->byte_rate, reactor_now(c->set->reactor));

	if (bytes < 1) {
		c->set->stats->pauses++;
		wait_in(c, &c->set->paused);
		return 0;
	}
	return bytes < CONN_SHARE ? (size_t)bytes : CONN_SHARE;
}

static void
charge(struct conn *c, ssize_t n)
{
	bucket_take(&c->bucket, (double)n, c->set->byte_rate, reactor_now(c->set->reactor));
}

/*
 * 0 at the peer's end, -EAGAIN when there is nothing to do now, or -errno.  limited: by
 * the byte-rate; said by its callers, so that those without one do not pay for it.
 */
static inlined int
echo(struct conn *c, bool limited)
{
	struct conn_set *set = c->set;
	size_t share = CONN_SHARE, most;
	ssize_t n, sent;

	do {
		if ((most = limited ? allowance(c) : CONN_SHARE) == 0)
			return -EAGAIN;
		if ((n = stream_read(&c->stream, set->scratch, most)) <= 0)
			return (int)n;
		if (limited)
			charge(c, n);
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

static rare int
echo_limited(struct conn *c)
{
	return echo(c, true);
}

/* Our FIN, once nothing is left to send. */
static rare int
finish(struct conn *c)
{
	int rc = stream_finish(&c->stream);

	wait_in(c, &c->set->lingering);
	if (rc == -EAGAIN)
		return rc;
	c->phase = LINGERING;
	io_yield(&c->stream.io); /* there may be input that was told of before */
	return rc < 0 ? rc : -EAGAIN;
}

/* The peer has ended, and all it sent is on its way back: the last word, then close. */
static rare int
part(struct conn *c)
{
	int rc = stream_goodbye(&c->stream);

	if (rc == -EAGAIN) {
		c->phase = PARTING;
		wait_in(c, &c->set->lingering);
	}
	return rc;
}

/* As echo(), to nobody. */
static rare int
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

/* Handshakes are long work: a few of them in a turn, and then it is others' turn. */
static bool
may_step(struct conn_set *set)
{
	unsigned turn = reactor_turn(set->reactor);

	if (turn != set->steps_turn) {
		set->steps_turn = turn;
		set->steps = 0;
	}
	return set->steps++ < HANDSHAKE_STEPS;
}

static void
report_handshake(struct conn *c, int result)
{
	if (c->set->on_handshake != NULL)
		c->set->on_handshake(c->set, &c->stream, result);
}

/* Whether somebody is still there to be told what went wrong. */
static bool
has_listener(enum stats_handshake failure)
{
	return failure != HANDSHAKE_LEFT && failure != HANDSHAKE_OVERSIZED;
}

/*
 * One step of the handshake.  When it has failed OpenSSL has sent an alert; closing
 * at once could destroy it on its way, so then the peer is lingered for, in the clear.
 */
static rare int
secure(struct conn *c)
{
	struct stats *stats = c->set->stats;
	enum stats_handshake failure;
	const char *words;
	int rc;

	if (!may_step(c->set)) {
		io_yield(&c->stream.io);
		return -EAGAIN;
	}
	if ((rc = stream_handshake(&c->stream)) == -EAGAIN)
		return rc;
	report_handshake(c, rc);
	if (rc == 0) {
		stats->tls_full += !stream_tls_resumed(&c->stream);
		stats->tls_resumed += stream_tls_resumed(&c->stream);
		c->phase = ECHOING;
		wait_in(c, &c->set->idle);
		return 0;
	}
	failure = stream_tls_failure(&c->stream, &words);
	stats->tls_failed[failure]++;
	if (has_listener(failure)) {
		stream_strip(&c->stream);
		c->phase = ENDING;
	}
	return 0;
}

static int
go_on(struct conn *c)
{
	int rc = flush(c);

	if (rc == 0 && c->phase == HANDSHAKING)
		rc = secure(c);
	if (rc == 0 && c->phase == ECHOING) {
		rc = c->set->byte_rate == 0 ? echo(c, false) : echo_limited(c);
		return rc == 0 ? part(c) : rc;
	}
	if (rc == 0 && c->phase == ENDING)
		return finish(c);
	if (rc == 0 && c->phase == PARTING)
		return part(c);
	if (rc == 0 && c->phase == LINGERING)
		return discard(c);
	return rc;
}

/* Which direction to wait for, when all has been done that could be. */
static unsigned
needs(const struct conn *c)
{
	bool writes = c->left != NULL || c->phase == ENDING || c->phase == PARTING;

	if (c->in == &c->set->paused)
		return 0;
	return writes ? c->stream.write_needs : c->stream.read_needs;
}

static void
count_failure(struct stats *stats, int error)
{
	switch (error) {
	case -ECONNRESET:
	case -EPIPE: stats->reset++; break;
	case -STREAM_CUT: stats->tls_cut++; break;
	case -STREAM_BARREN: stats->tls_floods++; break;
	default: stats->failed++;
	}
}

static void
on_io(struct io *io)
{
	struct conn *c = container_of(io, struct conn, stream.io);
	int rc = go_on(c);

	if (rc == -EAGAIN) {
		io_want(io, needs(c));
		return;
	}
	if (rc < 0)
		count_failure(c->set->stats, rc);
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
on_slow(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);

	c->in = NULL;
	c->set->stats->tls_failed[HANDSHAKE_SLOW]++;
	report_handshake(c, -ETIMEDOUT);
	conn_close(c);
}

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

/* It reads on, and if that is still too early waits again. */
static void
on_paused(struct due *due)
{
	struct conn *c = container_of(due, struct conn, due);

	c->in = NULL;
	wait_in(c, &c->set->idle);
	io_yield(&c->stream.io);
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

/* Politely; who does not take the last of its echo has the stall-timeout for that. */
static void
on_aged(struct due *due)
{
	struct conn *c = container_of(due, struct conn, life);
	struct conn_set *set = c->set;

	deadline_add(&set->living, due); /* as all that are there, until it is closed */
	if (c->phase > ECHOING)
		return;
	set->stats->aged++;
	if (c->phase == HANDSHAKING) {
		conn_close(c);
		return;
	}
	if (c->left == NULL)
		wait_in(c, &set->lingering);
	end(c);
}

static int
open_stream(struct conn *c, struct conn_set *set, int fd, struct tls_server *tls)
{
	if (tls == NULL)
		return stream_open(&c->stream, set->reactor, fd, on_io);
	return stream_open_tls(&c->stream, set->reactor, fd, tls_accept(tls), on_io);
}

static int
refuse(struct conn_set *set, int fd, struct source *source, enum stats_refused reason, int rc)
{
	set->stats->refused[reason]++;
	close(fd);
	if (source != NULL)
		sources_leave(&set->sources, source);
	return rc;
}

int
conn_new(struct conn_set *set, int fd, struct tls_server *tls, struct source *source)
{
	struct conn *c = calloc(1, sizeof(*c));
	int rc;

	if (c == NULL)
		return refuse(set, fd, source, REFUSED_MEMORY, -ENOMEM);
	if ((rc = open_stream(c, set, fd, tls)) < 0) {
		free(c);
		return refuse(
		    set, fd, source, rc == -ENOMEM ? REFUSED_MEMORY : REFUSED_BACKEND, rc);
	}
	c->set = set;
	c->source = source;
	stats_opened(set->stats);
	if (set->stats->active > set->crowd)
		set->crowd = set->stats->active;
	c->phase = tls != NULL ? HANDSHAKING : ECHOING;
	deadline_add(&set->living, &c->life);
	wait_in(c, tls != NULL ? &set->handshaking : &set->idle);
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
	deadline_open(&set->living, r, 0, on_aged);
	deadline_open(&set->handshaking, r, HANDSHAKE_SECONDS, on_slow);
	deadline_open(&set->idle, r, idle, on_idle);
	deadline_open(&set->paused, r, PAUSE_SECONDS, on_paused);
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

void
conn_set_limits(struct conn_set *set, double lifetime, unsigned byte_rate)
{
	deadline_change_age(&set->living, lifetime);
	set->byte_rate = byte_rate; /* who is paused finds out in a moment */
}

static void
for_each(struct conn_set *set, void (*fn)(struct conn *))
{
	struct due *due, *next;

	for (due = deadline_first(&set->living); due != NULL; due = next) {
		next = TAILQ_NEXT(due, link);
		fn(container_of(due, struct conn, life));
	}
}

static void
count_source(struct conn *c)
{
	struct net_addr peer = { .len = sizeof(peer.un) };

	if (c->source != NULL || getpeername(c->stream.io.fd, &peer.sa, &peer.len) != 0 ||
	    peer.sa.sa_family == AF_UNIX)
		return;
	net_unmap(&peer);
	(void)sources_enter(&c->set->sources, &peer, UINT_MAX, &c->source);
}

void
conn_set_count_sources(struct conn_set *set)
{
	for_each(set, count_source);
}

static void
say_goodbye(struct conn *c)
{
	if (c->phase == HANDSHAKING)
		conn_close(c);
	else
		end(c);
}

void
conn_set_end(struct conn_set *set)
{
	for_each(set, say_goodbye);
}

void
conn_set_close(struct conn_set *set)
{
	if (set->scratch == NULL)
		return;
	for_each(set, conn_close);
	ev_timer_stop(set->reactor->loop, &set->trim);
	deadline_close(&set->living);
	deadline_close(&set->handshaking);
	deadline_close(&set->idle);
	deadline_close(&set->paused);
	deadline_close(&set->stalled);
	deadline_close(&set->lingering);
	free(set->scratch);
	set->scratch = NULL;
}
