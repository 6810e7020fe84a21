/* SPDX-License-Identifier: ISC */
/*
 * client.h -- one load connection: send messages, check their echo, time both.
 *
 * A client knows nothing of rates and phases.  Whoever owns the set gives it
 * messages to send, client_send(), and hears what became of them.  There is no
 * buffer: messages are written from the payload's table and compared with it.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "macros.h"
#include "net.h"
#include "payload.h"
#include "run.h"
#include "stream_tls.h"

/* One message under way.  Times are of the monotonic clock, in nanoseconds. */
struct request {
	uint64_t intended; /* when it was to be sent */
	uint64_t ready;    /* when it could have been */
	uint64_t sent;     /* when it was; 0: not yet */
	uint64_t end;      /* its end's position in the payload */
	uint32_t size;     /* bytes */
	bool counted;      /* its owner counts it: so it was decided when it began */
};

/* In this order. */
enum client_state {
	CLIENT_CLOSED,
	CLIENT_CONNECTING,
	CLIENT_SHAKING, /* hands, over TLS */
	CLIENT_OPEN,
	CLIENT_FINISHED
};

/* Those under way of a connection, when there are more than one. */
struct request_ring {
	unsigned mask; /* its room, a power of two, less one */
	unsigned head;
	struct request at[];
};

struct client {
	struct stream stream;
	uint64_t sent, received;   /* positions in the payload: see payload.h */
	struct request_ring *ring; /* NULL: one is enough */
	struct request one;
	unsigned waiting;    /* under way */
	unsigned unsent;     /* of them, the last so many */
	unsigned done;       /* messages since it was opened */
	unsigned char state; /* enum client_state */
};

_Static_assert(sizeof(struct client) <= 200, "a connection is to cost 200 bytes at most");

struct client_set {
	struct reactor reactor; /* first: how a client finds its set */
	const struct payload *payload;
	struct run_part *part;
	enum run_verify verify;
	unsigned sample;
	bool count_bytes;      /* in part->sent_bytes and received_bytes */
	bool finish;           /* half-close after the last byte, and wait for the end */
	unsigned char *buffer; /* PAYLOAD_CHUNK bytes */
	struct client *all;
	unsigned n;
	unsigned first; /* the index of all[0] in the whole run */

	/* It is connected; since is when it began to, and shaking when TLS began, or 0. */
	void (*on_open)(struct client_set *, struct client *, uint64_t since, uint64_t shaking);
	/* This message has come back whole.  It is there until another is sent. */
	void (*on_echo)(struct client_set *, struct client *, const struct request *, uint64_t now);
	/* It is about to be closed; client_request() has the messages under way. */
	void (*on_lost)(struct client_set *, struct client *);
};

static inline struct client_set *
client_set_of(const struct client *c)
{
	return container_of(c->stream.io.reactor, struct client_set, reactor);
}

/* Its number in the set. */
static inline unsigned
client_number(const struct client *c)
{
	return (unsigned)(c - client_set_of(c)->all);
}

/* Its number in the whole run. */
static inline unsigned
client_index(const struct client *c)
{
	return client_set_of(c)->first + client_number(c);
}

/* How far into its stream a position is. */
static inline unsigned long long
client_offset(const struct client *c, uint64_t position)
{
	return position - payload_start(client_index(c));
}

uint64_t client_clock(void); /* CLOCK_MONOTONIC, nanoseconds */

/*
 * Begin to connect from source (NULL: any); tls: over this session, which is taken over
 * (NULL: in the clear).  Returns 0 or -errno.
 */
int client_open(struct client *, const struct net_addr *target, const struct net_addr *source,
    const struct net_client *, struct ssl_st *tls);

/* Close it and forget what is under way.  By a reset: no TIME_WAIT remains. */
void client_close(struct client *, bool reset);

/* One more message, to be sent by the next client_flush().  0, or -ENOMEM. */
int client_send(struct client *, size_t size, uint64_t intended, uint64_t ready, bool counted);

/*
 * Send what can be sent; now is stamped on what is.  on_open and on_echo need not
 * call it: it is done when they return.
 */
void client_flush(struct client *, uint64_t now);

/* The i-th message under way, 0 being the oldest. */
static inline struct request *
client_request(struct client *c, unsigned i)
{
	return c->ring != NULL ? &c->ring->at[(c->ring->head + i) & c->ring->mask] : &c->one;
}

/* Count a failure, and keep its text if it is among the first. */
void client_fail(struct client_set *, enum run_failure, const char *fmt, ...) printflike(3, 4)
    __attribute__((cold));

#endif
