/* SPDX-License-Identifier: ISC */
/*
 * test_tickets.c -- when the keys of session tickets take their turns, whatever is done
 * to the date.
 *
 * Faults: F78
 */
#include <time.h>
#include <unistd.h>

#include "tickets.h"
#include "unit.h"

#define HOUR 3600.0
#define DAY (24 * HOUR)
#define LOOK 60.0 /* how often the ring is looked at */

time_t __wrap_time(time_t *t);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

static double date, up; /* seconds */

time_t
__wrap_time(time_t *t)
{
	(void)t;
	return (time_t)date;
}

int
__wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	double now = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? date : up;

	ts->tv_sec = (time_t)now;
	ts->tv_nsec = 0;
	return 0;
}

static void
wait_so_long(double seconds)
{
	date += seconds;
	up += seconds;
}

static int
setup(void **state)
{
	date = 1700000000;
	up = 1000;
	return (*state = tickets_open()) != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	tickets_close(*state);
	return 0;
}

/* How long until it is due, looked at as the daemon does; then it is turned. */
static double
until_turned(struct tickets *t)
{
	double waited = 0;

	for (; tickets_due(t) > 0; waited += LOOK)
		wait_so_long(LOOK);
	assert_int_equal(tickets_rotate(t), 0);
	return waited;
}

static void
test_due(void **state)
{
	struct tickets *t = *state;

	assert_true(tickets_due(t) == TICKETS_SECONDS);
	wait_so_long(HOUR);
	assert_true(tickets_due(t) == TICKETS_SECONDS - HOUR);
	wait_so_long(30 * DAY);
	assert_true(tickets_due(t) == 0);
	assert_int_equal(tickets_rotate(t), 0);
	assert_true(tickets_due(t) == TICKETS_SECONDS);
}

/* Neither sooner nor later, and the next ones neither. */
static void
test_date_is_set(void **state)
{
	static const double jumps[] = { -30 * DAY, 30 * DAY, -HOUR, HOUR, -20000 * DAY };
	size_t i;

	for (i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		wait_so_long(HOUR);
		date += jumps[i];
		assert_true(until_turned(*state) == TICKETS_SECONDS - HOUR);
		assert_true(until_turned(*state) == TICKETS_SECONDS);
	}
}

/* Set back again and again, no key seals longer than it may. */
static void
test_date_is_set_back_all_the_time(void **state)
{
	struct tickets *t = *state;
	double age = 0, oldest = 0;
	int i, turns = 0;

	for (i = 0; i < 48 * 3; i++) {
		wait_so_long(HOUR / 2);
		date -= HOUR;
		age += HOUR / 2;
		oldest = age > oldest ? age : oldest;
		if (tickets_due(t) > 0)
			continue;
		assert_int_equal(tickets_rotate(t), 0);
		turns++;
		age = 0;
	}
	assert_true(oldest == TICKETS_SECONDS);
	assert_int_equal(turns, 9);
}

/* A ring that was turned on a machine, or in a namespace, that is up for longer. */
static void
test_turned_in_the_future(void **state)
{
	struct tickets *adopted = tickets_open_fd(dup(tickets_fd(*state)));

	assert_non_null(adopted);
	up -= 500;
	assert_true(tickets_due(adopted) == 0);
	assert_int_equal(tickets_rotate(adopted), 0);
	assert_true(tickets_due(adopted) == TICKETS_SECONDS);
	tickets_close(adopted);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_due, setup, teardown),
		cmocka_unit_test_setup_teardown(test_date_is_set, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_date_is_set_back_all_the_time, setup, teardown),
		cmocka_unit_test_setup_teardown(test_turned_in_the_future, setup, teardown),
	};

	return cmocka_run_group_tests_name("tickets", tests, NULL, NULL);
}
