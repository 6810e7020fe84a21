/* SPDX-License-Identifier: ISC */
/*
 * access.h -- who may connect: lists of networks, allowed and denied.
 *
 * A list is text: addresses and networks (192.0.2.7, 10.0.0.0/8, 2001:db8::/32) or
 * the word "all", with commas or blanks between them.
 *
 * The smallest network that holds an address decides, and denies if it is in both
 * lists.  An address that is in none may connect unless there is a list of those that
 * are allowed.  So the order in which they are written makes no difference.
 */
#ifndef ACCESS_H
#define ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "net.h"

struct access_net;

struct access {
	struct access_net *nets; /* both lists; NULL: anybody may */
	size_t n;
	bool has_allow;
};

/* What is wrong with a list, or NULL. */
const char *access_check(const char *list);

/* Of two lists that have been checked.  0 or -ENOMEM. */
int access_open(struct access *, const char *allow, const char *deny);
void access_close(struct access *);

/* Whether an IPv4 or IPv6 address may connect. */
bool access_admits(const struct access *, const struct net_addr *);

#endif
