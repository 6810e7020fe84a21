/* SPDX-License-Identifier: ISC */
/*
 * plots_heat.c -- the latency heat map, and how messages are spread over
 * connections: figures of many numbers, drawn with few shapes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plots.h"

#define COLUMNS 160 /* at most; several intervals are one column then */
#define SHADES 8
#define ROOM 700 /* points of the fairness line: more than there are dots on it */

/* Which buckets of any strip hold anything. */
struct span {
	size_t low, high;
	bool any;
};

static void
span_of(struct span *span, const struct series *s)
{
	size_t i, n = hist_buckets(RUN_STRIP_BITS);
	unsigned k;

	for (k = 0; k < s->n; k++)
		for (i = 0; i < n; i++) {
			if (s->points[k].strip->counts[i] == 0)
				continue;
			span->low = !span->any || i < span->low ? i : span->low;
			span->high = !span->any || i > span->high ? i : span->high;
			span->any = true;
		}
}

/* One message is visible, and each shade stands for several times as many. */
static unsigned
shade(uint64_t count, uint64_t most)
{
	double share = most > 1 ? log((double)count) / log((double)most) : 1;

	return (unsigned)(share * (SHADES - 1));
}

struct grid {
	unsigned columns, group; /* intervals in a column */
	size_t rows;
	uint64_t *cells; /* column by column */
	uint64_t most;
};

static int
fill(struct grid *g, const struct series *s, const struct span *span)
{
	unsigned k;
	size_t i;

	g->group = (s->n + COLUMNS - 1) / COLUMNS;
	g->columns = (s->n + g->group - 1) / g->group;
	g->rows = span->high - span->low + 1;
	g->most = 0;
	if ((g->cells = calloc(g->columns * g->rows, sizeof(*g->cells))) == NULL)
		return -1;
	for (k = 0; k < s->n; k++)
		for (i = 0; i < g->rows; i++) {
			uint64_t *cell = &g->cells[k / g->group * g->rows + i];

			*cell += s->points[k].strip->counts[span->low + i];
			g->most = *cell > g->most ? *cell : g->most;
		}
	return 0;
}

/* All cells of one shade are one path. */
static void
draw_shade(struct plot *p, const struct grid *g, const struct series *s, size_t low, unsigned level)
{
	bool open = false;
	unsigned c;
	size_t i;

	for (c = 0; c < g->columns; c++) {
		unsigned last = (c + 1) * g->group < s->n ? (c + 1) * g->group : s->n;
		double x = scale_at(&p->x, (double)s->points[c * g->group].begin / 1e9);
		double w = scale_at(&p->x, (double)s->points[last - 1].end / 1e9) - x;

		for (i = 0; i < g->rows; i++) {
			uint64_t count = g->cells[c * g->rows + i];
			double top, bottom;

			if (count == 0 || shade(count, g->most) != level)
				continue;
			bottom = scale_at(&p->y, (double)hist_low(RUN_STRIP_BITS, low + i));
			top = scale_at(&p->y, (double)hist_high(RUN_STRIP_BITS, low + i) + 1);
			if (!open)
				fprintf(p->out, "<path class=\"h%u\" d=\"", level + 1);
			open = true;
			fprintf(p->out, "M%.1f %.1fh%.1fV%.1fh%.1fz", x, top, w, bottom, -w);
		}
	}
	if (open) {
		fputs("\"><title>", p->out);
		fprintf(p->out, "%.3g messages or more in each</title></path>\n",
		    ceil(pow((double)g->most, (double)level / (SHADES - 1))));
	}
}

static void
shade_legend(struct plot *p, uint64_t count)
{
	char text[REPORT_TEXT];
	unsigned i;

	report_print_count(text, (double)count);
	fputs("<ul class=\"legend\"><li>messages: 1 ", p->out);
	fprintf(p->out, "<svg class=\"shades\" viewBox=\"0 0 %u 10\" aria-hidden=\"true\">",
	    SHADES * 14u);
	for (i = 0; i < SHADES; i++)
		fprintf(p->out, "<rect class=\"h%u\" x=\"%u\" width=\"14\" height=\"10\"/>", i + 1,
		    i * 14);
	fprintf(p->out, "</svg> %s</li></ul>\n", text);
}

static void
heat_map(struct plot *p, unsigned run, const struct span *span)
{
	const struct series *s = p->runs[run].series;
	struct grid g;
	unsigned level;

	if (s->n == 0 || fill(&g, s, span) < 0)
		return;
	if (p->n > 1) {
		fputs("<h3>", p->out);
		svg_escape(p->out, p->runs[run].name);
		fputs("</h3>\n", p->out);
	}
	shade_legend(p, g.most);
	p->x = (struct scale){ .high = fmax(plot_seconds(p), 1e-3) };
	scale_log(&p->y, (double)hist_low(RUN_STRIP_BITS, span->low),
	    (double)hist_high(RUN_STRIP_BITS, span->high));
	plot_frame(p, p->n > 1 ? 200 : 260, "latency over time, stronger where more messages are");
	for (level = 0; level < SHADES; level++)
		draw_shade(p, &g, s, span->low, level);
	svg_axis_x(p->out, &p->x, p->y.to, p->y.from, plot_tick_seconds);
	svg_axis_y(p->out, &p->y, p->x.from, p->x.to, plot_tick_time);
	svg_end(p->out);
	free(g.cells);
}

void
plot_heat(FILE *out, const struct plot_run *runs, unsigned n)
{
	struct plot p = { .out = out, .runs = runs, .n = n };
	struct span span = { 0 };
	unsigned i;

	for (i = 0; i < n; i++)
		span_of(&span, runs[i].series);
	plot_begin(&p, "fig-heat", "Latency heat map",
	    "Time from left to right, latency upwards, the stronger the more messages: modes, "
	    "stalls and drifts that percentiles hide.");
	if (!span.any) {
		plot_nothing(&p, "no message came back in the measured phase");
		return;
	}
	for (i = 0; i < n; i++)
		heat_map(&p, i, &span);
	fputs("</figure>\n", out);
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
fairness_line(struct plot *p, unsigned index)
{
	const struct run *run = p->runs[index].report->run;
	unsigned n = run->nconnections, points = n < ROOM ? n : ROOM, i;
	uint64_t *sorted = malloc((n + 1u) * sizeof(*sorted));

	if (sorted == NULL || n == 0) {
		free(sorted);
		return;
	}
	memcpy(sorted, run->messages, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), ascending);
	svg_path_begin(p->out, plot_class(p, index, 0));
	/* Each connection is a step as wide as its share of the axis. */
	for (i = 0; i < points; i++) {
		size_t k = points > 1 ? (size_t)i * (n - 1) / (points - 1) : 0;
		double y = scale_at(&p->y, (double)sorted[k]);

		svg_path_to(p->out, scale_at(&p->x, 100.0 * i / points), y);
		svg_path_to(p->out, scale_at(&p->x, 100.0 * (i + 1) / points), y);
	}
	svg_path_end(p->out);
	free(sorted);
}

void
plot_fairness(FILE *out, const struct plot_run *runs, unsigned n)
{
	static const char *const names[] = { "a connection's messages", "if all had the same" };
	static const char *const nothing_more = "";
	struct plot p = { .out = out, .runs = runs, .n = n };
	uint64_t most = 0;
	char says[256];
	unsigned i;

	for (i = 0; i < n; i++)
		most = runs[i].report->run->most > most ? runs[i].report->run->most : most;
	snprintf(says, sizeof(says), "Messages of each connection, the slowest first.");
	if (n == 1)
		snprintf(says, sizeof(says),
		    "Messages of each connection (%u), the slowest first: from %llu to %llu, "
		    "Jain's index %.4f, starved %llu.",
		    runs->report->run->nconnections, (unsigned long long)runs->report->run->least,
		    (unsigned long long)runs->report->run->most, runs->report->run->jain,
		    (unsigned long long)runs->report->run->starved);
	plot_begin(&p, "fig-fairness", "Fairness", says);
	if (most == 0) {
		plot_nothing(&p, "no connection had a message");
		return;
	}
	plot_legend(&p, n == 1 ? names : &nothing_more, n == 1 ? 2 : 1);
	scale_linear(&p.y, (double)most);
	p.x = (struct scale){ .high = 100 };
	plot_frame(&p, 320, "messages of each connection, sorted");
	svg_axis_x(out, &p.x, p.y.to, p.y.from, plot_tick_percent);
	svg_axis_y(out, &p.y, p.x.from, p.x.to, plot_tick_count);
	for (i = 0; i < n; i++)
		fairness_line(&p, i);
	if (n == 1) {
		const struct run *run = runs->report->run;
		double y = scale_at(&p.y, (double)run->total.verified / run->nconnections);

		svg_line(out, plot_class(&p, 0, 1), p.x.from, y, p.x.to, y);
	}
	plot_end(&p);
}
