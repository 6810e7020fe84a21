/* SPDX-License-Identifier: ISC */
/*
 * expect.h -- what a run is expected to be: METRIC OP VALUE, as "p99<2ms".
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdbool.h>

#include "run.h"
#include "verdict.h"

enum expect_unit { EXPECT_TIME, EXPECT_RATE, EXPECT_COUNT, EXPECT_SHARE };

struct expectation {
	const char *text; /* as written */
	char metric[32];
	int op; /* private */
	double value;
	/* Filled in by expect_judge(). */
	bool known; /* there is such a metric, with enough samples */
	double actual;
	bool is_time; /* value and actual are nanoseconds */
	bool pass;
	enum expect_unit unit; /* a share is from 0 to 1, above it for a processor's */
	bool at_least;         /* the actual value is that or more: see figures.h */
};

/* 0, or -EINVAL and *why says what is wanted instead. */
int expect_parse(struct expectation *, const char *text, const char **why);

/* A metric that is not known, or rests on too few samples, does not pass. */
void expect_judge(struct expectation *, const struct run *, const struct verdict *);

#endif
