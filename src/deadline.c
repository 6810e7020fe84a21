/* SPDX-License-Identifier: ISC */
/*
 * deadline.c -- see deadline.h.
 */
#include "deadline.h"

#define MAX_SLACK 0.5 /* seconds */
#define PORTION 64    /* due at once; more wait for the next turn */

static void
arm(struct deadline *d)
{
	struct due *head = TAILQ_FIRST(&d->queue);
	double wait;

	if (head == NULL || d->timeout <= 0)
		return;
	wait = head->since + d->timeout + d->slack - reactor_now(d->reactor);
	ev_timer_set(&d->timer, wait > 0 ? wait : 0, 0);
	ev_timer_start(d->reactor->loop, &d->timer);
}

static bool
is_due(const struct deadline *d, const struct due *item, double now)
{
	/* A microsecond is more than what adding up the floats has lost. */
	return now - item->since >= d->timeout + d->slack - 1e-6;
}

static void
on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct deadline *d = w->data;
	double now = reactor_now(d->reactor);
	struct due *item;
	int n;

	(void)loop, (void)revents;
	for (n = 0; n < PORTION && (item = TAILQ_FIRST(&d->queue)) != NULL && is_due(d, item, now);
	     n++) {
		TAILQ_REMOVE(&d->queue, item, link);
		d->fn(item);
	}
	if (!ev_is_active(&d->timer))
		arm(d);
}

static void
set_timeout(struct deadline *d, double timeout)
{
	d->timeout = timeout;
	d->slack = timeout / 8 < MAX_SLACK ? timeout / 8 : MAX_SLACK;
	if (timeout <= 0)
		d->slack = REACTOR_FOR_EVER; /* nothing to keep in order */
}

void
deadline_open(struct deadline *d, struct reactor *r, double timeout, due_fn *fn)
{
	*d = (struct deadline){ .reactor = r, .fn = fn };
	set_timeout(d, timeout);
	TAILQ_INIT(&d->queue);
	ev_timer_init(&d->timer, on_timer, 0, 0);
	d->timer.data = d;
}

void
deadline_close(struct deadline *d)
{
	ev_timer_stop(d->reactor->loop, &d->timer);
}

void
deadline_change_age(struct deadline *d, double timeout)
{
	set_timeout(d, timeout);
	ev_timer_stop(d->reactor->loop, &d->timer);
	arm(d);
}

/* What was written of each while the slack was another would not do. */
void
deadline_change(struct deadline *d, double timeout)
{
	double now = reactor_now(d->reactor);
	struct due *item;

	if (timeout == d->timeout)
		return;
	TAILQ_FOREACH (item, &d->queue, link)
		item->since = now;
	deadline_change_age(d, timeout);
}

void
deadline_add(struct deadline *d, struct due *item)
{
	item->since = reactor_now(d->reactor);
	TAILQ_INSERT_TAIL(&d->queue, item, link);
	if (!ev_is_active(&d->timer))
		arm(d);
}

void
deadline_del(struct deadline *d, struct due *item)
{
	TAILQ_REMOVE(&d->queue, item, link);
}
