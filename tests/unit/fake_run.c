/* SPDX-License-Identifier: ISC */
/*
 * fake_run.c -- see fake_run.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fake_run.h"
#include "payload.h"

#define SECOND UINT64_C(1000000000)

/* Mostly near 80 us, a shoulder, and a tail as long as the messages are many. */
static uint64_t
latency(struct random *random, double slow)
{
	double u = random_unit(random), tail = random_unit(random);
	double us = 40 + 12 * (u + random_unit(random) + random_unit(random) * 3);

	if (tail > 0.9)
		us += 60 * random_unit(random);
	if (tail > 0.99)
		us += 40 / (1.0001 - random_unit(random));
	return (uint64_t)(us * 1000 * slow);
}

static void
record(struct fake_run *f, unsigned process, unsigned second, uint64_t service, uint64_t wait)
{
	struct run_part *part = run_part(&f->run, process);
	struct run_interval *interval = run_interval(&f->run, process, second);
	bool open_loop = f->config.rate > 0;
	uint64_t told = open_loop ? service + wait : service;

	part->scheduled++;
	part->started++;
	part->verified++;
	part->inside++;
	part->reads++;
	part->messages_read++;
	hist_record(run_clock(&f->run, process, CLOCK_SERVICE), service);
	if (open_loop) {
		hist_record(run_clock(&f->run, process, CLOCK_RESPONSE), told);
		hist_record(run_clock(&f->run, process, CLOCK_LAG), 300 + wait % 5000);
	}
	hist_record(run_clock(&f->run, process, CLOCK_DISPATCH), 800 + service % 4000);
	interval->messages++;
	hist_record(run_strip(interval), told);
	if (told > interval->max)
		interval->max = told;
	if (300 + wait % 5000 > interval->lag_max)
		interval->lag_max = 300 + wait % 5000;
}

static void
fill_second(struct fake_run *f, const struct fake_plan *plan, unsigned process, unsigned second,
    unsigned count, struct random *random)
{
	unsigned first, i, n = run_share(&f->config, process, &first);
	double slow = plan->slow > 0 ? plan->slow : 1;
	bool stalled = plan->stall_at != 0 && second == plan->stall_at;

	for (i = 0; i < count; i++) {
		uint64_t wait = (uint64_t)(2000 * random_unit(random));
		double u = random_unit(random);

		/* A stall of 200 ms: a fifth of the schedule waits for its end. */
		if (stalled && i < count / 5)
			wait = (uint64_t)(200e6 * (1 - 5.0 * i / count));
		record(f, process, second, latency(random, slow), wait);
		if (n > 0)
			run_messages(
			    &f->run, process)[(unsigned)((plan->unfair ? u * u * u : u) * n)]++;
	}
	run_interval(&f->run, process, second)->cpu = (uint64_t)(0.41e9 +
	    0.05e9 * random_unit(random));
}

static void
fill_part(struct fake_run *f, const struct fake_plan *plan, unsigned process, unsigned messages)
{
	struct run_part *part = run_part(&f->run, process);
	unsigned first, s, i, n = run_share(&f->config, process, &first);
	struct random random;

	random_seed(&random, plan->seed + process);
	for (i = 0; i < n; i++)
		hist_record(run_clock(&f->run, process, CLOCK_CONNECT), 2 * latency(&random, 1));
	for (s = 0; s < plan->seconds; s++) {
		double sway = 0.99 + 0.02 * random_unit(&random);

		fill_second(f, plan, process, s,
		    (unsigned)lround(messages * (messages > 1 ? sway : 1) / plan->processes),
		    &random);
	}
	part->connections = part->established = n;
	part->sent_bytes = part->received_bytes = part->verified * 64;
	part->verified_bytes = part->verified * 64;
	part->first = SECOND;
	part->last = SECOND + plan->seconds * SECOND;
	part->longest_gap = plan->stall_at != 0 ? 200000000 : 3600000;
	part->wall = plan->seconds * SECOND;
	part->user = (uint64_t)(0.17 * (double)part->wall);
	part->system = (uint64_t)(0.24 * (double)part->wall);
	part->preempted = 12;
	part->busy = part->wall / 2;
	part->window_limited = part->wall / 200;
	part->min_rtt = 18000;
	part->state = RUN_DONE;
}

static void
add_trouble(struct fake_run *f)
{
	struct run_part *part = run_part(&f->run, 0);

	part->violations[WRONG_STALE] = 2;
	part->violations[WRONG_CORRUPT] = 1;
	part->nviolation_texts = 1;
	snprintf(part->violation_text[0], RUN_EXAMPLE_TEXT,
	    "connection 7, offset 128: got the bytes of offset 64 again");
	part->failures[FAIL_RESET] = 3;
	part->failures[FAIL_REQUEST_TIMEOUT] = 30;
	part->nfailure_texts = 2;
	snprintf(part->failure_text[0], RUN_EXAMPLE_TEXT, "connection 3: no echo in 5 s");
	snprintf(
	    part->failure_text[1], RUN_EXAMPLE_TEXT, "connection 9: \"reset\" <by> peer & all");
	part->timeout = 30;
	part->started += 30;
	part->scheduled += 30;
	for (int i = 0; i < 30; i++) {
		hist_record(run_clock(&f->run, 0, CLOCK_SERVICE), 5 * SECOND);
		hist_record(run_censored(&f->run, 0, CLOCK_SERVICE), 5 * SECOND);
		if (f->config.rate > 0) {
			hist_record(run_clock(&f->run, 0, CLOCK_RESPONSE), 5 * SECOND);
			hist_record(run_censored(&f->run, 0, CLOCK_RESPONSE), 5 * SECOND);
		}
	}
	run_interval(&f->run, 0, 0)->errors = 33;
}

static void
configure(struct fake_run *f, const struct fake_plan *plan)
{
	f->targets[0] = plan->target != NULL ? plan->target : "127.0.0.1:7007";
	f->argv[0] = "echoload";
	f->argv[1] = f->targets[0];
	f->config = (struct run_config){
		.connections = plan->connections,
		.processes = plan->processes,
		.pipeline = 1,
		.duration = plan->seconds,
		.warmup = 1,
		.interval = 1,
		.timeout = 5,
		.connect_timeout = 5,
		.drain = 5,
		.rate = plan->rate,
		.connect_rate = 1000,
		.size_text = "64",
		.sample = 1,
		.seed = plan->seed,
		.targets = f->targets,
		.ntargets = 1,
		.argv = f->argv,
		.argc = 2,
	};
}

static void
judge(struct fake_run *f, const struct fake_plan *plan)
{
	struct verdict *v = &f->report.verdict;

	*v = (struct verdict){
		.trustworthy = true, .cpu = 0.41, .achieved = 1, .r2 = 0.99999, .drift = 0.0002
	};
	if (!plan->doubtful)
		return;
	v->trustworthy = false;
	v->saturated = true;
	v->cpu = 0.99;
	v->n = 2;
	v->warnings[0].code = "W_CLIENT_SATURATED";
	v->warnings[0].serious = true;
	snprintf(v->warnings[0].text, VERDICT_TEXT,
	    "cpu 99%%, lag p99 4.1ms: latencies describe echoload, not the server");
	v->warnings[1].code = "W_LOOPBACK";
	snprintf(v->warnings[1].text, VERDICT_TEXT, "client and server share this host");
}

static void
expect(struct fake_run *f, const struct fake_plan *plan)
{
	struct expectation *e = f->expectations;

	e[0] = (struct expectation){ .text = "p99<1ms",
		.metric = "p99",
		.value = 1e6,
		.known = true,
		.actual = 242175,
		.is_time = true,
		.pass = !plan->failed };
	e[1] = (struct expectation){ .text = "nonsense>1", .metric = "nonsense", .value = 1 };
	f->report.expectations = e;
	f->report.nexpectations = plan->failed ? 2 : 1;
}

int
fake_run_open(struct fake_run *f, const struct fake_plan *plan)
{
	static const double percentiles[] = { 50, 90, 99, 99.9, 99.99 };
	unsigned messages = plan->messages, p;
	int rc;

	*f = (struct fake_run){ 0 };
	if (messages == 0)
		messages = plan->rate > 0 ? (unsigned)plan->rate : 20000;
	configure(f, plan);
	if ((rc = run_open(&f->run, &f->config, plan->seconds)) < 0)
		return rc;
	for (p = 0; p < plan->processes; p++)
		fill_part(f, plan, p, messages);
	if (plan->outlier != 0)
		record(f, 0, plan->seconds / 2, plan->outlier, 0);
	if (plan->failed)
		add_trouble(f);
	f->machine = (struct machine){ .kernel = "6.1.0",
		.clocksource = "tsc",
		.cpus = 2,
		.clock_cost = 22,
		.loopback = true,
		.steal = 0.001 };
	f->report.run = &f->run;
	f->report.machine = &f->machine;
	judge(f, plan);
	expect(f, plan);
	memcpy(f->report.percentiles, percentiles, sizeof(percentiles));
	f->report.npercentiles = 5;
	f->report.labels[0] = plan->label != NULL ? plan->label : "build=abc123";
	f->report.nlabels = 1;
	f->report.started_at = 1789380000.123456;
	f->report.ramp_ns = 50000000;
	f->report.warmup_ns = SECOND;
	f->report.measured_ns = plan->seconds * SECOND;
	f->report.drain_ns = 91000;
	f->report.exit_code = plan->failed ? 3 : 0;
	f->report.interrupted = plan->failed;
	return run_sum(&f->run);
}

void
fake_run_close(struct fake_run *f)
{
	run_close(&f->run);
}
