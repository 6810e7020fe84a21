/* SPDX-License-Identifier: ISC */
/*
 * single.h -- the daemon as one process: workers = 0.
 */
#ifndef SINGLE_H
#define SINGLE_H

#include "instance.h"

/* From the open sockets to the last line of the log.  Returns the code to exit with. */
int single_run(struct instance *);

#endif
