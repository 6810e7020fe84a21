/* SPDX-License-Identifier: ISC */
/*
 * line.c -- see line.h.
 */
#include <errno.h>
#include <stdlib.h>

#include "line.h"

#define ROOM 1024 /* at first */

struct line_place {
	uint64_t time;
	unsigned who;
};

static int
grow(struct line *l)
{
	unsigned i, room = l->room > 0 ? l->room * 2 : ROOM;
	struct line_place *places;

	if (room < l->room || (places = malloc(room * sizeof(*places))) == NULL)
		return -ENOMEM;
	for (i = 0; i < l->len; i++)
		places[i] = l->places[(l->head + i) & (l->room - 1)];
	free(l->places);
	l->places = places;
	l->head = 0;
	l->room = room;
	return 0;
}

int
line_add(struct line *l, uint64_t time, unsigned who)
{
	int rc;

	if (l->len == l->room && (rc = grow(l)) < 0)
		return rc;
	l->places[(l->head + l->len++) & (l->room - 1)] = (struct line_place){ time, who };
	return 0;
}

bool
line_take(struct line *l, uint64_t now, uint64_t *time, unsigned *who)
{
	const struct line_place *first;

	if (l->len == 0 || (first = &l->places[l->head])->time > now)
		return false;
	*time = first->time;
	*who = first->who;
	l->head = (l->head + 1) & (l->room - 1);
	l->len--;
	return true;
}

void
line_free(struct line *l)
{
	free(l->places);
	*l = (struct line){ 0 };
}
