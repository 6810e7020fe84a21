/* SPDX-License-Identifier: ISC */
/*
 * hist.c -- see hist.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hist.h"

size_t
hist_buckets(unsigned bits)
{
	return hist_index(bits, HIST_LIMIT - 1) + 1;
}

size_t
hist_size(unsigned bits)
{
	return sizeof(struct hist) + hist_buckets(bits) * sizeof(uint64_t);
}

struct hist *
hist_init(void *memory, unsigned bits)
{
	struct hist *h = memory;

	h->bits = bits;
	hist_reset(h);
	return h;
}

struct hist *
hist_new(unsigned bits)
{
	void *memory = malloc(hist_size(bits));

	return memory != NULL ? hist_init(memory, bits) : NULL;
}

void
hist_reset(struct hist *h)
{
	h->count = h->clamped = h->max = h->sum = 0;
	h->min = UINT64_MAX;
	memset(h->counts, 0, hist_buckets(h->bits) * sizeof(uint64_t));
}

uint64_t
hist_low(unsigned bits, size_t index)
{
	size_t octave = index >> bits;

	if (octave <= 1)
		return index;
	return (uint64_t)(index - ((octave - 1) << bits)) << (octave - 1);
}

uint64_t
hist_high(unsigned bits, size_t index)
{
	return hist_low(bits, index + 1) - 1;
}

void
hist_merge(struct hist *to, const struct hist *from)
{
	size_t i, n = hist_buckets(from->bits);

	for (i = 0; i < n; i++)
		if (from->counts[i] != 0)
			to->counts[hist_index(to->bits, hist_low(from->bits, i))] +=
			    from->counts[i];
	if (from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->clamped += from->clamped;
	to->sum += from->sum;
}

static uint64_t
top(const struct hist *h, size_t index)
{
	uint64_t high = hist_high(h->bits, index);

	/* What was clamped lies above its bucket. */
	if (index + 1 == hist_buckets(h->bits) || high > h->max)
		return h->max;
	return high;
}

/* Nearest rank, from 1; what 0.99 lacks to be exact must not cost a rank. */
static uint64_t
rank_of(const struct hist *h, double q)
{
	uint64_t rank = (uint64_t)ceil(q * (double)h->count - 1e-6);

	return rank > 0 ? rank : 1;
}

uint64_t
hist_quantile(const struct hist *h, double q)
{
	size_t i, n = hist_buckets(h->bits);
	uint64_t seen = 0, rank;

	if (h->count == 0)
		return 0;
	rank = rank_of(h, q);
	for (i = 0; i < n; i++)
		if ((seen += h->counts[i]) >= rank)
			return top(h, i);
	return h->max;
}

bool
hist_quantile_holds(const struct hist *h, double q, const struct hist *some)
{
	size_t i, n = hist_buckets(h->bits);
	uint64_t seen = 0, others = 0, rank = rank_of(h, q);

	/* Where the rank is reached with them, it has to be reached without them. */
	for (i = 0; i < n && seen < rank; i++) {
		seen += h->counts[i];
		if (h->counts[i] > some->counts[i]) /* which may be out of an edited file */
			others += h->counts[i] - some->counts[i];
	}
	return others >= rank || h->count == 0;
}

uint64_t
hist_time_quantile(const struct hist *h, double q)
{
	size_t i, n = hist_buckets(h->bits);
	double seen = 0, all = 0;

	for (i = 0; i < n; i++)
		all += (double)h->counts[i] * (double)hist_low(h->bits, i);
	for (i = 0; i < n && h->count > 0; i++) {
		seen += (double)h->counts[i] * (double)hist_low(h->bits, i);
		if (h->counts[i] != 0 && seen >= q * all)
			return top(h, i);
	}
	return h->count > 0 ? h->max : 0;
}

uint64_t
hist_beyond(const struct hist *h, double q)
{
	uint64_t rank = rank_of(h, q);

	return rank < h->count ? h->count - rank : 0;
}

double
hist_mean(const struct hist *h)
{
	return h->count > 0 ? (double)h->sum / (double)h->count : 0;
}

/* The middle of a bucket, or of what of it there is between minimum and maximum. */
static double
middle(const struct hist *h, size_t index)
{
	uint64_t low = hist_low(h->bits, index);

	return ((double)(low > h->min ? low : h->min) + (double)top(h, index)) / 2;
}

double
hist_stddev(const struct hist *h)
{
	size_t i, n = hist_buckets(h->bits);
	double mean = hist_mean(h), squares = 0;

	if (h->count < 2)
		return 0;
	for (i = 0; i < n; i++)
		if (h->counts[i] != 0)
			squares += (double)h->counts[i] * pow(middle(h, i) - mean, 2);
	return sqrt(squares / (double)h->count);
}
