/* SPDX-License-Identifier: ISC */
/*
 * load_state.h -- what the three parts of a load process share: its phases
 * (load.c), its connections (load_conns.c) and its messages (load_messages.c).
 *
 * Private to them.  Clients are opened, and closed by time, only between the turns of
 * the reactor, never from what they call, so that no client is closed, opened again
 * and then mistaken for the one that it was.
 */
#ifndef LOAD_STATE_H
#define LOAD_STATE_H

#include "client.h"
#include "line.h"
#include "load.h"
#include "pace.h"
#include "tally.h"

struct load {
	struct client_set clients;
	const struct load_plan *plan;
	const struct run_config *config;
	const struct run_control *control;
	struct tally tally;
	unsigned process;
	bool loading;  /* messages are to be sent */
	uint64_t over; /* since then no more; 0: not yet */
	bool failed;

	/* Connections. */
	unsigned ramped;    /* so many have been begun */
	unsigned ramp_lost; /* and so many of them have come to nothing, tolerated */
	double connect_gap; /* ns between two connections of the ramp */
	uint64_t ramp_begin;
	struct line to_open;  /* closed ones that are to be opened again */
	struct line to_retry; /* those that failed, and so have to wait for that */
	/* For each client, when its first message was to be sent; where each reconnects. */
	uint64_t *planned;
	unsigned swept;
	unsigned resume_owed; /* percent of a handshake that is to be resumed */

	/* Messages. */
	bool open_loop;
	uint64_t limit; /* measured messages to start; UINT64_MAX: as many as can be */
	uint64_t think; /* ns */
	struct random random;
	struct pace pace;
	struct line backlog; /* those that no client could take when they were due */
	unsigned next_client;
	struct line thinking; /* clients that pause, even if they were lost meanwhile */
	bool *pausing;        /* for each client: it is among them */

	ev_timer tick;
	ev_check wake;
	ev_prepare after_turn;
};

static inline struct load *
load_of(struct client_set *set)
{
	return container_of(set, struct load, clients);
}

/* Give up, for -errno, or for the first failure that was counted. */
void load_fail(struct load *, int error) __attribute__((cold));

/*
 * All the requests have begun that were asked for by their number.  Never before the
 * measured phase: whoever has no share of them warms up with the others.
 */
static inline bool
load_has_started_all(const struct load *l, uint64_t now)
{
	return l->tally.part->started >= l->limit && l->control->measure_begin != 0 &&
	    now >= l->control->measure_begin;
}

static inline bool
load_is_over(const struct load *l, uint64_t now)
{
	return now >= l->control->measure_end || load_has_started_all(l, now);
}

/* load_conns.c */
void load_on_lost(struct client_set *, struct client *);
void load_ramp(struct load *, uint64_t now);   /* begin those whose time has come */
void load_reopen(struct load *, uint64_t now); /* so with those that were closed */
void load_reopen_later(struct load *, const struct client *, uint64_t at);
void load_sweep(struct load *, uint64_t now); /* a share of all: what waits too long? */

/* load_messages.c */
void load_on_due(struct pace *, uint64_t intended);
void load_on_open(struct client_set *, struct client *, uint64_t since, uint64_t shaking);
void load_on_echo(struct client_set *, struct client *, const struct request *, uint64_t now);
void load_begin(struct load *, uint64_t now);  /* send from now on */
void load_resume(struct load *, uint64_t now); /* with those that have paused */

#endif
