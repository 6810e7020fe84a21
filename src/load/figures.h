/* SPDX-License-Identifier: ISC */
/*
 * figures.h -- what is computed from the numbers of a run, in one place for all
 * that tell of it: reports, verdict and expectations.
 */
#ifndef FIGURES_H
#define FIGURES_H

#include "run.h"

/* Fewer samples than this on either side of a quantile, and it says nothing. */
#define FIGURES_MIN_BEYOND 10

struct figure {
	uint64_t ns;
	bool known;    /* it rests on enough samples */
	bool at_least; /* requests that never came back are among those it rests on */
};

/* The headline clock: response in an open loop, service in a closed one. */
enum run_clock figures_headline(const struct run *);

struct figure figures_quantile(const struct run *, enum run_clock, double q);
struct figure figures_mean(const struct run *, enum run_clock);
struct figure figures_min(const struct run *, enum run_clock);
struct figure figures_max(const struct run *, enum run_clock);

/* How many of a clock's samples are of requests that never came back. */
uint64_t figures_censored(const struct run *, enum run_clock);

/* Verified messages a second of the measured phase; seconds of it. */
double figures_rate(const struct run *);
double figures_seconds(const struct run *);

uint64_t figures_errors(const struct run *);
uint64_t figures_violations(const struct run *);

/* Something was tried, and not one request came back right. */
bool figures_is_barren(const struct run *);

/* Of all requests that were to be sent, the share that did not come back right. */
double figures_error_rate(const struct run *);

/* Messages of one interval, by all processes; how many intervals are complete. */
uint64_t figures_messages(const struct run *, unsigned interval);
unsigned figures_intervals(const struct run *);

/* Whether all requests are accounted for: if not, the engine is wrong. */
bool figures_balance(const struct run *);

/* "88us", "1.92ms", "3.41s": three digits and a unit. */
#define FIGURES_TEXT 32
void figures_print_time(char text[FIGURES_TEXT], uint64_t ns);

#endif
