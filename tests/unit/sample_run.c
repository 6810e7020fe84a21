/* SPDX-License-Identifier: ISC */
/*
 * sample_run.c -- see sample_run.h.
 */
#include "sample_run.h"
#include "unit.h"

#define INTERVALS 10

static const char *const targets[] = { "127.0.0.1:7" };

void
sample_run_open(struct sample_run *s, double rate)
{
	*s = (struct sample_run){
		.config = {
			.connections = 2,
			.processes = 1,
			.pipeline = 1,
			.duration = 10,
			.interval = 1,
			.timeout = 5,
			.rate = rate,
			.burst = 1,
			.size_text = "64",
			.targets = targets,
			.ntargets = 1,
			.seed = 42,
		},
		.machine = { .kernel = "6.1.0", .cpus = 2, .clock_cost = 25 },
	};
	assert_int_equal(run_open(&s->run, &s->config, INTERVALS), 0);
	run_part(&s->run, 0)->wall = 10 * S;
	run_part(&s->run, 0)->longest_gap = 1 * MS;
}

void
sample_run_close(struct sample_run *s)
{
	run_close(&s->run);
}

void
sample_run_echo(struct sample_run *s, uint64_t n, uint64_t latency)
{
	struct run_part *p = run_part(&s->run, 0);
	uint64_t i;

	p->scheduled += n;
	p->started += n;
	p->verified += n;
	p->inside += n;
	p->sent_bytes += 64 * n;
	p->received_bytes += 64 * n;
	p->verified_bytes += 64 * n;
	for (i = 0; i < n; i++) {
		struct run_interval *interval = run_interval(
		    &s->run, 0, (unsigned)(i * INTERVALS / n));

		hist_record(run_clock(&s->run, 0, CLOCK_SERVICE), latency);
		hist_record(run_clock(&s->run, 0, CLOCK_DISPATCH), 2 * US);
		if (s->config.rate > 0) {
			hist_record(run_clock(&s->run, 0, CLOCK_RESPONSE), latency);
			hist_record(run_clock(&s->run, 0, CLOCK_LAG), 1 * US);
		}
		run_messages(&s->run, 0)[i % 2]++;
		interval->messages++;
		interval->max = latency > interval->max ? latency : interval->max;
		hist_record(run_strip(interval), latency);
	}
}

void
sample_run_censor(struct sample_run *s, uint64_t n, uint64_t age)
{
	struct run_part *p = run_part(&s->run, 0);
	uint64_t i;

	p->scheduled += n;
	p->started += n;
	p->timeout += n;
	for (i = 0; i < n; i++) {
		hist_record(run_clock(&s->run, 0, CLOCK_SERVICE), age);
		hist_record(run_censored(&s->run, 0, CLOCK_SERVICE), age);
		if (s->config.rate > 0) {
			hist_record(run_clock(&s->run, 0, CLOCK_RESPONSE), age);
			hist_record(run_censored(&s->run, 0, CLOCK_RESPONSE), age);
		}
	}
}

void
sample_run_sum(struct sample_run *s)
{
	assert_int_equal(run_sum(&s->run), 0);
}
