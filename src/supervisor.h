/* SPDX-License-Identifier: ISC */
/*
 * supervisor.h -- the daemon as several processes: workers = N.
 */
#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include "instance.h"

/*
 * From the open sockets to the last line of the log.  Returns the code to exit
 * with, in the supervisor and in each of its workers.
 */
int supervisor_run(struct instance *);

#endif
