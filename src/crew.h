/* SPDX-License-Identifier: ISC */
/*
 * crew.h -- the workers of a supervisor: forked, watched, replaced.
 *
 *	generation	the workers of one configuration
 *	seat		what one worker fills, and when it dies its successor: at
 *			once, but ever more slowly if they keep dying young
 *	process		a worker; it may be of any generation
 *
 * Whether a generation is wanted, and what follows from how it fares, is for the
 * supervisor.
 */
#ifndef CREW_H
#define CREW_H

#include <sys/queue.h>
#include <sys/types.h>
#include <ev.h>

#include "child.h"

struct crew;
struct generation;

struct seat {
	struct generation *generation;
	unsigned index;
	ev_timer refill;
	double delay; /* seconds before the next is tried; 0: at once */
};

struct generation {
	struct crew *crew;
	unsigned number;
	struct conf *conf;
	struct sockets *sockets; /* NULL once it is over */
	struct seat *seats;
	unsigned nseats;
	unsigned nready, nliving;
	bool complete;  /* all were ready, once */
	bool owns_conf; /* and frees it when the last process is gone */
};

struct process {
	TAILQ_ENTRY(process) link;
	struct generation *generation;
	struct seat *seat; /* NULL: nobody is to follow */
	unsigned index;
	pid_t pid;
	int channel;
	ev_io io;
	struct stats_slot *slot; /* NULL: unknown */
	double ready;            /* when; 0: not yet */
	bool told;               /* to end */
	uint64_t beats;
	unsigned missed; /* ticks without a beat */
};

TAILQ_HEAD(process_list, process);

struct crew {
	struct ev_loop *loop;
	struct stats_table table; /* first a slot for each index: of those that have died */
	struct process_list processes;
	unsigned most; /* seats that any generation had */
	ev_timer tick;
	struct log_limit fork_limit;
	struct worker_limits *limits; /* memory that all workers share */

	/* All workers of a generation accept, for the first time. */
	void (*on_ready)(struct generation *);
	/* One died before they all did. */
	void (*on_failed)(struct generation *, int exit_code, const char *why);
	void (*on_gone)(struct crew *); /* a process has ended */
	/* A child has ended that is none of the workers (wait(2)). */
	void (*on_other)(struct crew *, pid_t, int status);
	/* In a new worker: let go of all that is the supervisor's. */
	void (*on_fork)(struct crew *, const struct generation *);
	void *owner;
};

int crew_open(struct crew *, struct ev_loop *); /* 0 or -errno */
void crew_close(struct crew *);

/*
 * Start a generation.  The settings and sockets are borrowed.  NULL if there is no
 * memory; what else goes wrong is told by on_failed().
 */
struct generation *crew_start(struct crew *, unsigned number, struct conf *, struct sockets *);

/*
 * What comes from another program of ours (upgrade.h): the table of statistics, a
 * generation without processes (number of seats 0, settings and sockets NULL: one
 * that is over), processes for it, and whatever seats are empty then.
 */
void crew_take_table(struct crew *, int fd);
struct generation *crew_generation(
    struct crew *, unsigned number, unsigned nseats, struct conf *, struct sockets *);
int crew_adopt(struct generation *, pid_t, unsigned index, int channel, unsigned slot, bool told,
    bool ready); /* 0 or -ENOMEM; slot 0: none */
void crew_refill(struct generation *);

/*
 * It is over: its seats are not filled again, and its processes get the signal.  It
 * is freed when they have gone.
 */
void crew_dismiss(struct generation *, int signum);
void crew_tell(struct crew *, int signum); /* every process, of any generation */

/* Have all write to this log file. */
void crew_move_log(struct crew *, int fd);

/* Whether the heart of each beats, or it is about to be replaced. */
bool crew_lives(const struct crew *);

/* Some have ended, says SIGCHLD. */
void crew_reap(struct crew *);

static inline bool
crew_is_empty(const struct crew *c)
{
	return TAILQ_EMPTY(&c->processes);
}

/* What all have done that filled a seat of that index; and the living, too. */
struct stats crew_stats(const struct crew *, unsigned index);

#endif
