/* SPDX-License-Identifier: ISC */
/*
 * draw.c -- the figure of a case: at the left the rates, at the right the processor
 * time of an echo, both as ratios to the reference; a dot is the median, the line
 * through it the interval, faint dots the rounds.
 */
#include <math.h>
#include <stdlib.h>

#include "compare.h"
#include "plots.h"

#define WIDTH 640.0
#define TOP 24.0
#define STEP 24.0 /* from row to row */
#define NAMES 122.0
#define RATES_END 400.0
#define TIMES 428.0
#define TIMES_END 622.0
#define MOST 5.0 /* beyond it ratios are told in digits, for the sake of the others */

struct figure_of_case {
	FILE *out;
	const struct bench_case *in;
	struct scale rates, times;
	double bottom;
};

/*
 * As wide as six of the least round steps, and from a multiple of one, for ticks are
 * that far from each other and begin at the low end.
 */
static void
fit(struct scale *s, double low, double high)
{
	static const double steps[] = { 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1 };
	size_t i;

	for (i = 0; i < countof(steps); i++) {
		s->low = floor(low / steps[i]) * steps[i];
		s->high = ceil(high / steps[i]) * steps[i] - 1e-9;
		if (s->high - s->low <= 6 * steps[i])
			break;
	}
	s->log = false;
}

static void
tick_ratio(char text[SVG_TICK], double value)
{
	snprintf(text, SVG_TICK, "%.3g", value);
}

static const char *
class_of(enum standing s)
{
	return s == STANDING_UNDER ? "under" :
	    s == STANDING_UNSURE   ? "unsure" :
	    s == STANDING_GOOD     ? "fine" :
				     "other";
}

static void
mark(FILE *out, const struct scale *scale, double y, const struct spread *s, const char *class,
    const char *what)
{
	char hover[192], interval[COMPARE_TEXT];

	compare_print_interval(interval, s);
	snprintf(hover, sizeof(hover), "%s %.3f (%s), %u rounds", what, s->median, interval, s->n);
	fprintf(out, "<g class=\"mark %s\">\n", class);
	svg_line(out, "span", scale_at(scale, s->low), y, scale_at(scale, s->high), y);
	svg_dot(out, "middle", scale_at(scale, s->median), y, hover);
	fputs("</g>\n", out);
}

static void
draw_row(const struct figure_of_case *f, const struct bench_subject *subject,
    const struct cell *cell, double y)
{
	const char *class = class_of(results_standing(f->in, subject, &cell->rate_ratio));
	unsigned i;

	svg_text(f->out, "name", "end", NAMES - 10, y + 4, "%s", subject->text);
	if (cell->rate_ratio.n == 0) {
		svg_text(f->out, "tick", "end", RATES_END, y + 4, "%s",
		    cell->why != NULL ? "not measured" : "-");
		return;
	}
	for (i = 0; i < cell->rate_ratio.n; i++)
		svg_dot(f->out, "round", scale_at(&f->rates, cell->ratios[i]), y, NULL);
	mark(f->out, &f->rates, y, &cell->rate_ratio, class, "rate");
	if (cell->cpu_ratio.median > MOST)
		svg_text(
		    f->out, "name", "end", TIMES_END, y + 4, "%.1f \u2192", cell->cpu_ratio.median);
	else if (cell->cpu_ratio.n > 0)
		mark(f->out, &f->times, y, &cell->cpu_ratio, "other", "processor time");
	else
		svg_text(f->out, "tick", "end", TIMES_END, y + 4, "%s", "not known");
}

static void
frame(const struct figure_of_case *f)
{
	double one = scale_at(&f->rates, 1), bar = scale_at(&f->rates, f->in->bar);

	svg_text(f->out, "name", "start", NAMES, 12, "%s", "rate, more is better");
	svg_text(f->out, "name", "start", TIMES, 12, "%s", "processor time, less is better");
	svg_axis_x(f->out, &f->rates, TOP, f->bottom, tick_ratio);
	svg_axis_x(f->out, &f->times, TOP, f->bottom, tick_ratio);
	svg_line(f->out, "axis", one, TOP, one, f->bottom);
	one = scale_at(&f->times, 1);
	svg_line(f->out, "axis", one, TOP, one, f->bottom);
	if (f->in->bar > 0)
		svg_line(f->out, "limit", bar, TOP, bar, f->bottom);
}

void
compare_draw(FILE *out, const struct results *r, const struct bench_case *c)
{
	struct figure_of_case f = { .out = out, .in = c };
	struct cell *cells = calloc(r->nsubjects + 1, sizeof(*cells));
	double low[2] = { fmin(1, c->bar), 1 }, high[2] = { 1, 1 };
	size_t i, rows = 0;
	char label[160];

	for (i = 0; cells != NULL && i < r->nsubjects; i++) {
		if (!results_is_row(c, &r->subjects[i]))
			continue;
		rows++;
		cells[i] = results_cell(r, c, &r->subjects[i]);
		if (cells[i].rate_ratio.n > 0) {
			low[0] = fmin(low[0], cells[i].rate_ratio.low);
			high[0] = fmax(high[0], fmin(MOST, cells[i].rate_ratio.high));
		}
		if (cells[i].cpu_ratio.n > 0) {
			low[1] = fmin(low[1], cells[i].cpu_ratio.low);
			high[1] = fmax(high[1], fmin(MOST, cells[i].cpu_ratio.high));
		}
	}
	fit(&f.rates, low[0], high[0]);
	fit(&f.times, low[1], high[1]);
	f.rates.from = NAMES;
	f.rates.to = RATES_END;
	f.times.from = TIMES;
	f.times.to = TIMES_END;
	f.bottom = TOP + STEP * (double)rows;
	snprintf(label, sizeof(label), "ratios of rate and of processor time, %s", c->text);
	svg_begin(out, WIDTH, f.bottom + 26, label);
	frame(&f);
	for (i = 0, rows = 0; cells != NULL && i < r->nsubjects; i++)
		if (results_is_row(c, &r->subjects[i])) {
			draw_row(
			    &f, &r->subjects[i], &cells[i], TOP + STEP * ((double)rows++ + 0.5));
			free(cells[i].ratios);
		}
	svg_end(out);
	free(cells);
}
