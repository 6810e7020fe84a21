/* SPDX-License-Identifier: ISC */
/*
 * test_saved.c -- a saved run is what it was before; and what is none is told.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "fake_run.h"
#include "macros.h"
#include "saved.h"
#include "unit.h"

static struct fake_run run;
static struct saved saved;
static char why[SAVED_WHY];

static const struct fake_plan plans[] = {
	{ .connections = 50, .processes = 3, .seconds = 5, .rate = 3000, .seed = 4 },
	{ .connections = 1, .processes = 1, .seconds = 1, .messages = 1 },
	{ .connections = 4, .processes = 1, .seconds = 0, .rate = 100 },
	{ .connections = 5000, .processes = 2, .seconds = 2, .rate = 30000, .unfair = true },
	{ .connections = 9, .processes = 1, .seconds = 3, .outlier = 900000000000 },
	{ .connections = 7,
	    .processes = 1,
	    .seconds = 4,
	    .rate = 1000,
	    .failed = true,
	    .doubtful = true,
	    .target = "a<b>\xff",
	    .label = "no equals sign" },
};

static void
save_load_save(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(plans); i++) {
		char *first, *second, *path;

		assert_int_equal(fake_run_open(&run, &plans[i]), 0);
		first = document_text(&run.report, report_json);
		path = document_file(first);
		if (saved_load(&saved, path, why) < 0)
			print_error("%s\n", why);
		assert_non_null(saved.document);
		second = document_text(&saved.report, report_json);
		assert_string_equal(first, second);
		saved_close(&saved);
		fake_run_close(&run);
		document_remove(path);
		free(first);
		free(second);
	}
}

/* Not only as text: every bucket, the moments, and the counters. */
static void
same_numbers(void **state)
{
	char *text, *path;
	size_t i, n;
	int c;

	(void)state;
	assert_int_equal(fake_run_open(&run, &plans[0]), 0);
	text = document_text(&run.report, report_json);
	path = document_file(text);
	assert_int_equal(saved_load(&saved, path, why), 0);
	for (c = 0; c < 2 * CLOCKS; c++) {
		int k = c / 2;
		const struct hist *a = c % 2 ? run.run.censored[k] : run.run.clocks[k];
		const struct hist *b = c % 2 ? saved.run.censored[k] : saved.run.clocks[k];

		n = hist_buckets(a->bits);
		assert_memory_equal(a->counts, b->counts, n * sizeof(a->counts[0]));
		assert_int_equal(a->count, b->count);
		assert_int_equal(a->min, b->min);
		assert_int_equal(a->max, b->max);
		assert_true(a->sum == b->sum);
	}
	for (i = 0; i < run.run.nintervals; i++)
		assert_int_equal(run_interval(&saved.run, 0, (unsigned)i)->messages,
		    figures_messages(&run.run, (unsigned)i));
	assert_int_equal(saved.run.total.verified, run.run.total.verified);
	assert_int_equal(saved.run.total.user, run.run.total.user);
	assert_true(report_rate(&saved.report) == report_rate(&run.report));
	assert_true(saved.run.jain > 0.99);
	saved_close(&saved);
	fake_run_close(&run);
	document_remove(path);
	free(text);
}

/* A page made of a saved run is the page that was made of the run. */
static void
same_page(void **state)
{
	char *text, *path, *before, *after;

	(void)state;
	assert_int_equal(fake_run_open(&run, &plans[0]), 0);
	text = document_text(&run.report, report_json);
	before = document_text(&run.report, report_html);
	path = document_file(text);
	assert_int_equal(saved_load(&saved, path, why), 0);
	after = document_text(&saved.report, report_html);
	assert_string_equal(before, after);
	saved_close(&saved);
	fake_run_close(&run);
	document_remove(path);
	free(before);
	free(after);
	free(text);
}

static void
refused(const char *text, int rc, const char *words)
{
	char *path = document_file(text);

	assert_int_equal(saved_load(&saved, path, why), rc);
	if (strstr(why, words) == NULL)
		print_error("'%s' instead of '%s'\n", why, words);
	assert_non_null(strstr(why, words));
	assert_non_null(strstr(why, path));
	document_remove(path);
}

static void
no_document(void **state)
{
	(void)state;
	assert_int_equal(saved_load(&saved, "there/is/none", why), -ENOENT);
	assert_non_null(strstr(why, "there/is/none"));
	refused("", -EINVAL, "");
	refused("{\n\"version\": 1,\n", -EINVAL, ":");
	refused("[]", -EINVAL, "not the JSON of an echoload run");
	refused("{\"version\": 2}", -EINVAL, "a version of the format");
	refused("{\"version\": 1}", -EINVAL, "config is missing");
}

/* Without any one of its members, or with another type, it is refused. */
static void
damaged(void **state)
{
	static const char *const needed[] = { "config", "host", "phases", "requests", "throughput",
		"connections", "integrity", "errors", "latency", "fairness", "steady", "tcp",
		"client", "warnings", "assertions", "intervals", "labels", "started_at",
		"exit_code" };
	char *text, *copy;
	json_t *d, *v;
	size_t i;

	(void)state;
	assert_int_equal(fake_run_open(&run, &plans[0]), 0);
	text = document_text(&run.report, report_json);
	for (i = 0; i < countof(needed); i++) {
		d = json_loads(text, 0, NULL);
		json_object_del(d, needed[i]);
		copy = json_dumps(d, 0);
		refused(copy, -EINVAL, needed[i]);
		free(copy);
		json_object_set_new(d, needed[i], json_true());
		copy = json_dumps(d, 0);
		refused(copy, -EINVAL, needed[i]);
		free(copy);
		json_decref(d);
	}
	/* One sample less than was counted. */
	d = json_loads(text, 0, NULL);
	v = json_object_get(json_object_get(d, "latency"), "service");
	v = json_object_get(json_object_get(v, "histogram"), "counts");
	json_array_remove(v, 0);
	copy = json_dumps(d, 0);
	refused(copy, -EINVAL, "latency.service.histogram does not add up");
	free(copy);
	json_decref(d);
	free(text);
	fake_run_close(&run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(save_load_save),
		cmocka_unit_test(same_numbers),
		cmocka_unit_test(same_page),
		cmocka_unit_test(no_document),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
