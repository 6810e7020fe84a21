/* SPDX-License-Identifier: ISC */
/*
 * pair.h -- two sockets that are connected to each other, ours and the peer's.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stddef.h>

struct pair {
	int ours, peers; /* ours does not block; -1 once closed */
};

void pair_tcp(struct pair *); /* over the loopback, with SO_OOBINLINE on ours */
void pair_unix(struct pair *);
void pair_put(const struct pair *, const char *text); /* the peer sends, and it has come */
void pair_close(struct pair *);                       /* what is still open of it */

/* Until that many bytes, an end or an error can be read.  Fails if they never come. */
void pair_await(int fd, size_t bytes);

#endif
