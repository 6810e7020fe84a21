/* SPDX-License-Identifier: ISC */
/*
 * tally.c -- see tally.h.
 */
#include <stdio.h>

#include "tally.h"

#define TCP_SAMPLES 64 /* connections that the kernel is asked about */

static void
enter_interval(struct tally *t, unsigned interval)
{
	t->interval = interval;
	t->now = run_interval(t->run, t->process, interval);
	t->strip = run_strip(t->now);
}

void
tally_open(struct tally *t, const struct run *run, unsigned process)
{
	int i;

	*t = (struct tally){ .run = run, .config = run->config, .control = run->control };
	t->process = process;
	t->open_loop = t->config->rate > 0;
	t->part = run_part(run, process);
	t->messages = run_messages(run, process);
	for (i = 0; i < CLOCKS; i++) {
		t->clocks[i] = run_clock(run, process, (enum run_clock)i);
		t->censored[i] = run_censored(run, process, (enum run_clock)i);
	}
	t->interval_ns = (uint64_t)(t->config->interval * 1e9);
	enter_interval(t, 0);
}

static uint64_t
ns_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000000u + (uint64_t)t->tv_usec * 1000u;
}

static uint64_t
cpu_of(const struct rusage *r)
{
	return ns_of(&r->ru_utime) + ns_of(&r->ru_stime);
}

/* How long we have been ready to run without a processor, in ns; 0: nobody knows. */
static uint64_t
waited(void)
{
	FILE *f = fopen("/proc/self/schedstat", "re");
	unsigned long long ns = 0;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%*u %llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

static void
close_interval(struct tally *t, uint64_t now)
{
	struct run_interval *i = t->now;
	struct rusage usage;
	uint64_t cpu, errors = 0;
	int k;

	getrusage(RUSAGE_SELF, &usage);
	cpu = cpu_of(&usage);
	for (k = 0; k < FAILURES; k++)
		errors += t->part->failures[k];
	i->cpu = cpu - t->interval_cpu;
	i->errors = errors - t->interval_failures;
	t->interval_cpu = cpu;
	t->interval_failures = errors;
	while (t->interval_end <= now) {
		t->interval_end += t->interval_ns;
		if (t->interval + 1 < t->run->nintervals)
			enter_interval(t, t->interval + 1);
	}
}

static void
count_interval(struct tally *t, uint64_t latency, uint64_t lag, uint64_t size, uint64_t now)
{
	struct run_interval *i;

	if (now >= t->interval_end)
		close_interval(t, now);
	i = t->now;
	i->messages++;
	i->bytes += size;
	if (latency > i->max)
		i->max = latency;
	if (lag > i->lag_max)
		i->lag_max = lag;
	hist_record_bits(t->strip, RUN_STRIP_BITS, latency);
}

/* A closed loop sends when it can: it has no lag, and a response time of its own seldom. */
void
tally_echo(struct tally *t, unsigned n, const struct request *r, uint64_t now)
{
	struct run_part *p = t->part;
	uint64_t service = now - r->sent, response = now - r->intended, lag = 0;

	p->verified++;
	t->messages[n]++;
	hist_record_bits(t->clocks[CLOCK_SERVICE], RUN_BITS, service);
	hist_record_bits(t->clocks[CLOCK_DISPATCH], RUN_BITS, now - t->woken);
	if (t->open_loop) {
		lag = r->sent - r->ready;
		hist_record_bits(t->clocks[CLOCK_LAG], RUN_BITS, lag);
	}
	if (t->open_loop || response != service)
		hist_record_bits(t->clocks[CLOCK_RESPONSE], RUN_BITS, response);
	if (p->first == 0)
		p->first = now;
	else if (now - p->last > p->longest_gap)
		p->longest_gap = now - p->last;
	p->last = now;
	if (now < t->control->measure_end) {
		p->inside++;
		count_interval(t, t->open_loop ? response : service, lag, r->size, now);
	}
}

static void
censor(struct tally *t, enum run_clock clock, uint64_t age)
{
	hist_record(t->clocks[clock], age);
	hist_record(t->censored[clock], age);
}

/* Into the same histograms as its echo would have been. */
static void
censor_request(struct tally *t, const struct request *r, uint64_t now)
{
	uint64_t from = r->sent != 0 ? r->sent : r->ready;

	censor(t, CLOCK_SERVICE, now - from);
	if (t->open_loop || from != r->intended)
		censor(t, CLOCK_RESPONSE, now - r->intended);
}

void
tally_never_sent(struct tally *t, uint64_t intended, uint64_t now, bool held)
{
	if (!tally_counts(t, intended))
		return;
	t->part->held_back += held;
	censor(t, CLOCK_RESPONSE, now - intended);
}

void
tally_lost(struct tally *t, struct client *c, uint64_t now)
{
	uint64_t timeout = (uint64_t)(t->config->timeout * 1e9);
	unsigned i;

	for (i = 0; i < c->waiting; i++) {
		const struct request *r = client_request(c, i);

		if (!r->counted)
			continue;
		if (r->sent != 0 && now - r->sent >= timeout)
			t->part->timeout++;
		else
			t->part->failed++;
		censor_request(t, r, now);
	}
}

unsigned
tally_unfinished(struct tally *t, struct client *c, uint64_t now)
{
	unsigned i, n = 0;

	for (i = 0; i < c->waiting; i++) {
		const struct request *r = client_request(c, i);

		if (!r->counted)
			continue;
		t->part->unfinished++;
		n++;
		censor_request(t, r, now);
	}
	return n;
}

static void
begin_measure(struct tally *t, struct client_set *set, struct pace *pace)
{
	t->measuring = true;
	set->count_bytes = true;
	t->part->reads = 0;
	getrusage(RUSAGE_SELF, &t->begin);
	t->waited = waited();
	t->interval_cpu = cpu_of(&t->begin);
	t->interval_end = t->control->measure_begin + t->interval_ns;
	pace->missed = pace->spun = 0;
}

/* What the kernel knows of some connections, evenly chosen. */
static void
ask_kernel(struct tally *t, const struct client_set *set)
{
	unsigned i, step = set->n / TCP_SAMPLES + 1;
	struct net_tcp_info info;

	for (i = 0; i < set->n; i += step) {
		const struct client *c = &set->all[i];

		if (c->state != CLIENT_OPEN || net_tcp_info(c->stream.io.fd, &info) < 0)
			continue;
		t->part->retransmits += info.retransmits;
		t->part->busy += info.busy;
		t->part->window_limited += info.window_limited;
		t->part->buffer_limited += info.buffer_limited;
		if (t->part->min_rtt == 0 || info.min_rtt < t->part->min_rtt)
			t->part->min_rtt = info.min_rtt;
	}
}

void
tally_end(struct tally *t, struct client_set *set, const struct pace *pace, uint64_t now)
{
	struct run_part *p = t->part;
	uint64_t waits = waited();
	struct rusage usage;

	if (!t->measuring || t->measured)
		return;
	close_interval(t, now);
	t->measured = true;
	set->count_bytes = false;
	getrusage(RUSAGE_SELF, &usage);
	p->user = ns_of(&usage.ru_utime) - ns_of(&t->begin.ru_utime);
	p->system = ns_of(&usage.ru_stime) - ns_of(&t->begin.ru_stime);
	p->preempted = (uint64_t)(usage.ru_nivcsw - t->begin.ru_nivcsw);
	p->waited = waits > t->waited ? waits - t->waited : 0;
	p->messages_read = p->verified;
	p->spun = pace->spun;
	p->missed = pace->missed;
	p->wall = now - t->control->measure_begin;
	ask_kernel(t, set);
}

void
tally_mind(struct tally *t, struct client_set *set, struct pace *pace, uint64_t now)
{
	const struct run_control *c = t->control;

	if (c->measure_begin == 0 || t->measured)
		return;
	if (!t->measuring && now >= c->measure_begin)
		begin_measure(t, set, pace);
	if (t->measuring && now >= c->measure_end)
		tally_end(t, set, pace, now);
	else if (t->measuring && now >= t->interval_end)
		close_interval(t, now);
}
