/* SPDX-License-Identifier: ISC */
/*
 * clockjump.c -- somebody sets the date, again and again.
 *
 * Preloaded, it moves the time of day an hour ahead and an hour back in turn, each time
 * it is asked for.  The monotonic clock goes on as it does.
 */
#include <sys/time.h>
#include <time.h>

#include "next.h"

#define HOUR 3600

NEXT(int, clock_gettime, (clockid_t clock, struct timespec *t), (clock, t))

static time_t
jump(void)
{
	static int n;

	return n++ % 2 == 0 ? HOUR : -HOUR;
}

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	int rc = next_clock_gettime(clock, t);

	if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		t->tv_sec += jump();
	return rc;
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	t->tv_sec = now.tv_sec;
	t->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (t != NULL)
		*t = now.tv_sec;
	return now.tv_sec;
}
