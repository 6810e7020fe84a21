/* SPDX-License-Identifier: ISC */
/*
 * admission.h -- whom to serve of those that were accepted: deny and allow,
 * max-per-source, accept-rate, in this order, so that nobody who is refused uses up
 * what others may have.
 *
 * Each process counts for itself, as it does for max-connections: there is nothing to
 * lock, nothing to repair after one of them was killed, and nobody is ever refused who
 * keeps to the limit.  And however many are refused, the next one is looked at afresh:
 * there is no state in which all are.
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "bucket.h"
#include "conf.h"
#include "log.h"
#include "sources.h"
#include "stats.h"

struct admission_limits { /* of what is logged */
	struct log_limit denied, source, rate, memory;
};

struct admission {
	struct stats *stats;
	struct sources *sources;
	struct bucket accepts;
	struct admission_limits *limits;
};

void admission_open(
    struct admission *, struct stats *, struct sources *, struct admission_limits *);

/* Whether any of it depends on the address of a peer, if there is one. */
bool admission_wants_peer(const struct conf *, const struct conf_listen *, sa_family_t);

/*
 * Whether to serve a connection that the section has accepted at now (reactor_now());
 * peer may be NULL if it is not wanted.  If so *source is where it was counted, or
 * NULL; if not, that was counted and logged.
 */
bool admission_grants(struct admission *, const struct conf *, const struct conf_listen *,
    const struct net_addr *peer, double now, struct source **source);

#endif
