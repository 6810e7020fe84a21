/* SPDX-License-Identifier: ISC */
/*
 * test_hist.c -- the histogram: how exact it is, proved at every edge, and what
 * it costs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hist.h"
#include "payload.h"
#include "unit.h"

#define BITS 10
#define RECORDS 20000000
#define MAX_COST 200 /* ns; it is about two on an idle machine, which this is not */

static struct hist *h;

static int
setup(void **state)
{
	(void)state;
	h = hist_new(BITS);
	return h == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	free(h);
	return 0;
}

/* The value is in its bucket, and the bucket is narrow. */
static void
assert_exact(unsigned bits, uint64_t value)
{
	size_t i = hist_index(bits, value);
	uint64_t low = hist_low(bits, i), high = hist_high(bits, i);

	assert_true(i < hist_buckets(bits));
	assert_true(low <= value && value <= high);
	assert_true((high - low) << bits <= low);
}

static void
test_octave_edges(void **state)
{
	static const unsigned all[] = { 3, 5, BITS };
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
		unsigned octave;

		assert_exact(all[k], 0);
		for (octave = 0; octave < HIST_OCTAVES; octave++) {
			uint64_t edge = UINT64_C(1) << octave;

			assert_exact(all[k], edge - 1);
			assert_exact(all[k], edge);
			assert_exact(all[k], edge + 1);
			assert_exact(all[k], edge + edge / 2);
		}
		assert_exact(all[k], HIST_LIMIT - 1);
		assert_int_equal(hist_index(all[k], HIST_LIMIT - 1), hist_buckets(all[k]) - 1);
	}
}

static void
test_error_is_under_a_thousandth(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < hist_buckets(BITS); i++) {
		uint64_t low = hist_low(BITS, i), high = hist_high(BITS, i);

		assert_true((double)(high - low) <= 0.001 * (double)low);
	}
}

static void
test_buckets_are_contiguous(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(hist_low(BITS, 0), 0);
	for (i = 0; i < hist_buckets(BITS); i++) {
		assert_int_equal(hist_index(BITS, hist_low(BITS, i)), i);
		assert_int_equal(hist_index(BITS, hist_high(BITS, i)), i);
		if (i + 1 < hist_buckets(BITS))
			assert_int_equal(hist_high(BITS, i) + 1, hist_low(BITS, i + 1));
	}
	assert_int_equal(hist_high(BITS, hist_buckets(BITS) - 1), HIST_LIMIT - 1);
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Over many orders of magnitude, as latencies are. */
static uint64_t
draw(struct random *r)
{
	return (uint64_t)exp(random_unit(r) * log((double)HIST_LIMIT - 1));
}

#define N 5000

static void
test_against_a_sorted_array(void **state)
{
	static const double qs[] = { 0, 0.001, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1 };
	uint64_t values[N];
	struct random r;
	unsigned seed, k, i;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		hist_reset(h);
		random_seed(&r, seed);
		for (i = 0; i < N; i++)
			hist_record(h, values[i] = draw(&r));
		qsort(values, N, sizeof(*values), by_value);
		for (k = 0; k < sizeof(qs) / sizeof(qs[0]); k++) {
			size_t rank = (size_t)ceil(qs[k] * N - 1e-6);
			uint64_t exact = values[rank > 0 ? rank - 1 : 0];
			uint64_t found = hist_quantile(h, qs[k]);

			/* Never less than it is, nor in another bucket. */
			assert_true(found >= exact);
			assert_int_equal(hist_index(BITS, found), hist_index(BITS, exact));
			assert_true(hist_beyond(h, qs[k]) == N - (rank > 0 ? rank : 1));
		}
		assert_int_equal(hist_quantile(h, 1), values[N - 1]);
		assert_int_equal(h->min, values[0]);
		assert_int_equal(h->max, values[N - 1]);
	}
}

/* Some of them were cut off: up to where does that not matter? */
static void
test_quantile_of_what_is_known(void **state)
{
	struct hist *some = hist_new(BITS);
	unsigned i;

	(void)state;
	assert_true(hist_quantile_holds(h, 0.5, some));
	for (i = 0; i < 100; i++)
		hist_record(h, 1000 * (i + 1));
	assert_true(hist_quantile_holds(h, 1, some));
	hist_record(h, 200000); /* the last of 101: only the last place is in doubt */
	hist_record(some, 200000);
	assert_true(hist_quantile_holds(h, 0.99, some));
	assert_false(hist_quantile_holds(h, 1, some));
	hist_record(h, 10500); /* it might be anywhere above */
	hist_record(some, 10500);
	assert_true(hist_quantile_holds(h, 0.09, some));
	assert_false(hist_quantile_holds(h, 0.5, some));
	for (i = 0; i < 10; i++) /* whose places would not be empty without it */
		hist_record(h, 51000);
	assert_true(hist_quantile_holds(h, 0.5, some));
	free(some);
}

static void
test_mean_and_deviation(void **state)
{
	(void)state;
	assert_true(hist_mean(h) == 0 && hist_stddev(h) == 0);
	hist_record(h, 2000003); /* no edge: the sum is exact in any case */
	assert_true(hist_stddev(h) == 0);
	hist_record(h, 4000003);
	assert_true(fabs(hist_mean(h) - 3000003) < 1e-6);
	assert_true(fabs(hist_stddev(h) - 1000000) < 1000); /* as the buckets: 0.1 % */
	hist_reset(h);
	hist_record(h, 2000003);
	hist_record(h, 2000003);
	assert_true(hist_stddev(h) == 0);
}

static void
test_merge_is_the_union(void **state)
{
	struct hist *both = hist_new(BITS), *other = hist_new(BITS), *coarse = hist_new(3),
		    *direct = hist_new(3);
	struct random r;
	size_t i;

	(void)state;
	random_seed(&r, 7);
	for (i = 0; i < N; i++) {
		uint64_t value = draw(&r);

		hist_record(i % 3 == 0 ? h : other, value);
		hist_record(both, value);
		hist_record(direct, value);
	}
	hist_record(other, HIST_LIMIT + 5);
	hist_record(both, HIST_LIMIT + 5);
	hist_record(direct, HIST_LIMIT + 5);
	hist_merge(h, other);
	assert_memory_equal(h->counts, both->counts, hist_buckets(BITS) * sizeof(uint64_t));
	assert_int_equal(h->count, both->count);
	assert_int_equal(h->clamped, 1);
	assert_int_equal(h->min, both->min);
	assert_int_equal(h->max, both->max);
	assert_int_equal(h->sum, both->sum);
	hist_merge(coarse, both);
	assert_memory_equal(coarse->counts, direct->counts, hist_buckets(3) * sizeof(uint64_t));
	free(both);
	free(other);
	free(coarse);
	free(direct);
}

static void
test_clamping(void **state)
{
	(void)state;
	hist_record(h, HIST_LIMIT - 1);
	assert_int_equal(h->clamped, 0);
	hist_record(h, HIST_LIMIT);
	hist_record(h, 3 * HIST_LIMIT);
	assert_int_equal(h->clamped, 2);
	assert_int_equal(h->count, 3);
	assert_int_equal(h->max, 3 * HIST_LIMIT);
	assert_int_equal(hist_quantile(h, 1), 3 * HIST_LIMIT);
	assert_int_equal(h->counts[hist_buckets(BITS) - 1], 3);
}

/* Ten seconds: four of one answer a millisecond, then six of a single one. */
static void
test_time_weighted(void **state)
{
	unsigned i;

	(void)state;
	assert_int_equal(hist_time_quantile(h, 0.5), 0);
	for (i = 0; i < 4000; i++)
		hist_record(h, 1000000);
	hist_record(h, UINT64_C(6000000000));
	assert_true(hist_quantile(h, 0.99) < 1001000);
	assert_int_equal(hist_time_quantile(h, 0.5), UINT64_C(6000000000));
	assert_true(hist_time_quantile(h, 0.39) < 1001000);
	assert_int_equal(hist_time_quantile(h, 0.41), UINT64_C(6000000000));
}

static void
test_nothing(void **state)
{
	(void)state;
	assert_int_equal(hist_quantile(h, 0.5), 0);
	assert_int_equal(hist_beyond(h, 0.5), 0);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
test_cost(void **state)
{
	uint64_t x = 88172645463325252u;
	double began, cost;
	unsigned i;

	(void)state;
	began = now();
	for (i = 0; i < RECORDS; i++) {
		x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
		hist_record(h, 50000 + (x >> 47)); /* 50 to 181 us */
	}
	cost = (now() - began) / RECORDS;
	print_message("# a record costs %.2f ns\n", cost);
	assert_true(cost < MAX_COST);
	assert_int_equal(h->count, RECORDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_octave_edges),
		cmocka_unit_test(test_error_is_under_a_thousandth),
		cmocka_unit_test(test_buckets_are_contiguous),
		cmocka_unit_test_setup_teardown(test_against_a_sorted_array, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quantile_of_what_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mean_and_deviation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_is_the_union, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clamping, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time_weighted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
