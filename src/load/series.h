/* SPDX-License-Identifier: ISC */
/*
 * series.h -- a run interval by interval, all its processes together.
 */
#ifndef SERIES_H
#define SERIES_H

#include "run.h"

struct series_point {
	uint64_t begin, end;     /* nanoseconds of the measured phase */
	struct run_interval sum; /* max, lag_max: of all */
	struct hist *strip;
};

struct series {
	unsigned n;
	struct series_point *points;
};

/*
 * measured: nanoseconds.  A rest of less than a tenth of an interval at the end
 * belongs to the interval before it.  0 or -ENOMEM.
 */
int series_open(struct series *, const struct run *, uint64_t measured);
void series_close(struct series *);

double series_rate(const struct series_point *); /* messages a second */
double series_cpu(const struct series_point *);  /* 1: one processor, all the time */

#endif
