/* SPDX-License-Identifier: ISC */
/*
 * test_compare.c -- a run against one of before: what is worse, and by chance?
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "documents.h"
#include "fake_run.h"
#include "subcommands.h"
#include "unit.h"

static struct fake_run before, now;
static struct comparison c;
static char why[COMPARE_WHY];

static void
runs(const struct fake_plan *a, const struct fake_plan *b)
{
	assert_int_equal(fake_run_open(&before, a), 0);
	assert_int_equal(fake_run_open(&now, b), 0);
}

static void
close_runs(void)
{
	fake_run_close(&before);
	fake_run_close(&now);
}

static const struct fake_plan plain = { .connections = 4,
	.processes = 1,
	.seconds = 12,
	.messages = 2000,
	.seed = 1 };

static void
no_change(void **state)
{
	struct fake_plan other = plain;

	(void)state;
	other.seed = 2;
	runs(&plain, &other);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), 0);
	assert_false(c.regressed);
	assert_int_equal(c.rate, CHANCE_LIKELY);
	assert_true(fabs(c.all[0].change) < 0.02);
	assert_true(c.all[2].known);
	close_runs();
}

static void
slower(void **state)
{
	struct fake_plan other = plain;

	(void)state;
	other.slow = 1.2;
	runs(&plain, &other);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), 0);
	assert_true(c.regressed && !c.all[0].regressed && c.all[1].regressed && c.all[2].regressed);
	assert_true(fabs(c.all[1].change - 0.2) < 0.01);
	/* Allowed to be so; and the other way round it is better. */
	assert_int_equal(compare(&c, &before.report, &now.report, 0.25, why), 0);
	assert_false(c.regressed);
	assert_int_equal(compare(&c, &now.report, &before.report, 0.05, why), 0);
	assert_false(c.regressed);
	close_runs();
}

static void
fewer(void **state)
{
	struct fake_plan other = plain;

	(void)state;
	other.messages = 1800;
	runs(&plain, &other);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), 0);
	assert_true(c.regressed && c.all[0].regressed);
	assert_int_equal(c.rate, CHANCE_UNLIKELY);
	close_runs();
}

static void
too_little(void **state)
{
	struct fake_plan few = { .connections = 1, .processes = 1, .seconds = 3, .messages = 20 };

	(void)state;
	runs(&few, &few);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), 0);
	assert_int_equal(c.rate, CHANCE_UNKNOWN);
	assert_true(c.all[1].known);
	assert_false(c.all[2].known || c.all[2].regressed);
	close_runs();
}

/* Nothing came back: that is worse, not "no samples". */
static void
nothing_now(void **state)
{
	struct fake_plan none = plain;

	(void)state;
	none.seconds = 0;
	runs(&plain, &none);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), 0);
	assert_true(c.all[0].regressed);
	close_runs();
}

static void
unlike(void **state)
{
	struct fake_plan other = plain;

	(void)state;
	other.connections = 5;
	runs(&plain, &other);
	assert_int_equal(compare(&c, &before.report, &now.report, 0.05, why), -EINVAL);
	assert_non_null(strstr(why, "connections 4 and 5"));
	close_runs();
}

/* As the program does it: with a file, and words. */
static void
with_a_file(void **state)
{
	struct fake_plan other = plain;
	char *json, *path, *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	other.slow = 1.5;
	runs(&plain, &other);
	json = document_text(&before.report, report_json);
	path = document_file(json);
	assert_int_equal(compare_with(&c, &before.report, path, 0), 0);
	assert_false(c.regressed);
	compare_print(&c, 0, out);
	assert_int_equal(compare_with(&c, &now.report, path, 0.05), 0);
	assert_true(c.regressed);
	compare_print(&c, 0.05, out);
	assert_int_equal(compare_with(&c, &now.report, "there/is/none", 0.05), -ENOENT);
	fclose(out);
	assert_non_null(strstr(text, "REGRESSION"));
	assert_non_null(strstr(text, "may be chance"));
	document_remove(path);
	free(json);
	free(text);
	close_runs();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_change),
		cmocka_unit_test(slower),
		cmocka_unit_test(fewer),
		cmocka_unit_test(too_little),
		cmocka_unit_test(nothing_now),
		cmocka_unit_test(unlike),
		cmocka_unit_test(with_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
