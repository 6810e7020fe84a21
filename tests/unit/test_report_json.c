/* SPDX-License-Identifier: ISC */
/*
 * test_report_json.c -- the JSON of a run: what stands in it, and that it is JSON
 * whatever the user wrote.  That no key is missing is for tests/schema.sh.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "fake_run.h"
#include "unit.h"

static struct fake_run run;

static json_t *
document_of(const struct fake_plan *plan)
{
	json_error_t error;
	json_t *d;
	char *text;

	assert_int_equal(fake_run_open(&run, plan), 0);
	text = document_text(&run.report, report_json);
	d = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (d == NULL)
		print_error("%d: %s\n", error.line, error.text);
	assert_non_null(d);
	free(text);
	return d;
}

/* "requests.verified" */
static const json_t *
at(const json_t *d, const char *path)
{
	char copy[128], *key, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((key = strsep(&rest, "/")) != NULL)
		d = json_object_get(d, key);
	if (d == NULL)
		print_error("there is no %s\n", path);
	assert_non_null(d);
	return d;
}

static json_int_t
whole(const json_t *d, const char *path)
{
	assert_true(json_is_integer(at(d, path)));
	return json_integer_value(at(d, path));
}

static void
numbers(void **state)
{
	struct fake_plan plan = {
		.connections = 10, .processes = 3, .seconds = 5, .rate = 2000, .seed = 9
	};
	const struct run_part *t = &run.run.total;
	const struct hist *h;
	json_t *d = document_of(&plan);

	(void)state;
	assert_int_equal(whole(d, "version"), 1);
	assert_int_equal(whole(d, "requests/verified"), t->verified);
	assert_int_equal(whole(d, "config/duration_ns"), 5000000000);
	assert_int_equal(whole(d, "config/seed"), 9);
	assert_string_equal(json_string_value(at(d, "config/mode")), "rr");
	assert_string_equal(json_string_value(at(d, "latency/headline")), "response");
	assert_string_equal(json_string_value(at(d, "labels/build")), "abc123");
	assert_string_equal(json_string_value(at(d, "started_at")), "2026-09-14T10:00:00.123456Z");
	assert_int_equal(whole(d, "integrity/by_kind/stale"), 0);
	assert_int_equal(whole(d, "errors/by_kind/other"), 0);
	h = run.run.clocks[CLOCK_RESPONSE];
	assert_int_equal(whole(d, "latency/response/count"), h->count);
	assert_int_equal(whole(d, "latency/response/percentiles/99"), hist_quantile(h, 0.99));
	assert_true(json_is_null(at(d, "latency/response/percentiles/99.99")));
	assert_int_equal(whole(d, "phases/measured_ns"), 5000000000);
	assert_true(json_number_value(at(d, "throughput/msgs_per_s")) == report_rate(&run.report));
	json_decref(d);
	fake_run_close(&run);
}

/* Sparse: no empty bucket, none twice, and all samples are in it. */
static void
histogram(void **state)
{
	struct fake_plan plan = { .connections = 1, .processes = 2, .seconds = 2, .messages = 500 };
	json_t *d = document_of(&plan), *row;
	json_int_t last = -1, sum = 0;
	const json_t *counts = at(d, "latency/service/histogram/counts");
	size_t i;

	(void)state;
	json_array_foreach(counts, i, row)
	{
		assert_true(json_integer_value(json_array_get(row, 0)) > last);
		last = json_integer_value(json_array_get(row, 1));
		assert_true(json_integer_value(json_array_get(row, 2)) > 0);
		sum += json_integer_value(json_array_get(row, 2));
	}
	assert_int_equal(sum, run.run.clocks[CLOCK_SERVICE]->count);
	json_decref(d);
	fake_run_close(&run);
}

static void
intervals(void **state)
{
	struct fake_plan plan = { .connections = 4, .processes = 2, .seconds = 7, .rate = 300 };
	json_t *d = document_of(&plan), *one;
	json_int_t msgs = 0, samples = 0;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(at(d, "intervals")), 7);
	json_array_foreach(json_object_get(d, "intervals"), i, one)
	{
		assert_int_equal(whole(one, "t_ns"), (json_int_t)(i + 1) * 1000000000);
		msgs += whole(one, "msgs");
		samples += whole(one, "histogram/count");
	}
	assert_int_equal(msgs, run.run.total.inside);
	assert_int_equal(samples, run.run.total.inside);
	json_decref(d);
	fake_run_close(&run);
}

/* Ended early: the rest of the last interval, and none that was never reached. */
static void
ended_early(void **state)
{
	struct fake_plan plan = { .connections = 4, .processes = 1, .seconds = 7, .rate = 300 };
	json_t *d;
	char *text;

	(void)state;
	assert_int_equal(fake_run_open(&run, &plan), 0);
	run.report.measured_ns = 2400000000;
	run.report.interrupted = true;
	text = document_text(&run.report, report_json);
	d = json_loads(text, 0, NULL);
	assert_int_equal(json_array_size(at(d, "intervals")), 3);
	assert_int_equal(
	    whole(json_array_get(json_object_get(d, "intervals"), 2), "t_ns"), 2400000000);
	assert_true(json_is_true(at(d, "interrupted")));
	json_decref(d);
	free(text);
	fake_run_close(&run);
}

static void
many_connections(void **state)
{
	struct fake_plan plan = {
		.connections = 5000, .processes = 2, .seconds = 1, .rate = 40000
	};
	json_t *d = document_of(&plan);
	const json_t *msgs = at(d, "fairness/msgs_sorted");

	(void)state;
	assert_true(json_is_true(at(d, "fairness/sampled")));
	assert_int_equal(json_array_size(msgs), 2000);
	assert_int_equal(json_integer_value(json_array_get(msgs, 0)), run.run.least);
	assert_int_equal(json_integer_value(json_array_get(msgs, 1999)), run.run.most);
	json_decref(d);
	fake_run_close(&run);

	plan.connections = 2000;
	d = document_of(&plan);
	assert_true(json_is_false(at(d, "fairness/sampled")));
	json_decref(d);
	fake_run_close(&run);
}

/* Quotes, tags, control characters, and bytes that are no UTF-8. */
static void
any_text(void **state)
{
	struct fake_plan plan = { .connections = 1,
		.processes = 1,
		.seconds = 1,
		.messages = 10,
		.target = "a\"b\\c\n\x01\xff\xc0\x80\xed\xa0\x80 \xe2\x82\xac",
		.label = "k\xfey=</script>" };
	json_t *d = document_of(&plan);

	(void)state;
	assert_string_equal(json_string_value(json_array_get(at(d, "config/targets"), 0)),
	    "a\"b\\c\n\x01\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    " \xe2\x82\xac");
	assert_string_equal(json_string_value(at(d, "labels/k\xef\xbf\xbdy")), "</script>");
	json_decref(d);
	fake_run_close(&run);
}

static void
troubles(void **state)
{
	struct fake_plan plan = { .connections = 10,
		.processes = 1,
		.seconds = 2,
		.rate = 1000,
		.failed = true,
		.doubtful = true };
	json_t *d = document_of(&plan);

	(void)state;
	assert_int_equal(whole(d, "exit_code"), 3);
	assert_int_equal(whole(d, "integrity/violations"), 3);
	assert_int_equal(whole(d, "errors/total"), 33);
	assert_int_equal(whole(d, "latency/response/censored"), 30);
	assert_string_equal(
	    json_string_value(json_array_get(at(d, "latency/response/at_least"), 0)), "99");
	assert_true(json_is_false(at(d, "trustworthy")));
	assert_int_equal(json_array_size(at(d, "assertions")), 2);
	json_decref(d);
	fake_run_close(&run);
}

static void
write_error(void **state)
{
	struct fake_plan plan = { .connections = 1, .processes = 1, .seconds = 1, .messages = 10 };
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (full == NULL)
		SKIP("there is no /dev/full");
	assert_int_equal(fake_run_open(&run, &plan), 0);
	assert_true(report_json(&run.report, full) < 0);
	assert_true(report_html(&run.report, full) < 0);
	fclose(full);
	fake_run_close(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(histogram),
		cmocka_unit_test(intervals),
		cmocka_unit_test(ended_early),
		cmocka_unit_test(many_connections),
		cmocka_unit_test(any_text),
		cmocka_unit_test(troubles),
		cmocka_unit_test(write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
