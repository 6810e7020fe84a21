/* SPDX-License-Identifier: ISC */
/*
 * backend.h -- what a source of readiness must do.
 *
 * Private to the reactor's floor: only reactor.c, the backends, and the tests
 * that put one of their own in their place include it.
 */
#ifndef BACKEND_H
#define BACKEND_H

#include "reactor.h"

struct backend {
	const char *name;
	unsigned host; /* EVBACKEND_* of the libev loop it lives in */

	/* Whether it can watch max_fd: 0 or -errno.  NULL: it always can. */
	int (*check)(unsigned max_fd);

	/*
	 * Size its tables for descriptors up to max_fd now, so that nothing has to grow
	 * in the middle of a crowd.  NULL: it has none.
	 */
	void (*reserve)(struct reactor *, unsigned max_fd);

	/* Its own state, in reactor->priv.  NULL if it has none.  0 or -errno. */
	int (*open)(struct reactor *);
	void (*close)(struct reactor *);

	int (*add)(struct io *);  /* start to watch io->fd; 0 or -errno */
	void (*set)(struct io *); /* io->want has changed */
	void (*del)(struct io *); /* io->fd is about to be closed */
};

extern const struct backend backend_select, backend_poll, backend_epoll, backend_epoll_et;

/* reactor_open() for a backend that has no name among the others. */
int reactor_open_with(struct reactor *, const struct backend *, double busy_poll);

/* A backend saw these directions become ready.  It marks, and calls nothing. */
void io_mark(struct io *, unsigned dirs);

/* A backend can no longer watch io: its next io_recv() or io_send() says why. */
void io_fail(struct io *, int error);

#endif
