/* SPDX-License-Identifier: ISC */
/*
 * worker.h -- one process at work: a reactor, its listeners, its connections.
 */
#ifndef WORKER_H
#define WORKER_H

#include "conf.h"
#include "conn.h"
#include "listener.h"
#include "sockets.h"

struct worker {
	const struct conf *conf;
	struct sockets *sockets;
	struct stats *stats;
	struct reactor reactor;
	struct listener_set listeners;
	struct conn_set conns;
	ev_signal signals[6];
	ev_timer goodbye, deadline; /* of a drain */
	bool draining;
	struct log_limit rest_limit, refuse_limit;
	int exit_code;
};

/*
 * Get all ready, so that worker_run() has but to wait.  The settings and the
 * statistics are borrowed; the sockets are closed when a drain begins.  Returns
 * 0 or the code to exit with; then the reason has been logged.
 */
int worker_open(struct worker *, const struct conf *, struct sockets *, struct stats *);

/* Serve until a signal says stop.  Returns the code to exit with. */
int worker_run(struct worker *);
void worker_close(struct worker *);

#endif
