/* SPDX-License-Identifier: ISC */
/*
 * load_sources.h -- the addresses to connect from, as -B lists them.
 */
#ifndef LOAD_SOURCES_H
#define LOAD_SOURCES_H

#include "load_options.h"

/*
 * "127.0.0.2,127.0.0.3", "10.0.0.0/24", "::1"; the list is cut up.  -1: go on; else
 * the code to exit with, and why has been said.
 */
int load_sources_add(struct load_options *, char *list);

#endif
