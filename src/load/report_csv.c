/* SPDX-License-Identifier: ISC */
/*
 * report_csv.c -- the intervals of a run, one a line, as RFC 4180 but for lines
 * that end as they do here.
 *
 * What rests on too few samples is left empty.  Percentiles are exact to an
 * eighth, as are the histograms that are kept of each interval.
 */
#include <errno.h>
#include <stdlib.h>

#include "report.h"

struct row {
	uint64_t messages, bytes, errors, cpu, max, lag_max;
};

static void
add_up(struct row *row, struct hist *strip, const struct run *run, unsigned interval)
{
	unsigned p;

	*row = (struct row){ 0 };
	hist_reset(strip);
	for (p = 0; p < run->config->processes; p++) {
		struct run_interval *i = run_interval(run, p, interval);

		row->messages += i->messages;
		row->bytes += i->bytes;
		row->errors += i->errors;
		row->cpu += i->cpu;
		row->max = i->max > row->max ? i->max : row->max;
		row->lag_max = i->lag_max > row->lag_max ? i->lag_max : row->lag_max;
		hist_merge(strip, run_strip(i));
	}
}

static void
print_quantile(const struct hist *h, double q, FILE *f)
{
	if (hist_beyond(h, q) >= REPORT_MIN_BEYOND)
		fprintf(f, "%llu", (unsigned long long)hist_quantile(h, q));
	fputc(',', f);
}

static void
print_row(const struct row *row, const struct hist *strip, double end, double seconds, FILE *f)
{
	fprintf(f, "%.6g,%.6g,%llu,%.1f,%llu,%llu,", end, seconds,
	    (unsigned long long)row->messages, (double)row->messages / seconds,
	    (unsigned long long)row->bytes, (unsigned long long)row->errors);
	print_quantile(strip, 0.5, f);
	print_quantile(strip, 0.9, f);
	print_quantile(strip, 0.99, f);
	if (strip->count > 0)
		fprintf(f, "%llu,%llu,", (unsigned long long)row->max,
		    (unsigned long long)row->lag_max);
	else
		fprintf(f, ",,");
	fprintf(f, "%.1f\n", (double)row->cpu / 1e7 / seconds);
}

/* The last one may be shorter; a mere remainder of it is none. */
#define REMAINDER 0.05 /* of an interval */

int
report_csv(const struct report *r, FILE *f)
{
	const struct run *run = r->run;
	double each = run->config->interval, all = figures_seconds(run), end;
	struct hist *strip = hist_new(RUN_STRIP_BITS);
	struct row row;
	unsigned i, n = run->memory != NULL ? run->nintervals : 0;

	if (strip == NULL)
		return -ENOMEM;
	fputs("end_s,seconds,messages,msgs_per_s,bytes,errors,p50_ns,p90_ns,p99_ns,max_ns,"
	      "lag_max_ns,cpu_pct\n",
	    f);
	for (i = 0; i < n && all - i * each > REMAINDER * each; i++) {
		end = (i + 1) * each < all ? (i + 1) * each : all;
		add_up(&row, strip, run, i);
		print_row(&row, strip, end, end - i * each, f);
	}
	free(strip);
	return fflush(f) != 0 || ferror(f) ? (errno != 0 ? -errno : -EIO) : 0;
}
