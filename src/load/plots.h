/* SPDX-License-Identifier: ISC */
/*
 * plots.h -- the figures of the HTML report, of one run or of several.
 *
 * With one run colours tell what is drawn; with several they tell the run, and
 * the kind of line what is drawn.
 */
#ifndef PLOTS_H
#define PLOTS_H

#include "report.h"
#include "series.h"
#include "svg.h"

#define PLOTS_RUNS 6 /* as many as there are colours */

struct plot_run {
	const struct report *report;
	const struct series *series;
	const char *name;
};

void plot_percentiles(FILE *, const struct plot_run *, unsigned n);
void plot_throughput(FILE *, const struct plot_run *, unsigned n);
void plot_latency(FILE *, const struct plot_run *, unsigned n);
void plot_fairness(FILE *, const struct plot_run *, unsigned n);
void plot_client(FILE *, const struct plot_run *, unsigned n);

/* The heat maps of all runs, one after another, of the same scale. */
void plot_heat(FILE *, const struct plot_run *, unsigned n);

/* For all of them: a frame, a legend, and the values at ticks. */
struct plot {
	FILE *out;
	const struct plot_run *runs;
	unsigned n;
	struct scale x, y;
};

void plot_begin(struct plot *, const char *id, const char *title, const char *says);
void plot_frame(struct plot *, double height, const char *label);
void plot_end(struct plot *);
void plot_nothing(struct plot *, const char *why);

/* What the lines are called, NULL for those that are not there; and their classes. */
void plot_legend(struct plot *, const char *const *quantities, unsigned n);
const char *plot_class(const struct plot *, unsigned run, unsigned quantity);

void plot_tick_time(char text[SVG_TICK], double ns);
void plot_tick_count(char text[SVG_TICK], double value);
void plot_tick_seconds(char text[SVG_TICK], double value);
void plot_tick_percent(char text[SVG_TICK], double value);

/* Seconds of the longest run. */
double plot_seconds(const struct plot *);

#endif
