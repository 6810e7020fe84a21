/* SPDX-License-Identifier: ISC */
/*
 * test_line.c -- a queue of those that wait for a time.
 */
#include "line.h"
#include "unit.h"

#define MANY 5000u /* more than there is room for at first, and no power of two */

static void
test_nobody(void **state)
{
	struct line l = { 0 };
	uint64_t time;
	unsigned who;

	(void)state;
	assert_false(line_take(&l, UINT64_MAX, &time, &who));
	line_free(&l);
}

static void
test_not_before_its_time(void **state)
{
	struct line l = { 0 };
	uint64_t time = 0;
	unsigned who = 0;

	(void)state;
	assert_int_equal(line_add(&l, 100, 7), 0);
	assert_false(line_take(&l, 99, &time, &who));
	assert_true(line_take(&l, 100, &time, &who));
	assert_int_equal(time, 100);
	assert_int_equal(who, 7);
	assert_int_equal(l.len, 0);
	line_free(&l);
}

/* Three come and two go, so that the line grows with its head in the middle. */
static void
test_in_order(void **state)
{
	struct line l = { 0 };
	unsigned in = 0, out = 0, who;
	uint64_t time;

	(void)state;
	while (in < MANY) {
		for (unsigned i = 0; i < 3; i++, in++)
			assert_int_equal(line_add(&l, 10 * in, in), 0);
		for (unsigned i = 0; i < 2; i++, out++) {
			assert_true(line_take(&l, UINT64_MAX, &time, &who));
			assert_int_equal(who, out);
			assert_int_equal(time, 10 * out);
		}
		assert_int_equal(l.len, in - out);
	}
	while (line_take(&l, UINT64_MAX, &time, &who))
		assert_int_equal(who, out++);
	assert_int_equal(out, in);
	line_free(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_not_before_its_time),
		cmocka_unit_test(test_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
