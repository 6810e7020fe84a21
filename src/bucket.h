/* SPDX-License-Identifier: ISC */
/*
 * bucket.h -- so many a second, and no more.
 *
 * A bucket of tokens holds what comes in one second: so after a pause that much may
 * be taken at once, and in any length of time at most what comes in it and one second
 * more.  It is but one number, the time at which it will be full again; all zero it is
 * full.
 */
#ifndef BUCKET_H
#define BUCKET_H

struct bucket {
	double full; /* seconds, by the same clock as now */
};

/* How many are in it now. */
static inline double
bucket_has(const struct bucket *b, double rate, double now)
{
	double lack = b->full - now;

	return lack > 0 ? (1 - lack) * rate : rate;
}

/* Take some, even if there are not as many: the rest is owed. */
static inline void
bucket_take(struct bucket *b, double n, double rate, double now)
{
	b->full = (b->full > now ? b->full : now) + n / rate;
}

#endif
