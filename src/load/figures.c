/* SPDX-License-Identifier: ISC */
/*
 * figures.c -- see figures.h.
 */
#include <stdio.h>

#include "figures.h"
#include "macros.h"

enum run_clock
figures_headline(const struct run *run)
{
	return run->config->rate > 0 ? CLOCK_RESPONSE : CLOCK_SERVICE;
}

uint64_t
figures_censored(const struct run *run, enum run_clock clock)
{
	return run->censored[clock]->count;
}

/*
 * Requests that never came back were entered at the age they had.  What they would
 * have been is more, and so is a quantile that this could move.
 */
struct figure
figures_quantile(const struct run *run, enum run_clock clock, double q)
{
	const struct hist *h = run->clocks[clock];
	uint64_t beyond = hist_beyond(h, q), below = h->count - beyond;

	return (struct figure){
		.ns = hist_quantile(h, q),
		.known = (beyond < below ? beyond : below) >= FIGURES_MIN_BEYOND,
		.at_least = !hist_quantile_holds(h, q, run->censored[clock]),
	};
}

static struct figure
whole(const struct run *run, enum run_clock clock, uint64_t ns)
{
	return (struct figure){
		.ns = ns,
		.known = run->clocks[clock]->count > 0,
		.at_least = figures_censored(run, clock) > 0,
	};
}

struct figure
figures_mean(const struct run *run, enum run_clock clock)
{
	return whole(run, clock, (uint64_t)(hist_mean(run->clocks[clock]) + 0.5));
}

struct figure
figures_max(const struct run *run, enum run_clock clock)
{
	return whole(run, clock, run->clocks[clock]->max);
}

struct figure
figures_min(const struct run *run, enum run_clock clock)
{
	const struct hist *h = run->clocks[clock];

	return (struct figure){
		.ns = h->count > 0 ? h->min : 0,
		.known = h->count > 0,
		.at_least = h->count > 0 && run->censored[clock]->min <= h->min,
	};
}

/*
 * Until the time at which it was to end, or for so many requests the last of
 * them: the processes saw that only with their next look at the clock.
 */
double
figures_seconds(const struct run *run)
{
	const struct run_control *t = run->control;
	uint64_t wall = run->total.wall, last = run->total.last;

	if (t == NULL || t->measure_end <= t->measure_begin)
		return (double)wall / 1e9;
	if (wall >= t->measure_end - t->measure_begin)
		wall = t->measure_end - t->measure_begin;
	else if (run->config->requests > 0 && run->total.started >= run->config->requests &&
	    last > t->measure_begin)
		wall = last - t->measure_begin;
	return (double)wall / 1e9;
}

double
figures_rate(const struct run *run)
{
	double seconds = figures_seconds(run);

	return seconds > 0 ? (double)run->total.inside / seconds : 0;
}

uint64_t
figures_errors(const struct run *run)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < FAILURES; i++)
		n += run->total.failures[i];
	return n;
}

uint64_t
figures_violations(const struct run *run)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < VIOLATIONS; i++)
		n += run->total.violations[i];
	return n;
}

bool
figures_is_barren(const struct run *run)
{
	const struct run_part *t = &run->total;

	return t->verified == 0 && (t->scheduled > 0 || figures_errors(run) > 0);
}

double
figures_error_rate(const struct run *run)
{
	const struct run_part *t = &run->total;

	return t->scheduled > t->verified ?
	    (double)(t->scheduled - t->verified) / (double)t->scheduled :
	    0;
}

uint64_t
figures_messages(const struct run *run, unsigned interval)
{
	uint64_t n = 0;
	unsigned p;

	for (p = 0; p < run->config->processes; p++)
		n += run_interval(run, p, interval)->messages;
	return n;
}

unsigned
figures_intervals(const struct run *run)
{
	double n = 0;

	if (run->memory == NULL) /* it is not of this process, but read from a file */
		return 0;
	if (run->config->interval > 0)
		n = figures_seconds(run) / run->config->interval + 1e-9;
	return n < run->nintervals ? (unsigned)n : run->nintervals;
}

bool
figures_balance(const struct run *run)
{
	const struct run_part *t = &run->total;

	return t->scheduled == t->started + t->never_sent &&
	    t->started == t->verified + t->timeout + t->failed + t->unfinished;
}

void
figures_print_time(char text[FIGURES_TEXT], uint64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)ns;
	size_t unit = 0;

	/* What would be rounded to 1000 is 1 of the next. */
	while (unit + 1 < countof(units) && value >= 999.5) {
		value /= 1000;
		unit++;
	}
	snprintf(text, FIGURES_TEXT, value < 999.5 ? "%.3g%s" : "%.0f%s", value, units[unit]);
}
