/* SPDX-License-Identifier: ISC */
/*
 * stats.h -- what one process has done, in numbers.
 *
 * One writer, plain stores, never reset.
 */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>
#include <stdint.h>

/* Why a connection that was accepted could not be served. */
enum stats_refused { REFUSED_MEMORY, REFUSED_BACKEND, REFUSED_REASONS };

struct stats {
	uint64_t accepted;     /* connections, those refused included */
	uint64_t active, peak; /* connections now, and at most */
	uint64_t refused[REFUSED_REASONS];
	uint64_t bytes_in, bytes_out;
	uint64_t idle;    /* ended by idle-timeout */
	uint64_t stalled; /* ended by stall-timeout */
	uint64_t reset;   /* ended by the peer with a reset */
	uint64_t failed;  /* ended by another error */
	uint64_t drained; /* ended by us at a stop */
	uint64_t rests;   /* times a listener was out of descriptors */
};

#define STATS_TEXT 512

void stats_opened(struct stats *);
void stats_closed(struct stats *);

/* The summary, one line without a newline; seconds: how long it all took. */
void stats_print(char text[STATS_TEXT], const struct stats *, double seconds);

#endif
