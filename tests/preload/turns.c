/* SPDX-License-Identifier: ISC */
/*
 * turns.c -- preloaded: how much processor time goes by between two waits for events.
 *
 * That is how long one who is connected waits for all the others, on a processor of
 * its own; unlike a time on the clock it does not depend on what else the machine
 * does.  In the end a line goes to the file that TURNS names: turns=N and, in
 * microseconds, p50= p99= max=.
 */
#include <sys/epoll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "next.h"

NEXT(int, epoll_wait, (int epfd, struct epoll_event *events, int max, int timeout),
    (epfd, events, max, timeout))

#define MICROSECONDS 100000 /* the longest that is told from longer ones */

static unsigned long turns[MICROSECONDS + 1], count, longest;
static double began;

static double
spent(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
end_turn(void)
{
	unsigned long length = began > 0 ? (unsigned long)(spent() - began) : 0;

	turns[length < MICROSECONDS ? length : MICROSECONDS]++;
	count++;
	if (length > longest)
		longest = length;
}

int
epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	int n;

	end_turn();
	n = next_epoll_wait(epfd, events, max, timeout);
	began = spent();
	return n;
}

static unsigned long
quantile(double share)
{
	unsigned long sum = 0, i;

	for (i = 0; i < MICROSECONDS; i++)
		if ((double)(sum += turns[i]) >= share * (double)count)
			break;
	return i;
}

static __attribute__((destructor)) void
report(void)
{
	const char *path = getenv("TURNS");
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (f == NULL)
		return;
	fprintf(f, "turns=%lu p50=%lu p99=%lu max=%lu\n", count, quantile(0.5), quantile(0.99),
	    longest);
	fclose(f);
}
