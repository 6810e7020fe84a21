/* SPDX-License-Identifier: ISC */
/*
 * test_spread.c -- medians and intervals of the bench: known ones, and that the
 * intervals are as often right as they say.
 */
#include <math.h>
#include <stdlib.h>

#include "../bench/spread.h"
#include "unit.h"

static void
none(void **state)
{
	double none[1] = { 0 };

	(void)state;
	assert_int_equal(spread_of(none, 0).n, 0);
}

static void
few(void **state)
{
	double one[] = { 7 }, five[] = { 5, 1, 4, 2, 3 }, four[] = { 4, 1, 3, 2 };
	struct spread s = spread_of(one, 1);

	(void)state;
	assert_true(s.median == 7 && s.low == 7 && s.high == 7 && s.coverage == 0);
	s = spread_of(five, 5);
	assert_true(s.median == 3 && s.low == 1 && s.high == 5);
	assert_true(fabs(s.coverage - (1 - 2.0 / 32)) < 1e-9);
	assert_true(spread_of(four, 4).median == 2.5);
}

/* How many are left out at each end is in every table of the sign test. */
static void
table(void **state)
{
	static const struct {
		unsigned n, left_out;
	} known[] = { { 6, 0 }, { 8, 0 }, { 9, 1 }, { 11, 1 }, { 12, 2 }, { 15, 3 }, { 20, 5 },
		{ 25, 7 }, { 50, 17 } };
	double values[50];
	struct spread s;
	unsigned i, k;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		for (k = 0; k < known[i].n; k++)
			values[k] = known[i].n - k;
		s = spread_of(values, known[i].n);
		assert_true(s.low == 1 + known[i].left_out);
		assert_true(s.high == known[i].n - known[i].left_out);
		assert_true(s.coverage >= 0.95);
	}
}

/* Of numbers from 0 to 1, whose true median is one half. */
static void
coverage(void **state)
{
	unsigned trial, trials = 4000, right = 0, i;
	struct spread s = { 0 };
	double values[11];

	(void)state;
	srand48(1);
	for (trial = 0; trial < trials; trial++) {
		for (i = 0; i < 11; i++)
			values[i] = drand48();
		s = spread_of(values, 11);
		right += s.low <= 0.5 && 0.5 <= s.high;
	}
	assert_true(fabs((double)right / trials - s.coverage) < 0.01);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none),
		cmocka_unit_test(few),
		cmocka_unit_test(table),
		cmocka_unit_test(coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
