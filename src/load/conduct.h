/* SPDX-License-Identifier: ISC */
/*
 * conduct.h -- all load processes of a run: start, keep time, stop.
 *
 * The conductor makes no load.  It forks the processes, waits until all have
 * their connections, and gives one beat to all of them by writing times into the
 * memory that they share.
 */
#ifndef CONDUCT_H
#define CONDUCT_H

#include "load.h"

enum conduct_phase { PHASE_RAMP, PHASE_WARMUP, PHASE_MEASURE, PHASE_DRAIN };

/* What is told while it runs, four times a second. */
struct conduct_news {
	enum conduct_phase phase;
	double elapsed;       /* seconds of this phase */
	unsigned connections; /* open now */
	unsigned interval;    /* of the measured phase: the last one that is complete */
	bool has_interval;
};

struct conductor {
	const struct load_plan *plan;
	struct run *run;
	void (*on_news)(struct conductor *, const struct conduct_news *); /* or NULL */
};

/*
 * Returns 0 when the run is complete, SIGINT or SIGTERM when one of them ended it
 * early (what was found is there all the same), or -errno when it could not be
 * run; then the part of some process says why.
 */
int conduct(struct conductor *);

#endif
