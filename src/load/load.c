/* SPDX-License-Identifier: ISC */
/*
 * load.c -- see load.h.
 *
 * Clients are opened and closed only from on_after_turn(), never from what they
 * call, so that no client is closed, opened again and then mistaken for the one
 * that it was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "load.h"
#include "macros.h"
#include "pace.h"
#include "tally.h"

#define TICK_SECONDS 0.01
#define SWEEP 10         /* ticks in which every client is looked at once */
#define RETRY 100000000u /* ns from a failure to the next attempt */
#define TCP_SAMPLES 64   /* connections the kernel is asked about */
#define OPEN_PORTION 64  /* connections begun in a turn */

/* A queue of clients, each with the time at which its turn has come. */
struct line {
	struct {
		uint64_t due;
		unsigned client;
	} * at;
	unsigned head, len, room;
};

struct load {
	struct client_set clients;
	const struct load_plan *plan;
	const struct run_config *config;
	const struct run_control *control;
	struct tally tally;
	unsigned process, first;
	struct random random;

	unsigned ramped;    /* so many have been begun */
	double connect_gap; /* ns between two connections of the ramp */
	uint64_t ramp_begin;
	struct line to_open;  /* closed ones that are to be opened again */
	struct line thinking; /* those that pause, even if they were lost meanwhile */
	bool *pausing;        /* for each client: it is among them */
	uint64_t *planned;    /* for each client: when its first message was to be sent */

	struct pace pace;
	uint64_t *backlog; /* times of messages that no client could take */
	size_t bhead, blen, broom;
	unsigned next_client;

	uint64_t limit; /* messages to start, 0: no limit */
	bool loading, failed, over;
	unsigned sweep;

	ev_timer tick;
	ev_check wake;
	ev_prepare after_turn;
};

static struct load *
load_of(struct client_set *set)
{
	return container_of(set, struct load, clients);
}

static int
line_open(struct line *l, unsigned room)
{
	l->room = room;
	l->at = calloc(room, sizeof(*l->at));
	return l->at != NULL ? 0 : -ENOMEM;
}

/* There is room for every client once, and no client is in it twice. */
static void
line_add(struct line *l, unsigned client, uint64_t due)
{
	unsigned i = (l->head + l->len++) % l->room;

	l->at[i].client = client;
	l->at[i].due = due;
}

static bool
line_take(struct line *l, uint64_t now, unsigned *client)
{
	if (l->len == 0 || l->at[l->head].due > now)
		return false;
	*client = l->at[l->head].client;
	l->head = (l->head + 1) % l->room;
	l->len--;
	return true;
}

static unsigned
number_of(const struct load *l, const struct client *c)
{
	return (unsigned)(c - l->clients.all);
}

/* Give up before anything was measured. */
static void
fail_run(struct load *l, int error)
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

/* All the requests that were asked for by their number. */
static bool
has_started_all(const struct load *l)
{
	return l->limit != 0 && l->tally.part->started >= l->limit;
}

static bool
is_over(const struct load *l, uint64_t now)
{
	return now >= l->control->measure_end || has_started_all(l);
}

/* Whoever has a place for it: a message that was to be sent at intended. */
static void
send_one(struct load *l, struct client *c, uint64_t intended, uint64_t ready)
{
	const struct sizes *sizes = l->plan->sizes;
	size_t size = sizes->kind == SIZES_FIXED ? sizes->low : sizes_next(sizes, &l->random);

	if (tally_counts(&l->tally, intended))
		l->tally.part->started++;
	if (client_send(c, size, intended, ready) < 0)
		fail_run(l, -ENOMEM);
}

static void
begin_to_connect(struct load *l, struct client *c)
{
	const struct load_plan *plan = l->plan;
	const struct net_addr *target = &plan->targets[c->index % plan->ntargets];
	const struct net_addr *source = NULL;
	int rc;

	if (plan->nsources > 0)
		source = &plan->sources[c->index % plan->nsources];
	if ((rc = client_open(c, target, source, &plan->options)) == 0)
		return;
	client_fail(&l->clients,
	    rc == -EADDRNOTAVAIL || rc == -EADDRINUSE ? FAIL_NO_LOCAL_PORT :
		rc == -ECONNREFUSED                   ? FAIL_REFUSED :
							FAIL_OTHER,
	    "connection %u: cannot connect: %s", c->index,
	    rc == -EADDRNOTAVAIL ? "out of local ports (more source addresses help: -B)" :
				   strerror(-rc));
	if (l->tally.part->state == RUN_RAMPING)
		fail_run(l, rc);
	else
		line_add(&l->to_open, number_of(l, c), client_clock() + RETRY);
}

static bool
can_take(const struct load *l, const struct client *c)
{
	unsigned max = l->config->max_inflight;

	return c->state == CLIENT_OPEN && (max == 0 || c->waiting < max) &&
	    (l->config->requests_per_conn == 0 ||
		c->done + c->waiting < l->config->requests_per_conn);
}

static void
put_off(struct load *l, uint64_t intended)
{
	if (l->blen == l->broom) {
		size_t i, room = l->broom > 0 ? l->broom * 2 : 1024;
		uint64_t *more = malloc(room * sizeof(*more));

		if (more == NULL) {
			fail_run(l, -ENOMEM);
			return;
		}
		for (i = 0; i < l->blen; i++)
			more[i] = l->backlog[(l->bhead + i) % l->broom];
		free(l->backlog);
		l->backlog = more;
		l->bhead = 0;
		l->broom = room;
	}
	l->backlog[(l->bhead + l->blen++) % l->broom] = intended;
}

static bool
take_backlog(struct load *l, uint64_t *intended)
{
	if (l->blen == 0)
		return false;
	*intended = l->backlog[l->bhead];
	l->bhead = (l->bhead + 1) % l->broom;
	l->blen--;
	return true;
}

/* The schedule says that a message is to be sent. */
static void
on_due(struct pace *p, uint64_t intended)
{
	struct load *l = container_of(p, struct load, pace);
	unsigned i;

	if (tally_counts(&l->tally, intended))
		l->tally.part->scheduled++;
	if (l->over) /* there is no time left to send it */
		return;
	/* In rotation; one that cannot take it is passed over. */
	for (i = 0; l->blen == 0 && i < l->clients.n; i++) {
		struct client *c = &l->clients.all[l->next_client];

		l->next_client = (l->next_client + 1) % l->clients.n;
		if (!can_take(l, c))
			continue;
		send_one(l, c, intended, intended);
		client_flush(c, client_clock());
		return;
	}
	put_off(l, intended);
}

/* A closed loop's next message, or the backlog's. */
static void
send_next(struct load *l, struct client *c, uint64_t now)
{
	uint64_t intended;

	if (l->config->rate > 0) {
		while (can_take(l, c) && take_backlog(l, &intended))
			send_one(l, c, intended, now);
		return;
	}
	if (!l->loading || is_over(l, now))
		return;
	if (tally_counts(&l->tally, now))
		l->tally.part->scheduled++;
	send_one(l, c, now, now);
}

/* All that the pipeline of a closed loop has room for. */
static void
fill(struct load *l, struct client *c, uint64_t now)
{
	while (c->waiting < l->config->pipeline && can_take(l, c) && l->loading && !is_over(l, now))
		send_next(l, c, now);
}

static void
on_open(struct client_set *set, struct client *c, uint64_t since)
{
	struct load *l = load_of(set);
	uint64_t now = client_clock(), planned = l->planned[number_of(l, c)];

	hist_record(l->tally.clocks[CLOCK_CONNECT], now - since);
	l->planned[number_of(l, c)] = 0;
	/* Where each request connects anew, connecting is part of what it takes. */
	if (planned != 0) {
		if (l->config->rate <= 0 && tally_counts(&l->tally, planned))
			l->tally.part->scheduled++;
		send_one(l, c, planned, now);
	}
	if (l->config->rate > 0)
		send_next(l, c, now);
	else if (!l->pausing[number_of(l, c)])
		fill(l, c, now);
}

static void
on_echo(struct client_set *set, struct client *c, const struct request *r, uint64_t now)
{
	struct load *l = load_of(set);
	unsigned per_conn = l->config->requests_per_conn;

	if (tally_counts(&l->tally, r->intended))
		tally_echo(&l->tally, number_of(l, c), r, now);
	if (per_conn != 0 && c->done >= per_conn) {
		client_close(c, l->config->reset_on_close);
		line_add(&l->to_open, number_of(l, c), now);
	} else if (l->config->think > 0 && l->config->rate <= 0) {
		if (c->waiting == 0 && !l->pausing[number_of(l, c)]) {
			l->pausing[number_of(l, c)] = true;
			line_add(&l->thinking, number_of(l, c),
			    now + (uint64_t)(l->config->think * 1e9));
		}
	} else {
		send_next(l, c, now);
	}
}

static void
on_lost(struct client_set *set, struct client *c)
{
	struct load *l = load_of(set);
	uint64_t now = client_clock();

	tally_lost(&l->tally, c, now);
	if (l->tally.part->state == RUN_RAMPING) {
		fail_run(l, 0);
		return;
	}
	l->tally.part->replaced++;
	line_add(&l->to_open, number_of(l, c), now + RETRY);
}

/* Begin as many connections of the ramp as its rate says. */
static void
ramp(struct load *l, uint64_t now)
{
	unsigned n;

	for (n = 0; n < OPEN_PORTION && l->ramped < l->clients.n && !l->failed; n++) {
		if ((double)(now - l->ramp_begin) < l->ramped * l->connect_gap)
			break;
		begin_to_connect(l, &l->clients.all[l->ramped++]);
	}
	if (l->tally.part->connections == l->clients.n)
		l->tally.part->state = RUN_READY;
}

static void
reopen(struct load *l, uint64_t now)
{
	unsigned n, i;

	for (n = 0; n < OPEN_PORTION && line_take(&l->to_open, now, &i); n++) {
		uint64_t intended = now;

		if (l->config->requests_per_conn != 0 && l->loading) {
			if (l->config->rate > 0 && !take_backlog(l, &intended)) {
				line_add(&l->to_open, i, now);
				break;
			}
			if (l->config->rate <= 0 && is_over(l, now))
				continue;
			l->planned[i] = intended;
		}
		begin_to_connect(l, &l->clients.all[i]);
	}
}

static void
on_after_turn(struct ev_loop *loop, ev_prepare *w, int revents)
{
	struct load *l = w->data;
	unsigned i;

	(void)loop, (void)revents;
	if (l->to_open.len > 0)
		reopen(l, client_clock());
	while (l->thinking.len > 0 && line_take(&l->thinking, client_clock(), &i)) {
		struct client *c = &l->clients.all[i];
		uint64_t now = client_clock();

		l->pausing[i] = false;
		if (c->state == CLIENT_OPEN) {
			fill(l, c, now);
			client_flush(c, now);
		}
	}
}

static void
begin_load(struct load *l, uint64_t now)
{
	const struct run_config *config = l->config;
	double gap = config->rate > 0 ? 1e9 / config->rate : 0;
	unsigned i;

	l->loading = true;
	if (config->rate > 0) {
		/* The processes' schedules interleave to one. */
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

static void
on_wake(struct ev_loop *loop, ev_check *w, int revents)
{
	struct load *l = w->data;

	(void)loop, (void)revents;
	l->tally.woken = client_clock();
	tally_mind(&l->tally, &l->clients, &l->pace, l->tally.woken);
}

static void
finish(struct load *l, uint64_t now)
{
	unsigned i;

	tally_end(&l->tally, &l->clients, &l->pace, now);
	l->over = true;
	if (l->config->rate > 0)
		pace_forgo(&l->pace);
	for (i = 0; i < l->clients.n; i++)
		if (l->clients.all[i].state != CLIENT_CLOSED)
			tally_unfinished(&l->tally, &l->clients.all[i], now);
	l->tally.part->never_sent = l->tally.part->scheduled - l->tally.part->started;
	reactor_stop(&l->clients.reactor);
}

/* A share of the clients at each tick: has anything waited for too long? */
static void
sweep(struct load *l, uint64_t now)
{
	uint64_t request = (uint64_t)(l->config->timeout * 1e9);
	uint64_t connect = (uint64_t)(l->config->connect_timeout * 1e9);
	unsigned i;

	l->sweep = (l->sweep + 1) % SWEEP;
	for (i = l->sweep; i < l->clients.n; i += SWEEP) {
		struct client *c = &l->clients.all[i];
		const char *what = NULL;

		if (c->state == CLIENT_CONNECTING && now - c->one.intended > connect) {
			client_fail(&l->clients, FAIL_CONNECT_TIMEOUT,
			    "connection %u: not connected in %g s", c->index,
			    l->config->connect_timeout);
			what = "connect";
		} else if (c->waiting > 0 && c->state != CLIENT_CONNECTING &&
		    now - client_request(c, 0)->intended > request &&
		    client_request(c, 0)->sent != 0) {
			client_fail(&l->clients, FAIL_REQUEST_TIMEOUT,
			    "connection %u: no echo in %g s, %llu bytes owed at offset %llu",
			    c->index, l->config->timeout,
			    (unsigned long long)(c->sent - c->received),
			    (unsigned long long)c->received);
			what = "request";
		}
		if (what != NULL) {
			on_lost(&l->clients, c);
			client_close(c, true);
		}
	}
}

/* Nothing is under way, be it of the measured phase or of before. */
static bool
is_quiet(const struct load *l)
{
	unsigned i;

	if (tally_under_way(&l->tally) > 0 || l->blen > 0)
		return false;
	for (i = 0; i < l->clients.n; i++)
		if (l->clients.all[i].waiting > 0)
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
	sweep(l, now); /* first: what begins after now must not be compared with it */
	if (l->tally.part->state == RUN_RAMPING && !l->failed)
		ramp(l, now);
	if (l->failed)
		return;
	/* A schedule can wait for its beginning by itself. */
	if (t->warm_begin != 0 && !l->loading && (now >= t->warm_begin || l->config->rate > 0))
		begin_load(l, now);
	tally_mind(&l->tally, &l->clients, &l->pace, now);
	l->pace.end = t->measure_end;
	over = l->tally.measuring && now >= t->measure_end;
	if (t->stop || (over && now >= t->drain_end) ||
	    ((over || has_started_all(l)) && is_quiet(l)))
		finish(l, now);
}

static int
open_clients(struct load *l)
{
	const struct load_plan *plan = l->plan;
	const struct run_config *config = l->config;
	struct client_set *set = &l->clients;
	unsigned i;

	set->n = run_share(config, l->process, &l->first);
	set->payload = plan->payload;
	set->part = l->tally.part;
	set->verify = config->verify;
	set->sample = config->sample;
	set->finish = config->mode == MODE_HALFCLOSE;
	set->on_open = on_open;
	set->on_echo = on_echo;
	set->on_lost = on_lost;
	set->buffer = malloc(PAYLOAD_CHUNK);
	set->all = calloc(set->n > 0 ? set->n : 1, sizeof(*set->all));
	l->planned = calloc(set->n + 1u, sizeof(*l->planned));
	l->pausing = calloc(set->n + 1u, sizeof(*l->pausing));
	if (set->buffer == NULL || set->all == NULL || l->planned == NULL || l->pausing == NULL ||
	    line_open(&l->to_open, set->n + 1) < 0 || line_open(&l->thinking, set->n + 1) < 0)
		return -ENOMEM;
	for (i = 0; i < set->n; i++) {
		set->all[i].stream.io.reactor = &set->reactor;
		set->all[i].index = l->first + i;
	}
	return 0;
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
	free(l->to_open.at);
	free(l->thinking.at);
	free(l->backlog);
}

int
load_run(const struct load_plan *plan, unsigned process)
{
	const struct run_config *config = plan->run->config;
	struct load l = { .plan = plan, .config = config, .process = process };
	int rc;

	l.control = plan->run->control;
	tally_open(&l.tally, plan->run, process);
	l.limit = config->requests / config->processes +
	    (process < config->requests % config->processes);
	l.connect_gap = 1e9 * config->processes / config->connect_rate;
	random_seed(&l.random, config->seed + process);
	if ((rc = reactor_open(&l.clients.reactor, "auto", 0)) == 0)
		rc = open_clients(&l);
	if (rc == 0 && config->rate > 0)
		rc = pace_open(&l.pace, &l.clients.reactor, config->rate / config->processes,
		    config->arrival, config->burst, config->seed + process, &l.tally.part->reads,
		    on_due);
	if (rc == 0) {
		l.ramp_begin = client_clock();
		watch(&l);
		reactor_run(&l.clients.reactor);
	} else {
		fail_run(&l, rc);
	}
	rc = l.tally.part->error;
	l.tally.part->state = l.failed ? RUN_FAILED : RUN_DONE;
	close_all(&l);
	return rc;
}
