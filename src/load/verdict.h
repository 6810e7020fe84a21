/* SPDX-License-Identifier: ISC */
/*
 * verdict.h -- whether the numbers of a run are to be trusted, and why not.
 *
 * Serious is what makes the numbers tell of the client or of its machine instead
 * of the server.  What is bad about the server is no reason to doubt them.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>

#include "machine.h"
#include "run.h"

#define VERDICT_WARNINGS 16
#define VERDICT_TEXT 240

struct verdict {
	bool trustworthy;
	unsigned n;
	struct {
		const char *code; /* "W_CLIENT_SATURATED" */
		bool serious;     /* it makes the run untrustworthy */
		char text[VERDICT_TEXT];
	} warnings[VERDICT_WARNINGS];
	/* What it is based on. */
	double cpu;      /* of one processor, the busiest process; without spinning */
	double waiting;  /* ready to run, without a processor: of the time, the worst process */
	double achieved; /* of the rate asked for; 1 in a closed loop */
	double r2;       /* how straight the line of progress is, 0 to 1 */
	double drift;    /* second half against first, in throughput: 0.02 is 2 % */
	bool saturated;
};

/* run: summed up. */
void verdict_reach(struct verdict *, const struct run *, const struct machine *);

/* Whether there is a warning of this code. */
bool verdict_has(const struct verdict *, const char *code);

#endif
