/* SPDX-License-Identifier: ISC */
/*
 * sockets.h -- the listening sockets of one configuration.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <sys/types.h>

#include "conf.h"

struct listening {
	int fd;
	struct net_addr addr; /* with the port it really has */
	struct net_options options;
	dev_t dev; /* of a unix socket's path */
	ino_t ino;
};

struct sockets {
	struct listening *all;
	size_t n;
};

/*
 * Bind and listen on everything the settings ask for, or on nothing.  Returns 0
 * or the code to exit with (sysexits.h); then the reason has been logged.
 */
int sockets_open(struct sockets *, const struct conf *);
void sockets_close(struct sockets *);

/* Write the bound addresses, a line each, all at once.  0 or -errno. */
int sockets_report(const struct sockets *, int fd);

#endif
