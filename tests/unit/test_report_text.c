/* SPDX-License-Identifier: ISC */
/*
 * test_report_text.c -- what people read: the report, and the line while it runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "sample_run.h"
#include "unit.h"

/* expect_judge(): cmocka has a macro of that name. */

static struct sample_run s;
static struct report r;
static struct run_part *part;
static char *text;
static size_t size;

static void
open_run(double rate)
{
	sample_run_open(&s, rate);
	part = run_part(&s.run, 0);
	sample_run_echo(&s, 10000, 100 * US);
	r = (struct report){
		.run = &s.run,
		.machine = &s.machine,
		.percentiles = { 50, 90, 99, 99.9, 99.99 },
		.npercentiles = 5,
		.ramp_ns = 50 * MS,
		.warmup_ns = 1 * S,
		.measured_ns = 10 * S,
	};
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
write_report(bool colour)
{
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	sample_run_sum(&s);
	verdict_reach(&r.verdict, &s.run, &s.machine);
	report_text(&r, f, colour);
	assert_int_equal(fclose(f), 0);
}

static void
assert_has(const char *part_of_it)
{
	if (strstr(text, part_of_it) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part_of_it, text);
}

static void
assert_lacks(const char *part_of_it)
{
	if (strstr(text, part_of_it) != NULL)
		fail_msg("\"%s\" is in:\n%s", part_of_it, text);
}

/* The same, wherever lines are wrapped. */
static void
assert_tells(const char *words)
{
	static const char wrap[] = "\n             ";
	char *at;

	while ((at = strstr(text, wrap)) != NULL) {
		*at = ' ';
		memmove(at + 1, at + strlen(wrap), strlen(at + strlen(wrap)) + 1);
	}
	assert_has(words);
}

static unsigned
columns(const char *line, size_t len)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < len; i++)
		n += ((unsigned char)line[i] & 0xc0) != 0x80;
	return n;
}

static void
assert_fits(void)
{
	const char *line, *end;

	for (line = text; *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (columns(line, (size_t)(end - line)) > 80)
			fail_msg("too wide: %.*s", (int)(end - line), line);
	}
}

static void
test_closed_loop(void **state)
{
	(void)state;
	open_run(0);
	write_report(false);
	assert_has("echoload " PACKAGE_VERSION "  127.0.0.1:7\n"
		   "2 connections, 1 process, 64 bytes, verify full, closed loop, seed 42\n"
		   "ramp 50ms  warm-up 1s  measured 10s  drained 0ns\n\n");
	assert_has("              count    mean     p50     p90     p99   p99.9  p99.99     max\n"
		   "service       10000   100us   100us   100us   100us   100us       -   100us\n"
		   "dispatch      10000     2us     2us     2us     2us     2us       -     2us\n"
		   "\n");
	assert_has("\nthroughput   1000.0 msg/s,  0.06 MB/s out,  0.06 MB/s in,  per 1s min 1000 "
		   "max\n             1000 msg/s\n");
	assert_has(
	    "\nfairness     Jain 1.0000 over 2 connections (slowest 5000, fastest 5000 msgs)");
	assert_has("\nrequests     scheduled 10000, started 10000, never sent 0, verified 10000,");
	assert_has("\nerrors       none\n");
	assert_has("0.64 MB compared, every byte verified, 0 violations\n");
	assert_has("-> trustworthy\n");
	assert_lacks("response");
	assert_lacks("lag");
	assert_lacks("result");
	assert_lacks("assert");
	assert_lacks("INTERNAL");
	assert_lacks("\033");
	assert_fits();
}

static void
test_open_loop(void **state)
{
	(void)state;
	open_run(1000);
	s.config.max_inflight = 3;
	s.config.arrival = ARRIVAL_POISSON;
	write_report(false);
	assert_has("open loop 1000 msg/s poisson,\n             at most 3 in flight");
	assert_has("\nresponse ");
	assert_has("\nlag ");
	assert_has("1000.0 msg/s of 1000 asked (100.0%)");
	assert_fits();
	assert_tells("lag p99 1us");
}

static void
test_more_percentiles_than_columns(void **state)
{
	unsigned i;

	(void)state;
	open_run(1000);
	for (i = 0; i < REPORT_PERCENTILES; i++)
		r.percentiles[i] = i < 15 ? 5 * (i + 1) : 99.9999;
	r.npercentiles = REPORT_PERCENTILES;
	write_report(false);
	assert_has("      p5     p10     p15     p20     p25     max\n");
	assert_has("     p30     p35     p40     p45     p50\n");
	assert_has(" p99.9999\n");
	assert_fits();
}

static void
test_long_percentiles(void **state)
{
	static const double long_ones[] = { 50, 99.123456, 99.999999, 99.99, 99.123457, 10 };

	(void)state;
	open_run(1000);
	memcpy(r.percentiles, long_ones, sizeof(long_ones));
	r.npercentiles = 6;
	write_report(false);
	assert_has("    mean     p50 p99.123456 p99.999999  p99.99     max\n");
	assert_has("\n          p99.123457     p10\n");
	assert_fits();
}

static void
test_long_words(void **state)
{
	char label[200];

	(void)state;
	memset(label, 'x', sizeof(label) - 1);
	memcpy(label, "build=", 6);
	memcpy(label + 66, "\u2265\u2265", 6); /* one of them at the edge */
	label[sizeof(label) - 1] = '\0';
	open_run(0);
	r.labels[0] = label;
	r.labels[1] = "note=some words";
	r.nlabels = 2;
	write_report(false);
	assert_has("\nlabel        build=xxx");
	assert_has("x\u2265\n             \u2265xx");
	assert_has("\nlabel        note=some words\n");
	assert_fits();
}

/* What is said of integrity is so. */
static void
test_integrity(void **state)
{
	(void)state;
	open_run(0);
	part->verified_bytes = 0;
	write_report(false);
	assert_has("\nintegrity    nothing compared, 0 violations\n");
	teardown(state);
	open_run(0);
	part->verified_bytes = 640;
	write_report(false);
	assert_has("\nintegrity    640 bytes compared, every byte verified, 0 violations\n");
	teardown(state);
	open_run(0);
	part->violations[WRONG_CORRUPT] = 5;
	write_report(false);
	assert_has("\nintegrity    0.64 MB compared, 5 violations: corrupt 5\n");
	teardown(state);
	open_run(0);
	part->verified_bytes = 0;
	s.config.verify = VERIFY_LENGTH;
	write_report(false);
	assert_has("\nintegrity    nothing compared, only lengths verified, 0 violations\n");
}

static void
test_censored_is_marked(void **state)
{
	(void)state;
	open_run(0);
	sample_run_censor(&s, 150, 5 * S);
	write_report(false);
	assert_has(
	    "service       10150   \u226574ms   100us   100us     \u22655s     \u22655s       -"
	    "     \u22655s\n");
	assert_has("timeout 150");
	assert_has("W_CENSORED");
	assert_fits();
}

static void
test_unbalanced_is_loud(void **state)
{
	(void)state;
	open_run(0);
	part->started++;
	write_report(false);
	assert_has("\nINTERNAL     ERROR");
	teardown(state);
	open_run(0);
	part->scheduled++;
	write_report(false);
	assert_has("\nINTERNAL     ERROR");
	teardown(state);
	open_run(0);
	part->scheduled++, part->never_sent++;
	write_report(false);
	assert_lacks("INTERNAL");
}

static void
fail_run(void)
{
	open_run(0);
	part->failures[FAIL_RESET] = 2;
	part->replaced = 2;
	part->violations[WRONG_CROSSTALK] = 1;
	part->nfailure_texts = part->nviolation_texts = 1;
	strcpy(part->failure_text[0], "connection 1: reset by the server after 640 bytes");
	strcpy(part->violation_text[0],
	    "connection 0: crosstalk at offset 64: want 00 01 02 03 04 05 06 07, "
	    "got 10 11 12 13 14 15 16 17, which is of connection 1");
	part->user = 99 * S / 10;
	r.exit_code = 3;
}

static void
test_failing_run(void **state)
{
	struct expectation e[2];
	const char *why;
	unsigned i;

	(void)state;
	fail_run();
	assert_int_equal(expect_parse(&e[0], "p99<1us", &why), 0);
	assert_int_equal(expect_parse(&e[1], "p99.999<1s", &why), 0);
	sample_run_sum(&s);
	for (i = 0; i < 2; i++)
		expect_judge(&e[i], &s.run, &r.verdict);
	for (i = 0; i < CLOCKS; i++) {
		free(s.run.clocks[i]);
		free(s.run.censored[i]);
	}
	free(s.run.messages);
	s.run.total = (struct run_part){ 0 };
	r.expectations = e;
	r.nexpectations = 2;
	write_report(false);
	assert_has("\nerrors       reset 2; 2 connections replaced\n"
		   "           - connection 1: reset by the server after 640 bytes\n");
	assert_has("1 violation: crosstalk 1\n           - connection 0: crosstalk at offset 64");
	assert_has("-> not trustworthy\n");
	assert_has("\nwarning      W_CLIENT_SATURATED a load process uses 99% of a processor");
	assert_has("p99<1us FAIL (100us)   p99.999<1s FAIL (too few samples)\n");
	assert_fits();
	assert_tells("\nresult       1 violation, 2 errors, 2 failed assertions, not trustworthy; "
		     "exit 3: wrong, lost or extra bytes\n");
}

/* Nothing but the colours differs. */
static void
test_colours(void **state)
{
	char *plain, *from, *to;

	(void)state;
	fail_run();
	write_report(false);
	plain = strdup(text);
	assert_non_null(plain);
	teardown(state);
	fail_run();
	write_report(true);
	assert_has("\033[1;31mnot trustworthy\033[0m");
	for (from = to = text; *from != '\0'; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	assert_string_equal(text, plain);
	free(plain);
}

static void
test_times(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = { { 0, "0ns" }, { 850, "850ns" }, { 999, "999ns" }, { 1000, "1us" },
		{ 88000, "88us" }, { 88063, "88.1us" }, { 999499, "999us" }, { 999500, "1ms" },
		{ 1919999, "1.92ms" }, { 242175 * 1000, "242ms" }, { 3410112345, "3.41s" },
		{ 275 * S, "275s" }, { 1234 * S, "1234s" } };
	char found[REPORT_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report_print_time(found, cases[i].ns);
		assert_string_equal(found, cases[i].text);
	}
}

static void
test_counts(void **state)
{
	static const struct {
		double n;
		const char *text;
	} cases[] = { { 0, "0" }, { 913, "913" }, { 9.5, "9.5" }, { 1956.4, "1956" },
		{ 9999, "9999" }, { 9999.7, "10k" }, { 99951, "100k" }, { 999600, "1M" },
		{ 1250000, "1.25M" } };
	char found[REPORT_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report_print_count(found, cases[i].n);
		assert_string_equal(found, cases[i].text);
	}
}

static void
test_live(void **state)
{
	struct conduct_news news = { .phase = PHASE_RAMP, .elapsed = 0.3, .connections = 1 };
	char line[80], small[20], wide[200];

	(void)state;
	open_run(1000);
	report_live(line, sizeof(line), &s.run, &news);
	assert_string_equal(line, "ramp 0.3s  1/2 conn");
	news.phase = PHASE_WARMUP;
	s.config.warmup = 1;
	report_live(line, sizeof(line), &s.run, &news);
	assert_string_equal(line, "warm-up 0.3/1s  1 conn");
	news = (struct conduct_news){ PHASE_MEASURE, 2.04, 2, 1, true };
	run_interval(&s.run, 0, 1)->cpu = 410 * MS;
	run_interval(&s.run, 0, 1)->lag_max = 6 * US;
	run_interval(&s.run, 0, 1)->errors = 4;
	report_live(line, sizeof(line), &s.run, &news);
	assert_string_equal(line,
	    "2.0/10s  2 conn  1000/1000 msg/s  p50 100us p99 100us max 100us  "
	    "err 4  lag 6us");
	report_live(wide, sizeof(wide), &s.run, &news);
	assert_non_null(strstr(wide, "err 4  lag 6us  cpu 41%"));
	report_live(small, sizeof(small), &s.run, &news);
	assert_string_equal(small, "2.0/10s  2 conn");
	news.phase = PHASE_DRAIN;
	news.interval = 9;
	report_live(line, sizeof(line), &s.run, &news);
	assert_non_null(strstr(line, "drain  2 conn  1000/1000 msg/s"));
	news.interval = 10; /* after the measured phase: it tells nothing */
	report_live(line, sizeof(line), &s.run, &news);
	assert_string_equal(line, "drain  2 conn");
	news.connections = 0;
	report_live(line, sizeof(line), &s.run, &news);
	assert_string_equal(line, "end");
}

/* The widest that can be, on 80 columns. */
static void
test_live_fits(void **state)
{
	struct conduct_news news = { PHASE_MEASURE, 99999.9, 4000000, 1, true };
	struct run_interval *i;
	char line[80];

	(void)state;
	open_run(1.23e9);
	s.config.duration = 86400;
	i = run_interval(&s.run, 0, 1);
	i->messages = 1234567890;
	i->max = i->lag_max = 123456 * S;
	i->errors = 4294967296;
	i->bytes = UINT64_C(1) << 50;
	report_live(line, sizeof(line), &s.run, &news);
	assert_non_null(strstr(line, "1.23G/1.23G msg/s"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_closed_loop, teardown),
		cmocka_unit_test_teardown(test_open_loop, teardown),
		cmocka_unit_test_teardown(test_more_percentiles_than_columns, teardown),
		cmocka_unit_test_teardown(test_long_percentiles, teardown),
		cmocka_unit_test_teardown(test_long_words, teardown),
		cmocka_unit_test_teardown(test_integrity, teardown),
		cmocka_unit_test_teardown(test_censored_is_marked, teardown),
		cmocka_unit_test_teardown(test_unbalanced_is_loud, teardown),
		cmocka_unit_test_teardown(test_failing_run, teardown),
		cmocka_unit_test_teardown(test_colours, teardown),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_counts),
		cmocka_unit_test_teardown(test_live, teardown),
		cmocka_unit_test_teardown(test_live_fits, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
