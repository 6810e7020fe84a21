/* SPDX-License-Identifier: ISC */
/*
 * stats.c -- see stats.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "stats.h"

void
stats_opened(struct stats *s)
{
	s->active++;
	if (s->active > s->peak)
		s->peak = s->active;
}

void
stats_closed(struct stats *s)
{
	s->active--;
}

void
stats_print(char text[STATS_TEXT], const struct stats *s, double seconds)
{
	uint64_t refused = s->refused[REFUSED_MEMORY] + s->refused[REFUSED_BACKEND];

	snprintf(text, STATS_TEXT,
	    "connections %" PRIu64 " (peak %" PRIu64 "), bytes in %" PRIu64 ", bytes out %" PRIu64
	    ", refused %" PRIu64 " (memory %" PRIu64 ", backend %" PRIu64 "), reset %" PRIu64
	    ", failed %" PRIu64 ", idle %" PRIu64 ", stalled %" PRIu64 ", drained %" PRIu64
	    ", rests %" PRIu64 ", seconds %.3f",
	    s->accepted, s->peak, s->bytes_in, s->bytes_out, refused, s->refused[REFUSED_MEMORY],
	    s->refused[REFUSED_BACKEND], s->reset, s->failed, s->idle, s->stalled, s->drained,
	    s->rests, seconds);
}
