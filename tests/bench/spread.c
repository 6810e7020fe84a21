/* SPDX-License-Identifier: ISC */
/*
 * spread.c -- see spread.h.
 */
#include <math.h>
#include <stdlib.h>

#include "spread.h"

#define SURE 0.95

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* That exactly k of n tosses of a coin are heads: k of n values below the median. */
static double
chance(unsigned n, unsigned k)
{
	return exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) - n * log(2));
}

struct spread
spread_of(double *values, unsigned n)
{
	struct spread s = { .n = n };
	double outside = 0; /* at one side */
	unsigned skip = 0;

	if (n == 0)
		return s;
	qsort(values, n, sizeof(*values), by_value);
	s.median = (values[(n - 1) / 2] + values[n / 2]) / 2;
	outside = chance(n, 0);
	while (2 * (skip + 1) < n && 2 * (outside + chance(n, skip + 1)) <= 1 - SURE)
		outside += chance(n, ++skip);
	s.low = values[skip];
	s.high = values[n - 1 - skip];
	s.coverage = n == 1 ? 0 : 1 - 2 * outside;
	return s;
}
