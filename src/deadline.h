/* SPDX-License-Identifier: ISC */
/*
 * deadline.h -- many equal timeouts, one timer.
 *
 * All that wait for the same length of time stand in one queue, in the order of
 * their last activity; the timer watches the head.  Activity sends an item to
 * the tail, but no more often than once in a slack (an eighth of the timeout, at
 * most half a second): a busy connection pays a comparison for each message.
 * An item comes due between timeout and timeout + slack after its last activity,
 * never earlier, plus the time that the loop is late.
 */
#ifndef DEADLINE_H
#define DEADLINE_H

#include "reactor.h"

struct due {
	TAILQ_ENTRY(due) link;
	double since; /* reactor_now() of its last move */
};

typedef void due_fn(struct due *);
TAILQ_HEAD(due_queue, due);

struct deadline {
	struct reactor *reactor;
	double timeout, slack; /* seconds */
	due_fn *fn;
	struct due_queue queue;
	ev_timer timer;
};

/* timeout: seconds, 0 is never.  fn gets each item that came due, taken out. */
void deadline_open(struct deadline *, struct reactor *, double timeout, due_fn *fn);
void deadline_close(struct deadline *); /* it must be empty */
/* Another timeout for all; those that wait begin anew, unless it is the same. */
void deadline_change(struct deadline *, double timeout);
/* The same where nothing is ever touched: those that wait have waited since they came. */
void deadline_change_age(struct deadline *, double timeout);
void deadline_add(struct deadline *, struct due *);
void deadline_del(struct deadline *, struct due *);

static inline struct due *
deadline_first(struct deadline *d)
{
	return TAILQ_FIRST(&d->queue);
}

/* There was activity. */
static inline void
deadline_touch(struct deadline *d, struct due *item)
{
	double now = reactor_now(d->reactor);

	if (now - item->since < d->slack)
		return;
	item->since = now;
	TAILQ_REMOVE(&d->queue, item, link);
	TAILQ_INSERT_TAIL(&d->queue, item, link);
}

#endif
