/* SPDX-License-Identifier: ISC */
/*
 * worker.h -- one process at work: a reactor, its listeners, its connections.
 */
#ifndef WORKER_H
#define WORKER_H

#include "admission.h"
#include "conf.h"
#include "conn.h"
#include "listener.h"
#include "sockets.h"

/* How long a socket that is not to be any more is listened to, and who waits served. */
#define WORKER_RETIRE_SECONDS 2.0

/* Of what is logged; all workers of an instance share them. */
struct worker_limits {
	struct log_limit rest, refuse, handshake;
	struct admission_limits admission;
};

struct worker {
	const struct conf *conf;
	struct sockets *sockets;
	struct stats *stats;
	struct worker_limits *limits;
	struct reactor reactor;
	struct listener_set *listeners, *fresh;
	struct listener_set *retired; /* or NULL: sockets that the settings lack by now, */
	struct sockets gone;          /* for a while */
	struct conn_set conns;
	struct admission admission;
	ev_signal signals[6];
	ev_timer goodbye, deadline; /* of a drain */
	ev_timer retirement;
	bool draining;
	int exit_code;

	/* What HUP, USR1 and USR2 are to do, and whose business it is. */
	void (*on_signal)(struct worker *, int signum);
	void (*on_settled)(struct worker *); /* or NULL: nothing retires any more */
	void (*on_drain)(struct worker *);   /* or NULL: it accepts no more */
	void *owner;
};

/*
 * Get all ready, so that worker_run() has but to wait.  The settings, the
 * statistics and the limits are borrowed; the sockets are closed when a drain begins.  Returns
 * 0 or the code to exit with; then the reason has been logged.
 */
int worker_open(struct worker *, const struct conf *, struct sockets *, struct stats *,
    struct worker_limits *, void (*on_signal)(struct worker *, int signum), void *owner);

/* Serve until a signal says stop.  Returns the code to exit with. */
int worker_run(struct worker *);
void worker_close(struct worker *);

/*
 * Accept no more, serve those connected until they have left, and then stop.
 * limited: at most for the drain-timeout.
 */
void worker_drain(struct worker *, bool limited);

/* Sockets that the settings lack by now are still listened to. */
static inline bool
worker_retires(const struct worker *w)
{
	return ev_is_active(&w->retirement);
}

/*
 * Go on with other settings, whose backend is the same, and their sockets, when
 * nothing retires.  First memory for so many sockets, 0 or -ENOMEM, and then, which
 * cannot fail, the rest; gone, which is taken over, are the sockets that are in use
 * no longer.
 */
int worker_prepare(struct worker *, size_t nfresh, size_t nretired);
void worker_adopt(struct worker *, const struct conf *, struct sockets *, struct sockets *gone);

#endif
