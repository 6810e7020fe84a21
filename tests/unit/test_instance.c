/* SPDX-License-Identifier: ISC */
/*
 * test_instance.c -- what a daemon says once a day of its certificates.
 *
 * Faults: F79
 */
#include <ev.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "instance.h"
#include "log.h"
#include "macros.h"
#include "unit.h"

#define MINUTE 60
#define DAY (24 * 60 * MINUTE)

time_t __wrap_tls_server_end(const struct tls_server *);
int __wrap_tls_server_broken_link(const struct tls_server *);
void __wrap_log_warn(const char *fmt, ...) printflike(1, 2);
void __wrap_log_info(const char *fmt, ...) printflike(1, 2);

static struct {
	long left; /* seconds */
	int broken_link;
} servers[2];
static struct conf_listen listens[] = {
	{ .text = (char *)"one", .certificate = (char *)"one.crt" },
	{ .text = (char *)"two", .certificate = (char *)"two.crt" },
	{ .text = (char *)"in the clear" },
};
static struct conf_listen *all[] = { &listens[0], &listens[1], &listens[2] };
static struct conf conf = { .listens = all, .nlistens = 3 };
static struct instance instance = { .conf = &conf };
static struct ev_loop *loop;
static unsigned warnings, infos;
static char last[512];

time_t
__wrap_tls_server_end(const struct tls_server *server)
{
	return time(NULL) + servers[(const void *)server != &servers[0]].left;
}

int
__wrap_tls_server_broken_link(const struct tls_server *server)
{
	return servers[(const void *)server != &servers[0]].broken_link;
}

void
__wrap_log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(last, sizeof(last), fmt, ap);
	va_end(ap);
	warnings++;
}

void
__wrap_log_info(const char *fmt, ...)
{
	(void)fmt;
	infos++;
}

static int
setup(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++)
		listens[i].tls_server = (struct tls_server *)(void *)&servers[i];
	servers[0].left = servers[1].left = 1000L * DAY;
	servers[0].broken_link = 0;
	warnings = infos = 0;
	last[0] = '\0';
	instance.ends_told = instance_clock();
	if ((loop = ev_loop_new(EVFLAG_NOENV | EVBACKEND_SELECT)) == NULL)
		return -1;
	instance_turn_tickets(&instance, loop);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ev_timer_stop(loop, &instance.turn_tickets);
	ev_loop_destroy(loop);
	return 0;
}

static void
pass_days(double days)
{
	long minutes = (long)(days * DAY / MINUTE);

	for (; minutes > 0; minutes--) {
		clock_advance(MINUTE);
		servers[0].left -= MINUTE;
		servers[1].left -= MINUTE;
		ev_run(loop, EVRUN_NOWAIT);
	}
}

static void
test_a_year(void **state)
{
	(void)state;
	pass_days(366);
	assert_int_equal(warnings + infos, 0);
}

static void
test_it_comes_near(void **state)
{
	(void)state;
	servers[0].left = 32 * DAY + DAY / 2;
	pass_days(2.9);
	assert_int_equal(warnings, 0);
	pass_days(0.2);
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(last, "the certificate of one ends in 29 days, on "));
	assert_non_null(strstr(last, "; it is time to renew it"));
	pass_days(0.8);
	assert_int_equal(warnings, 1);
	pass_days(3.2);
	assert_int_equal(warnings, 5);
	servers[1].left = DAY; /* each has its line */
	pass_days(1);
	assert_int_equal(warnings, 7);
	assert_int_equal(infos, 0);
}

static void
test_it_has_ended(void **state)
{
	(void)state;
	servers[0].left = DAY / 2;
	pass_days(1.1);
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(last, "the certificate of one has ended on "));
}

/* Nothing new: it was said at the start. */
static void
test_no_chain(void **state)
{
	(void)state;
	servers[0].broken_link = 1;
	pass_days(10);
	assert_int_equal(warnings, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_year, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_comes_near, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_has_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_chain, setup, teardown),
	};

	return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}
