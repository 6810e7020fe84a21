/* SPDX-License-Identifier: ISC */
/*
 * test_deadline.c -- many timeouts and one timer, while time stands still.
 *
 * Faults: F62 F63
 */
#include <string.h>

#include "clock.h"
#include "deadline.h"
#include "macros.h"
#include "unit.h"

#define TIMEOUT 2.0
#define SLACK 0.25 /* an eighth */
#define TICK 0.001 /* more than all the rounding there is */

static struct reactor reactor;
static struct deadline deadline;
static struct due items[200];
static struct due *fired[200];
static size_t nfired;
static struct due *again; /* to be added again when it comes due */

static void
on_due(struct due *item)
{
	fired[nfired++] = item;
	if (item == again)
		deadline_add(&deadline, item);
}

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(reactor_open(&reactor, "poll", 0), 0);
	deadline_open(&deadline, &reactor, TIMEOUT, on_due);
	nfired = 0;
	again = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	while (deadline_first(&deadline) != NULL)
		deadline_del(&deadline, deadline_first(&deadline));
	deadline_close(&deadline);
	reactor_close(&reactor);
	return 0;
}

static void
pass(double seconds)
{
	clock_advance(seconds);
	ev_run(reactor.loop, EVRUN_NOWAIT);
}

static void
test_never_early_and_in_order(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	pass(0.5);
	deadline_add(&deadline, &items[1]);
	deadline_add(&deadline, &items[2]);
	assert_ptr_equal(deadline_first(&deadline), &items[0]);
	pass(TIMEOUT + SLACK - 0.5 - TICK);
	assert_int_equal(nfired, 0);
	pass(2 * TICK);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[0]);
	pass(0.5 - 3 * TICK);
	assert_int_equal(nfired, 1);
	pass(3 * TICK);
	assert_int_equal(nfired, 3);
	assert_ptr_equal(fired[1], &items[1]);
	assert_ptr_equal(fired[2], &items[2]);
	assert_null(deadline_first(&deadline));
	assert_false(ev_is_active(&deadline.timer));
}

/* Within the slack an item keeps its place; after it, it goes to the tail. */
static void
test_touch(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	deadline_add(&deadline, &items[1]);
	pass(SLACK - TICK);
	deadline_touch(&deadline, &items[0]);
	assert_ptr_equal(deadline_first(&deadline), &items[0]);
	pass(2 * TICK);
	deadline_touch(&deadline, &items[0]);
	assert_ptr_equal(deadline_first(&deadline), &items[1]);
	pass(TIMEOUT);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[1]);
	pass(SLACK - TICK);
	assert_int_equal(nfired, 1);
	pass(3 * TICK);
	assert_int_equal(nfired, 2);
}

/* Touched just within the slack: still the whole timeout from then. */
static void
test_never_early_after_a_touch(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	pass(SLACK - TICK);
	deadline_touch(&deadline, &items[0]);
	pass(TIMEOUT - TICK);
	assert_int_equal(nfired, 0);
}

static void
test_slack(void **state)
{
	struct deadline d;

	(void)state;
	deadline_open(&d, &reactor, 0.8, on_due);
	assert_true(d.slack == 0.1);
	deadline_open(&d, &reactor, 300, on_due);
	assert_true(d.slack == 0.5);
	deadline_close(&d);
}

static void
test_never(void **state)
{
	struct deadline never;

	(void)state;
	deadline_open(&never, &reactor, 0, on_due);
	deadline_add(&never, &items[0]);
	deadline_add(&never, &items[1]);
	pass(1e7);
	deadline_touch(&never, &items[0]);
	pass(1e7);
	assert_int_equal(nfired, 0);
	assert_ptr_equal(deadline_first(&never), &items[0]);
	assert_false(ev_is_active(&never.timer));
	deadline_del(&never, &items[0]);
	deadline_del(&never, &items[1]);
	deadline_close(&never);
}

static void
test_taken_out(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	pass(1);
	deadline_add(&deadline, &items[1]);
	deadline_del(&deadline, &items[0]);
	pass(TIMEOUT + SLACK - 1 + TICK); /* the timer goes off for nothing */
	assert_int_equal(nfired, 0);
	pass(1);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[1]);
}

static void
test_added_again(void **state)
{
	(void)state;
	again = &items[0];
	deadline_add(&deadline, &items[0]);
	pass(TIMEOUT + SLACK + TICK);
	assert_int_equal(nfired, 1);
	pass(TIMEOUT + SLACK - TICK);
	assert_int_equal(nfired, 1);
	pass(2 * TICK);
	assert_int_equal(nfired, 2);

	deadline_del(&deadline, &items[0]);
	pass(10 * TIMEOUT); /* empty */
	deadline_add(&deadline, &items[1]);
	pass(TIMEOUT + SLACK + TICK);
	assert_int_equal(nfired, 3);
}

/* A crowd is let go by and by, 64 in a turn. */
static void
test_portions(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 150; i++)
		deadline_add(&deadline, &items[i]);
	pass(TIMEOUT + SLACK + TICK);
	assert_int_equal(nfired, 64);
	pass(TICK);
	assert_int_equal(nfired, 128);
	pass(TICK);
	assert_int_equal(nfired, 150);
	for (i = 0; i < 150; i++)
		assert_ptr_equal(fired[i], &items[i]);
}

/* Another timeout for those that nobody touches counts from when they came. */
static void
test_change_of_age(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	pass(TIMEOUT / 2);
	deadline_add(&deadline, &items[1]);
	deadline_change_age(&deadline, 0); /* never */
	pass(10 * TIMEOUT);
	assert_int_equal(nfired, 0);
	deadline_change_age(&deadline, 11 * TIMEOUT);
	pass(TIMEOUT / 2 + 0.5 - TICK); /* half a second is the slack */
	assert_int_equal(nfired, 0);
	pass(2 * TICK);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[0]);
	deadline_change_age(&deadline, TIMEOUT); /* long ago */
	pass(TICK);
	assert_int_equal(nfired, 2);
	assert_null(deadline_first(&deadline));
}

#define UNIT(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

/* All begin anew with another timeout, whether it is longer, shorter, or never. */
static void
test_change(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	pass(1.0);
	deadline_add(&deadline, &items[1]);
	deadline_change(&deadline, TIMEOUT); /* the same: nothing happens */
	pass(TIMEOUT + SLACK - 1.0 + TICK);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[0]);

	deadline_change(&deadline, TIMEOUT / 2);
	pass((TIMEOUT + SLACK) / 2 - TICK);
	assert_int_equal(nfired, 1);
	pass(2 * TICK);
	assert_int_equal(nfired, 2);
	assert_ptr_equal(fired[1], &items[1]);

	deadline_add(&deadline, &items[2]);
	deadline_change(&deadline, 0);
	pass(100 * TIMEOUT);
	assert_int_equal(nfired, 2);
	assert_ptr_equal(deadline_first(&deadline), &items[2]);

	deadline_change(&deadline, TIMEOUT);
	pass(TIMEOUT + SLACK - TICK);
	assert_int_equal(nfired, 2);
	pass(2 * TICK);
	assert_int_equal(nfired, 3);
}

/* What is added, or was active, after a change is in order with what was there before. */
static void
test_change_keeps_order(void **state)
{
	(void)state;
	deadline_add(&deadline, &items[0]);
	deadline_add(&deadline, &items[1]);
	pass(1.0);
	deadline_change(&deadline, 2 * TIMEOUT);
	pass(1.0);
	deadline_touch(&deadline, &items[0]);
	deadline_add(&deadline, &items[2]);
	pass(2 * (TIMEOUT + SLACK) - 1.0 + TICK);
	assert_int_equal(nfired, 1);
	assert_ptr_equal(fired[0], &items[1]);
	pass(1.0);
	assert_int_equal(nfired, 3);
	assert_ptr_equal(fired[1], &items[0]);
	assert_ptr_equal(fired[2], &items[2]);
	deadline_change(&deadline, 1.0); /* there is none */
	pass(10.0);
	assert_int_equal(nfired, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(test_never_early_and_in_order),
		UNIT(test_touch),
		UNIT(test_never_early_after_a_touch),
		UNIT(test_slack),
		UNIT(test_never),
		UNIT(test_taken_out),
		UNIT(test_added_again),
		UNIT(test_portions),
		cmocka_unit_test_setup_teardown(test_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_change_keeps_order, setup, teardown),
		UNIT(test_change_of_age),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
