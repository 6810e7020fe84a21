/* SPDX-License-Identifier: ISC */
/*
 * listener.h -- accept connections, in fair portions, while there is room.
 *
 * Listening sockets are watched by libev itself, level-triggered, whatever
 * backend the connections use.  Where there is no room the kernel's queue is the
 * waiting room: a listener that may not accept is not watched, and so costs
 * nothing.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "net.h"
#include "reactor.h"

struct listener_set;

struct listener {
	struct listener_set *set;
	ev_io io; /* io.fd belongs to the caller */
	sa_family_t family;
	struct net_options options;
	const void *data;   /* the caller's */
	bool wants_peer;    /* whose address on_accept() is to be told */
	unsigned portion;   /* how many to accept at once */
	unsigned iteration; /* of the loop, when it last accepted */
	ev_timer rest;      /* out of descriptors: try again later */
	double rest_seconds;
	bool broken; /* or finished: it is not watched any more */
};

struct listener_set {
	struct reactor *reactor;
	struct listener *all;
	size_t n;
	bool full; /* there was no room */
	unsigned resting;
	void *owner; /* for these: */

	/* Whether there is room for one more connection. */
	bool (*has_room)(struct listener_set *);
	/*
	 * A new connection, non-blocking and close-on-exec: take it over.  peer is NULL
	 * where it was not wanted; an IPv4 address is one, however it came.
	 */
	void (*on_accept)(
	    struct listener_set *, struct listener *, int fd, const struct net_addr *peer);
	/* A listener rests, for lack of what error (-errno) says. */
	void (*on_rest)(struct listener_set *, struct listener *, int error);
	/* A listener is beyond repair and has stopped for good. */
	void (*on_broken)(struct listener_set *, struct listener *, int error);
};

/* Room for n listeners; the functions are to be set before the first is added. */
int listener_set_open(struct listener_set *, struct reactor *, size_t n); /* 0, -ENOMEM */
void listener_set_close(struct listener_set *); /* no descriptor is closed */

/* Not for unix sockets: wants_peer. */
void listener_add(struct listener_set *, int fd, sa_family_t, const struct net_options *,
    const void *data, bool wants_peer);

/* A connection has ended: whoever waits for room or for a descriptor may try. */
void listener_set_retry(struct listener_set *);

/*
 * Stop for good, but accept first what waits in the kernel's queues, for those
 * peers believe themselves connected.  Those of which keep (or NULL) says so go
 * on; returns how many.
 */
size_t listener_set_finish(struct listener_set *, bool (*keep)(struct listener *));

#endif
