/* SPDX-License-Identifier: ISC */
/*
 * kernel.h -- sockets that do not exist, and the backend that watches them.
 *
 * A script (tests/unit/script.h) says what each call returns.  This says what has
 * happened to the socket (bytes have come in, the peer has taken some, has ended,
 * has reset), and what a call returns, and which event comes when, follows from
 * that as it does from Linux: by level as long as it is so, by edge only when it
 * becomes so.  So what nobody is told about, and should have been, stays undone,
 * and can be seen.
 *
 * What can go wrong in a single call is ordered before it (sock_next): the call is
 * interrupted, or would block although the socket is ready, or is given less than
 * there is, because the rest comes right behind; or it fails for good.
 *
 * Needs KERNEL of local.mk: --wrap for recv, send, shutdown and close.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <stdint.h>

#include "reactor.h"

enum { KERNEL_SOCKS = 8 };

enum next { NEXT_GOES, NEXT_INTERRUPTED, NEXT_BLOCKS, NEXT_SHORT, NEXT_FAILS };

struct sock {
	bool open, closed;
	struct io *io; /* while it is watched */

	/* Offsets in the two streams. */
	uint64_t come, read;  /* what has come in, and what recv() has got of it */
	uint64_t sent, taken; /* what send() has left here, and the peer has taken */
	uint64_t read_at_fin; /* read when our FIN went out */
	uint64_t room;        /* of the send buffer */
	bool peer_fin, fin, reset;
	bool told_end; /* recv() has said 0 */
	bool broken;   /* a call has failed for good */
	bool faulted;  /* something was done to it that may cost bytes */
	bool blocked;  /* a send has met the wall: an edge is due when there is room */
	bool urgent;
	uint64_t urgent_at;

	enum next next_recv, next_send;
	int next_error;
	unsigned edge; /* IO_READ, IO_WRITE: events on their way */
};

extern struct sock kernel_socks[KERNEL_SOCKS];
extern bool kernel_edge; /* events as by edge-triggered epoll, or else by level */
extern const struct backend kernel_backend;

void kernel_reset(void);
int sock_fd(const struct sock *);
bool sock_is_alive(const struct sock *);

/* What happens to a socket. */
void sock_come(struct sock *, uint64_t bytes);
void sock_urgent(struct sock *); /* one byte */
void sock_take(struct sock *, uint64_t bytes);
void sock_peer_fin(struct sock *);
void sock_reset(struct sock *);

/* What has been read and is owed to the peer. */
uint64_t sock_owes(const struct sock *);

/* Hand out events.  Whether there were any. */
bool kernel_events(void);

/* No work is left that somebody has to be told of: else it says which. */
void kernel_is_quiet(void);

#endif
