/* SPDX-License-Identifier: ISC */
/*
 * test_units.c -- numbers from text and back: what is taken, what is not.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>

#include "macros.h"
#include "unit.h"
#include "units.h"

static void
test_durations(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} good[] = {
		{ "0", 0 },
		{ "0s", 0 },
		{ "0.0", 0 },
		{ "500ms", 0.5 },
		{ "1ms", 0.001 },
		{ "10s", 10 },
		{ "010s", 10 },
		{ "1.5m", 90 },
		{ "1h", 3600 },
		{ "7d", 604800 },
		{ "1e2s", 100 },
		{ "3650d", 3650 * 86400. },
	};
	double seconds;
	size_t i;

	(void)state;
	for (i = 0; i < countof(good); i++) {
		seconds = -1;
		assert_int_equal(units_duration(good[i].text, &seconds), 0);
		assert_true(fabs(seconds - good[i].seconds) < 1e-9);
	}
}

static void
test_no_durations(void **state)
{
	static const char *const bad[] = { "", " ", "1", "60", "s", "ms", "-1s", "+1s", " 1s",
		"1 s", "1s ", "1S", "1min", "1w", "1us", "inf", "infs", "nan", "nans", "0x10s",
		"0X1s", "1e999s", "1e-999s", "3651d", "1e300d", "1.5.s", ".5s", "1,5s", "1ss",
		"1sm" };
	double seconds = 4711;
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++) {
		if (units_duration(bad[i], &seconds) != -EINVAL)
			fail_msg("\"%s\" was taken for a duration", bad[i]);
		assert_true(seconds == 4711);
	}
}

static void
test_print_duration(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} all[] = {
		{ 0, "0" },
		{ 0.00005, "0.05ms" },
		{ 0.0005, "0.5ms" },
		{ 1.0000001, "1000.0001ms" },
		{ 86400.00005, "86400000.05ms" },
		{ 0.1, "100ms" },
		{ 1.5, "1500ms" },
		{ 1, "1s" },
		{ 59, "59s" },
		{ 60, "1m" },
		{ 90, "90s" },
		{ 3600, "1h" },
		{ 5400, "90m" },
		{ 86400, "1d" },
		{ 90000, "25h" },
		{ 3650 * 86400., "3650d" },
	};
	char text[UNITS_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		units_print_duration(text, all[i].seconds);
		assert_string_equal(text, all[i].text);
	}
}

/* What is printed is read as the same, for times of every size. */
static void
test_round_trip(void **state)
{
	char text[UNITS_TEXT];
	double seconds, back;
	int i;

	(void)state;
	seconds = 1e-6;
	for (i = 0; i < 100; i++) {
		units_print_duration(text, seconds);
		assert_int_equal(units_duration(text, &back), 0);
		assert_true(back == seconds);
		seconds = seconds * 1.37 + 1e-7;
	}
	seconds = 1;
	for (i = 0; i < 28; i++) {
		units_print_duration(text, seconds);
		assert_int_equal(units_duration(text, &back), 0);
		assert_true(back == seconds);
		seconds = seconds * 2 + 1;
	}
}

static void
test_counts(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(units_count("0", 0, 10, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(units_count("10", 0, 10, &n), 0);
	assert_int_equal(n, 10);
	assert_int_equal(units_count("007", 1, 10, &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(units_count("4294967295", 0, UINT_MAX, &n), 0);
	assert_int_equal(n, UINT_MAX);
}

static void
test_no_counts(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "-1", "+1", "0x1", "1.0", "1e1", "a",
		"1a" };
	static const char *const far[] = { "1", "11", "4294967296", "4294967298",
		"18446744073709551618", "99999999999999999999999" };
	unsigned n = 4711;
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++)
		assert_int_equal(units_count(bad[i], 0, 10, &n), -EINVAL);
	for (i = 0; i < countof(far); i++)
		assert_int_equal(units_count(far[i], 2, 10, &n), -ERANGE);
	assert_int_equal(n, 4711);
}

static void
test_sizes_as_text(void **state)
{
	static const struct {
		unsigned bytes;
		const char *text;
	} all[] = {
		{ 0, "0" },
		{ 1, "1" },
		{ 1000, "1000" },
		{ 1023, "1023" },
		{ 1024, "1k" },
		{ 1536 * 1024, "1536k" },
		{ 10 << 20, "10m" },
		{ 1u << 30, "1g" },
		{ UINT_MAX, "4294967295" },
	};
	char text[UNITS_TEXT];
	double back;
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		units_print_size(text, all[i].bytes);
		assert_string_equal(text, all[i].text);
		assert_int_equal(units_size(text, &back), 0);
		assert_true(back == all[i].bytes);
	}
}

/* Too many for a double, with the letter only. */
static void
test_no_sizes(void **state)
{
	static const char *const none[] = { "", "-1", " 1", "inf", "nan", "0x1", "1kk", "1e400",
		"1e308k", "525556e302m" };
	double value = 4711;
	size_t i;

	(void)state;
	for (i = 0; i < countof(none); i++) {
		assert_int_equal(units_size(none[i], &value), -EINVAL);
		assert_int_equal(units_rate(none[i], &value), -EINVAL);
	}
	assert_true(value == 4711);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_as_text),
		cmocka_unit_test(test_no_sizes),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_no_durations),
		cmocka_unit_test(test_print_duration),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_no_counts),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
