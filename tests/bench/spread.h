/* SPDX-License-Identifier: ISC */
/*
 * spread.h -- the median of some numbers, and how sure of it they make us.
 *
 * The interval is between two of the numbers themselves, as far inside as it can
 * be and still hold the true median 19 times of 20.  That needs no assumption about
 * how they are distributed but that they are alike, and no drawing of lots.  Fewer
 * than six cannot be that sure: then it is from the least to the greatest, and
 * coverage tells how sure that is.
 */
#ifndef SPREAD_H
#define SPREAD_H

struct spread {
	double median, low, high;
	double coverage; /* 0.95: holds the true median 19 times of 20 */
	unsigned n;      /* with none all else is 0 */
};

/* Puts the values in order. */
struct spread spread_of(double *values, unsigned n);

#endif
