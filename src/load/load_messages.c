/* SPDX-License-Identifier: ISC */
/*
 * load_messages.c -- which message is sent when, and on which connection.
 *
 * A closed loop sends the next when one has come back.  An open loop sends when the
 * schedule says so; what no connection can take then stands in the backlog, and the
 * time that it stands there counts.
 */
#include <errno.h>

#include "load_state.h"

static inline void
send_one(struct load *l, struct client *c, uint64_t intended, uint64_t ready, bool counted)
{
	const struct sizes *sizes = l->plan->sizes;
	size_t size = sizes->kind == SIZES_FIXED ? sizes->low : sizes_next(sizes, &l->random);

	if (client_send(c, size, intended, ready, counted) < 0)
		load_fail(l, -ENOMEM);
}

/* A closed loop's message is scheduled and started in one. */
static inline void
send_now(struct load *l, struct client *c, uint64_t intended, uint64_t now)
{
	bool counted = tally_counts(&l->tally, intended);

	if (counted) {
		l->tally.part->scheduled++;
		l->tally.part->started++;
	}
	send_one(l, c, intended, now, counted);
}

static void
send_due(struct load *l, struct client *c, uint64_t intended, uint64_t ready)
{
	bool counted = tally_counts(&l->tally, intended);

	l->tally.part->started += counted;
	send_one(l, c, intended, ready, counted);
}

static bool
can_take(const struct load *l, const struct client *c)
{
	unsigned max = l->config->max_inflight, per_conn = l->config->requests_per_conn;

	return c->state == CLIENT_OPEN && (max == 0 || c->waiting < max) &&
	    (per_conn == 0 || c->done + c->waiting < per_conn);
}

/* In rotation; one that cannot take it is passed over. */
static struct client *
find_client(struct load *l)
{
	unsigned i;

	for (i = 0; i < l->clients.n; i++) {
		struct client *c = &l->clients.all[l->next_client];

		l->next_client = (l->next_client + 1) % l->clients.n;
		if (can_take(l, c))
			return c;
	}
	return NULL;
}

void
load_on_due(struct pace *p, uint64_t intended)
{
	struct load *l = container_of(p, struct load, pace);
	struct client *c;

	if (load_has_started_all(l, intended)) /* no more were asked for */
		return;
	if (tally_counts(&l->tally, intended))
		l->tally.part->scheduled++;
	if (l->over != 0) /* there is no time left to send it */
		tally_never_sent(&l->tally, intended, l->over, false);
	else if (l->backlog.len == 0 && (c = find_client(l)) != NULL) {
		send_due(l, c, intended, intended);
		client_flush(c, client_clock());
	} else if (line_add(&l->backlog, intended, 0) < 0) {
		load_fail(l, -ENOMEM);
	}
}

/* As much of the backlog as it can take. */
static void
send_backlog(struct load *l, struct client *c, uint64_t now)
{
	uint64_t intended;
	unsigned who;

	while (can_take(l, c) && line_take(&l->backlog, now, &intended, &who))
		send_due(l, c, intended, now);
}

/* All that the pipeline of a closed loop has room for. */
static void
fill(struct load *l, struct client *c, uint64_t now)
{
	while (c->waiting < l->config->pipeline && can_take(l, c) && l->loading &&
	    !load_is_over(l, now))
		send_now(l, c, now, now);
}

void
load_on_open(struct client_set *set, struct client *c, uint64_t since, uint64_t shaking)
{
	struct load *l = load_of(set);
	uint64_t now = client_clock(), planned = 0;
	unsigned n = client_number(c);

	hist_record(l->tally.clocks[CLOCK_CONNECT], (shaking != 0 ? shaking : now) - since);
	if (shaking != 0)
		hist_record(l->tally.clocks[CLOCK_TLS], now - shaking);
	if (l->planned != NULL) {
		planned = l->planned[n];
		l->planned[n] = 0;
	}
	/* Where each request connects anew, connecting is part of what it takes. */
	if (planned != 0 && l->open_loop)
		send_due(l, c, planned, now);
	else if (planned != 0 && !load_has_started_all(l, now))
		send_now(l, c, planned, now);
	if (l->open_loop)
		send_backlog(l, c, now);
	else if (l->pausing == NULL || !l->pausing[n])
		fill(l, c, now);
}

static void
pause_client(struct load *l, const struct client *c, uint64_t now)
{
	unsigned n = client_number(c);

	if (c->waiting > 0 || l->pausing[n])
		return;
	l->pausing[n] = true;
	if (line_add(&l->thinking, now + l->think, n) < 0)
		load_fail(l, -ENOMEM);
}

void
load_on_echo(struct client_set *set, struct client *c, const struct request *r, uint64_t now)
{
	struct load *l = load_of(set);
	unsigned per_conn = l->config->requests_per_conn;

	if (r->counted)
		tally_echo(&l->tally, client_number(c), r, now);
	if (per_conn != 0 && c->done >= per_conn) {
		client_close(c, l->config->reset_on_close);
		load_reopen_later(l, c, now);
	} else if (l->open_loop) {
		send_backlog(l, c, now);
	} else if (l->pausing != NULL) {
		pause_client(l, c, now);
	} else if (l->loading && !load_is_over(l, now)) {
		send_now(l, c, now, now);
	}
}

void
load_resume(struct load *l, uint64_t now)
{
	uint64_t when;
	unsigned i;

	while (line_take(&l->thinking, now, &when, &i)) {
		struct client *c = &l->clients.all[i];

		l->pausing[i] = false;
		if (c->state == CLIENT_OPEN) {
			fill(l, c, now);
			client_flush(c, now);
		}
	}
}

void
load_begin(struct load *l, uint64_t now)
{
	unsigned i;

	l->loading = true;
	if (l->open_loop) {
		/* The processes' schedules interleave to one. */
		double gap = 1e9 / l->config->rate;

		pace_start(&l->pace, l->control->warm_begin + (uint64_t)(gap * l->process),
		    l->control->measure_end);
		return;
	}
	for (i = 0; i < l->clients.n; i++) {
		struct client *c = &l->clients.all[i];

		if (c->state == CLIENT_OPEN) {
			fill(l, c, now);
			client_flush(c, now);
		}
	}
}
