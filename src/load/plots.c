/* SPDX-License-Identifier: ISC */
/*
 * plots.c -- what all figures of the HTML report share, and the one that is not
 * over time: latency by percentile.
 */
#include <math.h>

#include "plots.h"

#define WIDTH 640.0
#define LEFT 62.0
#define RIGHT 606.0
#define TOP 10.0

void
plot_begin(struct plot *p, const char *id, const char *title, const char *says)
{
	fprintf(p->out, "<figure id=\"%s\">\n<h2>", id);
	svg_escape(p->out, title);
	fputs("</h2>\n<p>", p->out);
	svg_escape(p->out, says);
	fputs("</p>\n", p->out);
}

/* The scales' values are set; give them their places. */
void
plot_frame(struct plot *p, double height, const char *label)
{
	p->x.from = LEFT;
	p->x.to = RIGHT;
	p->y.from = height - 26;
	p->y.to = TOP;
	svg_begin(p->out, WIDTH, height, label);
}

void
plot_end(struct plot *p)
{
	svg_end(p->out);
	fputs("</figure>\n", p->out);
}

void
plot_nothing(struct plot *p, const char *why)
{
	svg_begin(p->out, WIDTH, 80, why);
	svg_text(p->out, "nothing", "middle", WIDTH / 2, 44, "%s", why);
	plot_end(p);
}

const char *
plot_class(const struct plot *p, unsigned run, unsigned quantity)
{
	static const char *const classes[][4] = {
		{ "line c0", "line c0 d1", "line c0 d2", "line c0 d3" },
		{ "line c1", "line c1 d1", "line c1 d2", "line c1 d3" },
		{ "line c2", "line c2 d1", "line c2 d2", "line c2 d3" },
		{ "line c3", "line c3 d1", "line c3 d2", "line c3 d3" },
		{ "line c4", "line c4 d1", "line c4 d2", "line c4 d3" },
		{ "line c5", "line c5 d1", "line c5 d2", "line c5 d3" },
	};

	return p->n == 1 ? classes[quantity][quantity] : classes[run % PLOTS_RUNS][quantity];
}

static void
legend_item(struct plot *p, const char *class, const char *text, const char *more)
{
	fprintf(p->out,
	    "<li><svg class=\"key\" viewBox=\"0 0 26 8\" aria-hidden=\"true\">"
	    "<path class=\"%s\" d=\"M0 4H26\"/></svg>",
	    class);
	svg_escape(p->out, text);
	if (more != NULL) {
		fputs(" ", p->out);
		svg_escape(p->out, more);
	}
	fputs("</li>\n", p->out);
}

void
plot_legend(struct plot *p, const char *const *quantities, unsigned n)
{
	unsigned run, q;

	fputs("<ul class=\"legend\">\n", p->out);
	for (run = 0; run < p->n; run++)
		for (q = 0; q < n; q++) {
			if (quantities[q] == NULL)
				continue;
			legend_item(p, plot_class(p, run, q),
			    p->n > 1 ? p->runs[run].name : quantities[q],
			    p->n > 1 ? quantities[q] : NULL);
		}
	fputs("</ul>\n", p->out);
}

void
plot_tick_time(char text[SVG_TICK], double ns)
{
	report_print_time(text, ns > 0 ? (uint64_t)llround(ns) : 0);
}

void
plot_tick_count(char text[SVG_TICK], double value)
{
	report_print_count(text, value);
}

void
plot_tick_seconds(char text[SVG_TICK], double value)
{
	snprintf(text, SVG_TICK, "%.4gs", value);
}

void
plot_tick_percent(char text[SVG_TICK], double value)
{
	snprintf(text, SVG_TICK, "%.3g%%", value);
}

double
plot_seconds(const struct plot *p)
{
	uint64_t longest = 0;
	unsigned i;

	for (i = 0; i < p->n; i++)
		if (p->runs[i].report->measured_ns > longest)
			longest = p->runs[i].report->measured_ns;
	return (double)longest / 1e9;
}

/* ---- latency by percentile: x is log10(1 / (1 - p)), so that each nine is as wide ---- */

static const enum run_clock clocks[] = { CLOCK_SERVICE, CLOCK_RESPONSE, CLOCK_LAG };
static const char *const clock_names[] = { "service", "response", "client lag" };

/* Of several runs only the clock that counts is drawn. */
static enum run_clock
which(const struct plot *p, unsigned run, unsigned quantity)
{
	return p->n > 1 ? report_headline(p->runs[run].report) : clocks[quantity];
}

static const struct hist *
clock_of(const struct plot *p, unsigned run, unsigned quantity)
{
	return p->runs[run].report->run->clocks[which(p, run, quantity)];
}

static double
nines(double share)
{
	return -log10(1 - share);
}

static void
percentile_ticks(struct plot *p)
{
	static const char *const names[] = { "0%", "90%", "99%", "99.9%", "99.99%", "99.999%",
		"99.9999%", "99.99999%", "99.999999%", "99.9999999%" };
	unsigned i;

	for (i = 0; i < countof(names) && i <= p->x.high; i++) {
		double x = scale_at(&p->x, i);

		svg_line(p->out, "grid", x, p->y.to, x, p->y.from);
		svg_text(p->out, "tick", "middle", x, p->y.from + 16, "%s", names[i]);
	}
	svg_line(p->out, "axis", p->x.from, p->y.from, p->x.to, p->y.from);
}

/* A bucket is a step from the rank before it to its own. */
static void
percentile_steps(
    struct plot *p, const struct hist *h, const char *class, uint64_t from, uint64_t to)
{
	double last_x = -1, last_y = -1;
	size_t i, n = hist_buckets(h->bits);
	uint64_t before, seen = 0;

	svg_path_begin(p->out, class);
	for (i = 0; i < n && seen < to; i++) {
		double y, x1, x2;

		if (h->counts[i] == 0)
			continue;
		before = seen > from ? seen : from;
		seen += h->counts[i];
		if (seen <= from)
			continue;
		y = scale_at(&p->y, fmin((double)hist_high(h->bits, i), (double)h->max));
		x1 = scale_at(&p->x, nines((double)before / (double)h->count));
		x2 = scale_at(&p->x,
		    nines(fmin((double)(seen < to ? seen : to), (double)h->count - 0.5) /
			(double)h->count));
		/* Of thousands of buckets most are smaller than a point of the picture. */
		if (seen < to && x2 - last_x < 1 && fabs(y - last_y) < 1)
			continue;
		svg_path_to(p->out, x1, y);
		svg_path_to(p->out, x2, y);
		last_x = x2;
		last_y = y;
	}
	svg_path_end(p->out);
}

/* Faint from where too few samples are beyond. */
static void
percentile_line(struct plot *p, unsigned run, unsigned quantity)
{
	const struct hist *h = clock_of(p, run, quantity);
	const char *class = plot_class(p, run, quantity);
	uint64_t known = h->count > REPORT_MIN_BEYOND ? h->count - REPORT_MIN_BEYOND : 0;

	if (known > 0)
		percentile_steps(p, h, class, 0, known);
	fputs("<g class=\"faint\">", p->out);
	percentile_steps(p, h, class, known, h->count);
	fputs("</g>\n", p->out);
}

static void
percentile_dots(struct plot *p, unsigned run, unsigned quantity)
{
	const struct report *r = p->runs[run].report;
	unsigned i;

	for (i = 0; i < r->npercentiles; i++) {
		double q = r->percentiles[i] / 100;
		struct figure f = figures_quantile(r->run, which(p, run, quantity), q);
		char text[REPORT_TEXT], hover[256];

		if (!f.known || q >= 1)
			continue;
		report_print_figure(text, f);
		snprintf(hover, sizeof(hover), "%s %s p%.10g: %s",
		    p->n > 1 ? p->runs[run].name : "", clock_names[quantity], r->percentiles[i],
		    text);
		svg_dot(p->out, plot_class(p, run, quantity), scale_at(&p->x, nines(q)),
		    scale_at(&p->y, (double)f.ns), hover);
	}
}

/* Where --assert said that a percentile has to be. */
static void
limits(struct plot *p)
{
	const struct report *r = p->runs[0].report;
	unsigned i;

	for (i = 0; i < r->nexpectations && p->n == 1; i++) {
		const struct expectation *e = &r->expectations[i];
		double y = scale_at(&p->y, e->value);

		if (!e->is_time || e->metric[0] != 'p' || e->value < p->y.low ||
		    e->value > p->y.high)
			continue;
		svg_line(p->out, e->pass ? "limit" : "limit bad", p->x.from, y, p->x.to, y);
		svg_text(p->out, "tick", "start", p->x.from + 6, y - 4, "%s", e->text);
	}
}

void
plot_percentiles(FILE *out, const struct plot_run *runs, unsigned n)
{
	struct plot p = { .out = out, .runs = runs, .n = n };
	unsigned quantities = n > 1 ? 1 : countof(clocks), run, q;
	const char *found[countof(clocks)] = { NULL };
	double low = INFINITY, high = 0;
	uint64_t count = 0;

	for (run = 0; run < n; run++)
		for (q = 0; q < quantities; q++) {
			const struct hist *h = clock_of(&p, run, q);

			if (h->count == 0)
				continue;
			found[q] = n > 1 ? "" : clock_names[q];
			low = fmin(low, (double)h->min);
			high = fmax(high, (double)h->max);
			count = h->count > count ? h->count : count;
		}
	plot_begin(&p, "fig-percentiles", "Latency by percentile",
	    "How many are as quick as that; each step to the right is one nine more. "
	    "Faint where fewer than ten samples lie beyond.");
	if (count == 0) {
		plot_nothing(&p, "no message came back in the measured phase");
		return;
	}
	plot_legend(&p, found, quantities);
	scale_log(&p.y, low, high);
	p.x = (struct scale){ .high = fmax(1, ceil(log10((double)count))) };
	plot_frame(&p, 300, "latency by percentile");
	percentile_ticks(&p);
	svg_axis_y(out, &p.y, p.x.from, p.x.to, plot_tick_time);
	limits(&p);
	for (run = 0; run < n; run++)
		for (q = 0; q < quantities; q++)
			if (clock_of(&p, run, q)->count > 0) {
				percentile_line(&p, run, q);
				percentile_dots(&p, run, q);
			}
	plot_end(&p);
}
