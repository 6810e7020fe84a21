/* SPDX-License-Identifier: ISC */
/*
 * test_report_csv.c -- the intervals as a table.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "sample_run.h"
#include "unit.h"

static struct sample_run s;
static char *text;
static size_t size;

static int
setup(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	return 0;
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

static void
write_report(void)
{
	struct report r = { .run = &s.run, .machine = &s.machine };
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	sample_run_sum(&s);
	assert_int_equal(report_csv(&r, f), 0);
	assert_int_equal(fclose(f), 0);
}

static unsigned
count(char c)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < size; i++)
		n += text[i] == c;
	return n;
}

#define HEAD \
	"end_s,seconds,messages,msgs_per_s,bytes,errors,p50_ns,p90_ns,p99_ns,max_ns," \
	"lag_max_ns,cpu_pct\n"

static void
test_rows(void **state)
{
	struct run_interval *second;

	(void)state;
	sample_run_echo(&s, 300, 1000);
	run_part(&s.run, 0)->wall = 2500 * MS;
	second = run_interval(&s.run, 0, 1);
	second->errors = 3;
	second->bytes = 1920;
	second->cpu = 412 * MS;
	second->lag_max = 7;
	run_interval(&s.run, 0, 2)->messages = 20;
	write_report();
	/* Thirty an interval: there are too few for a p90. */
	assert_string_equal(text,
	    HEAD "1,1,30,30.0,0,0,1000,,,1000,0,0.0\n"
		 "2,1,30,30.0,1920,3,1000,,,1000,7,41.2\n"
		 "2.5,0.5,20,40.0,0,0,1000,,,1000,0,0.0\n");
}

static void
test_all_intervals_and_columns(void **state)
{
	(void)state;
	sample_run_echo(&s, 100000, 100 * US);
	write_report();
	assert_int_equal(count('\n'), 11);
	assert_int_equal(count(','), 11 * 11);
	assert_null(strstr(text, ",,"));
}

static void
test_processes_add_up(void **state)
{
	(void)state;
	sample_run_close(&s);
	s.config.processes = 2;
	assert_int_equal(run_open(&s.run, &s.config, 10), 0);
	sample_run_echo(&s, 100, 1000);
	run_part(&s.run, 0)->wall = 1 * S;
	run_interval(&s.run, 1, 0)->messages = 5;
	run_interval(&s.run, 1, 0)->max = 9999;
	run_interval(&s.run, 1, 0)->cpu = 1 * S;
	write_report();
	assert_string_equal(text, HEAD "1,1,15,15.0,0,0,,,,9999,0,100.0\n");
}

static void
test_empty(void **state)
{
	(void)state;
	run_part(&s.run, 0)->wall = 1 * S;
	write_report();
	assert_string_equal(text, HEAD "1,1,0,0.0,0,0,,,,,,0.0\n");
}

static void
test_full_disk(void **state)
{
	struct report r = { .run = &s.run, .machine = &s.machine };
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	sample_run_sum(&s);
	assert_int_equal(report_csv(&r, f), -ENOSPC);
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_intervals_and_columns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_processes_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
