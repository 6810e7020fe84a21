/* SPDX-License-Identifier: ISC */
/*
 * sources.c -- see sources.h.
 *
 * The table is tsearch(3), the C library's balanced tree.  Who attacks chooses the
 * addresses, of IPv6 as many as there can be: a tree is as quick with any of them,
 * where a hash table may be made to have all in one place.
 */
#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sources.h"

struct source {
	uint64_t net; /* any order of bytes will do */
	sa_family_t family;
	unsigned count;
};

static struct source
source_of(const struct net_addr *peer)
{
	struct source s = { .family = peer->sa.sa_family };

	if (s.family == AF_INET6)
		memcpy(&s.net, &peer->in6.sin6_addr, sizeof(s.net));
	else
		s.net = peer->in.sin_addr.s_addr;
	return s;
}

static int
compare(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	return x->net == y->net ? 0 : x->net < y->net ? -1 : 1;
}

static int
add(struct sources *sources, const struct source *key, struct source **source)
{
	struct source *s = malloc(sizeof(*s));

	if (s == NULL)
		return -ENOMEM;
	*s = *key;
	s->count = 1;
	if (tsearch(s, &sources->root, compare) == NULL) {
		free(s);
		return -ENOMEM;
	}
	sources->n++;
	*source = s;
	return 0;
}

int
sources_enter(
    struct sources *sources, const struct net_addr *peer, unsigned max, struct source **source)
{
	const struct source key = source_of(peer);
	struct source **found = tfind(&key, &sources->root, compare);

	if (found == NULL)
		return add(sources, &key, source);
	if ((*found)->count >= max)
		return -EDQUOT;
	(*found)->count++;
	*source = *found;
	return 0;
}

void
sources_leave(struct sources *sources, struct source *s)
{
	if (--s->count > 0)
		return;
	tdelete(s, &sources->root, compare);
	sources->n--;
	free(s);
}
