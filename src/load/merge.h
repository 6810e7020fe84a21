/* SPDX-License-Identifier: ISC */
/*
 * merge.h -- several saved runs, made at the same time, as one.
 *
 * Histograms and counters are added, so that percentiles are those of all samples
 * together: they are never averaged.
 */
#ifndef MERGE_H
#define MERGE_H

#include "saved.h"

#define MERGE_WHY 600

/*
 * names: what each is called.  Texts stay those of the runs, so close these after
 * the merged one.  0; -EINVAL, and why they do not fit; or -ENOMEM.
 */
int merge(struct saved *to, const struct saved *from, const char *const *names, unsigned n,
    char why[MERGE_WHY]);

#endif
