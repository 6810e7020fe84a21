/* SPDX-License-Identifier: ISC */
/*
 * pace.h -- an open loop's schedule: tell when each message is to be sent.
 *
 * The times are computed from the first one, not from when the last was served,
 * so that being late once makes nothing else late.  libev's timers are exact to
 * a millisecond; this one sleeps on a timerfd until shortly before the time, and
 * spins for the rest.
 */
#ifndef PACE_H
#define PACE_H

#include "payload.h"
#include "reactor.h"
#include "run.h"

struct pace;
typedef void pace_fn(struct pace *, uint64_t intended);

struct pace {
	struct reactor *reactor;
	pace_fn *fn;
	enum run_arrival arrival;
	unsigned burst;      /* ARRIVAL_BURST: messages at a time */
	double gap;          /* nanoseconds between messages, on average */
	double next;         /* when the next is to be sent; client_clock() */
	uint64_t begin, end; /* the schedule's */
	uint64_t index;      /* of the next message */
	struct random random;
	uint64_t missed;      /* messages that were more than a millisecond late */
	uint64_t spun;        /* nanoseconds spent spinning */
	uint64_t spin_at;     /* since when; 0: not now */
	const uint64_t *work; /* a count that rises when anything else is done */
	uint64_t worked;
	int timerfd;
	ev_io alarm;
	ev_prepare prepare;
	ev_idle awake;
};

/* rate: messages a second; work: may be NULL.  0 or -errno. */
int pace_open(struct pace *, struct reactor *, double rate, enum run_arrival, unsigned burst,
    uint64_t seed, const uint64_t *work, pace_fn *);
void pace_close(struct pace *);

/* Call fn for each message from begin until end, which may be changed. */
void pace_start(struct pace *, uint64_t begin, uint64_t end);

/* Every message that was to be sent by now has been handed to fn. */
bool pace_is_done(const struct pace *);

/* Hand all that is left to fn at once: it will not be sent, only counted. */
void pace_forgo(struct pace *);

#endif
