/* SPDX-License-Identifier: ISC */
/*
 * client.c -- see client.h.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "macros.h"

#define READS_A_TURN 4 /* of PAYLOAD_CHUNK each; then it is the others' turn */
#define SHOWN_BYTES 16 /* of what was expected and got, in a message */
#define COLD __attribute__((cold, noinline)) /* keeps its buffers off the hot stack */
#define CROSS_WINDOW 65536 /* how far behind its newest byte another stream is looked for */

uint64_t
client_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static unsigned
room(const struct client *c)
{
	return c->ring != NULL ? c->ring->mask + 1 : 1;
}

/* Where the stream ends that we have been asked for. */
static uint64_t
asked(struct client *c)
{
	return c->waiting > 0 ? client_request(c, c->waiting - 1)->end : c->sent;
}

/* The bytes of the stream from a position on. */
static const unsigned char *
payload_of(const struct client *c, uint64_t position)
{
	return payload_at(client_set_of(c)->payload, position);
}

static COLD int
grow(struct client *c)
{
	unsigned i, n = 2 * room(c);
	struct request_ring *ring = malloc(sizeof(*ring) + n * sizeof(ring->at[0]));

	if (ring == NULL)
		return -ENOMEM;
	for (i = 0; i < c->waiting; i++)
		ring->at[i] = *client_request(c, i);
	ring->mask = n - 1;
	ring->head = 0;
	free(c->ring);
	c->ring = ring;
	return 0;
}

/* Out of line, so that the usual case has nothing to save from it. */
static COLD int
send_with_room(struct client *c, size_t size, uint64_t intended, uint64_t ready, bool counted)
{
	int rc = grow(c);

	return rc < 0 ? rc : client_send(c, size, intended, ready, counted);
}

int
client_send(struct client *c, size_t size, uint64_t intended, uint64_t ready, bool counted)
{
	uint64_t begin = asked(c);
	struct request *r;

	if (c->waiting >= room(c))
		return send_with_room(c, size, intended, ready, counted);
	r = client_request(c, c->waiting++);
	r->intended = intended;
	r->ready = ready;
	r->sent = 0;
	r->end = begin + size;
	r->size = (uint32_t)size;
	r->counted = counted;
	c->unsent++;
	return 0;
}

static printflike(3, 0) void keep_text(
    char texts[][RUN_EXAMPLE_TEXT], unsigned *n, const char *fmt, va_list ap)
{
	if (*n < RUN_EXAMPLES)
		vsnprintf(texts[(*n)++], RUN_EXAMPLE_TEXT, fmt, ap);
}

void
client_fail(struct client_set *set, enum run_failure why, const char *fmt, ...)
{
	struct run_part *part = set->part;
	va_list ap;

	part->failures[why]++;
	va_start(ap, fmt);
	keep_text(part->failure_text, &part->nfailure_texts, fmt, ap);
	va_end(ap);
}

static COLD printflike(3, 4) void violate(
    struct client_set *set, enum run_violation why, const char *fmt, ...)
{
	struct run_part *part = set->part;
	va_list ap;

	part->violations[why]++;
	va_start(ap, fmt);
	keep_text(part->violation_text, &part->nviolation_texts, fmt, ap);
	va_end(ap);
}

void
client_close(struct client *c, bool reset)
{
	struct linger now = { .l_onoff = 1 };

	if (c->state == CLIENT_CLOSED)
		return;
	if (c->state == CLIENT_OPEN || c->state == CLIENT_FINISHED)
		client_set_of(c)->part->connections--;
	if (!reset && c->state >= CLIENT_OPEN)
		(void)stream_goodbye(&c->stream); /* it fits, or it does not */
	if (reset)
		setsockopt(c->stream.io.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	stream_close(&c->stream);
	free(c->ring);
	c->ring = NULL;
	c->waiting = c->unsent = c->done = 0;
	c->state = CLIENT_CLOSED;
}

/* It is of no more use: tell the owner, who may look at what was under way. */
static COLD void
lose(struct client *c)
{
	struct client_set *set = client_set_of(c);

	set->on_lost(set, c);
	client_close(c, true);
}

/* The end of the stream, or a reset, came too soon. */
static COLD void
end_early(struct client *c, int error)
{
	struct client_set *set = client_set_of(c);
	unsigned long long owed = c->sent - c->received, at = client_offset(c, c->received);

	if (error == -ECONNRESET || error == -EPIPE)
		client_fail(set, FAIL_RESET, "connection %u: reset by the server after %llu bytes",
		    client_index(c), at);
	else if (error == -STREAM_CUT)
		client_fail(set, FAIL_EARLY_CLOSE,
		    "connection %u: closed by the server without close_notify after %llu bytes",
		    client_index(c), at);
	else if (error != 0)
		client_fail(set, FAIL_OTHER, "connection %u: %s after %llu bytes", client_index(c),
		    strerror(-error), at);
	if (owed > 0)
		violate(set, WRONG_TRUNCATED,
		    "connection %u: ended at offset %llu, %llu bytes owed", client_index(c), at,
		    owed);
	else if (error == 0)
		client_fail(set, FAIL_EARLY_CLOSE,
		    "connection %u: closed by the server after %llu bytes, none owed",
		    client_index(c), at);
	lose(c);
}

/* "61 62 63" */
static void
print_bytes(char text[SHOWN_BYTES * 3 + 1], const unsigned char *bytes, size_t n)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < n && i < SHOWN_BYTES; i++)
		snprintf(text + 3 * i - (i > 0), 4, i > 0 ? " %02x" : "%02x", bytes[i]);
}

/* Whether the stream has lately been about this place in the table. */
static bool
is_near(const struct client *c, uint32_t where)
{
	uint64_t newest = c->sent % PAYLOAD_PRIME;
	uint64_t behind = (newest + PAYLOAD_PRIME - where) % PAYLOAD_PRIME;

	return behind <= CROSS_WINDOW && behind <= client_offset(c, c->sent);
}

static const struct client *
find_owner(const struct client_set *set, const struct client *self, uint32_t where)
{
	unsigned i;

	for (i = 0; i < set->n; i++)
		if (&set->all[i] != self && set->all[i].state != CLIENT_CLOSED &&
		    is_near(&set->all[i], where))
			return &set->all[i];
	return NULL;
}

/* The bytes that came stand elsewhere in the table: whose are they? */
static enum run_violation
place(const struct client *c, size_t i, uint32_t where, char *what, size_t size)
{
	uint64_t at = (c->received + i) % PAYLOAD_PRIME;
	uint64_t back = (at + PAYLOAD_PRIME - where) % PAYLOAD_PRIME;
	uint64_t ahead = (where + PAYLOAD_PRIME - at) % PAYLOAD_PRIME;
	const struct client *owner;

	if (ahead < c->sent - c->received) {
		snprintf(what, size, ", which is its own: %llu bytes are missing",
		    (unsigned long long)ahead);
		return WRONG_CORRUPT;
	}
	if (back <= client_offset(c, c->received) + i && is_near(c, where)) {
		snprintf(what, size, ", which is its own from %llu bytes before",
		    (unsigned long long)back);
		return WRONG_STALE;
	}
	if ((owner = find_owner(client_set_of(c), c, where)) != NULL) {
		snprintf(what, size, ", which is of connection %u", client_index(owner));
		return WRONG_CROSSTALK;
	}
	snprintf(what, size, ", which is from elsewhere in the payload");
	return WRONG_STALE;
}

/* Which wrong is it?  Ours lately is likelier than another's, in the same place. */
static COLD void
explain(struct client *c, const unsigned char *got, const unsigned char *want, size_t n)
{
	struct client_set *set = client_set_of(c);
	char wanted[SHOWN_BYTES * 3 + 1], had[SHOWN_BYTES * 3 + 1], what[64];
	enum run_violation why = WRONG_CORRUPT;
	size_t i = 0;
	uint32_t where;

	while (got[i] == want[i])
		i++;
	print_bytes(wanted, want + i, n - i);
	print_bytes(had, got + i, n - i);
	what[0] = '\0';
	if (payload_find(set->payload, got + i, n - i, &where))
		why = place(c, i, where, what, sizeof(what));
	violate(set, why, "connection %u: %s at offset %llu: want %s, got %s%s", client_index(c),
	    run_violations[why], client_offset(c, c->received) + i, wanted, had, what);
}

static bool
is_to_verify(struct client_set *set)
{
	switch (set->verify) {
	case VERIFY_FULL: return true;
	case VERIFY_SAMPLE: return set->part->reads % set->sample == 0;
	default: return false;
	}
}

/* Bytes have come.  false: they are wrong, and the connection is gone. */
static bool
check(struct client *c, size_t n)
{
	struct client_set *set = client_set_of(c);
	const unsigned char *want = payload_of(c, c->received);
	uint64_t owed = c->sent - c->received;
	size_t mine = n < owed ? n : (size_t)owed;

	if (is_to_verify(set)) {
		if (memcmp(set->buffer, want, mine) != 0) {
			explain(c, set->buffer, want, mine);
			lose(c);
			return false;
		}
		set->part->verified_bytes += mine;
	}
	c->received += mine;
	if (set->count_bytes)
		set->part->received_bytes += mine;
	if (n == mine)
		return true;
	if (c->state == CLIENT_FINISHED)
		violate(set, WRONG_LATE,
		    "connection %u: %zu bytes more than were sent, after its end", client_index(c),
		    n - mine);
	else
		violate(set, WRONG_SURPLUS,
		    "connection %u: %zu bytes more than were sent, at offset "
		    "%llu",
		    client_index(c), n - mine, client_offset(c, c->received));
	lose(c);
	return false;
}

/* Hand out the messages that are complete. */
static inline void
complete(struct client *c, uint64_t now)
{
	struct client_set *set = client_set_of(c);

	while (c->waiting > 0 && client_request(c, 0)->end <= c->received) {
		const struct request *r = client_request(c, 0);

		if (c->ring != NULL)
			c->ring->head++; /* it may wrap: the room is a power of two */
		c->waiting--;
		c->done++;
		set->on_echo(set, c, r, now);
		if (c->state == CLIENT_CLOSED)
			return;
	}
}

/* Stamp those whose first byte is among those that have been sent up to here. */
static void
stamp(struct client *c, uint64_t here, uint64_t now)
{
	while (c->unsent > 0) {
		struct request *r = client_request(c, c->waiting - c->unsent);

		if (r->end - r->size >= here)
			break;
		r->sent = now;
		c->unsent--;
	}
}

/* All that has been asked for.  0, -EAGAIN when the socket takes no more, or -errno. */
static int
transmit(struct client *c, uint64_t goal, uint64_t now)
{
	struct client_set *set = client_set_of(c);

	while (c->sent < goal) {
		uint64_t left = goal - c->sent;
		ssize_t n = stream_write(&c->stream, payload_of(c, c->sent),
		    left < PAYLOAD_CHUNK ? (size_t)left : PAYLOAD_CHUNK);

		if (n < 0)
			return (int)n;
		c->sent += (uint64_t)n;
		stamp(c, c->sent, now);
		if (set->count_bytes)
			set->part->sent_bytes += (uint64_t)n;
	}
	if (set->finish && c->state == CLIENT_OPEN && client_offset(c, goal) > 0) {
		int rc = stream_finish(&c->stream);

		if (rc != -EAGAIN)
			c->state = CLIENT_FINISHED;
		return rc;
	}
	return 0;
}

void
client_flush(struct client *c, uint64_t now)
{
	int rc;

	if (c->state != CLIENT_OPEN && c->state != CLIENT_FINISHED)
		return;
	rc = transmit(c, asked(c), now);
	if (rc < 0 && rc != -EAGAIN)
		end_early(c, rc);
	else
		io_want(
		    &c->stream.io, c->stream.read_needs | (rc < 0 ? c->stream.write_needs : 0u));
}

/* The peer has ended its stream. */
static COLD void
end(struct client *c, uint64_t now)
{
	if (c->state == CLIENT_FINISHED && c->received == c->sent) {
		complete(c, now);
		client_close(c, false);
		return;
	}
	end_early(c, 0);
}

static void
run(struct client *c)
{
	struct client_set *set = client_set_of(c);
	bool flushed = false;
	uint64_t now;
	ssize_t n;
	int i;

	for (i = 0; i < READS_A_TURN; i++) {
		if ((n = stream_read(&c->stream, set->buffer, PAYLOAD_CHUNK)) == -EAGAIN)
			break;
		now = client_clock();
		if (n < 0) {
			end_early(c, (int)n);
			return;
		}
		if (n == 0) {
			end(c, now);
			return;
		}
		set->part->reads++;
		if (!check(c, (size_t)n))
			return;
		if (!set->finish)
			complete(c, now);
		if (c->state == CLIENT_CLOSED)
			return;
		flushed = c->unsent > 0;
		if (flushed)
			client_flush(c, now);
		if (c->state == CLIENT_CLOSED)
			return;
	}
	if (i == READS_A_TURN)
		io_yield(&c->stream.io);
	if (!flushed)
		client_flush(c, client_clock());
}

/* Messages may go; shaking: when the handshake of TLS began, or 0. */
static COLD void
opened(struct client *c, uint64_t shaking)
{
	struct client_set *set = client_set_of(c);

	c->state = CLIENT_OPEN;
	set->part->established++;
	set->part->connections++;
	set->on_open(set, c, c->one.intended, shaking);
	if (c->state == CLIENT_OPEN)
		client_flush(c, client_clock());
}

static COLD void
shaken(struct client *c)
{
	struct run_part *part = client_set_of(c)->part;
	struct stream_tls_agreed agreed = { 0 };

	if (stream_tls_resumed(&c->stream))
		part->tls_resumed++;
	else
		part->tls_full++;
	if (part->tls_version[0] == '\0') {
		stream_tls_agreed(&c->stream, &agreed);
		memcpy(part->tls_version, agreed.version, sizeof(agreed.version));
		memcpy(part->tls_cipher, agreed.cipher, sizeof(agreed.cipher));
		memcpy(part->tls_group, agreed.group, sizeof(agreed.group));
	}
	opened(c, c->one.ready);
}

static COLD void
shake(struct client *c)
{
	enum stats_handshake failure;
	const char *words;
	int rc = stream_handshake(&c->stream);

	if (rc == 0) {
		shaken(c);
		return;
	}
	if (rc == -EAGAIN) {
		io_want(&c->stream.io, c->stream.read_needs);
		return;
	}
	failure = stream_tls_failure(&c->stream, &words);
	client_fail(client_set_of(c),
	    failure == HANDSHAKE_REFUSED ? FAIL_TLS_ALERT : FAIL_TLS_HANDSHAKE,
	    "connection %u: TLS handshake: %s", client_index(c), words);
	lose(c);
}

static COLD void
connected(struct client *c)
{
	struct client_set *set = client_set_of(c);
	socklen_t len = sizeof(int);
	int error = 0;

	if (getsockopt(c->stream.io.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		client_fail(set,
		    error == ECONNREFUSED  ? FAIL_REFUSED :
			error == ETIMEDOUT ? FAIL_CONNECT_TIMEOUT :
					     FAIL_OTHER,
		    "connection %u: cannot connect: %s", client_index(c), strerror(error));
		lose(c);
		return;
	}
	if (c->stream.tls == NULL) {
		opened(c, 0);
		return;
	}
	c->one.ready = client_clock();
	c->state = CLIENT_SHAKING;
	shake(c);
}

static void
on_io(struct io *io)
{
	struct client *c = container_of(io, struct client, stream.io);

	if (c->state >= CLIENT_OPEN)
		run(c);
	else if (c->state == CLIENT_CONNECTING)
		connected(c);
	else
		shake(c);
}

int
client_open(struct client *c, const struct net_addr *target, const struct net_addr *source,
    const struct net_client *options, struct ssl_st *tls)
{
	struct client_set *set = client_set_of(c);
	int fd, rc;

	c->one.intended = client_clock();
	if ((fd = net_connect(target, source, options)) < 0) {
		stream_tls_drop(tls);
		return fd;
	}
	if (tls != NULL)
		rc = stream_open_tls(&c->stream, &set->reactor, fd, tls, on_io);
	else
		rc = stream_open(&c->stream, &set->reactor, fd, on_io);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	io_connecting(&c->stream.io);
	c->sent = c->received = payload_start(client_index(c));
	c->state = CLIENT_CONNECTING;
	io_want(&c->stream.io, IO_WRITE);
	return 0;
}
