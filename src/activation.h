/* SPDX-License-Identifier: ISC */
/*
 * activation.h -- listening sockets that the service manager opened for us, see
 * sd_listen_fds(3).  The settings ask for them by name: listen "fd:NAME".
 */
#ifndef ACTIVATION_H
#define ACTIVATION_H

#include <stddef.h>

#include "net.h"

#define ACTIVATION_MOST 60 /* sockets that can be passed */

struct passed {
	int fd;
	const char *name; /* not unique: one name may stand for several sockets */
	struct net_addr addr;
};

struct activation {
	struct passed *all;
	size_t n;
	char **names;
};

/* Whether "fd:NAME" may be asked for.  0; or -EINVAL, and *why says why not. */
int activation_check(const char *name, const char **why);

/*
 * What was passed to this process, which must not have forked yet: close-on-exec
 * and non-blocking from now on, ours for as long as we live.  Returns 0; or
 * -errno, with a message in why.
 */
int activation_open(struct activation *, char *why, size_t size);
void activation_close(struct activation *); /* frees memory; the sockets stay open */

/*
 * In a process that is about to become another program: pass them on, in the same
 * way, to the process with our id; or take that back.
 */
void activation_pass_on(const struct activation *);
void activation_take_back(const struct activation *);

/* The next one of that name after the given one (NULL: the first), or NULL. */
const struct passed *activation_next(
    const struct activation *, const char *name, const struct passed *);

#endif
