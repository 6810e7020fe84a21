/* SPDX-License-Identifier: ISC */
/*
 * tally.h -- one load process's book-keeping: what is counted, and when.
 *
 * A request belongs to the measured phase if it was to be sent in it, whenever
 * its echo comes.  So those slow enough to straddle an edge are neither lost nor
 * counted twice.
 */
#ifndef TALLY_H
#define TALLY_H

#include <sys/resource.h>

#include "client.h"
#include "pace.h"
#include "run.h"

struct tally {
	const struct run *run;
	const struct run_config *config;
	const struct run_control *control;
	struct run_part *part;
	struct hist *clocks[CLOCKS], *censored[CLOCKS];
	uint64_t *messages; /* of each client */
	unsigned process;
	bool open_loop;
	bool measuring, measured; /* the phase has begun, it is over */
	uint64_t woken;           /* when the loop last woke up */
	struct rusage begin;
	uint64_t waited; /* until then */

	unsigned interval;        /* the one under way */
	struct run_interval *now; /* its numbers */
	struct hist *strip;
	uint64_t interval_end, interval_ns;
	uint64_t interval_cpu, interval_failures;
};

void tally_open(struct tally *, const struct run *, unsigned process);

/*
 * Whether what is to be sent then is of the measured phase.  Ask once for each: the
 * end of the phase comes nearer when somebody interrupts it.
 */
static inline bool
tally_counts(const struct tally *t, uint64_t intended)
{
	const struct run_control *c = t->control;

	return c->measure_begin != 0 && intended >= c->measure_begin && intended < c->measure_end;
}

/* Requests of the measured phase that are neither back nor given up. */
static inline uint64_t
tally_under_way(const struct tally *t)
{
	const struct run_part *p = t->part;

	return p->started - p->verified - p->timeout - p->failed;
}

/* The edges of phases and intervals are passed as time goes by: call it often. */
void tally_mind(struct tally *, struct client_set *, struct pace *, uint64_t now);

/* The measured phase is over, early or not: take what is known only now. */
void tally_end(struct tally *, struct client_set *, const struct pace *, uint64_t now);

/* A request of the n-th client has come back. */
void tally_echo(struct tally *, unsigned n, const struct request *, uint64_t now);

/*
 * What does not come back is entered into the histograms at the age it has, for it is
 * not less than that, and counted as censored.  So none is left out of them for having
 * been slow.
 *
 * A client goes, with requests under way: those that have been under way for longer
 * than the timeout have timed out, the others have failed.
 */
void tally_lost(struct tally *, struct client *, uint64_t now);

/* The same at the end of the run: so many are still under way, unfinished. */
unsigned tally_unfinished(struct tally *, struct client *, uint64_t now);

/*
 * And what was to be sent then, and has not been: it is of the response time only.
 * held: for want of a connection that could take it, not of the time to send it.
 */
void tally_never_sent(struct tally *, uint64_t intended, uint64_t now, bool held);

#endif
