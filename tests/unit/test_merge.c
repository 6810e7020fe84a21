/* SPDX-License-Identifier: ISC */
/*
 * test_merge.c -- two saved runs as one: what was measured by halves, together.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "fake_run.h"
#include "merge.h"
#include "unit.h"

static const char *const names[] = { "a.json", "b.json" };
static struct saved halves[2], whole;
static char why[MERGE_WHY];

static void
save_and_load(struct saved *s, const struct fake_plan *plan, double late)
{
	static struct fake_run run;
	char *text, *path;

	assert_int_equal(fake_run_open(&run, plan), 0);
	run.report.started_at += late;
	text = document_text(&run.report, report_json);
	path = document_file(text);
	assert_int_equal(saved_load(s, path, why), 0);
	document_remove(path);
	free(text);
	fake_run_close(&run);
}

static void
two(const struct fake_plan *a, const struct fake_plan *b, double late)
{
	save_and_load(&halves[0], a, 0);
	save_and_load(&halves[1], b, late);
}

static void
close_all(void)
{
	saved_close(&whole);
	saved_close(&halves[0]);
	saved_close(&halves[1]);
}

static void
adds_exactly(void **state)
{
	struct fake_plan a = { .connections = 8, .processes = 1, .seconds = 6, .rate = 2000 };
	struct fake_plan b = {
		.connections = 4, .processes = 2, .seconds = 6, .rate = 500, .slow = 9, .seed = 3
	};
	const struct hist *h, *x, *y;
	double mean;
	size_t i;

	(void)state;
	two(&a, &b, 0.05);
	assert_int_equal(merge(&whole, halves, names, 2, why), 0);
	h = whole.run.clocks[CLOCK_RESPONSE];
	x = halves[0].run.clocks[CLOCK_RESPONSE];
	y = halves[1].run.clocks[CLOCK_RESPONSE];
	for (i = 0; i < hist_buckets(RUN_BITS); i++)
		assert_int_equal(h->counts[i], x->counts[i] + y->counts[i]);
	assert_int_equal(h->count, x->count + y->count);
	assert_true(h->sum == x->sum + y->sum);
	/* The percentile of all is not the mean of percentiles: the slow are few. */
	mean = ((double)hist_quantile(x, 0.9) + (double)hist_quantile(y, 0.9)) / 2;
	assert_true(fabs((double)hist_quantile(h, 0.9) - mean) > 0.05 * mean);
	assert_int_equal(
	    whole.run.total.verified, halves[0].run.total.verified + halves[1].run.total.verified);
	assert_true(fabs(report_rate(&whole.report) - report_rate(&halves[0].report) -
			report_rate(&halves[1].report)) < 0.01);
	assert_true(whole.config.rate == 2500);
	assert_int_equal(whole.config.connections, 12);
	assert_int_equal(whole.config.processes, 3);
	assert_int_equal(figures_messages(&whole.run, 3),
	    figures_messages(&halves[0].run, 3) + figures_messages(&halves[1].run, 3));
	assert_true(whole.report.verdict.trustworthy);
	assert_int_equal(whole.config.ntargets, 1);
	close_all();
}

/* Jain's index of all connections, and that a merged run can be saved again. */
static void
fairness(void **state)
{
	struct fake_plan a = { .connections = 3000, .processes = 1, .seconds = 2, .rate = 30000 };
	struct fake_plan b = { .connections = 10, .processes = 1, .seconds = 2, .rate = 30000 };
	double jain, sum, squares;
	struct saved again;
	char *text, *path;

	(void)state;
	two(&a, &b, 0);
	sum = (double)(halves[0].run.total.verified + halves[1].run.total.verified);
	squares = pow((double)halves[0].run.total.verified, 2) / 3000 / halves[0].run.jain +
	    pow((double)halves[1].run.total.verified, 2) / 10 / halves[1].run.jain;
	jain = sum * sum / 3010 / squares;
	assert_int_equal(merge(&whole, halves, names, 2, why), 0);
	assert_true(fabs(whole.run.jain - jain) < 1e-9);
	assert_int_equal(whole.run.most, halves[1].run.most);
	assert_int_equal(whole.run.least, halves[0].run.least);
	text = document_text(&whole.report, report_json);
	path = document_file(text);
	assert_int_equal(saved_load(&again, path, why), 0);
	assert_int_equal(again.run.total.verified, whole.run.total.verified);
	saved_close(&again);
	document_remove(path);
	free(text);
	close_all();
}

static void
not_together(void **state)
{
	struct fake_plan a = { .connections = 2, .processes = 1, .seconds = 5, .rate = 200 };

	(void)state;
	two(&a, &a, 60);
	assert_int_equal(merge(&whole, halves, names, 2, why), 0);
	assert_false(whole.report.verdict.trustworthy);
	assert_true(verdict_has(&whole.report.verdict, "W_NOT_TOGETHER"));
	close_all();
}

/* The worst of both. */
static void
troubles(void **state)
{
	struct fake_plan a = { .connections = 2, .processes = 1, .seconds = 5, .rate = 200 };
	struct fake_plan b = a;

	(void)state;
	b.failed = b.doubtful = true;
	two(&a, &b, 0);
	assert_int_equal(merge(&whole, halves, names, 2, why), 0);
	assert_false(whole.report.verdict.trustworthy);
	assert_int_equal(whole.report.verdict.n, 2);
	assert_int_equal(whole.report.exit_code, 3);
	assert_int_equal(whole.run.total.failures[FAIL_RESET], 3);
	assert_int_equal(whole.run.total.nfailure_texts, 2);
	close_all();
}

static void
refuses(const struct fake_plan *a, const struct fake_plan *b, const char *words)
{
	two(a, b, 0);
	assert_int_equal(merge(&whole, halves, names, 2, why), -EINVAL);
	if (strstr(why, words) == NULL)
		print_error("'%s' instead of '%s'\n", why, words);
	assert_non_null(strstr(why, words));
	assert_non_null(strstr(why, "b.json"));
	close_all();
}

static void
what_does_not_fit(void **state)
{
	struct fake_plan a = { .connections = 2, .processes = 1, .seconds = 5, .rate = 200 };
	struct fake_plan b = a;

	(void)state;
	b.rate = 0;
	b.messages = 200;
	refuses(&a, &b, "loop open and closed");
	b = a;
	b.seconds = 6;
	refuses(&a, &b, "measured for 5s and 6s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_exactly),
		cmocka_unit_test(fairness),
		cmocka_unit_test(not_together),
		cmocka_unit_test(troubles),
		cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
