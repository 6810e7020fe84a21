/* SPDX-License-Identifier: ISC */
/*
 * backends.h -- one body of tests, run over every backend of the reactor.
 */
#ifndef BACKENDS_H
#define BACKENDS_H

#include "reactor.h"
#include "unit.h"

struct body {
	const char *name;
	CMUnitTestFunction fn; /* *state is the name of the backend */
};

#define BODY(function) \
	{ \
		.name = #function, .fn = (function) \
	}

/* Each body with each backend.  Returns what main() should. */
int backends_run(const char *group, const struct body *, size_t n, CMFixtureFunction setup,
    CMFixtureFunction teardown);

/*
 * Turn the loop until a condition holds, asleep in between as in real life, but
 * for a millisecond at most, as one turn both calls those that are ready and then
 * sleeps.  Five seconds are more than enough for anything here.
 */
#define UNTIL(r, condition) \
	do { \
		double late_ = backends_seconds() + 5; \
		while (!(condition) && backends_seconds() < late_) \
			backends_turn(r); \
		assert_true(condition); \
	} while (0)

void backends_turn(struct reactor *);
double backends_seconds(void); /* on a clock that never jumps */

/* Some turns that do not wait: what was to happen by now has happened then. */
void backends_settle(struct reactor *);

#endif
