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

struct load_plan {
	const struct run *run;
	const struct net_addr *targets, *sources; /* each pair of them, in rotation */
	unsigned ntargets, nsources;
	struct net_client options;
	const struct payload *payload;
	const struct sizes *sizes;
};

/*
 * Be load process number so-and-so until the run is over, and leave what was
 * found in its part of the run.  Returns 0, or -errno, with words in the part.
 */
int load_run(const struct load_plan *, unsigned process);

#endif
