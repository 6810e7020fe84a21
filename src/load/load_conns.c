/* SPDX-License-Identifier: ISC */
/*
 * load_conns.c -- the connections of a load process: opened at a rate, opened again
 * when they are lost or have had their requests, given up when they take too long.
 */
#include <errno.h>
#include <string.h>

#include "load_state.h"

#define RETRY 100000000u /* ns from a failure to the next attempt */
#define OPEN_PORTION 64  /* connections begun in a turn */
#define SWEEPS 10        /* in which every client is looked at once */

void
load_reopen_later(struct load *l, const struct client *c, uint64_t at)
{
	if (line_add(&l->to_open, at, client_number(c)) < 0)
		load_fail(l, -ENOMEM);
}

static enum run_failure
failure_of(int error)
{
	switch (-error) {
	case EADDRNOTAVAIL:
	case EADDRINUSE: return FAIL_NO_LOCAL_PORT;
	case ECONNREFUSED: return FAIL_REFUSED;
	default: return FAIL_OTHER;
	}
}

/* So many in a hundred, as evenly as can be. */
static bool
is_to_resume(struct load *l)
{
	l->resume_owed += l->config->tls_resume;
	if (l->resume_owed < 100)
		return false;
	l->resume_owed -= 100;
	return true;
}

/*
 * In the ramp all have to come about, but for as many as errors are tolerated: these
 * are tried again when it is over, so that one that is refused is no more than one.
 */
static void
give_up_or_retry(struct load *l, const struct client *c, uint64_t now, int error)
{
	const struct load_plan *plan = l->plan;

	if (l->tally.part->state == RUN_RAMPING) {
		l->ramp_lost++;
		if (l->ramp_lost > plan->max_errors &&
		    l->ramp_lost > plan->max_error_share * l->clients.n) {
			load_fail(l, error);
			return;
		}
	}
	if (line_add(&l->to_retry, now + RETRY, client_number(c)) < 0)
		load_fail(l, -ENOMEM);
}

static void
begin_to_connect(struct load *l, struct client *c)
{
	const struct load_plan *plan = l->plan;
	unsigned index = client_index(c);
	const struct net_addr *source = NULL;
	unsigned place = index % plan->ntargets;
	struct ssl_st *tls = NULL;
	int rc;

	if (plan->nsources > 0)
		source = &plan->sources[index / plan->ntargets % plan->nsources];
	if (plan->places[place].tls &&
	    (tls = tls_connect(
		 plan->connector, place, plan->places[place].name, is_to_resume(l))) == NULL)
		rc = -ENOMEM;
	else
		rc = client_open(c, &plan->targets[place], source, &plan->options, tls);
	if (rc == 0)
		return;
	client_fail(&l->clients, failure_of(rc), "connection %u: cannot connect: %s", index,
	    rc == -EADDRNOTAVAIL ? "out of local ports (more source addresses help: -B)" :
				   strerror(-rc));
	give_up_or_retry(l, c, client_clock(), rc);
}

void
load_on_lost(struct client_set *set, struct client *c)
{
	struct load *l = load_of(set);
	uint64_t now = client_clock();

	tally_lost(&l->tally, c, now);
	if (l->tally.part->state != RUN_RAMPING)
		l->tally.part->replaced++;
	give_up_or_retry(l, c, now, 0);
}

void
load_ramp(struct load *l, uint64_t now)
{
	unsigned n;

	for (n = 0; n < OPEN_PORTION && l->ramped < l->clients.n && !l->failed; n++) {
		if ((double)(now - l->ramp_begin) < l->ramped * l->connect_gap)
			break;
		begin_to_connect(l, &l->clients.all[l->ramped++]);
	}
	if (l->tally.part->connections + l->ramp_lost == l->clients.n && !l->failed)
		l->tally.part->state = RUN_READY;
}

void
load_reopen(struct load *l, uint64_t now)
{
	uint64_t intended, when;
	unsigned n, i, who;

	while (line_take(&l->to_retry, now, &when, &i))
		load_reopen_later(l, &l->clients.all[i], now);
	for (n = 0; n < OPEN_PORTION && line_take(&l->to_open, now, &when, &i); n++) {
		if (l->planned != NULL && l->loading) {
			intended = l->open_loop && l->planned[i] != 0 ? l->planned[i] : now;
			if (l->open_loop && l->planned[i] == 0 &&
			    !line_take(&l->backlog, now, &intended, &who)) {
				load_reopen_later(l, &l->clients.all[i], now);
				break;
			}
			if (!l->open_loop && load_is_over(l, now))
				continue;
			l->planned[i] = intended;
		}
		begin_to_connect(l, &l->clients.all[i]);
	}
}

/* What it waits for has taken too long. */
static bool
is_overdue(struct load *l, struct client *c, uint64_t now)
{
	const struct run_config *f = l->config;
	uint64_t connect = (uint64_t)(f->connect_timeout * 1e9);
	uint64_t request = (uint64_t)(f->timeout * 1e9);

	if ((c->state == CLIENT_CONNECTING || c->state == CLIENT_SHAKING) &&
	    now - c->one.intended > connect) {
		client_fail(&l->clients, FAIL_CONNECT_TIMEOUT,
		    "connection %u: not connected%s in %g s", client_index(c),
		    c->state == CLIENT_SHAKING ? " over TLS" : "", f->connect_timeout);
		return true;
	}
	if (c->state >= CLIENT_OPEN && c->waiting > 0 && client_request(c, 0)->sent != 0 &&
	    now - client_request(c, 0)->sent > request) {
		client_fail(&l->clients, FAIL_REQUEST_TIMEOUT,
		    "connection %u: no echo in %g s, %llu bytes owed at offset %llu",
		    client_index(c), f->timeout, (unsigned long long)(c->sent - c->received),
		    client_offset(c, c->received));
		return true;
	}
	return false;
}

void
load_sweep(struct load *l, uint64_t now)
{
	unsigned i;

	l->swept = (l->swept + 1) % SWEEPS;
	for (i = l->swept; i < l->clients.n; i += SWEEPS) {
		struct client *c = &l->clients.all[i];

		if (is_overdue(l, c, now)) {
			load_on_lost(&l->clients, c);
			client_close(c, true);
		}
	}
}
