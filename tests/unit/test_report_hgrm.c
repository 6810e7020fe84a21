/* SPDX-License-Identifier: ISC */
/*
 * test_report_hgrm.c -- the percentile distribution, read as its readers do.
 *
 * They are: one that wants each row to begin with white space and the two footers
 * at column 0, and one that splits rows at blanks and plots column 4 against 1.
 */
#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "sample_run.h"
#include "unit.h"

static struct sample_run s;
static char *text;
static size_t size;

static void
write_report(void)
{
	struct report r = { .run = &s.run, .machine = &s.machine };
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	sample_run_sum(&s);
	assert_int_equal(report_hgrm(&r, CLOCK_SERVICE, f), 0);
	assert_int_equal(fclose(f), 0);
}

static int
teardown(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	sample_run_close(&s);
	return 0;
}

static const char golden[] = "        Value     Percentile TotalCount 1/(1-Percentile)\n"
			     "\n"
			     "        0.100 0.000000000000          1           1.00\n"
			     "        0.100 0.100000000000          1           1.11\n"
			     "        0.200 0.200000000000          2           1.25\n"
			     "        0.300 0.300000000000          3           1.43\n"
			     "        0.400 0.400000000000          4           1.67\n"
			     "        0.500 0.500000000000          5           2.00\n"
			     "        0.600 0.550000000000          6           2.22\n"
			     "        0.600 0.600000000000          6           2.50\n"
			     "        0.700 0.650000000000          7           2.86\n"
			     "        0.700 0.700000000000          7           3.33\n"
			     "        0.800 0.750000000000          8           4.00\n"
			     "        0.800 0.775000000000          8           4.44\n"
			     "        0.800 0.800000000000          8           5.00\n"
			     "        0.900 0.825000000000          9           5.71\n"
			     "        0.900 0.850000000000          9           6.67\n"
			     "        0.900 0.875000000000          9           8.00\n"
			     "        0.900 0.887500000000          9           8.89\n"
			     "        0.900 0.900000000000          9          10.00\n"
			     "        1.000 0.912500000000         10          11.43\n"
			     "        1.000 1.000000000000         10\n"
			     "#[Mean    =        0.550, StdDeviation   =        0.287]\n"
			     "#[Max     =        1.000, Total count    =           10]\n"
			     "#[Buckets =           28, SubBuckets     =         2048]\n";

static void
test_golden(void **state)
{
	uint64_t ns;

	(void)state;
	sample_run_open(&s, 0);
	for (ns = 100; ns <= 1000; ns += 100)
		sample_run_echo(&s, 1, ns);
	write_report();
	assert_string_equal(text, golden);
}

/* One latency in many orders of magnitude, to beyond what fits its column. */
static void
open_wide(void)
{
	uint64_t ns, n = 20000;

	sample_run_open(&s, 0);
	for (ns = 50 * US; ns < 250 * S; ns *= 3) {
		sample_run_echo(&s, n, ns);
		n = n / 3 + 1;
	}
	write_report();
}

static void
test_readers(void **state)
{
	double value, share, inverse, last_value = 0, last_share = -1, last_inverse = 0;
	unsigned rows = 0, footers = 0, whole = 0;
	char *line, *rest = NULL;
	long count, last_count = 0;
	regex_t row;

	(void)state;
	open_wide();
	assert_int_equal(regcomp(&row,
			     "^[[:space:]]+([0-9.]+)[[:space:]]+([0-9.]+)[[:space:]]+"
			     "([0-9]+)([[:space:]]+([0-9.]+))?$",
			     REG_EXTENDED),
	    0);
	line = strtok_r(text, "\n", &rest);
	assert_non_null(strstr(line, "Value"));
	while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
		int columns;

		if (line[0] == '#') {
			footers += strncmp(line, "#[Mean    = ", 12) == 0 ||
			    strncmp(line, "#[Max     = ", 12) == 0 ||
			    strncmp(line, "#[Buckets = ", 12) == 0;
			continue;
		}
		assert_int_equal(footers, 0);
		if (regexec(&row, line, 0, NULL, 0) != 0)
			fail_msg("no reader takes \"%s\"", line);
		columns = sscanf(line, "%lf %lf %ld %lf", &value, &share, &count, &inverse);
		assert_true(value >= last_value && share > last_share && count >= last_count);
		if (columns == 4) {
			assert_true(inverse >= last_inverse && share < 1);
			assert_true(fabs(inverse - 1 / (1 - share)) < 0.01 * inverse);
			/* The row is true: so many are not above the value. */
			assert_true((double)count >=
			    share * (double)s.run.clocks[CLOCK_SERVICE]->count - 1e-3);
			last_inverse = inverse;
		} else {
			assert_int_equal(columns, 3);
			whole++;
		}
		last_value = value, last_share = share, last_count = count;
		rows++;
	}
	regfree(&row);
	assert_int_equal(footers, 3);
	assert_int_equal(whole, 1);
	assert_in_range(rows, 50, 200);
	assert_true(share == 1 && count == (long)s.run.clocks[CLOCK_SERVICE]->count);
	assert_true(value > 1e8); /* over 100 s, in us */
	assert_true(fabs(value * 1e3 - (double)s.run.clocks[CLOCK_SERVICE]->max) < 1);
}

static void
test_nothing(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	write_report();
	assert_non_null(strstr(text, "\n#[Mean    =        0.000,"));
	assert_null(strstr(text, "1.000000000000"));
}

static void
test_full_disk(void **state)
{
	struct report r = { .run = &s.run, .machine = &s.machine };
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	sample_run_open(&s, 0);
	sample_run_sum(&s);
	assert_int_equal(report_hgrm(&r, CLOCK_SERVICE, f), -ENOSPC);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_golden, teardown),
		cmocka_unit_test_teardown(test_readers, teardown),
		cmocka_unit_test_teardown(test_nothing, teardown),
		cmocka_unit_test_teardown(test_full_disk, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
