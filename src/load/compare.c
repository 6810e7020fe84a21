/* SPDX-License-Identifier: ISC */
/*
 * compare.c -- see compare.h.
 */
#include <errno.h>
#include <math.h>

#include "alike.h"
#include "compare.h"
#include "macros.h"
#include "series.h"

#define FEW 5 /* intervals: with less, nothing is said of chance */

/* The rates of the intervals of one run. */
struct batch {
	unsigned n;
	double mean, error; /* error: the variance of the mean */
};

/* The last interval may be shorter than the others: it is left out. */
static int
batch_of(struct batch *b, const struct report *r)
{
	double sum = 0, squares = 0;
	struct series s;
	unsigned i;
	int rc;

	*b = (struct batch){ 0 };
	if ((rc = series_open(&s, r->run, r->measured_ns)) < 0)
		return rc;
	b->n = s.n > 1 ? s.n - 1 : s.n;
	for (i = 0; i < b->n; i++)
		sum += series_rate(&s.points[i]);
	b->mean = b->n > 0 ? sum / b->n : 0;
	for (i = 0; i < b->n; i++) {
		double d = series_rate(&s.points[i]) - b->mean;

		squares += d * d;
	}
	b->error = b->n > 1 ? squares / (b->n - 1) / b->n : 0;
	series_close(&s);
	return 0;
}

/* What Student's t exceeds one time in twenty, either way; good to one percent. */
static double
critical_t(double degrees)
{
	double z = 1.959964;

	return z + (z * z * z + z) / (4 * degrees) +
	    (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * degrees * degrees);
}

/* Welch's test: two means, of batches that spread differently. */
static enum compare_chance
chance(const struct batch *a, const struct batch *b)
{
	double error = a->error + b->error, degrees;

	if (a->n < FEW || b->n < FEW)
		return CHANCE_UNKNOWN;
	if (error <= 0)
		return a->mean == b->mean ? CHANCE_LIKELY : CHANCE_UNLIKELY;
	degrees = error * error /
	    (a->error * a->error / (a->n - 1) + b->error * b->error / (b->n - 1));
	return fabs(a->mean - b->mean) / sqrt(error) > critical_t(degrees) ? CHANCE_UNLIKELY :
									     CHANCE_LIKELY;
}

static void
put(struct comparison *c, struct compared *one, double max_regress)
{
	if (one->known && one->before > 0)
		one->change = one->now / one->before - 1;
	one->regressed = one->known &&
	    (one->is_time ? one->change : -one->change) > max_regress + 1e-12;
	c->regressed = c->regressed || one->regressed;
}

static void
put_quantile(struct comparison *c, struct compared *one, const char *what, double q,
    const struct report *before, const struct report *now, double max_regress)
{
	struct figure a = figures_quantile(before->run, report_headline(before), q);
	struct figure b = figures_quantile(now->run, report_headline(now), q);

	*one = (struct compared){ .what = what,
		.before = (double)a.ns,
		.now = (double)b.ns,
		.known = a.known && b.known,
		.is_time = true };
	put(c, one, max_regress);
}

int
compare(struct comparison *c, const struct report *before, const struct report *now,
    double max_regress, char why[COMPARE_WHY])
{
	struct batch a, b;
	char reason[ALIKE_WHY];
	int rc;

	*c = (struct comparison){ 0 };
	if (!alike(before->run->config, now->run->config, false, reason)) {
		snprintf(why, COMPARE_WHY, "the runs cannot be compared: %s", reason);
		return -EINVAL;
	}
	if ((rc = batch_of(&a, before)) < 0 || (rc = batch_of(&b, now)) < 0) {
		snprintf(why, COMPARE_WHY, "out of memory");
		return rc;
	}
	c->rate = chance(&a, &b);
	c->all[0] = (struct compared){ .what = "rate",
		.before = report_rate(before),
		.now = report_rate(now),
		.known = report_rate(before) > 0 };
	put(c, &c->all[0], max_regress);
	put_quantile(c, &c->all[1], "p50", 0.5, before, now, max_regress);
	put_quantile(c, &c->all[2], "p99", 0.99, before, now, max_regress);
	return 0;
}

static void
print_value(char text[REPORT_TEXT], const struct compared *one, double value)
{
	if (one->is_time)
		report_print_time(text, (uint64_t)value);
	else
		report_print_count(text, value);
}

static const char *
words(const struct comparison *c, const struct compared *one)
{
	static const char *const chances[] = { "too few intervals to tell from chance",
		"may be chance", "not by chance (95%)" };

	return one->is_time ? "" : chances[c->rate];
}

void
compare_print(const struct comparison *c, double max_regress, FILE *out)
{
	char before[REPORT_TEXT], now[REPORT_TEXT];
	size_t i;

	for (i = 0; i < countof(c->all); i++) {
		const struct compared *one = &c->all[i];

		if (!one->known) {
			fprintf(
			    out, "compare      %-5s not compared: too few samples\n", one->what);
			continue;
		}
		print_value(before, one, one->before);
		print_value(now, one, one->now);
		fprintf(out, "compare      %-5s %8s -> %-8s %+6.1f%%  %s%s%s\n", one->what, before,
		    now, 100 * one->change, one->regressed ? "REGRESSION" : "ok",
		    *words(c, one) != '\0' ? ", " : "", words(c, one));
	}
	if (c->regressed)
		fprintf(out, "compare      worse by more than %.3g%%\n", 100 * max_regress);
}
