/* SPDX-License-Identifier: ISC */
/*
 * compare.h -- a run against one of before: is it worse?
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "report.h"

#define COMPARE_WHY 300

struct compared {
	const char *what; /* "rate", "p50", "p99" */
	double before, now;
	double change;  /* 0.05: 5 % more */
	bool known;     /* both rest on enough samples */
	bool is_time;   /* nanoseconds, and less is better */
	bool regressed; /* worse by more than was allowed */
};

enum compare_chance {
	CHANCE_UNKNOWN, /* too few intervals to say */
	CHANCE_LIKELY,  /* the rates of intervals differ as much within each run */
	CHANCE_UNLIKELY /* less than one time in twenty */
};

struct comparison {
	struct compared all[3];
	enum compare_chance rate; /* that the rates differ by chance */
	bool regressed;
};

/* 0; -EINVAL and why they cannot be compared; or -ENOMEM. */
int compare(struct comparison *, const struct report *before, const struct report *now,
    double max_regress, char why[COMPARE_WHY]);

void compare_print(const struct comparison *, double max_regress, FILE *);

#endif
