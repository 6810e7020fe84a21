/* SPDX-License-Identifier: ISC */
/*
 * load.h -- one process of load: ramp, warm up, measure, drain.
 */
#ifndef LOAD_H
#define LOAD_H

#include "net.h"
#include "payload.h"
#include "run.h"
#include "sizes.h"
#include "tls_connect.h"

/* How a target is spoken to. */
struct load_place {
	bool tls;
	char name[256]; /* for SNI and the certificate */
};

struct load_plan {
	const struct run *run;
	const struct net_addr *targets, *sources; /* each pair of them, in rotation */
	unsigned ntargets, nsources;
	struct net_client options;
	const struct payload *payload;
	const struct sizes *sizes;
	const struct load_place *places; /* of each target */
	struct tls_connector *connector; /* NULL: none of them is over TLS */
	/* Failures that end no run: so many, or this share of all.  In the ramp, of connections. */
	uint64_t max_errors;
	double max_error_share;
};

/*
 * Be load process number so-and-so until the run is over, and leave what was
 * found in its part of the run.  Returns 0, or -errno, with words in the part.
 */
int load_run(const struct load_plan *, unsigned process);

#endif
