/* SPDX-License-Identifier: ISC */
/*
 * script.h -- peers that keep to a script, and the backend that watches them.
 *
 * A peer is a descriptor that does not exist.  What recv() gets from it, and
 * what send() may leave with it, is played from two lists of steps:
 *
 *	.recv = { RECV("abc"), FAIL(EAGAIN), RECV("d"), RECV_EOF }
 *	.send = { SEND(2), FAIL(EAGAIN) }
 *
 * A recv() never gets more than one step; more than a step says is not sent.
 * After the last step recv() says EAGAIN and send() takes all.
 *
 * Needs --wrap=recv,--wrap=send,--wrap=shutdown,--wrap=close.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "reactor.h"

enum { SCRIPT_PEERS = 6, SCRIPT_STEPS = 16, SCRIPT_GOT = 1 << 18 };

struct step {
	enum { OVER, GO, FAILS, STUCK, HUNG_UP, IS_URGENT } what;
	const char *bytes; /* for recv() */
	size_t n;
	int error;
	bool quiet; /* by edge, no event comes for this step */
};

/* clang-format off */
#define RECV(text) { .what = GO, .bytes = (text), .n = sizeof(text) - 1 }
#define RECV_QUIET(text) { .what = GO, .bytes = (text), .n = sizeof(text) - 1, .quiet = true }
#define RECV_EOF { .what = GO }
#define RECV_EOF_QUIET { .what = GO, .quiet = true }
#define SEND(count) { .what = GO, .n = (count) }
#define FAIL(errno_) { .what = FAILS, .error = (errno_) }
#define FULL { .what = STUCK }        /* EAGAIN for ever */
#define HANGUP { .what = HUNG_UP }    /* events between the steps of recv() */
#define URGENT { .what = IS_URGENT }
/* clang-format on */

struct peer {
	struct step recv[SCRIPT_STEPS], send[SCRIPT_STEPS];
	size_t at_recv, at_send; /* which steps come next */
	size_t used_recv, used_send;

	struct io *io; /* while it is watched */
	char got[SCRIPT_GOT];
	size_t ngot, ngiven; /* bytes */
	unsigned nrecv;      /* calls */
	bool fin, closed;
	int shutdown_error;
	void (*on_recv)(struct peer *); /* before it gets anything */
};

extern struct peer script_peers[SCRIPT_PEERS];
extern bool script_edge;      /* events as by edge-triggered epoll, or else by level */
extern bool script_after_fin; /* a send() after our FIN is EPIPE, and no failure */
extern int script_add_error;
extern const struct backend script_backend;

void script_reset(void);
int script_fd(const struct peer *);

/* One turn of the loop.  Events of the peers only if told. */
void script_turn(struct reactor *, bool events);

/* Turns until nothing more happens. */
void script_play(struct reactor *);

#endif
