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
#include "stream.h"

/* One message under way.  Times are of the monotonic clock, in nanoseconds. */
struct request {
	uint64_t intended; /* when it was to be sent */
	uint64_t ready;    /* when it could have been */
	uint64_t sent;     /* when it was; 0: not yet */
	uint64_t end;      /* where in the stream it ends */
	uint32_t size;     /* bytes */
};

enum client_state { CLIENT_CLOSED, CLIENT_CONNECTING, CLIENT_OPEN, CLIENT_FINISHED };

struct client {
	struct stream stream;
	uint64_t sent, received; /* bytes of the stream */
	struct request *more;    /* a ring, when one is not enough */
	struct request one;
	unsigned head, waiting; /* in the ring */
	unsigned unsent;        /* of those that wait, the last so many */
	unsigned index;         /* of the connection, in the whole run */
	unsigned done;          /* messages since it was opened */
	unsigned char bits;     /* the ring has room for 2^bits */
	unsigned char state;    /* enum client_state */
};

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

	/* It is connected; since is when it began to. */
	void (*on_open)(struct client_set *, struct client *, uint64_t since);
	/* This message has come back whole. */
	void (*on_echo)(struct client_set *, struct client *, const struct request *, uint64_t now);
	/* It is about to be closed; client_request() has the messages under way. */
	void (*on_lost)(struct client_set *, struct client *);
};

uint64_t client_clock(void); /* CLOCK_MONOTONIC, nanoseconds */

/* Begin to connect from source (NULL: any).  Returns 0 or -errno. */
int client_open(struct client *, const struct net_addr *target, const struct net_addr *source,
    const struct net_client *);

/* Close it and forget what is under way.  By a reset: no TIME_WAIT remains. */
void client_close(struct client *, bool reset);

/* One more message, to be sent by the next client_flush().  0, or -ENOMEM. */
int client_send(struct client *, size_t size, uint64_t intended, uint64_t ready);

/*
 * Send what can be sent; now is stamped on what is.  on_open and on_echo need not
 * call it: it is done when they return.
 */
void client_flush(struct client *, uint64_t now);

/* The i-th message under way, 0 being the oldest. */
struct request *client_request(struct client *, unsigned i);

/* Count a failure, and keep its text if it is among the first. */
void client_fail(struct client_set *, enum run_failure, const char *fmt, ...) printflike(3, 4);

#endif
