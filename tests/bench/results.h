/* SPDX-License-Identifier: ISC */
/*
 * results.h -- what a bench has measured, read from the lines that bench.sh writes.
 *
 * Fields are separated by tabs; a line begins with what it is:
 *
 *	note	KEY	TEXT			how it was made; shown as it is
 *	warning	TEXT				what makes the numbers doubtful
 *	case	NAME	BAR	REFERENCE	TEXT	a kind of load; ratios are to REFERENCE
 *	subject	NAME	KIND	TEXT		KIND: reference, control, ours or peer
 *	out	CASE	SUBJECT	WHY		not measured, or no more; SUBJECT "-": all
 *	run	CASE	ROUND	SUBJECT	RATE	CPU	CLIENT	P50	P99
 *
 * RATE: verified echoes a second.  CPU: nanoseconds of the server's processor time
 * an echo, or "-".  CLIENT: percent of a processor.  P50, P99: nanoseconds, or "-".
 */
#ifndef RESULTS_H
#define RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "spread.h"

#define RESULTS_MOST 32 /* cases, subjects, notes, warnings */

enum subject_kind { SUBJECT_REFERENCE, SUBJECT_CONTROL, SUBJECT_OURS, SUBJECT_PEER };

struct bench_case {
	const char *name, *reference, *text;
	double bar; /* of the rate of the reference */
};

struct bench_subject {
	const char *name, *text;
	enum subject_kind kind;
};

struct bench_out {
	const char *in, *subject, *why;
};

struct bench_run {
	const char *in, *subject;
	unsigned round;
	double rate, cpu, client, p50, p99; /* NAN: unknown */
};

struct bench_note {
	const char *key, *text;
};

struct results {
	char *text, *whole; /* cut to pieces, which the others are; and as it was */
	struct bench_case cases[RESULTS_MOST];
	struct bench_subject subjects[RESULTS_MOST];
	struct bench_note notes[RESULTS_MOST];
	const char *warnings[RESULTS_MOST];
	struct bench_out *outs;
	struct bench_run *runs;
	size_t ncases, nsubjects, nnotes, nwarnings, nouts, nruns;
};

/* 0; or -EINVAL or -errno, after a message on stderr. */
int results_load(struct results *, const char *path);
void results_close(struct results *);

/* How one subject did in one case. */
struct cell {
	struct spread rate, cpu, client, p50, p99; /* of all its runs */
	struct spread rate_ratio, cpu_ratio;       /* round by round, to the reference */
	double *ratios;                            /* of rates, in order; rate_ratio.n */
	const char *why;                           /* there is nothing, or not all: why */
};

/* ratios is to be freed. */
struct cell results_cell(
    const struct results *, const struct bench_case *, const struct bench_subject *);

/* The reference itself is no line of a table of ratios to it. */
bool results_is_row(const struct bench_case *, const struct bench_subject *);
const struct bench_subject *results_reference(const struct results *, const struct bench_case *);

/* Where the ratio is: under the bar as a whole, perhaps, or not. */
enum standing { STANDING_GOOD, STANDING_UNSURE, STANDING_UNDER, STANDING_NONE };
enum standing results_standing(
    const struct bench_case *, const struct bench_subject *, const struct spread *);

/* How far from 1 the intervals of the control reach, 0.05 for 5 %; NAN without one. */
double results_noise(const struct results *);

/* Of the processor time there is, how much the server had, 1 for one processor. */
double results_server_share(const struct cell *);

#endif
