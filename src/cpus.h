/* SPDX-License-Identifier: ISC */
/*
 * cpus.h -- the processors that this process may use.
 */
#ifndef CPUS_H
#define CPUS_H

#include <sched.h>

unsigned cpus_usable(void); /* how many; at least 1 */

/*
 * "off" (none), "auto" (all that are usable) or a list, "0,2-3".  Returns 0;
 * -EINVAL for what is no list, and -ENODEV if one is not among the usable ones.
 */
int cpus_parse(const char *text, cpu_set_t *);

/* Run on the one that is the index-th of the set, going round.  0 or -errno. */
int cpus_pin(const cpu_set_t *, unsigned index);

#endif
