/* SPDX-License-Identifier: ISC */
/*
 * html_summary.c -- see html_summary.h.
 */
#include <stdarg.h>
#include <string.h>

#include "html_summary.h"
#include "svg.h"
#include "units.h"

static unsigned long long
llu(uint64_t value)
{
	return value;
}

/* Text that came from elsewhere, made harmless. */
static void say(FILE *, const char *fmt, ...) printflike(2, 3);

static void
say(FILE *out, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	svg_escape(out, text);
}

static void
verdict(FILE *out, const struct report *r)
{
	const struct verdict *v = &r->verdict;
	uint64_t wrong = figures_violations(r->run);
	bool good = v->trustworthy && r->exit_code == 0 && r->run->total.verified > 0;
	unsigned i;

	fprintf(out, "<section class=\"verdict %s\" id=\"verdict\"><b>", good ? "good" : "bad");
	if (wrong > 0)
		say(out, "\u2717 Wrong bytes: %llu violations", llu(wrong));
	else if (!v->trustworthy)
		say(out, "\u2717 Not trustworthy");
	else if (r->exit_code != 0)
		say(out, "\u2717 Exit %d: %s", r->exit_code, report_exit_words(r->exit_code));
	else if (!good)
		say(out, "\u2717 Nothing was measured: no message came back");
	else
		say(out, "\u2713 Trustworthy");
	fputs("</b>", out);
	if (good)
		say(out,
		    "Every byte of %llu messages was verified, and nothing on the client's side "
		    "spoiled the numbers.",
		    llu(r->run->total.verified));
	for (i = 0; i < v->n; i++)
		if (v->warnings[i].serious) {
			say(out, "%s", v->warnings[i].text);
			fputs("<br>", out);
		}
	if (wrong > 0 && r->run->total.nviolation_texts > 0)
		say(out, "%s", r->run->total.violation_text[0]);
	if (r->interrupted)
		say(out, " The run was interrupted: this is what there was until then.");
	fputs("</section>\n", out);
}

static void
number(FILE *out, const char *what, bool wrong, const char *value)
{
	fprintf(out, "<li%s><b>", wrong ? " class=\"wrong\"" : "");
	svg_escape(out, value);
	fputs("</b><span>", out);
	svg_escape(out, what);
	fputs("</span></li>\n", out);
}

static void
numbers(FILE *out, const struct report *r)
{
	enum run_clock clock = report_headline(r);
	uint64_t errors = figures_errors(r->run), wrong = figures_violations(r->run);
	char text[REPORT_TEXT], what[96];
	static const double shares[] = { 0.5, 0.99, 0.999 };
	static const char *const names[] = { "p50", "p99", "p99.9" };
	size_t i;

	fputs("<ul class=\"numbers\">\n", out);
	report_print_count(text, report_rate(r));
	if (r->run->config->rate > 0)
		snprintf(what, sizeof(what), "messages a second, %.1f%% of what was asked",
		    100 * report_rate(r) / r->run->config->rate);
	else
		snprintf(what, sizeof(what), "messages a second");
	number(out, what, false, text);
	for (i = 0; i < countof(shares); i++) {
		report_print_figure(text, figures_quantile(r->run, clock, shares[i]));
		snprintf(what, sizeof(what), "%s %s time", names[i], run_clocks[clock]);
		number(out, what, false, text);
	}
	report_print_figure(text, figures_max(r->run, clock));
	number(out, "maximum", false, text);
	snprintf(text, sizeof(text), "%llu", llu(errors));
	number(out, "errors", errors > 0, text);
	snprintf(text, sizeof(text), "%llu", llu(wrong));
	number(out, "violations of integrity", wrong > 0, text);
	fputs("</ul>\n", out);
}

void
html_summary(FILE *out, const struct report *r)
{
	verdict(out, r);
	numbers(out, r);
}

static void
latency_row(FILE *out, const struct report *r, enum run_clock clock)
{
	const struct run *run = r->run;
	char text[REPORT_TEXT];
	unsigned i;

	if (run->clocks[clock]->count == 0)
		return;
	fprintf(
	    out, "<tr><td>%s</td><td>%llu</td>", run_clocks[clock], llu(run->clocks[clock]->count));
	report_print_figure(text, figures_mean(run, clock));
	fprintf(out, "<td>%s</td>", text);
	for (i = 0; i < r->npercentiles; i++) {
		report_print_figure(text, figures_quantile(run, clock, r->percentiles[i] / 100));
		fprintf(out, "<td>%s</td>", text);
	}
	report_print_figure(text, figures_max(run, clock));
	fprintf(out, "<td>%s</td></tr>\n", text);
}

static void
latency_table(FILE *out, const struct report *r)
{
	unsigned i;

	fputs(
	    "<section class=\"card\"><table><tr><th>latency</th><th>count</th><th>mean</th>", out);
	for (i = 0; i < r->npercentiles; i++)
		fprintf(out, "<th>p%.10g</th>", r->percentiles[i]);
	fputs("<th>max</th></tr>\n", out);
	for (i = 0; i < CLOCKS; i++)
		latency_row(out, r, (enum run_clock)i);
	fputs(
	    "</table>\n<p class=\"soft\">- : fewer than ten samples lie beyond. \u2265 : requests "
	    "that never came back are among those it rests on.</p></section>\n",
	    out);
}

static void
examples(FILE *out, const char from[][RUN_EXAMPLE_TEXT], unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fputs("<li>", out);
		svg_escape(out, from[i]);
		fputs("</li>\n", out);
	}
}

static void
kinds(FILE *out, const char *const *names, const uint64_t *counts)
{
	unsigned i;

	for (i = 0; names[i] != NULL; i++)
		if (counts[i] > 0) {
			fputs("<li>", out);
			say(out, "%s: %llu", names[i], llu(counts[i]));
			fputs("</li>\n", out);
		}
}

static void
troubles(FILE *out, const struct report *r)
{
	const struct run_part *t = &r->run->total;
	const struct verdict *v = &r->verdict;
	unsigned i;

	if (v->n == 0 && r->nexpectations == 0 && figures_errors(r->run) == 0 &&
	    figures_violations(r->run) == 0)
		return;
	fputs("<section class=\"card\" id=\"troubles\"><h2>Warnings, errors and expectations</h2>"
	      "<ul class=\"plain\">\n",
	    out);
	for (i = 0; i < v->n; i++) {
		fputs("<li><code>", out);
		svg_escape(out, v->warnings[i].code);
		fputs("</code> ", out);
		svg_escape(out, v->warnings[i].text);
		fputs("</li>\n", out);
	}
	kinds(out, run_violations, t->violations);
	examples(out, t->violation_text, t->nviolation_texts);
	kinds(out, run_failures, t->failures);
	examples(out, t->failure_text, t->nfailure_texts);
	for (i = 0; i < r->nexpectations; i++) {
		const struct expectation *e = &r->expectations[i];

		fputs("<li>", out);
		say(out, "%s expected: %s%s", e->text, e->pass ? "\u2713 holds" : "\u2717 fails",
		    e->known ? "" : " (no such metric, or too few samples)");
		fputs("</li>\n", out);
	}
	fputs("</ul></section>\n", out);
}

static void
fact(FILE *out, const char *what)
{
	fprintf(out, "<dt>%s</dt><dd>", what);
}

static void
shape(FILE *out, const struct run_config *c)
{
	char time[UNITS_TEXT];

	fact(out, "load");
	say(out, "%s, %u connection%s, %u process%s, %s B messages, %u in flight, ",
	    run_modes[c->mode], c->connections, c->connections == 1 ? "" : "s", c->processes,
	    c->processes == 1 ? "" : "es", c->size_text, c->pipeline);
	if (c->rate > 0)
		say(out, "open loop of %.10g msg/s %s", c->rate, run_arrivals[c->arrival]);
	else
		say(out, "closed loop");
	units_print_duration(time, c->duration);
	say(out, ", for %s, verify %s, seed %llu", c->duration > 0 ? time : "as many as asked",
	    run_verifies[c->verify], llu(c->seed));
	fputs("</dd>\n", out);
}

void
html_details(FILE *out, const struct report *r)
{
	const struct run_part *t = &r->run->total;
	const struct machine *m = r->machine;
	unsigned i;

	latency_table(out, r);
	troubles(out, r);
	fputs("<section class=\"card\"><dl>\n", out);
	shape(out, r->run->config);
	fact(out, "requests");
	say(out,
	    "scheduled %llu, started %llu, verified %llu, timeout %llu, unfinished %llu, failed %llu",
	    llu(t->scheduled), llu(t->started), llu(t->verified), llu(t->timeout),
	    llu(t->unfinished), llu(t->failed));
	fputs("</dd>\n", out);
	fact(out, "client");
	say(out,
	    "cpu %.0f%% of one processor, steal %.1f%%, throttled %llu, involuntary switches %llu",
	    100 * r->verdict.cpu, 100 * m->steal, llu(m->throttled), llu(t->preempted));
	fputs("</dd>\n", out);
	fact(out, "host");
	say(out, "kernel %s, %u cpus, clock %s at %u ns a look, %s", m->kernel, m->cpus,
	    m->clocksource, m->clock_cost, m->loopback ? "loopback" : "network");
	fputs("</dd>\n", out);
	for (i = 0; i < r->nlabels; i++) {
		fact(out, "label");
		svg_escape(out, r->labels[i]);
		fputs("</dd>\n", out);
	}
	fact(out, "command");
	fputs("<code>", out);
	for (i = 0; i < (unsigned)r->run->config->argc; i++)
		say(out, "%s%s", i > 0 ? " " : "", r->run->config->argv[i]);
	fputs("</code></dd>\n</dl></section>\n", out);
}

void
html_table(FILE *out, const struct report *const *all, const char *const *names, unsigned n)
{
	static const double shares[] = { 0.5, 0.99, 0.999 };
	char text[REPORT_TEXT];
	unsigned i;
	size_t k;

	fputs("<section class=\"card\"><table><tr><th>run</th><th>verdict</th><th>clock</th>"
	      "<th>msg/s</th><th>p50</th><th>p99</th><th>p99.9</th><th>max</th><th>errors</th>"
	      "<th>violations</th></tr>\n",
	    out);
	for (i = 0; i < n; i++) {
		const struct run *run = all[i]->run;
		enum run_clock clock = report_headline(all[i]);

		fputs("<tr><td>", out);
		svg_escape(out, names[i]);
		report_print_count(text, report_rate(all[i]));
		fprintf(out, "</td><td>%s</td><td>%s</td><td>%s</td>",
		    all[i]->verdict.trustworthy ? "\u2713 trustworthy" : "\u2717 not trustworthy",
		    run_clocks[clock], text);
		for (k = 0; k < countof(shares); k++) {
			report_print_figure(text, figures_quantile(run, clock, shares[k]));
			fprintf(out, "<td>%s</td>", text);
		}
		report_print_figure(text, figures_max(run, clock));
		fprintf(out, "<td>%s</td><td>%llu</td><td>%llu</td></tr>\n", text,
		    llu(figures_errors(run)), llu(figures_violations(run)));
	}
	fputs("</table></section>\n", out);
}
