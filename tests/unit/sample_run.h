/* SPDX-License-Identifier: ISC */
/*
 * sample_run.h -- a run that nobody made: its numbers are the test's to choose.
 */
#ifndef SAMPLE_RUN_H
#define SAMPLE_RUN_H

#include "machine.h"
#include "run.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

struct sample_run {
	struct run run;
	struct run_config config;
	struct machine machine;
};

/*
 * One process, two connections, ten seconds of ten intervals, and nothing yet;
 * the config may be changed until something is recorded.  rate: 0 is closed loop.
 */
void sample_run_open(struct sample_run *, double rate);
void sample_run_close(struct sample_run *);

/* So many verified messages, each of this latency, spread evenly over the run. */
void sample_run_echo(struct sample_run *, uint64_t n, uint64_t latency);

/* So many requests that never came back, entered at this age. */
void sample_run_censor(struct sample_run *, uint64_t n, uint64_t age);

/* Add up, as is done once at the end of a run. */
void sample_run_sum(struct sample_run *);

#endif
