/* SPDX-License-Identifier: ISC */
/*
 * series.c -- see series.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "series.h"

static unsigned
count_points(const struct run *run, uint64_t measured, uint64_t interval)
{
	uint64_t n;

	if (measured == 0 || interval == 0)
		return 0;
	n = measured / interval;
	if (n == 0 || measured % interval > interval / 10)
		n++;
	return n < run->nintervals ? (unsigned)n : run->nintervals;
}

static void
add(struct series_point *to, struct run_interval *from)
{
	to->sum.messages += from->messages;
	to->sum.bytes += from->bytes;
	to->sum.errors += from->errors;
	to->sum.cpu += from->cpu;
	if (from->max > to->sum.max)
		to->sum.max = from->max;
	if (from->lag_max > to->sum.lag_max)
		to->sum.lag_max = from->lag_max;
	hist_merge(to->strip, run_strip(from));
}

int
series_open(struct series *s, const struct run *run, uint64_t measured)
{
	uint64_t interval = (uint64_t)(run->config->interval * 1e9 + 0.5);
	unsigned i, p;

	*s = (struct series){ 0 };
	s->n = count_points(run, measured, interval);
	if (s->n == 0)
		return 0;
	if ((s->points = calloc(s->n, sizeof(*s->points))) == NULL)
		return -ENOMEM;
	for (i = 0; i < s->n; i++) {
		struct series_point *at = &s->points[i];

		at->begin = i * interval;
		at->end = i + 1 < s->n ? at->begin + interval : measured;
		if ((at->strip = hist_new(RUN_STRIP_BITS)) == NULL) {
			series_close(s);
			return -ENOMEM;
		}
	}
	for (p = 0; p < run->config->processes; p++)
		for (i = 0; i < run->nintervals; i++)
			add(&s->points[i < s->n ? i : s->n - 1], run_interval(run, p, i));
	return 0;
}

void
series_close(struct series *s)
{
	unsigned i;

	for (i = 0; s->points != NULL && i < s->n; i++)
		free(s->points[i].strip);
	free(s->points);
	*s = (struct series){ 0 };
}

double
series_rate(const struct series_point *p)
{
	return p->end > p->begin ? (double)p->sum.messages * 1e9 / (double)(p->end - p->begin) : 0;
}

double
series_cpu(const struct series_point *p)
{
	return p->end > p->begin ? (double)p->sum.cpu / (double)(p->end - p->begin) : 0;
}
