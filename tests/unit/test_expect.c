/* SPDX-License-Identifier: ISC */
/*
 * test_expect.c -- what --assert takes, and what it finds.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "expect.h"
#include "sample_run.h"
#include "unit.h"

/* expect_judge(): cmocka has a macro of that name. */

static struct sample_run s;
static struct verdict v;

/* Messages of 1 ms: 10000 of them, and 100 of 50 ms. */
static int
setup(void **state)
{
	unsigned i;

	(void)state;
	sample_run_open(&s, 1000);
	sample_run_echo(&s, 10000, 1 * MS);
	sample_run_echo(&s, 100, 50 * MS);
	for (i = 0; i < 30; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_CONNECT), 300 * US);
	run_part(&s.run, 0)->user = 5 * S;
	run_part(&s.run, 0)->failures[FAIL_RESET] = 2;
	run_part(&s.run, 0)->violations[WRONG_STALE] = 1;
	sample_run_sum(&s);
	verdict_reach(&v, &s.run, &s.machine);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sample_run_close(&s);
	return 0;
}

static struct expectation
check(const char *text)
{
	struct expectation e;
	const char *why;

	if (expect_parse(&e, text, &why) != 0)
		fail_msg("\"%s\" was not taken: want %s", text, why);
	assert_ptr_equal(e.text, text);
	expect_judge(&e, &s.run, &v);
	return e;
}

static void
test_metrics(void **state)
{
	static const struct {
		const char *text;
		double actual;
	} cases[] = {
		{ "p50<1ms", 1e6 },
		{ "p99.5<1ms", 50e6 },
		{ "mean<1ms", 1e6 + 49e6 * 100 / 10100 },
		{ "min<1ms", 1e6 },
		{ "max<1ms", 50e6 },
		{ "gap<1s", 1e6 },
		{ "connect.p50<1s", 300e3 },
		{ "service.p50<1s", 1e6 },
		{ "response.max<1s", 50e6 },
		{ "lag.p99<1s", 1e3 },
		{ "dispatch.p99<1s", 2e3 },
		{ "rate>=1k", 1010 },
		{ "achieved>0.9", 1.01 },
		{ "errors==0", 2 },
		{ "error_rate<1%", 0 },
		{ "timeouts==0", 0 },
		{ "violations==0", 1 },
		{ "cpu<90%", 0.5 },
		{ "fairness>0.9", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct expectation e = check(cases[i].text);

		assert_true(e.known);
		if (fabs(e.actual - cases[i].actual) > 0.001 * cases[i].actual)
			fail_msg("%s: %g", cases[i].text, e.actual);
	}
}

static void
test_operators(void **state)
{
	static const char *const pass[] = { "errors<3", "errors<=2", "errors>1", "errors>=2",
		"errors==2", "errors!=1", " errors  <\t3 ", "timeouts==0" };
	static const char *const fail[] = { "errors<2", "errors<=1", "errors>2", "errors>=3",
		"errors==1", "errors!=2" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pass) / sizeof(pass[0]); i++)
		assert_true(check(pass[i]).pass);
	for (i = 0; i < sizeof(fail) / sizeof(fail[0]); i++)
		assert_false(check(fail[i]).pass);
}

static void
test_units(void **state)
{
	static const struct {
		const char *text;
		double value;
	} cases[] = { { "p99<2ms", 2e6 }, { "p99<2.5us", 2500 }, { "p99<7ns", 7 },
		{ "gap<1.5s", 1.5e9 }, { "max<0", 0 }, { "cpu<90%", 0.9 }, { "cpu<0.9", 0.9 },
		{ "rate>=100k", 1e5 }, { "rate>=1.5M", 1.5e6 }, { "rate>=42", 42 },
		{ "errors<1k", 1000 } };
	struct expectation e;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(expect_parse(&e, cases[i].text, &why), 0);
		assert_true(fabs(e.value - cases[i].value) < 1e-9 * (1 + cases[i].value));
		assert_int_equal(
		    e.is_time, strchr("pgm", cases[i].text[0]) != NULL); /* p, gap, max */
	}
}

static void
test_wrong(void **state)
{
	static const char *const wrong[] = { "", "p99", "p99<", "<2ms", "p99<2", "p99<ms",
		"p99<-2ms", "p99=2ms", "p99<>2ms", "p99<2msx", "p99<2 ms", "p<1s", "p0<1s",
		"p100<1s", "p99.9.9<1s", "pp<1s", "p99x<1s", "p1e1<1s", "speed>1", "gap.p99<1s",
		"connect<1s", "connect.<1s", "connect.rate>1", "latency.p99<1s", "rate>5x",
		"rate>1ms", "errors==none", "cpu<9%%", "cpu<50ms", "p99<0x10ms", "p99<infs",
		"p99<nans", "p99 < 1s 2s", "averyverylongmetricnamethatcannotbe<1s" };
	struct expectation e;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		why = NULL;
		if (expect_parse(&e, wrong[i], &why) != -EINVAL)
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_non_null(why);
	}
}

/* A number that nobody knows passes nothing, whichever way it is compared. */
static void
test_too_few_samples(void **state)
{
	static const char *const texts[] = { "p99.99<1h", "connect.p99<1s", "connect.p99>0",
		"connect.p99!=1s" };
	struct expectation e;
	size_t i;

	(void)state;
	for (i = 1; i < sizeof(texts) / sizeof(texts[0]); i++) {
		e = check(texts[i]);
		assert_false(e.known);
		assert_false(e.pass);
	}
	assert_true(check("connect.max<1s").pass);
}

static void
test_no_clock_in_a_closed_loop(void **state)
{
	teardown(state);
	sample_run_open(&s, 0);
	sample_run_echo(&s, 10000, 1 * MS);
	sample_run_sum(&s);
	assert_false(check("lag.p50<1s").known);
	assert_false(check("response.max<1s").pass);
	assert_true(check("p50<2ms").pass); /* it is the service time */
}

/* What never came back took longer than anything that is known. */
static void
test_censored(void **state)
{
	teardown(state);
	sample_run_open(&s, 0);
	sample_run_echo(&s, 1000, 1 * MS);
	sample_run_censor(&s, 50, 5 * S);
	sample_run_sum(&s);
	assert_true(check("p50<2ms").pass);
	assert_false(check("p50<2ms").at_least);
	assert_true(check("p96<10s").at_least);
	assert_false(check("p96<10s").pass);
	assert_false(check("p96<=10s").pass);
	assert_false(check("p96!=10s").pass);
	assert_true(check("p96>4s").pass);
	assert_false(check("max<10s").pass);
	assert_false(check("mean<10s").pass);
	assert_true(check("error_rate<5%").pass);
	assert_false(check("error_rate<4%").pass);
	assert_true(check("timeouts==50").pass);
	teardown(state);
	sample_run_open(&s, 0); /* the run was broken off before they were overdue */
	sample_run_echo(&s, 1000, 1 * MS);
	sample_run_censor(&s, 50, 2 * S);
	sample_run_sum(&s);
	assert_true(check("p96<10s").at_least);
	assert_false(check("p50<2ms").at_least);
	teardown(state);
	sample_run_open(&s, 0); /* given up at all ages: the least of them counts */
	sample_run_echo(&s, 600, 1 * MS);
	sample_run_censor(&s, 200, 500 * US);
	sample_run_censor(&s, 200, 5 * S);
	sample_run_sum(&s);
	assert_true(check("p10<1ms").at_least);
	assert_false(check("p10<1ms").pass);
	assert_true(check("p50<2ms").pass); /* without the first 200 it would be the same */
	assert_true(check("p70<2ms").at_least);
	assert_false(check("min<1ms").pass);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_operators, setup, teardown),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test_setup_teardown(test_too_few_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_clock_in_a_closed_loop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_censored, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
