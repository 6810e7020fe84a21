/* SPDX-License-Identifier: ISC */
/*
 * sources.h -- where connections come from, and how many from each.
 *
 * A source is an IPv4 address, or the first 64 bits of an IPv6 address, for that is
 * the least that one subscriber has.  The table knows only those from which there is
 * a connection now, so it never has more entries than there are connections.
 */
#ifndef SOURCES_H
#define SOURCES_H

#include "net.h"

struct source;

/* All zero is an empty one. */
struct sources {
	void *root;
	size_t n;
};

/*
 * One more connection from the peer, an IPv4 or IPv6 address, whose source *source is
 * to be told when it ends.  0; -EDQUOT if there are max already; -ENOMEM.
 */
int sources_enter(
    struct sources *, const struct net_addr *peer, unsigned max, struct source **source);
void sources_leave(struct sources *, struct source *);

#endif
