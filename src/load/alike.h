/* SPDX-License-Identifier: ISC */
/*
 * alike.h -- whether two runs were asked the same, so that their numbers can be
 * put side by side or added.
 */
#ifndef ALIKE_H
#define ALIKE_H

#include <stdbool.h>

#include "run.h"

#define ALIKE_WHY 200

/*
 * shares: they are parts of one load, so that connections and rates may differ.
 * Else why says in what they differ: "pipeline 1 and 16".
 */
bool alike(const struct run_config *, const struct run_config *, bool shares, char why[ALIKE_WHY]);

#endif
