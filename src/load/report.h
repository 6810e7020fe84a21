/* SPDX-License-Identifier: ISC */
/*
 * report.h -- what a run found, for people and for scripts.
 *
 * All reports are made from one struct report, and none computes a number that
 * another computes differently.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "conduct.h"
#include "expect.h"
#include "figures.h"
#include "machine.h"
#include "run.h"
#include "verdict.h"

#define REPORT_PERCENTILES 16
#define REPORT_LABELS 16

struct report {
	const struct run *run; /* summed up: run_sum() */
	const struct machine *machine;
	struct verdict verdict;
	struct expectation *expectations; /* of --assert, evaluated */
	unsigned nexpectations;
	double percentiles[REPORT_PERCENTILES]; /* 50, 99.9 */
	unsigned npercentiles;
	const char *labels[REPORT_LABELS]; /* KEY=VALUE */
	unsigned nlabels;
	double started_at; /* seconds since the epoch */
	uint64_t ramp_ns, warmup_ns, measured_ns, drain_ns;
	bool interrupted;
	int exit_code;
};

/* Fewer samples than this beyond a percentile, and it is not printed. */
#define REPORT_MIN_BEYOND FIGURES_MIN_BEYOND

/* The throughput of the measured phase, in verified messages a second. */
double report_rate(const struct report *);

/* The headline clock: response in an open loop, service in a closed one. */
enum run_clock report_headline(const struct report *);

/* "88us", "1.92ms", "3.41s": three digits and a unit. */
#define REPORT_TEXT FIGURES_TEXT
void report_print_time(char text[REPORT_TEXT], uint64_t ns);

/* The same of a figure: "-" if it is not known, "≥5.01s" if it is at least that. */
void report_print_figure(char text[REPORT_TEXT], struct figure);

/* "913", "99.9k", "1.25M": three digits, or four below ten thousand. */
void report_print_count(char text[REPORT_TEXT], double n);

/* "wrong, lost or extra bytes" */
const char *report_exit_words(int exit_code);

void report_text(const struct report *, FILE *, bool colour);

/* The last interval, or the phase, in one line: what does not fit is left out. */
void report_live(char *line, size_t size, const struct run *, const struct conduct_news *);

int report_json(const struct report *, FILE *);                 /* 0 or -errno */
int report_hgrm(const struct report *, enum run_clock, FILE *); /* 0 or -errno */
int report_csv(const struct report *, FILE *);                  /* 0 or -errno */
int report_html(const struct report *, FILE *);                 /* 0 or -errno */

#endif
