/* SPDX-License-Identifier: ISC */
/*
 * merge.c -- see merge.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "macros.h"
#include "merge.h"
#include "run_fields.h"

#define MAX_UNLIKE 0.01 /* measured times differ by no more, or rates do not add up */
#define MAX_APART 0.1   /* of the measured time, between the beginnings */

static double
began(const struct saved *s)
{
	const struct report *r = &s->report;

	return r->started_at + (double)(r->ramp_ns + r->warmup_ns) / 1e9;
}

static int
check(const struct saved *from, const char *const *names, unsigned n, char why[MERGE_WHY])
{
	uint64_t connections = 0, processes = 0;
	char reason[ALIKE_WHY];
	unsigned i;

	for (i = 0; i < n; i++) {
		double a = (double)from[0].report.measured_ns / 1e9;
		double b = (double)from[i].report.measured_ns / 1e9;

		connections += from[i].config.connections;
		processes += from[i].config.processes;
		if (!alike(&from[0].config, &from[i].config, true, reason)) {
			snprintf(why, MERGE_WHY, "%s and %s do not fit together: %s", names[0],
			    names[i], reason);
			return -EINVAL;
		}
		if (fabs(a - b) > MAX_UNLIKE * a) {
			snprintf(why, MERGE_WHY,
			    "%s and %s do not fit together: measured for %.4gs and %.4gs", names[0],
			    names[i], a, b);
			return -EINVAL;
		}
	}
	if (connections > SAVED_CONNECTIONS || processes > SAVED_PROCESSES) {
		snprintf(why, MERGE_WHY, "too many connections or processes together");
		return -EINVAL;
	}
	return 0;
}

static bool
has_text(const char *const *all, unsigned n, const char *text)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (strcmp(all[i], text) == 0)
			return true;
	return false;
}

static int
add_configs(struct saved *to, const struct saved *from, unsigned n)
{
	struct run_config *c = &to->config;
	unsigned i, k, targets = 0;

	for (i = 0; i < n; i++)
		targets += from[i].config.ntargets;
	*c = from[0].config;
	if ((to->targets = calloc(targets + 1, sizeof(*to->targets))) == NULL)
		return -ENOMEM;
	c->targets = to->targets;
	c->ntargets = 0;
	for (i = 0; i < n; i++) {
		const struct run_config *f = &from[i].config;

		for (k = 0; k < f->ntargets; k++)
			if (!has_text(to->targets, c->ntargets, f->targets[k]))
				to->targets[c->ntargets++] = f->targets[k];
		if (i == 0)
			continue;
		c->connections += f->connections;
		c->processes += f->processes;
		c->requests += f->requests;
		c->rate += f->rate;
		c->connect_rate += f->connect_rate;
	}
	return 0;
}

/* Each run becomes a part, as if it were one process. */
static int
add_runs(struct saved *to, const struct saved *from, unsigned n)
{
	unsigned i, k, intervals = 0;
	double rates = 0;
	int c, rc;

	for (i = 0; i < n; i++)
		if (from[i].run.nintervals > intervals)
			intervals = from[i].run.nintervals;
	if ((rc = run_open(&to->run, &to->config, intervals)) < 0)
		return rc;
	for (i = 0; i < n; i++) {
		*run_part(&to->run, i) = from[i].run.total;
		rates += figures_rate(&from[i].run);
		for (c = 0; c < CLOCKS; c++) {
			hist_merge(
			    run_clock(&to->run, i, (enum run_clock)c), from[i].run.clocks[c]);
			hist_merge(
			    run_censored(&to->run, i, (enum run_clock)c), from[i].run.censored[c]);
		}
		for (k = 0; k < from[i].run.nintervals; k++) {
			struct run_interval *f = run_interval(&from[i].run, 0, k);
			struct run_interval *t = run_interval(&to->run, i, k);

			*t = *f;
			hist_merge(run_strip(t), run_strip(f));
		}
	}
	if ((rc = run_sum(&to->run)) < 0)
		return rc;
	/* Each measured for a slightly different time: their rates are what adds up. */
	if (rates > 0)
		to->run.total.wall = (uint64_t)llround((double)to->run.total.inside * 1e9 / rates);
	return 0;
}

/* Of many connections only some are known one by one; their sums are known. */
static double
sum_of_squares(const struct run *run)
{
	double sum = (double)run->total.verified, squares = 0;
	unsigned i;

	if (run->nconnections > RUN_MSGS_MAX)
		return run->jain > 0 ? sum * sum / (run->nconnections * run->jain) : 0;
	for (i = 0; i < run->nconnections; i++)
		squares += (double)run->messages[i] * (double)run->messages[i];
	return squares;
}

static void
add_fairness(struct saved *to, const struct saved *from, unsigned n)
{
	double sum = (double)to->run.total.verified, squares = 0;
	struct run *run = &to->run;
	unsigned i, at = 0;

	run->least = UINT64_MAX;
	run->most = run->starved = 0;
	for (i = 0; i < n; i++) {
		const struct run *f = &from[i].run;

		memcpy(run->messages + at, f->messages, f->nconnections * sizeof(*f->messages));
		at += f->nconnections;
		squares += sum_of_squares(f);
		run->least = f->least < run->least ? f->least : run->least;
		run->most = f->most > run->most ? f->most : run->most;
		run->starved += f->starved;
	}
	run->jain = squares > 0 ? sum * sum / (run->nconnections * squares) : 0;
}

static void
warn(struct verdict *v, const char *code, bool serious, const char *text)
{
	unsigned i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->warnings[i].text, text) == 0)
			return;
	if (v->n == VERDICT_WARNINGS)
		return;
	v->warnings[v->n].code = code;
	v->warnings[v->n].serious = serious;
	snprintf(v->warnings[v->n].text, VERDICT_TEXT, "%s", text);
	v->n++;
}

/* As trustworthy as the worst of them; and rates add up only at the same time. */
static void
add_verdicts(struct saved *to, const struct saved *from, unsigned n)
{
	struct verdict *v = &to->report.verdict;
	double first = began(&from[0]), last = first;
	char text[VERDICT_TEXT];
	unsigned i, k;

	*v = (struct verdict){ .trustworthy = true, .achieved = 1, .r2 = 1 };
	for (i = 0; i < n; i++) {
		const struct verdict *f = &from[i].report.verdict;

		v->trustworthy = v->trustworthy && f->trustworthy;
		v->saturated = v->saturated || f->saturated;
		v->cpu = fmax(v->cpu, f->cpu);
		v->waiting = fmax(v->waiting, f->waiting);
		v->r2 = fmin(v->r2, f->r2);
		v->drift = fabs(f->drift) > fabs(v->drift) ? f->drift : v->drift;
		for (k = 0; k < f->n; k++)
			warn(v, f->warnings[k].code, f->warnings[k].serious, f->warnings[k].text);
		first = fmin(first, began(&from[i]));
		last = fmax(last, began(&from[i]));
	}
	if (to->config.rate > 0)
		v->achieved = figures_rate(&to->run) / to->config.rate;
	if (last - first <= MAX_APART * (double)from[0].report.measured_ns / 1e9)
		return;
	snprintf(text, sizeof(text),
	    "the runs began %.3gs apart: their rates were not reached at the same time",
	    last - first);
	v->trustworthy = false;
	if (v->n == VERDICT_WARNINGS)
		v->n--;
	warn(v, "W_NOT_TOGETHER", true, text);
}

/* The worst, in the order in which they count for one run. */
static int
worse(int a, int b)
{
	static const int order[] = { 2, 1, 3, 4, 5 };
	size_t i;

	for (i = 0; i < countof(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return a != 0 ? a : b;
}

static bool
all_have(const struct saved *from, unsigned n, const char *label)
{
	unsigned i;

	for (i = 1; i < n; i++)
		if (!has_text(from[i].report.labels, from[i].report.nlabels, label))
			return false;
	return true;
}

static void
add_reports(struct saved *to, const struct saved *from, unsigned n)
{
	struct report *r = &to->report;
	const struct report *first = &from[0].report;
	unsigned i;

	memcpy(r->percentiles, first->percentiles, sizeof(r->percentiles));
	r->npercentiles = first->npercentiles;
	for (i = 0; i < first->nlabels; i++)
		if (all_have(from, n, first->labels[i]))
			r->labels[r->nlabels++] = first->labels[i];
	r->started_at = first->started_at;
	to->machine = from[0].machine;
	for (i = 0; i < n; i++) {
		const struct report *f = &from[i].report;

		r->started_at = fmin(r->started_at, f->started_at);
		r->ramp_ns = f->ramp_ns > r->ramp_ns ? f->ramp_ns : r->ramp_ns;
		r->warmup_ns = f->warmup_ns > r->warmup_ns ? f->warmup_ns : r->warmup_ns;
		r->measured_ns = f->measured_ns > r->measured_ns ? f->measured_ns : r->measured_ns;
		r->drain_ns = f->drain_ns > r->drain_ns ? f->drain_ns : r->drain_ns;
		r->interrupted = r->interrupted || f->interrupted;
		r->exit_code = worse(r->exit_code, f->exit_code);
		to->machine.loopback = to->machine.loopback || from[i].machine.loopback;
		to->machine.steal = fmax(to->machine.steal, from[i].machine.steal);
		if (i > 0)
			to->machine.throttled += from[i].machine.throttled;
	}
}

int
merge(struct saved *to, const struct saved *from, const char *const *names, unsigned n,
    char why[MERGE_WHY])
{
	int rc;

	*to = (struct saved){ 0 };
	to->report.run = &to->run;
	to->report.machine = &to->machine;
	if ((rc = check(from, names, n, why)) < 0)
		return rc;
	if ((rc = add_configs(to, from, n)) < 0 || (rc = add_runs(to, from, n)) < 0) {
		snprintf(why, MERGE_WHY, "out of memory");
		saved_close(to);
		return rc;
	}
	add_fairness(to, from, n);
	add_reports(to, from, n);
	add_verdicts(to, from, n);
	return 0;
}
