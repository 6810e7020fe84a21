/* SPDX-License-Identifier: ISC */
/*
 * test_run.c -- what several load processes have found adds up without loss.
 */
#include <stdio.h>
#include <stdlib.h>

#include "payload.h"
#include "run.h"
#include "unit.h"

#define PROCESSES 3u
#define CONNECTIONS 10u
#define N 60000u

static struct run_config config = { .processes = PROCESSES,
	.connections = CONNECTIONS,
	.interval = 1,
	.duration = 5 };
static struct run run;

static int
setup(void **state)
{
	(void)state;
	return run_open(&run, &config, 7);
}

static int
teardown(void **state)
{
	(void)state;
	run_close(&run);
	return 0;
}

/* As if one process had recorded all of it, to the last bit. */
static void
test_histograms_merge_exactly(void **state)
{
	struct hist *all = hist_new(RUN_BITS);
	struct random r;
	unsigned i;

	(void)state;
	assert_non_null(all);
	random_seed(&r, 3);
	for (i = 0; i < N; i++) {
		/* All octaves, and some beyond what can be recorded. */
		uint64_t value = random_next(&r) >> (20 + random_next(&r) % 44);

		hist_record(run_clock(&run, i % PROCESSES, CLOCK_SERVICE), value);
		hist_record(all, value);
	}
	assert_int_equal(run_sum(&run), 0);
	assert_true(all->clamped > 0);
	assert_memory_equal(run.clocks[CLOCK_SERVICE], all, hist_size(RUN_BITS));
	free(all);
}

static void
test_counts_add_up(void **state)
{
	unsigned p;

	(void)state;
	for (p = 0; p < PROCESSES; p++) {
		struct run_part *part = run_part(&run, p);

		part->started = 10 * (p + 1);
		part->verified = 7 * (p + 1);
		part->failures[FAIL_RESET] = p;
		part->violations[WRONG_STALE] = 2;
		part->first = 1000 - p;
		part->last = 5000 + p;
		part->longest_gap = p == 1 ? 400 : 30;
		part->wall = 100 + p;
		part->user = 5;
		snprintf(part->failure_text[0], RUN_EXAMPLE_TEXT, "of process %u", p);
		part->nfailure_texts = 1;
	}
	assert_int_equal(run_sum(&run), 0);
	assert_int_equal(run.total.started, 60);
	assert_int_equal(run.total.verified, 42);
	assert_int_equal(run.total.failures[FAIL_RESET], 3);
	assert_int_equal(run.total.violations[WRONG_STALE], 6);
	assert_int_equal(run.total.first, 998);
	assert_int_equal(run.total.last, 5002);
	assert_int_equal(run.total.longest_gap, 400);
	assert_int_equal(run.total.wall, 102);
	assert_int_equal(run.total.user, 15);
	assert_int_equal(run.total.nfailure_texts, 3);
	assert_string_equal(run.total.failure_text[2], "of process 2");
}

/* Each connection is one process's, and its messages stand at its place in the run. */
static void
test_shares(void **state)
{
	unsigned p, first, n, sum = 0, i;

	(void)state;
	for (p = 0; p < PROCESSES; p++) {
		n = run_share(&config, p, &first);
		assert_int_equal(first, sum);
		assert_in_range(n, CONNECTIONS / PROCESSES, CONNECTIONS / PROCESSES + 1);
		for (i = 0; i < n; i++)
			run_messages(&run, p)[i] = 100 + first + i;
		sum += n;
	}
	assert_int_equal(sum, CONNECTIONS);
	assert_int_equal(run_sum(&run), 0);
	assert_int_equal(run.nconnections, CONNECTIONS);
	for (i = 0; i < CONNECTIONS; i++)
		assert_int_equal(run.messages[i], 100 + i);
	assert_int_equal(run.least, 100);
	assert_int_equal(run.most, 109);
	assert_int_equal(run.starved, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_histograms_merge_exactly, setup, teardown),
		cmocka_unit_test_setup_teardown(test_counts_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shares, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
