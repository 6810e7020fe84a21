/* SPDX-License-Identifier: ISC */
/*
 * load.c -- see load.h.  The phases of a load process: what its connections and
 * its messages do meanwhile is in load_conns.c and load_messages.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load_state.h"

#define TICK_SECONDS 0.01

void
load_fail(struct load *l, int error)
{
	struct run_part *p = l->tally.part;

	if (p->nfailure_texts > 0)
		memcpy(p->error_text, p->failure_text[0], sizeof(p->error_text));
	else
		snprintf(p->error_text, sizeof(p->error_text), "%s", strerror(-error));
	p->error = error != 0 ? error : -ECONNABORTED;
	l->failed = true;
	if (l->clients.reactor.loop != NULL)
		reactor_stop(&l->clients.reactor);
}

static void
on_after_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct load *l = w->data;

	(void)loop, (void)revents;
	if (l->to_open.len + l->to_retry.len > 0 && l->tally.part->state != RUN_RAMPING)
		load_reopen(l, client_clock());
	if (l->thinking.len > 0)
		load_resume(l, client_clock());
}

static void
on_wake(struct ev_loop *loop, ev_check *w, int revents)
{
	struct load *l = w->data;

	(void)loop, (void)revents;
	l->tally.woken = client_clock();
	tally_mind(&l->tally, &l->clients, &l->pace, l->tally.woken);
}

/* A request that is not answered until now is not answered: each is an error. */
static void
fail_unfinished(struct load *l, struct client *c, uint64_t now)
{
	unsigned n = tally_unfinished(&l->tally, c, now);

	if (n == 0)
		return;
	l->tally.part->failures[FAIL_UNFINISHED] += n - 1;
	client_fail(&l->clients, FAIL_UNFINISHED,
	    "connection %u: %u request%s without an echo in the end, %llu bytes owed at "
	    "offset %llu",
	    client_index(c), n, n == 1 ? "" : "s", (unsigned long long)(c->sent - c->received),
	    client_offset(c, c->received));
}

/* What was due and had to wait, for the server or for us, has not been sent at all. */
static void
forgo(struct load *l, uint64_t now)
{
	uint64_t intended;
	unsigned i;

	/* With all sent that were asked for it may be over long before its end. */
	if (now < l->pace.end)
		l->pace.end = now;
	pace_forgo(&l->pace);
	while (line_take(&l->backlog, now, &intended, &i))
		tally_never_sent(&l->tally, intended, now, true);
	for (i = 0; l->planned != NULL && i < l->clients.n; i++)
		if (l->planned[i] != 0)
			tally_never_sent(&l->tally, l->planned[i], now, true);
}

static void
finish(struct load *l, uint64_t now)
{
	unsigned i;

	tally_end(&l->tally, &l->clients, &l->pace, now);
	l->over = now;
	if (l->open_loop)
		forgo(l, now);
	for (i = 0; i < l->clients.n; i++)
		if (l->clients.all[i].state != CLIENT_CLOSED)
			fail_unfinished(l, &l->clients.all[i], now);
	l->tally.part->never_sent = l->tally.part->scheduled - l->tally.part->started;
	reactor_stop(&l->clients.reactor);
}

/* A connection that is being made for a request of the measured phase. */
static bool
is_on_its_way(const struct load *l, unsigned i, uint64_t now)
{
	unsigned state = l->clients.all[i].state;

	return (state == CLIENT_CONNECTING || state == CLIENT_SHAKING) && l->planned != NULL &&
	    tally_counts(&l->tally, l->planned[i]) && !load_has_started_all(l, now);
}

/* Nothing is under way, be it of the measured phase or of before. */
static bool
is_quiet(const struct load *l, uint64_t now)
{
	unsigned i;

	if (tally_under_way(&l->tally) > 0 || l->backlog.len > 0)
		return false;
	for (i = 0; i < l->clients.n; i++)
		if (l->clients.all[i].waiting > 0 || is_on_its_way(l, i, now))
			return false;
	return true;
}

static void
on_tick(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct load *l = w->data;
	const struct run_control *t = l->control;
	uint64_t now = client_clock();
	bool over;

	(void)loop, (void)revents;
	load_sweep(l, now); /* first: what begins after now must not be compared with it */
	if (l->tally.part->state == RUN_RAMPING && !l->failed)
		load_ramp(l, now);
	if (l->failed)
		return;
	/* A schedule can wait for its beginning by itself. */
	if (t->warm_begin != 0 && !l->loading && (now >= t->warm_begin || l->open_loop))
		load_begin(l, now);
	tally_mind(&l->tally, &l->clients, &l->pace, now);
	l->pace.end = t->measure_end;
	over = l->tally.measuring && now >= t->measure_end;
	if (t->stop || (over && now >= t->drain_end) ||
	    ((over || load_has_started_all(l, now)) && is_quiet(l, now)))
		finish(l, now);
}

static int
open_clients(struct load *l)
{
	const struct run_config *config = l->config;
	struct client_set *set = &l->clients;
	unsigned i;

	set->n = run_share(config, l->process, &set->first);
	set->payload = l->plan->payload;
	set->part = l->tally.part;
	set->verify = config->verify;
	set->sample = config->sample;
	set->finish = config->mode == MODE_HALFCLOSE;
	set->on_open = load_on_open;
	set->on_echo = load_on_echo;
	set->on_lost = load_on_lost;
	set->buffer = malloc(PAYLOAD_CHUNK);
	set->all = calloc(set->n + 1u, sizeof(*set->all));
	if (set->buffer == NULL || set->all == NULL)
		return -ENOMEM;
	if (config->requests_per_conn != 0 &&
	    (l->planned = calloc(set->n + 1u, sizeof(*l->planned))) == NULL)
		return -ENOMEM;
	if (l->think > 0 && (l->pausing = calloc(set->n + 1u, sizeof(*l->pausing))) == NULL)
		return -ENOMEM;
	for (i = 0; i < set->n; i++)
		set->all[i].stream.io.reactor = &set->reactor;
	return 0;
}

static int
open_pace(struct load *l)
{
	const struct run_config *f = l->config;

	if (!l->open_loop)
		return 0;
	return pace_open(&l->pace, &l->clients.reactor, f->rate / f->processes, f->arrival,
	    f->burst, f->seed + l->process, &l->tally.part->reads, load_on_due);
}

static void
watch(struct load *l)
{
	struct ev_loop *loop = l->clients.reactor.loop;

	ev_timer_init(&l->tick, on_tick, 0, TICK_SECONDS);
	ev_check_init(&l->wake, on_wake);
	ev_set_priority(&l->wake, EV_MAXPRI); /* before anything is looked at */
	ev_prepare_init(&l->after_turn, on_after_turn);
	ev_set_priority(&l->after_turn, EV_MINPRI);
	l->tick.data = l->wake.data = l->after_turn.data = l;
	ev_timer_start(loop, &l->tick);
	ev_check_start(loop, &l->wake);
	ev_prepare_start(loop, &l->after_turn);
}

static void
close_all(struct load *l)
{
	unsigned i;

	for (i = 0; l->clients.all != NULL && i < l->clients.n; i++)
		client_close(&l->clients.all[i], l->config->reset_on_close);
	pace_close(&l->pace);
	reactor_close(&l->clients.reactor);
	free(l->clients.all);
	free(l->clients.buffer);
	free(l->planned);
	free(l->pausing);
	line_free(&l->to_open);
	line_free(&l->to_retry);
	line_free(&l->thinking);
	line_free(&l->backlog);
}

int
load_run(const struct load_plan *plan, unsigned process)
{
	const struct run_config *config = plan->run->config;
	struct load l = { .plan = plan, .config = config, .process = process };
	int rc;

	l.control = plan->run->control;
	tally_open(&l.tally, plan->run, process);
	l.open_loop = config->rate > 0;
	l.think = l.open_loop ? 0 : (uint64_t)(config->think * 1e9);
	l.limit = UINT64_MAX;
	if (config->requests != 0) /* a share of none is a limit, too */
		l.limit = config->requests / config->processes +
		    (process < config->requests % config->processes);
	l.connect_gap = 1e9 * config->processes / config->connect_rate;
	random_seed(&l.random, config->seed + process);
	if ((rc = reactor_open(&l.clients.reactor, "auto", 0)) < 0 || (rc = open_clients(&l)) < 0 ||
	    (rc = open_pace(&l)) < 0) {
		load_fail(&l, rc);
	} else {
		l.ramp_begin = client_clock();
		watch(&l);
		reactor_run(&l.clients.reactor);
	}
	rc = l.tally.part->error;
	close_all(&l);
	l.tally.part->state = l.failed ? RUN_FAILED : RUN_DONE; /* last: we may be killed now */
	return rc;
}
