/* SPDX-License-Identifier: ISC */
/*
 * machine.h -- what may spoil a measurement: the machine that makes it.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
	char kernel[64], clocksource[32], governor[32]; /* "" where unknown */
	unsigned cpus;                                  /* that we may use */
	unsigned clock_cost;                            /* ns of one look at the clock */
	bool loopback; /* client and server share this host: for the caller to say */
	/* Between machine_begin() and machine_end(). */
	double steal;       /* share of all processors' time, 0 to 1 */
	uint64_t throttled; /* periods in which our control group was held up */
	/* As they were at the beginning. */
	uint64_t steal_then, all_then, throttled_then;
	const char *root; /* under which /proc and /sys are */
};

/* All but loopback is filled in.  What cannot be found out is no failure. */
void machine_begin(struct machine *);
void machine_end(struct machine *);

/* The same where /proc and /sys are in another place, which is to outlive it. */
void machine_begin_under(struct machine *, const char *root);

#endif
