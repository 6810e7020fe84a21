/* SPDX-License-Identifier: ISC */
/*
 * tickets.h -- the keys of session tickets, which all workers share.
 *
 * A ticket is all that a server has to remember of a session, sealed, and kept by
 * the client.  Whoever has the key can open it, so all processes that serve an
 * address need the same keys, and no key should live long: there are three of them,
 * the newest seals, all three open, and each turn of the ring drops the oldest.
 *
 * They are in memory that one process writes and its children read.
 */
#ifndef TICKETS_H
#define TICKETS_H

#define TICKETS_SECONDS (8 * 3600.0) /* from one turn of the ring to the next */

struct ssl_ctx_st;
struct tickets;

/*
 * A ring with new keys.  Or, given the descriptor of one (tickets_fd()), that ring,
 * with its keys, and then the descriptor is the ring's.  NULL, and errno.
 */
struct tickets *tickets_open(void);
struct tickets *tickets_open_fd(int fd);
int tickets_fd(const struct tickets *); /* close-on-exec */

/* A new key.  For one process only, the one that owns the ring.  0 or -errno. */
int tickets_rotate(struct tickets *);

/* Seconds until the ring is due for its next turn, 0 if it is overdue, whatever the date. */
double tickets_due(const struct tickets *);

/* NULL is none.  No SSL_CTX that uses it may be left. */
void tickets_close(struct tickets *);

/* Have a context seal and open its tickets with this ring. */
void tickets_use(struct tickets *, struct ssl_ctx_st *);

#endif
