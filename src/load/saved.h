/* SPDX-License-Identifier: ISC */
/*
 * saved.h -- a run that was saved as JSON, as it was before.
 *
 * What was summed up is where run_sum() leaves it; the intervals are all in the
 * part of the first process.
 */
#ifndef SAVED_H
#define SAVED_H

#include "report.h"

#define SAVED_WHY 400 /* bytes for what is wrong */
#define SAVED_CONNECTIONS 10000000u
#define SAVED_PROCESSES 1024u
#define SAVED_INTERVALS 100000u

struct saved {
	struct report report; /* its pointers lead to what follows */
	struct run run;
	struct run_config config;
	struct machine machine;
	struct json_t *document; /* which owns the texts */
	const char **targets, **argv;
	char *labels[REPORT_LABELS];
};

/* "-" is standard input.  0, or -EINVAL or -errno, and why, with the path. */
int saved_load(struct saved *, const char *path, char why[SAVED_WHY]);
void saved_close(struct saved *); /* also one that is all zero */

#endif
