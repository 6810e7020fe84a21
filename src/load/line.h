/* SPDX-License-Identifier: ISC */
/*
 * line.h -- those that stand in line, each until a time of its own.
 *
 * Times are of the monotonic clock, in nanoseconds, and are added in the order in
 * which they come, so that only the head has to be looked at.  The line takes memory
 * when it is first used, and as much as it was ever long.
 */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

struct line_place;

/* All zero: an empty one. */
struct line {
	struct line_place *places;
	unsigned head, len, room;
};

int line_add(struct line *, uint64_t time, unsigned who); /* 0 or -ENOMEM */

/* The head, if its time is not after now. */
bool line_take(struct line *, uint64_t now, uint64_t *time, unsigned *who);

void line_free(struct line *);

#endif
