/* SPDX-License-Identifier: ISC */
/*
 * test_verdict.c -- each reason to doubt a run, on either side of its threshold.
 */
#include <string.h>

#include "sample_run.h"
#include "unit.h"
#include "verdict.h"

static struct sample_run s;
static struct verdict v;
static struct run_part *part;

static int
teardown(void **state)
{
	(void)state;
	sample_run_close(&s);
	return 0;
}

/* An even and unsuspicious run; what a test adds is what is wrong. */
static void
open_run(double rate)
{
	sample_run_open(&s, rate);
	part = run_part(&s.run, 0);
	part->user = 1 * S;
	sample_run_echo(&s, 10000, 100 * US);
}

static void
reach(void)
{
	sample_run_sum(&s);
	verdict_reach(&v, &s.run, &s.machine);
}

static void
assert_only(const char *code, bool serious)
{
	reach();
	assert_true(verdict_has(&v, code));
	assert_int_equal(v.n, 1);
	assert_int_equal(v.warnings[0].serious, serious);
	assert_int_equal(v.trustworthy, !serious);
	assert_true(strlen(v.warnings[0].text) < VERDICT_TEXT - 1); /* not cut off */
}

static void
assert_nothing(void)
{
	reach();
	assert_int_equal(v.n, 0);
	assert_true(v.trustworthy);
}

static void
test_good_runs(void **state)
{
	open_run(0);
	assert_nothing();
	assert_true(v.achieved == 1 && v.r2 > 0.9999 && v.drift == 0);
	assert_true(v.cpu > 0.0999 && v.cpu < 0.1001);
	teardown(state);
	open_run(1000);
	assert_nothing();
	assert_true(v.achieved > 0.9999 && v.achieved < 1.0001);
}

/* Ten messages over loopback, as tests make them. */
static void
test_a_short_run_is_no_lie(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	part = run_part(&s.run, 0);
	part->wall = 1 * MS;
	part->user = 1 * MS;
	sample_run_echo(&s, 10, 100 * US);
	s.machine.loopback = true;
	reach();
	assert_int_equal(v.n, 2);
	assert_true(verdict_has(&v, "W_LOOPBACK"));
	assert_true(verdict_has(&v, "W_TOO_SHORT"));
	assert_true(v.trustworthy);
}

static void
test_saturated_by_cpu(void **state)
{
	open_run(0);
	part->system = 8100 * MS;
	assert_only("W_CLIENT_SATURATED", true);
	assert_true(v.saturated);
	teardown(state);
	open_run(0);
	part->system = 7900 * MS;
	assert_nothing();
	teardown(state);
	open_run(1000); /* spinning is waiting */
	part->user = 9900 * MS;
	part->spun = 9 * S;
	assert_nothing();
}

static void
test_the_busiest_process_counts(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	sample_run_close(&s);
	s.config.processes = 2;
	assert_int_equal(run_open(&s.run, &s.config, 10), 0);
	sample_run_echo(&s, 10000, 100 * US);
	run_part(&s.run, 0)->wall = run_part(&s.run, 1)->wall = 10 * S;
	run_part(&s.run, 1)->user = 9500 * MS;
	reach();
	assert_true(verdict_has(&v, "W_CLIENT_SATURATED"));
	assert_true(v.cpu > 0.949 && v.cpu < 0.951);
}

static void
test_waiting_for_a_processor(void **state)
{
	open_run(0);
	part->waited = 900 * MS;
	assert_nothing();
	assert_true(v.waiting > 0.0899 && v.waiting < 0.0901);
	teardown(state);
	open_run(0);
	part->waited = 2400 * MS;
	assert_only("W_NO_PROCESSOR", false);
	assert_non_null(strstr(v.warnings[0].text, "for 24% of the time"));
	teardown(state);
	open_run(0);
	part->waited = 2600 * MS;
	assert_only("W_NO_PROCESSOR", true);
}

static void
late(uint64_t n, uint64_t lag)
{
	while (n-- > 0)
		hist_record(run_clock(&s.run, 0, CLOCK_LAG), lag);
}

static void
test_lag(void **state)
{
	open_run(1000);
	late(200, 150 * US);
	assert_only("W_LAG", true);
	assert_false(v.saturated);
	teardown(state);
	open_run(1000);
	late(200, 90 * US);
	assert_nothing();
	teardown(state);
	open_run(1000); /* a tenth of it is nothing to a long response */
	sample_run_echo(&s, 20000, 2 * MS);
	late(700, 150 * US);
	assert_nothing();
}

static void
test_rate_not_achieved(void **state)
{
	open_run(1100);
	assert_only("W_RATE_NOT_ACHIEVED", true);
	assert_non_null(strstr(v.warnings[0].text, "the server is at its limit"));
	assert_false(v.saturated);
	teardown(state);
	open_run(1100);
	part->missed = 5000;
	reach();
	assert_non_null(strstr(v.warnings[0].text, "could not send"));
	teardown(state);
	open_run(1100); /* in time, but for a server that does not answer */
	part->scheduled += 1000;
	part->never_sent += 1000;
	part->held_back += 1000;
	s.config.max_inflight = 1;
	assert_only("W_RATE_NOT_ACHIEVED", true);
	assert_non_null(strstr(v.warnings[0].text, "held back by --max-inflight"));
	s.config.max_inflight = 0;
	verdict_reach(&v, &s.run, &s.machine);
	assert_non_null(strstr(v.warnings[0].text, "had no connection"));
	teardown(state);
	open_run(1100);
	late(200, 150 * US);
	reach();
	assert_true(verdict_has(&v, "W_CLIENT_SATURATED"));
	assert_true(verdict_has(&v, "W_RATE_NOT_ACHIEVED"));
	assert_true(v.saturated);
	teardown(state);
	open_run(1015);
	assert_nothing();
}

/* A second at 100 msg/s, by chance: no reason to doubt. */
static void
test_chance_is_no_shortfall(void **state)
{
	(void)state;
	sample_run_open(&s, 100);
	s.config.arrival = ARRIVAL_POISSON;
	run_part(&s.run, 0)->wall = 1 * S;
	sample_run_echo(&s, 75, 100 * US);
	reach();
	assert_false(verdict_has(&v, "W_RATE_NOT_ACHIEVED"));
	assert_true(v.trustworthy);
}

/* What is under way when the time is over has not been lost. */
static void
test_latency_is_no_shortfall(void **state)
{
	(void)state;
	sample_run_open(&s, 1000);
	sample_run_echo(&s, 9500, 500 * MS);
	reach();
	assert_false(verdict_has(&v, "W_RATE_NOT_ACHIEVED"));
}

/* But if nothing came back, what was waited for is no latency. */
static void
test_nothing_is_a_shortfall(void **state)
{
	unsigned i;

	(void)state;
	sample_run_open(&s, 1000);
	for (i = 0; i < 100; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_RESPONSE), 11 * S);
	run_part(&s.run, 0)->scheduled = 10000;
	reach();
	assert_true(verdict_has(&v, "W_RATE_NOT_ACHIEVED"));
	assert_false(v.trustworthy);
}

/* No latency, no rate, and in a closed loop no shortfall either: but no success. */
static void
test_no_echo(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	part = run_part(&s.run, 0);
	part->scheduled = part->started = part->unfinished = 5;
	reach();
	assert_true(verdict_has(&v, "W_NO_ECHO"));
	assert_false(v.trustworthy);
	teardown(state);
	sample_run_open(&s, 0); /* there was nobody to send anything to */
	run_part(&s.run, 0)->failures[FAIL_REFUSED] = 1;
	reach();
	assert_true(verdict_has(&v, "W_NO_ECHO"));
	teardown(state);
	sample_run_open(&s, 0); /* it was over before it began */
	reach();
	assert_false(verdict_has(&v, "W_NO_ECHO"));
	assert_true(v.trustworthy);
	teardown(state);
	sample_run_open(&s, 0);
	sample_run_echo(&s, 1, 100 * US);
	run_part(&s.run, 0)->failures[FAIL_UNFINISHED] = 5;
	reach();
	assert_false(verdict_has(&v, "W_NO_ECHO"));
}

static void
test_dispatch(void **state)
{
	unsigned i;

	open_run(0);
	for (i = 0; i < 200; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_DISPATCH), 60 * US);
	assert_only("W_DISPATCH", true); /* of a median of 100 us it is the most */
	teardown(state);
	sample_run_open(&s, 0);
	sample_run_echo(&s, 10000, 200 * US);
	for (i = 0; i < 200; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_DISPATCH), 60 * US);
	assert_only("W_DISPATCH", false);
	teardown(state);
	open_run(0);
	for (i = 0; i < 200; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_DISPATCH), 40 * US);
	assert_nothing();
}

static void
set_progress(const uint64_t messages[10])
{
	unsigned i;

	for (i = 0; i < 10; i++)
		run_interval(&s.run, 0, i)->messages = messages[i];
}

static void
test_unsteady(void **state)
{
	static const uint64_t drifting[] = { 1000, 1001, 999, 1000, 1000, 1050, 1049, 1051, 1050,
		1050 };
	static const uint64_t noisy[] = { 1000, 1300, 700, 1200, 900, 1100, 1400, 800, 1000, 1050 };
	static const uint64_t stalled[] = { 1000, 1000, 1000, 0, 0, 0, 0, 1000, 1000, 1000 };

	open_run(0);
	set_progress(drifting);
	assert_only("W_UNSTEADY", true);
	assert_true(v.drift > 0.049 && v.drift < 0.051);
	teardown(state);
	open_run(0); /* more than 2 %, but no more than chance makes of it */
	set_progress(noisy);
	assert_nothing();
	assert_true(v.drift > 0.02);
	teardown(state);
	open_run(0);
	set_progress(stalled);
	assert_only("W_UNSTEADY", true);
	assert_true(v.r2 < 0.99);
	teardown(state);
	open_run(0); /* too few intervals to say */
	set_progress(drifting);
	part->wall = 9500 * MS;
	assert_nothing();
}

/* Of a few seconds, most of one of which the server did nothing. */
static void
test_unsteady_and_short(void **state)
{
	static const uint64_t frozen[10] = { 1000, 300, 0, 900, 1000 };
	static const uint64_t swaying[10] = { 900, 1000, 1000, 1200, 1150 };
	static const uint64_t seldom[10] = { 3, 1, 2, 1, 5 };
	static const uint64_t late[10] = { 0, 0, 0, 1000, 1000 };
	static const struct {
		const uint64_t *progress;
		unsigned seconds;
		bool unsteady;
	} cases[] = { { frozen, 5, true }, { frozen, 4, true }, { frozen, 3, false },
		{ swaying, 5, false }, { seldom, 5, false }, { late, 5, true } };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		open_run(0);
		set_progress(cases[i].progress);
		part->wall = cases[i].seconds * S;
		part->user = 0;
		if (cases[i].unsteady)
			assert_only("W_UNSTEADY", true);
		else
			assert_nothing();
		teardown(state);
	}
}

static void
test_machine(void **state)
{
	open_run(0);
	s.machine.steal = 0.06;
	assert_only("W_STEAL", true);
	teardown(state);
	open_run(0);
	s.machine.steal = 0.02;
	assert_only("W_STEAL", false);
	teardown(state);
	open_run(0);
	s.machine.steal = 0.009;
	s.machine.clock_cost = 200;
	strcpy(s.machine.governor, "performance");
	assert_nothing();
	teardown(state);
	open_run(0);
	s.machine.throttled = 1;
	assert_only("W_THROTTLED", true);
	teardown(state);
	open_run(0);
	s.machine.clock_cost = 201;
	assert_only("W_CLOCK", false);
	teardown(state);
	open_run(0);
	strcpy(s.machine.governor, "powersave");
	assert_only("W_GOVERNOR", false);
	teardown(state);
	open_run(0);
	s.machine.loopback = true;
	assert_only("W_LOOPBACK", false);
}

static void
test_unfair(void **state)
{
	open_run(0);
	run_messages(&s.run, 0)[0] = 10000;
	run_messages(&s.run, 0)[1] = 0;
	assert_only("W_UNFAIR", true);
	teardown(state);
	open_run(0);
	run_messages(&s.run, 0)[0] = 9000;
	run_messages(&s.run, 0)[1] = 1000;
	assert_only("W_UNFAIR", false);
	teardown(state);
	open_run(0);
	run_messages(&s.run, 0)[0] = 6000;
	run_messages(&s.run, 0)[1] = 4000;
	assert_nothing();
}

static void
test_censored(void **state)
{
	(void)state;
	open_run(0);
	sample_run_censor(&s, 1, 5 * S);
	assert_only("W_CENSORED", false);
}

/* One connection that stalls for six of ten seconds. */
static void
test_coordinated_omission(void **state)
{
	(void)state;
	sample_run_open(&s, 0);
	sample_run_echo(&s, 4000, 1 * MS);
	sample_run_echo(&s, 1, 6 * S);
	run_part(&s.run, 0)->longest_gap = 6 * S;
	assert_only("W_COORDINATED_OMISSION", false);
	assert_non_null(strstr(v.warnings[0].text, "-r 280 "));
	sample_run_close(&s);
	sample_run_open(&s, 400); /* an open loop does not omit it */
	sample_run_echo(&s, 4000, 1 * MS);
	sample_run_echo(&s, 1, 6 * S);
	run_part(&s.run, 0)->longest_gap = 6 * S;
	assert_nothing();
}

static void
test_nagle(void **state)
{
	open_run(0);
	sample_run_echo(&s, 100, 41 * MS);
	reach();
	assert_true(verdict_has(&v, "W_NAGLE"));
	teardown(state);
	open_run(0); /* no peak: it is just slow */
	sample_run_echo(&s, 100, 41 * MS);
	sample_run_echo(&s, 100, 37 * MS);
	reach();
	assert_false(verdict_has(&v, "W_NAGLE"));
	teardown(state);
	open_run(0);
	sample_run_echo(&s, 9, 41 * MS);
	reach();
	assert_false(verdict_has(&v, "W_NAGLE"));
}

static void
connects(uint64_t usual, uint64_t one)
{
	unsigned i;

	for (i = 0; i < 10; i++)
		hist_record(run_clock(&s.run, 0, CLOCK_CONNECT), usual);
	hist_record(run_clock(&s.run, 0, CLOCK_CONNECT), one);
}

static void
test_dropped_syn(void **state)
{
	static const uint64_t times[] = { 1005 * MS, 3020 * MS, 7100 * MS };
	unsigned i;

	for (i = 0; i < 3; i++) {
		open_run(0);
		connects(100 * US, times[i]);
		assert_only("W_SYN_DROP", false);
		teardown(state);
	}
	open_run(0);
	connects(100 * US, 500 * MS);
	assert_nothing();
	teardown(state);
	open_run(0); /* a long way, and no loss */
	connects(1 * S, 1005 * MS);
	assert_nothing();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_good_runs, teardown),
		cmocka_unit_test_teardown(test_a_short_run_is_no_lie, teardown),
		cmocka_unit_test_teardown(test_saturated_by_cpu, teardown),
		cmocka_unit_test_teardown(test_the_busiest_process_counts, teardown),
		cmocka_unit_test_teardown(test_waiting_for_a_processor, teardown),
		cmocka_unit_test_teardown(test_lag, teardown),
		cmocka_unit_test_teardown(test_rate_not_achieved, teardown),
		cmocka_unit_test_teardown(test_chance_is_no_shortfall, teardown),
		cmocka_unit_test_teardown(test_latency_is_no_shortfall, teardown),
		cmocka_unit_test_teardown(test_nothing_is_a_shortfall, teardown),
		cmocka_unit_test_teardown(test_no_echo, teardown),
		cmocka_unit_test_teardown(test_dispatch, teardown),
		cmocka_unit_test_teardown(test_unsteady, teardown),
		cmocka_unit_test(test_unsteady_and_short),
		cmocka_unit_test_teardown(test_machine, teardown),
		cmocka_unit_test_teardown(test_unfair, teardown),
		cmocka_unit_test_teardown(test_censored, teardown),
		cmocka_unit_test_teardown(test_coordinated_omission, teardown),
		cmocka_unit_test_teardown(test_nagle, teardown),
		cmocka_unit_test_teardown(test_dropped_syn, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
