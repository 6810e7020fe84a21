/* SPDX-License-Identifier: ISC */
/*
 * plots_time.c -- figures over time: throughput, latency, and the client itself.
 */
#include <math.h>

#include "plots.h"

typedef double point_value(const struct series_point *);

static double
at_p50(const struct series_point *p)
{
	return p->sum.messages > 0 ? (double)hist_quantile(p->strip, 0.5) : NAN;
}

static double
at_p99(const struct series_point *p)
{
	return p->sum.messages > 0 ? (double)hist_quantile(p->strip, 0.99) : NAN;
}

static double
at_max(const struct series_point *p)
{
	return p->sum.messages > 0 ? (double)p->sum.max : NAN;
}

static double
at_lag(const struct series_point *p)
{
	return p->sum.messages > 0 ? (double)p->sum.lag_max : NAN;
}

static double
at_cpu(const struct series_point *p)
{
	return 100 * series_cpu(p);
}

/* An interval is a step, and one without a value a hole. */
static void
draw(struct plot *p, unsigned run, unsigned quantity, point_value *value)
{
	const struct series *s = p->runs[run].series;
	bool open = false;
	unsigned i;

	for (i = 0; i < s->n; i++) {
		const struct series_point *at = &s->points[i];
		double v = value(at), y;

		if (isnan(v)) {
			if (open)
				svg_path_end(p->out);
			open = false;
			continue;
		}
		y = scale_at(&p->y, v);
		if (!open)
			svg_path_begin(p->out, plot_class(p, run, quantity));
		open = true;
		svg_path_to(p->out, scale_at(&p->x, (double)at->begin / 1e9), y);
		svg_path_to(p->out, scale_at(&p->x, (double)at->end / 1e9), y);
	}
	if (open)
		svg_path_end(p->out);
}

static double
most(const struct plot *p, point_value *value)
{
	double high = 0;
	unsigned run, i;

	for (run = 0; run < p->n; run++)
		for (i = 0; i < p->runs[run].series->n; i++)
			high = fmax(high, value(&p->runs[run].series->points[i]));
	return high;
}

static double
least(const struct plot *p, point_value *value)
{
	double low = INFINITY;
	unsigned run, i;

	for (run = 0; run < p->n; run++)
		for (i = 0; i < p->runs[run].series->n; i++) {
			double v = value(&p->runs[run].series->points[i]);

			if (v > 0)
				low = fmin(low, v);
		}
	return low;
}

static bool
has_points(const struct plot *p)
{
	unsigned run;

	for (run = 0; run < p->n; run++)
		if (p->runs[run].series->n > 0)
			return true;
	return false;
}

/* All that is to be known of each interval, for whoever points at it. */
static void
hovers(struct plot *p)
{
	const struct series *s = p->runs[0].series;
	unsigned i;

	for (i = 0; i < s->n && p->n == 1; i++) {
		const struct series_point *at = &s->points[i];
		char rate[REPORT_TEXT], p50[REPORT_TEXT], p99[REPORT_TEXT], max[REPORT_TEXT];
		double x = scale_at(&p->x, (double)at->begin / 1e9);
		char text[256];

		report_print_count(rate, series_rate(at));
		report_print_time(p50, hist_quantile(at->strip, 0.5));
		report_print_time(p99, hist_quantile(at->strip, 0.99));
		report_print_time(max, at->sum.max);
		snprintf(text, sizeof(text),
		    "%.4gs to %.4gs: %s msg/s, p50 %s, p99 %s, max %s, %llu errors",
		    (double)at->begin / 1e9, (double)at->end / 1e9, rate, p50, p99, max,
		    (unsigned long long)at->sum.errors);
		svg_rect(p->out, "hover", x, p->y.to, scale_at(&p->x, (double)at->end / 1e9) - x,
		    p->y.from - p->y.to, text);
	}
}

static void
frame(struct plot *p, double height, const char *label, svg_tick *tick)
{
	scale_linear(&p->x, 1);
	p->x.high = fmax(plot_seconds(p), 1e-3);
	plot_frame(p, height, label);
	svg_axis_x(p->out, &p->x, p->y.to, p->y.from, plot_tick_seconds);
	svg_axis_y(p->out, &p->y, p->x.from, p->x.to, tick);
}

static void
mark_errors(struct plot *p, unsigned run)
{
	const struct series *s = p->runs[run].series;
	char text[128];
	unsigned i;

	for (i = 0; i < s->n; i++) {
		const struct series_point *at = &s->points[i];

		if (at->sum.errors == 0)
			continue;
		snprintf(text, sizeof(text), "%llu errors", (unsigned long long)at->sum.errors);
		svg_dot(p->out, "error", scale_at(&p->x, (double)(at->begin + at->end) / 2e9),
		    p->y.from - 5, text);
	}
}

void
plot_throughput(FILE *out, const struct plot_run *runs, unsigned n)
{
	static const char *const names[] = { "verified", "asked for" };
	struct plot p = { .out = out, .runs = runs, .n = n };
	double high = most(&p, series_rate);
	bool asked = false;
	unsigned i;

	for (i = 0; i < n; i++) {
		high = fmax(high, runs[i].report->run->config->rate);
		asked = asked || runs[i].report->run->config->rate > 0;
	}
	plot_begin(&p, "fig-throughput", "Throughput over time",
	    "Verified messages a second, interval by interval. Marks below are errors.");
	if (!has_points(&p)) {
		plot_nothing(&p, "there is no interval");
		return;
	}
	plot_legend(&p, names, asked ? 2 : 1);
	scale_linear(&p.y, high);
	frame(&p, 290, "throughput over time", plot_tick_count);
	for (i = 0; i < n; i++) {
		double y = scale_at(&p.y, runs[i].report->run->config->rate);

		if (runs[i].report->run->config->rate > 0)
			svg_line(out, plot_class(&p, i, 1), p.x.from, y, p.x.to, y);
		draw(&p, i, 0, series_rate);
		mark_errors(&p, i);
	}
	hovers(&p);
	plot_end(&p);
}

void
plot_latency(FILE *out, const struct plot_run *runs, unsigned n)
{
	static const char *const names[] = { "p50", "p99", "max" };
	static point_value *const values[] = { at_p50, at_p99, at_max };
	struct plot p = { .out = out, .runs = runs, .n = n };
	double high = most(&p, at_max);
	unsigned i, q;

	plot_begin(&p, "fig-latency", "Latency over time",
	    "Of the messages that came back in each interval; p50 and p99 to an eighth.");
	if (!(high > 0)) {
		plot_nothing(&p, "no message came back in the measured phase");
		return;
	}
	plot_legend(&p, names, 3);
	scale_log(&p.y, least(&p, at_p50), high);
	frame(&p, 260, "p50, p99 and maximum of latency over time", plot_tick_time);
	for (i = 0; i < n; i++)
		for (q = 0; q < 3; q++)
			draw(&p, i, q, values[q]);
	hovers(&p);
	plot_end(&p);
}

/* Two strips, one above the other: they are read together. */
void
plot_client(FILE *out, const struct plot_run *runs, unsigned n)
{
	static const char *const cpu[] = { "processor" }, *const lag[] = { "longest lag" };
	struct plot p = { .out = out, .runs = runs, .n = n };
	unsigned i;

	plot_begin(&p, "fig-client", "The client itself",
	    "Its share of one processor, and how late it sent at worst. A busy or late "
	    "client measures itself.");
	if (!has_points(&p)) {
		plot_nothing(&p, "there is no interval");
		return;
	}
	plot_legend(&p, cpu, 1);
	scale_linear(&p.y, fmax(100, most(&p, at_cpu)) / 1.05);
	frame(&p, 140, "the client's processor time over time", plot_tick_percent);
	for (i = 0; i < n; i++)
		draw(&p, i, 0, at_cpu);
	/* A closed loop has no schedule to be late for. */
	if (!(most(&p, at_lag) > 0)) {
		plot_end(&p);
		return;
	}
	svg_end(out);
	plot_legend(&p, lag, 1);
	scale_log(&p.y, least(&p, at_lag), fmax(1000, most(&p, at_lag)));
	frame(&p, 140, "the client's lag over time", plot_tick_time);
	for (i = 0; i < n; i++)
		draw(&p, i, 0, at_lag);
	plot_end(&p);
}
