/* SPDX-License-Identifier: ISC */
/*
 * test_admission.c -- whom to serve: the table of sources, so many a second, and in
 * which order what is asked.
 *
 * Faults: F43
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admission.h"
#include "macros.h"
#include "unit.h"

static struct sources sources;
static struct stats stats;
static struct admission admission;
static struct admission_limits limits;
static struct conf conf;
static struct conf_listen section;
static char log_name[] = "test_admission.log";

static int
setup(void **state)
{
	(void)state;
	sources = (struct sources){ 0 };
	stats = (struct stats){ 0 };
	memset(&limits, 0, sizeof(limits));
	conf = (struct conf){ 0 };
	section = (struct conf_listen){ .text = log_name };
	admission_open(&admission, &stats, &sources, &limits);
	unlink(log_name);
	assert_int_equal(log_open("file:test_admission.log"), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	access_close(&section.access);
	assert_int_equal(sources.n, 0);
	assert_null(sources.root);
	log_close();
	unlink(log_name);
	return 0;
}

static const struct net_addr *
peer(const char *address)
{
	static struct net_addr addr;
	char text[NET_TEXT];
	const char *why;

	snprintf(text, sizeof(text), strchr(address, ':') != NULL ? "[%s]:7" : "%s:7", address);
	assert_int_equal(net_parse(text, &addr, 1, &why), 1);
	net_unmap(&addr);
	return &addr;
}

static struct source *
enter(const char *address, unsigned max)
{
	struct source *s = NULL;
	int rc = sources_enter(&sources, peer(address), max, &s);

	assert_true(rc == 0 ? s != NULL : rc == -EDQUOT);
	return s;
}

static void
test_count(void **state)
{
	struct source *s[4];

	(void)state;
	s[0] = enter("192.0.2.1", 2);
	s[1] = enter("192.0.2.1", 2);
	assert_ptr_equal(s[0], s[1]);
	assert_null(enter("192.0.2.1", 2));
	assert_null(enter("192.0.2.1", 1)); /* as after a reload */
	s[2] = enter("192.0.2.2", 2);       /* another's */
	assert_ptr_not_equal(s[2], s[0]);
	s[3] = enter("192.0.2.1", 3);
	assert_int_equal(sources.n, 2);
	sources_leave(&sources, s[0]);
	assert_null(enter("192.0.2.1", 2));
	sources_leave(&sources, s[1]);
	s[0] = enter("192.0.2.1", 2);
	sources_leave(&sources, s[0]);
	sources_leave(&sources, s[2]);
	assert_int_equal(sources.n, 1);
	sources_leave(&sources, s[3]);
}

/* Of IPv6 the first 64 bits, of IPv4 all, in whatever clothes; and neither is the other. */
static void
test_what_a_source_is(void **state)
{
	struct source *a, *b, *c, *d, *e;

	(void)state;
	a = enter("2001:db8:0:1::1", 1);
	assert_null(enter("2001:db8:0:1::2", 1));
	assert_null(enter("2001:db8:0:1:ffff:ffff:ffff:ffff", 1));
	b = enter("2001:db8:0:2::1", 1);
	c = enter("32.1.13.184", 1); /* its bytes are how that begins */
	assert_null(enter("::ffff:32.1.13.184", 1));
	d = enter("32.1.13.185", 1);
	e = enter("::1", 1);
	assert_int_equal(sources.n, 5);
	sources_leave(&sources, a);
	sources_leave(&sources, b);
	sources_leave(&sources, c);
	sources_leave(&sources, d);
	sources_leave(&sources, e);
}

/* As many as there can be: each is found again, and all memory comes back. */
static void
test_many_sources(void **state)
{
	static struct source *all[5000];
	char text[NET_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < countof(all); i++) {
		snprintf(text, sizeof(text), "2001:db8:%zx:%zx::1", i % 70, i / 70);
		all[i] = enter(text, 1);
		assert_non_null(all[i]);
		assert_null(enter(text, 1));
	}
	assert_int_equal(sources.n, countof(all));
	for (i = 0; i < countof(all); i++)
		sources_leave(&sources, all[i]);
}

static void
test_bucket(void **state)
{
	struct bucket b = { 0 };
	unsigned i;

	(void)state;
	assert_true(bucket_has(&b, 10, 0) == 10); /* full at first */
	assert_true(bucket_has(&b, 10, 100) == 10);
	for (i = 0; i < 10; i++)
		bucket_take(&b, 1, 10, 100);
	assert_true(bucket_has(&b, 10, 100) < 1e-6);
	assert_true(bucket_has(&b, 10, 100.5) > 5 - 1e-6 && bucket_has(&b, 10, 100.5) < 5 + 1e-6);
	assert_true(bucket_has(&b, 10, 200) == 10);
	bucket_take(&b, 15, 10, 200); /* five are owed */
	assert_true(bucket_has(&b, 10, 200.4) < 0);
	assert_true(bucket_has(&b, 10, 200.7) > 1);
}

static bool
grants(const char *address, double now)
{
	struct source *s;
	bool granted = admission_grants(
	    &admission, &conf, &section, address != NULL ? peer(address) : NULL, now, &s);

	if (s != NULL) {
		assert_true(granted);
		sources_leave(&sources, s);
	}
	return granted;
}

static void
test_rate(void **state)
{
	unsigned i, second, granted;

	(void)state;
	assert_true(grants(NULL, 100));
	conf.accept_rate = 7;
	for (i = 0; i < 7; i++)
		assert_true(grants(NULL, 100));
	for (i = 0; i < 100; i++)
		assert_false(grants(NULL, 100));
	assert_int_equal(stats.refused[REFUSED_RATE], 100);
	/* However many are refused, as many get in as may. */
	for (second = 101, granted = 0; second < 201; second++)
		for (i = 0; i < 1000; i++)
			granted += grants(NULL, second + i / 1000.);
	assert_in_range(granted, 7 * 100, 7 * 101);
	/* One at a time, in time. */
	for (i = 1; i < 100; i++)
		assert_true(grants(NULL, 300 + i / 7.));
}

static void
test_order(void **state)
{
	struct source *first;

	(void)state;
	assert_int_equal(access_open(&section.access, "", "192.0.2.66"), 0);
	conf.max_per_source = 1;
	conf.accept_rate = 2;
	assert_true(admission_grants(&admission, &conf, &section, peer("192.0.2.1"), 100, &first));
	assert_false(grants("192.0.2.66", 100));
	assert_int_equal(stats.refused[REFUSED_DENIED], 1);
	assert_false(grants("192.0.2.1", 100));
	assert_false(grants("192.0.2.1", 100));
	assert_int_equal(stats.refused[REFUSED_SOURCE], 2);
	assert_true(grants("192.0.2.2", 100)); /* they did not take its place */
	assert_false(grants("192.0.2.3", 100));
	assert_int_equal(stats.refused[REFUSED_RATE], 1);
	assert_int_equal(sources.n, 1); /* who came too fast was not counted */
	sources_leave(&sources, first);
}

static void
test_wanted(void **state)
{
	(void)state;
	assert_false(admission_wants_peer(&conf, &section, AF_INET));
	conf.accept_rate = 1;
	assert_false(admission_wants_peer(&conf, &section, AF_INET));
	conf.max_per_source = 1;
	assert_true(admission_wants_peer(&conf, &section, AF_INET));
	assert_true(admission_wants_peer(&conf, &section, AF_INET6));
	assert_false(admission_wants_peer(&conf, &section, AF_UNIX));
	conf.max_per_source = 0;
	assert_int_equal(access_open(&section.access, "all", ""), 0);
	assert_true(admission_wants_peer(&conf, &section, AF_INET6));
	assert_false(admission_wants_peer(&conf, &section, AF_UNIX));
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_count),
		UNIT(test_what_a_source_is),
		UNIT(test_many_sources),
		UNIT(test_bucket),
		UNIT(test_rate),
		UNIT(test_order),
		UNIT(test_wanted),
	};

	return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
