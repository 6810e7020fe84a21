/* SPDX-License-Identifier: ISC */
/*
 * hist.h -- a log-linear histogram of nanoseconds: record, merge, quantile.
 *
 * Each octave is divided into 2^bits equal buckets, so that a value is known to
 * one part in 2^bits: 10 bits are under 0.1 %.  Below 2^(bits+1) it is exact.
 * Minimum, maximum and sum are exact in any case.  Two histograms of the same
 * bits merge without loss, whatever process they come from: a histogram is one
 * flat piece of memory without pointers.
 *
 * Values from HIST_LIMIT on are entered as if they were just below it, counted
 * as clamped, and still are the maximum if they are.
 */
#ifndef HIST_H
#define HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIST_OCTAVES 38 /* 2^38 ns are 275 seconds */
#define HIST_LIMIT (UINT64_C(1) << HIST_OCTAVES)

struct hist {
	unsigned bits;
	uint64_t count, clamped;
	uint64_t min, max; /* exact; meaningless while count is 0 */
	uint64_t sum;      /* exact: no order of merging rounds otherwise */
	uint64_t counts[]; /* hist_buckets(bits) */
};

/* How many buckets, and bytes in all, a histogram of so many bits has. */
size_t hist_buckets(unsigned bits);
size_t hist_size(unsigned bits);

/* memory: hist_size(bits) bytes, aligned as for uint64_t. */
struct hist *hist_init(void *memory, unsigned bits);
struct hist *hist_new(unsigned bits); /* NULL: no memory; free() it */
void hist_reset(struct hist *);

static inline size_t
hist_index(unsigned bits, uint64_t value)
{
	unsigned shift;

	if (value < UINT64_C(2) << bits)
		return value;
	shift = 63 - (unsigned)__builtin_clzll(value) - bits;
	return ((size_t)shift << bits) + (size_t)(value >> shift);
}

/*
 * Where the bits of a histogram are a constant, saying which makes recording cheaper
 * by a quarter; they must be its bits all the same.
 */
static inline void
hist_record_bits(struct hist *h, unsigned bits, uint64_t value)
{
	uint64_t v = value;

	if (v >= HIST_LIMIT) {
		h->clamped++;
		v = HIST_LIMIT - 1;
	}
	h->counts[hist_index(bits, v)]++;
	if (value < h->min)
		h->min = value;
	if (value > h->max)
		h->max = value;
	h->count++;
	h->sum += value;
}

static inline void
hist_record(struct hist *h, uint64_t value)
{
	hist_record_bits(h, h->bits, value);
}

/* The least and greatest value of a bucket. */
uint64_t hist_low(unsigned bits, size_t index);
uint64_t hist_high(unsigned bits, size_t index);

/* Add all that from has; from has the same bits, or more. */
void hist_merge(struct hist *to, const struct hist *from);

/*
 * The value that a share q (0 to 1) of all are not above, by nearest rank: the
 * top of its bucket, but never above the maximum.  0 if there is nothing.
 */
uint64_t hist_quantile(const struct hist *, double q);

/*
 * The same with each value weighted by its length: what somebody who comes at a
 * random moment would meet.
 */
uint64_t hist_time_quantile(const struct hist *, double q);

/*
 * Whether it stays in its bucket however much greater some of the values really were:
 * those of a histogram of the same bits, which are in this one, too.
 */
bool hist_quantile_holds(const struct hist *, double q, const struct hist *some);

/* How many are certainly above the value at q: too few, and q says little. */
uint64_t hist_beyond(const struct hist *, double q);

double hist_mean(const struct hist *);

/* As if each value were the middle of its bucket. */
double hist_stddev(const struct hist *);

#endif
