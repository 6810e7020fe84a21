/* SPDX-License-Identifier: ISC */
/*
 * sockets.h -- the listening sockets of one configuration.
 *
 * Each address has a row: one socket that all workers share, or one for each
 * worker, so that the kernel spreads connections over them.  Whoever opened them
 * keeps them all for life: what waits in the queue of a worker that died waits
 * for its successor.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <sys/types.h>

#include "conf.h"

struct listening {
	const struct conf_listen *section; /* what the settings say of it */
	struct net_addr wanted;            /* the address as in the settings */
	struct net_addr addr;              /* with the port it really has */
	struct net_options options;
	int *fds; /* -1: handed over to a successor */
	unsigned nfds;
	bool passed;   /* by the service manager: never closed, for it goes on to listen */
	unsigned kept; /* the first so many of fds belong to the predecessor, too */
	dev_t dev;     /* of a unix socket's path */
	ino_t ino;
};

struct sockets {
	struct listening *all;
	size_t n;
	bool borrowed; /* by a worker: paths stay when it closes them */
};

/*
 * Bind and listen on everything the settings ask for, or on nothing, a column for
 * each of so many workers.  The settings are borrowed.  What old (or NULL) has is
 * kept, and belongs to both until it is decided which one stays:
 * sockets_abandon() closes what is new, sockets_succeed() makes all of it ours.
 * Returns 0 or the code to exit with (sysexits.h); the reason goes to err.
 */
int sockets_open(
    struct sockets *, const struct conf *, unsigned columns, const struct sockets *old, FILE *err);
void sockets_abandon(struct sockets *);

/*
 * Take over from old, whose rest, sockets that the new settings lack, is put into
 * gone: nobody can begin to connect to those, but some may be about to (net_retire()).
 */
void sockets_succeed(struct sockets *, struct sockets *old, struct sockets *gone);
bool sockets_any_open(const struct sockets *gone);

/* How the sockets of a section are to be. */
struct net_options sockets_options(const struct conf_listen *);

/* In a worker: keep one column, borrowed, and close the others. */
void sockets_borrow(struct sockets *, unsigned column);
void sockets_close(struct sockets *);

/* In a worker: close of sockets what mine does not share. */
void sockets_drop_others(struct sockets *, const struct sockets *mine);

/* Write the bound addresses, a line each, all at once.  0 or -errno. */
int sockets_report(const struct sockets *, int fd);

#endif
