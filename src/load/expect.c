/* SPDX-License-Identifier: ISC */
/*
 * expect.c -- see expect.h.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "figures.h"
#include "macros.h"
#include "units.h"

enum op { OP_LE, OP_GE, OP_EQ, OP_NE, OP_LT, OP_GT };

/* In the order of enum op: the longer ones first, for they begin like the others. */
static const char *const ops[] = { "<=", ">=", "==", "!=", "<", ">" };

static const char want_metric[] =
    "a metric: p50 (any percentile), mean, min, max, each also of a clock as in "
    "connect.p99 or service., response., lag., dispatch.; gap, rate, achieved, errors, "
    "error_rate, timeouts, violations, cpu, fairness";

static const struct {
	const char *name;
	enum expect_unit unit;
} plain[] = {
	{ "rate", EXPECT_RATE },
	{ "achieved", EXPECT_SHARE },
	{ "errors", EXPECT_COUNT },
	{ "error_rate", EXPECT_SHARE },
	{ "timeouts", EXPECT_COUNT },
	{ "violations", EXPECT_COUNT },
	{ "cpu", EXPECT_SHARE },
	{ "fairness", EXPECT_SHARE },
	{ "gap", EXPECT_TIME },
};

/* The "connect." of "connect.p99"; without one it is the headline's. */
static const char *
split(const char *metric, int *clock)
{
	size_t len = strcspn(metric, ".");
	int i;

	*clock = -1;
	for (i = 0; i < CLOCKS; i++)
		if (metric[len] == '.' && strlen(run_clocks[i]) == len &&
		    strncmp(run_clocks[i], metric, len) == 0) {
			*clock = i;
			return metric + len + 1;
		}
	return metric;
}

/* "p99.9" is 0.999; false: it is no percentile. */
static bool
parse_percentile(const char *name, double *q)
{
	char *end;

	if (name[0] != 'p' || !isdigit((unsigned char)name[1]) ||
	    strspn(name + 1, "0123456789.") != strlen(name + 1))
		return false;
	*q = strtod(name + 1, &end) / 100;
	return *end == '\0' && *q > 0 && *q < 1;
}

static bool
find_unit(const char *metric, enum expect_unit *unit)
{
	const char *name;
	int clock;
	size_t i;
	double q;

	for (i = 0; i < countof(plain); i++)
		if (strcmp(plain[i].name, metric) == 0) {
			*unit = plain[i].unit;
			return true;
		}
	*unit = EXPECT_TIME;
	name = split(metric, &clock);
	return parse_percentile(name, &q) || strcmp(name, "mean") == 0 ||
	    strcmp(name, "min") == 0 || strcmp(name, "max") == 0;
}

static int
parse_time(const char *text, double *ns)
{
	static const struct {
		const char *name;
		double ns;
	} times[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	char *unit;
	double value = strtod(text, &unit);
	size_t i;

	if (value == 0 && *unit == '\0') {
		*ns = 0;
		return 0;
	}
	for (i = 0; i < countof(times); i++)
		if (strcmp(unit, times[i].name) == 0) {
			*ns = value * times[i].ns;
			return 0;
		}
	return -EINVAL;
}

static int
parse_share(const char *text, double *share)
{
	char *end;

	*share = strtod(text, &end);
	if (strcmp(end, "%") == 0)
		*share /= 100;
	else if (*end != '\0')
		return -EINVAL;
	return 0;
}

static int
parse_value(struct expectation *e, const char *text, const char **why)
{
	if (!isdigit((unsigned char)text[0]) || strspn(text, "0123456789.") == 0 ||
	    tolower((unsigned char)text[1]) == 'x') {
		*why = "a number that is not negative, as in p99<2ms";
		return -EINVAL;
	}
	switch (e->unit) {
	case EXPECT_TIME:
		*why = "a time with its unit (ns, us, ms, s), as in p99<2ms";
		return parse_time(text, &e->value);
	case EXPECT_SHARE:
		*why = "a share, as in achieved>=0.98 or cpu<90%";
		return parse_share(text, &e->value);
	default:
		*why = "a number, with k or M for thousands or millions, as in rate>=100k";
		return units_rate(text, &e->value);
	}
}

static const char *
skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

int
expect_parse(struct expectation *e, const char *text, const char **why)
{
	const char *name = skip_blanks(text), *rest;
	size_t len = strcspn(name, " \t<>=!"), i, end;
	char value[32];

	*e = (struct expectation){ .text = text };
	if (len < sizeof(e->metric))
		memcpy(e->metric, name, len);
	if (!find_unit(e->metric, &e->unit)) {
		*why = want_metric;
		return -EINVAL;
	}
	e->is_time = e->unit == EXPECT_TIME;
	rest = skip_blanks(name + len);
	for (i = 0; i < countof(ops); i++)
		if (strncmp(rest, ops[i], strlen(ops[i])) == 0)
			break;
	if (i == countof(ops)) {
		*why = "<, <=, >, >=, == or != behind the metric";
		return -EINVAL;
	}
	e->op = (int)i;
	rest = skip_blanks(rest + strlen(ops[i]));
	for (end = strlen(rest); end > 0 && isblank((unsigned char)rest[end - 1]);)
		end--;
	if ((size_t)snprintf(value, sizeof(value), "%.*s", (int)end, rest) >= sizeof(value))
		value[0] = '\0'; /* no number is that long */
	return parse_value(e, value, why);
}

static void
take(struct expectation *e, struct figure f)
{
	e->known = f.known;
	e->actual = (double)f.ns;
	e->at_least = f.at_least;
}

static void
measure_clock(struct expectation *e, const struct run *run)
{
	const char *name;
	int n;
	enum run_clock clock;
	double q;

	name = split(e->metric, &n);
	clock = n >= 0 ? (enum run_clock)n : figures_headline(run);
	if (parse_percentile(name, &q))
		take(e, figures_quantile(run, clock, q));
	else if (strcmp(name, "mean") == 0)
		take(e, figures_mean(run, clock));
	else if (strcmp(name, "min") == 0)
		take(e, figures_min(run, clock));
	else
		take(e, figures_max(run, clock));
}

static void
measure(struct expectation *e, const struct run *run, const struct verdict *v)
{
	const char *m = e->metric;

	e->known = true;
	e->at_least = false;
	if (strcmp(m, "rate") == 0)
		e->actual = figures_rate(run);
	else if (strcmp(m, "achieved") == 0)
		e->actual = v->achieved;
	else if (strcmp(m, "errors") == 0)
		e->actual = (double)figures_errors(run);
	else if (strcmp(m, "error_rate") == 0)
		e->actual = figures_error_rate(run);
	else if (strcmp(m, "timeouts") == 0)
		e->actual = (double)run->total.timeout;
	else if (strcmp(m, "violations") == 0)
		e->actual = (double)figures_violations(run);
	else if (strcmp(m, "cpu") == 0)
		e->actual = v->cpu;
	else if (strcmp(m, "fairness") == 0) {
		e->actual = run->jain;
		e->known = run->total.verified > 0;
	} else if (strcmp(m, "gap") == 0) {
		e->actual = (double)run->total.longest_gap;
		e->known = run->total.verified > 1;
	} else
		measure_clock(e, run);
}

static bool
holds(const struct expectation *e)
{
	switch ((enum op)e->op) {
	case OP_LE: return e->actual <= e->value;
	case OP_GE: return e->actual >= e->value;
	case OP_EQ: return e->actual == e->value;
	case OP_NE: return e->actual != e->value;
	case OP_LT: return e->actual < e->value;
	default: return e->actual > e->value;
	}
}

void
expect_judge(struct expectation *e, const struct run *run, const struct verdict *v)
{
	measure(e, run, v);
	e->pass = e->known && holds(e);
	/* That it is at least so much proves nothing but that it is above something. */
	if (e->at_least && e->op != OP_GE && e->op != OP_GT)
		e->pass = false;
}
