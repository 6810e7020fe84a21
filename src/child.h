/* SPDX-License-Identifier: ISC */
/*
 * child.h -- a worker's side of its bond with the supervisor.
 */
#ifndef CHILD_H
#define CHILD_H

#include "worker.h"

struct child {
	const struct conf *conf;
	struct sockets *sockets;
	struct stats *stats;
	struct worker_limits *limits;
	unsigned index, generation;
	int channel;
	int *forbidden; /* the supervisor sees it, too: of sandbox_enter() */
};

/*
 * Be this worker, from just after fork(2) until its end.  All signals are blocked
 * when it begins.  Returns the code to exit with.
 */
int child_run(const struct child *);

#endif
