/* SPDX-License-Identifier: ISC */
/*
 * test_stats.c -- the counters and their one line of text.
 */
#include <string.h>

#include "stats.h"
#include "unit.h"

static void
test_active_and_peak(void **state)
{
	struct stats s = { 0 };

	(void)state;
	stats_opened(&s);
	stats_opened(&s);
	stats_closed(&s);
	stats_opened(&s);
	assert_int_equal(s.active, 2);
	assert_int_equal(s.peak, 2);
	stats_opened(&s);
	stats_closed(&s);
	stats_closed(&s);
	stats_closed(&s);
	assert_int_equal(s.active, 0);
	assert_int_equal(s.peak, 3);
}

/* Every number in its place: each is another. */
static void
test_print(void **state)
{
	const struct stats s = {
		.accepted = 1,
		.active = 99,
		.peak = 2,
		.refused = { [REFUSED_MEMORY] = 3, [REFUSED_BACKEND] = 4 },
		.bytes_in = 5,
		.bytes_out = 6,
		.idle = 8,
		.stalled = 9,
		.reset = 10,
		.failed = 11,
		.drained = 12,
		.rests = 13,
	};
	char text[STATS_TEXT];

	(void)state;
	stats_print(text, &s, 1.23456);
	assert_string_equal(text,
	    "connections 1 (peak 2), bytes in 5, bytes out 6, refused 7 (memory 3, backend 4), "
	    "reset 10, failed 11, idle 8, stalled 9, drained 12, rests 13, seconds 1.235");
}

/* The largest numbers there are have room too. */
static void
test_print_the_largest(void **state)
{
	char text[STATS_TEXT];
	struct stats s;

	(void)state;
	memset(&s, 0xff, sizeof(s));
	s.refused[REFUSED_MEMORY] = 0;
	stats_print(text, &s, 1e9);
	assert_non_null(strstr(text, "connections 18446744073709551615 "));
	assert_string_equal(text + strlen(text) - 22, "seconds 1000000000.000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_active_and_peak),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_the_largest),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
