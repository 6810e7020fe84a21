/* SPDX-License-Identifier: ISC */
/*
 * backends.c -- see backends.h.
 */
#include <stdio.h>
#include <time.h>

#include "backends.h"

enum { MAX_TESTS = 128, NAME = 64 };

double
backends_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
on_late(struct ev_loop *loop, ev_timer *w, int revents)
{
	(void)loop, (void)w, (void)revents;
}

void
backends_turn(struct reactor *r)
{
	ev_timer late;

	ev_timer_init(&late, on_late, 1e-3, 0);
	ev_now_update(r->loop);
	ev_timer_start(r->loop, &late);
	ev_run(r->loop, EVRUN_ONCE);
	ev_timer_stop(r->loop, &late);
}

void
backends_settle(struct reactor *r)
{
	int i;

	for (i = 0; i < 8; i++)
		ev_run(r->loop, EVRUN_NOWAIT);
}

int
backends_run(const char *group, const struct body *bodies, size_t n, CMFixtureFunction setup,
    CMFixtureFunction teardown)
{
	static struct CMUnitTest tests[MAX_TESTS];
	static char names[MAX_TESTS][NAME];
	size_t i, j, k = 0;

	for (i = 0; reactor_backends[i] != NULL; i++)
		for (j = 0; j < n && k < MAX_TESTS; j++, k++) {
			snprintf(names[k], NAME, "%s: %s", reactor_backends[i], bodies[j].name);
			tests[k] = (struct CMUnitTest){
				.name = names[k],
				.test_func = bodies[j].fn,
				.setup_func = setup,
				.teardown_func = teardown,
				.initial_state = (void *)reactor_backends[i],
			};
		}
	if (k == MAX_TESTS)
		return 1; /* there may be more than were noted */
	return _cmocka_run_group_tests(group, tests, k, NULL, NULL);
}
