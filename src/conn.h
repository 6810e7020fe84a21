/* SPDX-License-Identifier: ISC */
/*
 * conn.h -- one connection that is echoed: what is read is written (RFC 862).
 *
 * A connection has no buffer.  What it reads goes into one scratch buffer that
 * all share, and out again in the same turn.  Only what the peer would not take
 * is kept, and until that has gone nothing more is read: TCP passes the pressure
 * on to the peer.
 */
#ifndef CONN_H
#define CONN_H

#include <stdint.h>

#include "deadline.h"
#include "sources.h"
#include "stats.h"
#include "stream.h"

struct tls_server;

/* At most this much is read at once, kept for a slow peer, and read in a turn. */
#define CONN_SHARE 65536

/* All connections of one process, and what they share. */
struct conn_set {
	struct reactor *reactor;
	struct stats *stats;
	void (*on_close)(struct conn_set *); /* one has gone */
	/* A TLS handshake is over: done (0), or why not (-errno).  NULL: nobody asks. */
	void (*on_handshake)(struct conn_set *, const struct stream *, int result);
	unsigned steps, steps_turn; /* of handshakes, in the turn of that number */
	unsigned byte_rate;         /* bytes a second that each may have echoed; 0: no limit */
	struct sources sources;     /* those that were counted */
	/* Every connection stands in this one, in the order of their birth, */
	struct deadline living; /* until max-lifetime ends it */
	/* and in exactly one of these. */
	struct deadline handshaking; /* waits for its peer to agree; from start to end */
	struct deadline idle;        /* waits for its peer to say something */
	struct deadline paused;      /* waits for byte-rate to let it read on */
	struct deadline stalled;     /* waits for its peer to take its echo */
	struct deadline lingering;   /* has said goodbye, waits for the peer's */
	char *scratch;               /* CONN_SHARE bytes */
	uint64_t crowd;              /* the most there were since memory was given back */
	ev_timer trim;               /* gives memory back when the crowd has gone */
};

/* idle and stall: seconds, 0 is never.  0 or -ENOMEM. */
int conn_set_open(struct conn_set *, struct reactor *, struct stats *, double idle, double stall,
    void (*on_close)(struct conn_set *));
void conn_set_timeouts(struct conn_set *, double idle, double stall);
/* lifetime: seconds, byte_rate: a second, for each; 0 is no limit, as it is at first. */
void conn_set_limits(struct conn_set *, double lifetime, unsigned byte_rate);
void conn_set_close(struct conn_set *); /* closes all that are left */

/*
 * From now on sources are counted: those of connections that were there before, too,
 * as far as the system still knows them and there is memory.
 */
void conn_set_count_sources(struct conn_set *);

/*
 * End all politely: what has been read is echoed, then comes our FIN; what a
 * peer still sends is read and dropped until it ends too, or for five seconds.
 * Without that, closing would send a reset, and a reset may destroy the last
 * of the echo on its way (RFC 2525, section 2.17).
 */
void conn_set_end(struct conn_set *);

/*
 * Serve an accepted socket, over TLS if tls is not NULL, that was counted as one of
 * source if that is not NULL.  Returns 0; or -errno, counted as a refusal, and then
 * the socket has been closed and the source knows.
 */
int conn_new(struct conn_set *, int fd, struct tls_server *tls, struct source *source);

#endif
