/* SPDX-License-Identifier: ISC */
/*
 * title.h -- what ps(1) shows for this process.
 */
#ifndef TITLE_H
#define TITLE_H

#include "macros.h"

/*
 * Claim the memory that ps(1) reads, which is where the arguments and the
 * environment were put at the start.  Returns a copy of argv, to be used instead
 * from then on; NULL if there is no memory, and then nothing has changed.
 */
char **title_open(int argc, char **argv);

/* "echod: " and then this.  Without title_open() it does nothing. */
void title_set(const char *fmt, ...) printflike(1, 2);

#endif
