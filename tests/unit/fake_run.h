/* SPDX-License-Identifier: ISC */
/*
 * fake_run.h -- a run that never was, with plausible numbers.
 *
 * It is filled in the way load processes do it, part by part, and then added up.
 * The same plan always gives the same run.
 */
#ifndef FAKE_RUN_H
#define FAKE_RUN_H

#include "report.h"

struct fake_plan {
	unsigned connections, processes, seconds;
	double rate;       /* 0: a closed loop of 20,000 a second */
	unsigned messages; /* a second; 0: as rate says */
	double slow;       /* all latencies by this factor; 0: 1 */
	uint64_t outlier;  /* one more sample, in nanoseconds */
	unsigned stall_at; /* a second in which the server stands still */
	bool failed, unfair, doubtful;
	const char *target, *label; /* NULL: plain ones */
	uint64_t seed;
};

struct fake_run {
	struct report report;
	struct run run;
	struct run_config config;
	struct machine machine;
	struct expectation expectations[2];
	const char *targets[1], *argv[4];
};

/* 0 or -errno. */
int fake_run_open(struct fake_run *, const struct fake_plan *);
void fake_run_close(struct fake_run *);

#endif
