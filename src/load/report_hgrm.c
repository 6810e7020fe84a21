/* SPDX-License-Identifier: ISC */
/*
 * report_hgrm.c -- the percentile distribution as HdrHistogram prints it, which
 * many plotters read.
 *
 * One of them wants each row to begin with white space, all want a fourth column
 * but in the last row, and some the two footers from column 0 on.  Values are
 * microseconds.  Nothing is left out for being rare: readers draw it all.
 */
#include <errno.h>
#include <math.h>

#include "report.h"

#define ROUNDING 1e-6 /* what the sum of steps may lack must not cost a rank */
#define TICKS 5       /* rows between p and half-way from there to 1 */

static double
us(uint64_t ns)
{
	return (double)ns / 1e3;
}

/* The value that all in this bucket are not above. */
static uint64_t
top(const struct hist *h, size_t bucket)
{
	uint64_t high = hist_high(h->bits, bucket);

	return high > h->max || bucket + 1 == hist_buckets(h->bits) ? h->max : high;
}

/* The next share to print a row for: the steps halve with the distance from 1. */
static double
next_level(double q)
{
	double halvings = floor(log2(1 / (1 - q))) + 1;

	return q + 1 / (TICKS * pow(2, halvings));
}

static void
print_rows(const struct hist *h, FILE *f)
{
	double q = 0, all = (double)h->count;
	uint64_t seen = 0;
	size_t i;

	for (i = 0; seen < h->count; i++) {
		seen += h->counts[i];
		while (h->counts[i] != 0 && (double)seen >= q * all - ROUNDING) {
			fprintf(f, " %12.3f %2.12f %10llu %14.2f\n", us(top(h, i)), q,
			    (unsigned long long)seen, 1 / (1 - q));
			q = next_level(q);
			if (seen == h->count)
				break;
		}
	}
	fprintf(f, " %12.3f %2.12f %10llu\n", us(h->max), 1.0, (unsigned long long)h->count);
}

int
report_hgrm(const struct report *r, enum run_clock clock, FILE *f)
{
	const struct hist *h = r->run->clocks[clock];

	fprintf(
	    f, " %12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	if (h->count > 0)
		print_rows(h, f);
	fprintf(f, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", hist_mean(h) / 1e3,
	    hist_stddev(h) / 1e3);
	fprintf(f, "#[Max     = %12.3f, Total count    = %12llu]\n", us(h->max),
	    (unsigned long long)h->count);
	fprintf(
	    f, "#[Buckets = %12u, SubBuckets     = %12u]\n", HIST_OCTAVES - h->bits, 2u << h->bits);
	return fflush(f) != 0 || ferror(f) ? (errno != 0 ? -errno : -EIO) : 0;
}
