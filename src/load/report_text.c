/* SPDX-License-Identifier: ISC */
/*
 * report_text.c -- the report for people, within 80 columns.
 */
#include <inttypes.h>
#include <string.h>

#include "page.h"
#include "report.h"

#define CELL 8  /* columns of one time in the table; with its mark, 7 at most */
#define TIMES 5 /* percentiles in a row of the table; more go into another one */
#define COLUMNS 80
#define NAMES 9                          /* columns of the clocks' */
#define FIRST (NAMES + 10 + CELL + CELL) /* and of count, mean and max in the first table */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
print_loop(struct page *p, const struct run_config *c)
{
	if (c->rate > 0) {
		page_say(p, ", open loop %.10g msg/s %s", c->rate, run_arrivals[c->arrival]);
		if (c->arrival == ARRIVAL_BURST)
			page_say(p, " of %u", c->burst);
		if (c->max_inflight > 0)
			page_say(p, ", at most %u in flight a connection", c->max_inflight);
		return;
	}
	page_say(p, ", closed loop");
	if (c->pipeline > 1)
		page_say(p, ", pipeline %u", c->pipeline);
	if (c->think > 0)
		page_say(p, ", think %gs", c->think);
}

static void
print_header(struct page *p, const struct report *r)
{
	const struct run_config *c = r->run->config;
	char ramp[REPORT_TEXT], warmup[REPORT_TEXT], measured[REPORT_TEXT], drained[REPORT_TEXT];
	unsigned i;

	page_begin(p, "");
	page_say(p, "echoload %s ", PACKAGE_VERSION);
	for (i = 0; i < c->ntargets; i++)
		page_say(p, " %s", c->targets[i]);
	page_begin(p, "");
	if (c->mode != MODE_RR)
		page_say(p, "mode %s, ", run_modes[c->mode]);
	page_say(p, "%u connection%s, %u process%s, %s bytes", c->connections,
	    plural(c->connections), c->processes, c->processes == 1 ? "" : "es", c->size_text);
	if (c->verify == VERIFY_SAMPLE)
		page_say(p, ", verify sample:%u", c->sample);
	else
		page_say(p, ", verify %s", run_verifies[c->verify]);
	print_loop(p, c);
	if (c->requests_per_conn > 0)
		page_say(p, ", %u request%s a connection", c->requests_per_conn,
		    plural(c->requests_per_conn));
	page_say(p, ", seed %" PRIu64, c->seed);
	page_begin(p, "");
	report_print_time(ramp, r->ramp_ns);
	report_print_time(warmup, r->warmup_ns);
	report_print_time(measured, r->measured_ns);
	report_print_time(drained, r->drain_ns);
	page_say(p, "ramp %s  warm-up %s  measured %s  drained %s%s", ramp, warmup, measured,
	    drained, r->interrupted ? "  interrupted" : "");
	for (i = 0; i < r->nlabels; i++) {
		page_begin(p, "label");
		page_say(p, "%s", r->labels[i]);
	}
	page_end(p);
}

static void
print_cell(const struct page *p, unsigned width, struct figure f)
{
	char text[REPORT_TEXT];
	unsigned columns;

	report_print_figure(text, f);
	columns = page_width(text);
	fprintf(p->f, "%*s%s", columns < width ? (int)(width - columns) : 1, "", text);
}

/* The head of a percentile's column, and how wide that is. */
static unsigned
head_of(char name[REPORT_TEXT], double percentile)
{
	unsigned columns = (unsigned)snprintf(name, REPORT_TEXT, "p%.8g", percentile);

	return columns < CELL ? CELL : columns + 1;
}

static bool
is_worth_a_row(const struct run *run, enum run_clock clock)
{
	return run->clocks[clock]->count > 0;
}

static struct figure
at(const struct run *run, enum run_clock clock, double percent)
{
	return figures_quantile(run, clock, percent / 100);
}

/* Some of the percentiles; the first table has what stands beside them, too. */
static void
print_table(struct page *p, const struct report *r, unsigned from, unsigned n)
{
	char name[REPORT_TEXT];
	unsigned i;
	int k;

	fprintf(p->f, "\n%-9s", "");
	if (from == 0)
		fprintf(p->f, "%10s%*s", "count", CELL, "mean");
	for (i = from; i < from + n; i++) {
		int width = (int)head_of(name, r->percentiles[i]);

		fprintf(p->f, "%*s", width, name);
	}
	fprintf(p->f, from == 0 ? "%*s\n" : "\n", CELL, "max");
	for (k = 0; k < CLOCKS; k++) {
		enum run_clock clock = (enum run_clock)k;

		if (!is_worth_a_row(r->run, clock))
			continue;
		fprintf(p->f, "%-9s", run_clocks[k]);
		if (from == 0) {
			fprintf(p->f, " %9" PRIu64, r->run->clocks[k]->count);
			print_cell(p, CELL, figures_mean(r->run, clock));
		}
		for (i = from; i < from + n; i++)
			print_cell(p, head_of(name, r->percentiles[i]),
			    at(r->run, clock, r->percentiles[i]));
		if (from == 0)
			print_cell(p, CELL, figures_max(r->run, clock));
		fputc('\n', p->f);
	}
}

/* How many there is room for in a table. */
static unsigned
fitting(const struct report *r, unsigned from)
{
	unsigned width = from == 0 ? FIRST : NAMES, n = 0;
	char name[REPORT_TEXT];

	while (from + n < r->npercentiles && n < TIMES) {
		width += head_of(name, r->percentiles[from + n]);
		if (width > COLUMNS)
			break;
		n++;
	}
	return n;
}

static void
print_tables(struct page *p, const struct report *r)
{
	unsigned from, n;

	for (from = 0; from == 0 || from < r->npercentiles; from += n) {
		n = fitting(r, from);
		print_table(p, r, from, n);
	}
	fputc('\n', p->f);
}

/* What somebody who comes at a random moment would meet. */
static void
print_time_weighted(struct page *p, const struct report *r)
{
	const struct run *run = r->run;
	const struct hist *h = run->clocks[figures_headline(run)];
	char p50[REPORT_TEXT], p99[REPORT_TEXT];

	if (h->count < 2 * REPORT_MIN_BEYOND)
		return;
	report_print_time(p50, hist_time_quantile(h, 0.5));
	report_print_time(p99, hist_time_quantile(h, 0.99));
	page_begin(p, "by time");
	page_say(p, "p50 %s, p99 %s: weighted by length, as a caller at random meets it", p50, p99);
}

static void
print_throughput(struct page *p, const struct report *r)
{
	const struct run *run = r->run;
	const struct run_config *c = run->config;
	unsigned i, n = figures_intervals(run);
	double seconds = figures_seconds(run), least = 0, most = 0;

	for (i = 0; i < n; i++) {
		double rate = (double)figures_messages(run, i) / c->interval;

		least = i == 0 || rate < least ? rate : least;
		most = rate > most ? rate : most;
	}
	page_begin(p, "throughput");
	page_say(p, "%.1f msg/s", report_rate(r));
	if (c->rate > 0)
		page_say(p, " of %.10g asked (%.1f%%)", c->rate, r->verdict.achieved * 100);
	if (seconds > 0)
		page_say(p, ",  %.2f MB/s out,  %.2f MB/s in",
		    (double)run->total.sent_bytes / 1e6 / seconds,
		    (double)run->total.received_bytes / 1e6 / seconds);
	if (n > 0)
		page_say(p, ",  per %gs min %.0f max %.0f msg/s", c->interval, least, most);
	if (run->total.reads > 0 && c->pipeline > 1)
		page_say(p, ",  %.1f msgs/read",
		    (double)run->total.messages_read / (double)run->total.reads);
}

static void
print_evenness(struct page *p, const struct report *r)
{
	const struct run *run = r->run;
	char gap[REPORT_TEXT];

	report_print_time(gap, run->total.longest_gap);
	page_begin(p, "steady");
	if (figures_intervals(run) >= 3)
		page_say(p, "r2 %.5f, 2nd half against 1st %+.2f%%, ", r->verdict.r2,
		    r->verdict.drift * 100);
	page_say(p, "longest gap between echoes %s", gap);
	page_begin(p, "fairness");
	page_say(p,
	    "Jain %.4f over %u connection%s (slowest %" PRIu64 ", fastest %" PRIu64
	    " msgs), starved %" PRIu64,
	    run->jain, run->nconnections, plural(run->nconnections), run->least, run->most,
	    run->starved);
}

static void
print_requests(struct page *p, const struct report *r)
{
	const struct run_part *t = &r->run->total;

	page_begin(p, "requests");
	page_say(p,
	    "scheduled %" PRIu64 ", started %" PRIu64 ", never sent %" PRIu64 ", verified %" PRIu64,
	    t->scheduled, t->started, t->never_sent, t->verified);
	page_paint(p, t->timeout + t->failed + t->unfinished > 0 ? PAGE_WARN : PAGE_PLAIN,
	    ", timeout %" PRIu64 ", failed %" PRIu64 ", unfinished %" PRIu64, t->timeout, t->failed,
	    t->unfinished);
	if (figures_balance(r->run))
		return;
	page_begin(p, "INTERNAL");
	page_paint(p, PAGE_BAD,
	    "ERROR: these do not add up (scheduled = started + never sent; started = "
	    "verified + timeout + failed + unfinished). Believe nothing of this report, and "
	    "tell the makers of echoload.");
}

static void
print_kinds(struct page *p, const uint64_t *counts, const char *const *names)
{
	const char *comma = "";
	unsigned i;

	for (i = 0; names[i] != NULL; i++)
		if (counts[i] > 0) {
			page_paint(p, PAGE_BAD, "%s%s %" PRIu64, comma, names[i], counts[i]);
			comma = ", ";
		}
}

static void
print_examples(struct page *p, const char (*texts)[RUN_EXAMPLE_TEXT], unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		page_item(p);
		page_say(p, "%s", texts[i]);
	}
}

static void
print_errors(struct page *p, const struct report *r)
{
	const struct run_part *t = &r->run->total;

	page_begin(p, "errors");
	if (figures_errors(r->run) == 0)
		page_say(p, "none");
	print_kinds(p, t->failures, run_failures);
	if (t->replaced > 0)
		page_say(
		    p, "; %" PRIu64 " connection%s replaced", t->replaced, plural(t->replaced));
	print_examples(p, t->failure_text, t->nfailure_texts);
}

static void
print_integrity(struct page *p, const struct report *r)
{
	static const char *const what[] = { "every byte verified", "a sample verified",
		"only lengths verified" };
	const struct run_part *t = &r->run->total;
	enum run_verify verify = r->run->config->verify;
	uint64_t n = figures_violations(r->run);

	page_begin(p, "integrity");
	if (t->verified_bytes == 0)
		page_say(p, "nothing compared, ");
	else if (t->verified_bytes < 10000)
		page_say(p, "%" PRIu64 " bytes compared, ", t->verified_bytes);
	else
		page_say(p, "%.2f MB compared, ", (double)t->verified_bytes / 1e6);
	/* Not of bytes that were wrong, nor of none. */
	if (n == 0 && (t->verified_bytes > 0 || verify == VERIFY_LENGTH))
		page_say(p, "%s, ", what[verify]);
	page_paint(p, n > 0 ? PAGE_BAD : PAGE_PLAIN, "%" PRIu64 " violation%s", n, plural(n));
	if (n > 0) {
		page_say(p, ": ");
		print_kinds(p, t->violations, run_violations);
	}
	print_examples(p, t->violation_text, t->nviolation_texts);
}

static void
print_tls(struct page *p, const struct report *r)
{
	const struct run_part *t = &r->run->total;

	if (!r->run->config->tls)
		return;
	page_begin(p, "tls");
	page_say(p, "%s %s %s; handshakes: full %" PRIu64 ", resumed %" PRIu64, t->tls_version,
	    t->tls_cipher, t->tls_group, t->tls_full, t->tls_resumed);
	if (r->run->config->tls_resume > 0)
		page_say(p, " (%u%% asked)", r->run->config->tls_resume);
}

static void
print_tcp(struct page *p, const struct report *r)
{
	const struct run_part *t = &r->run->total;
	double busy = t->busy > 0 ? (double)t->busy / 100 : 1;
	double window = (double)t->window_limited / busy, buffer = (double)t->buffer_limited / busy;
	char rtt[REPORT_TEXT];

	if (t->min_rtt == 0) /* not TCP */
		return;
	report_print_time(rtt, t->min_rtt);
	page_begin(p, "tcp");
	page_say(p,
	    "retransmits %" PRIu64 ", limited by: echoload %.1f%%, receive window %.1f%%, "
	    "send buffer %.1f%%; least round trip %s",
	    t->retransmits, window + buffer < 100 ? 100 - window - buffer : 0, window, buffer, rtt);
}

static void
print_client(struct page *p, const struct report *r)
{
	const struct run_part *t = &r->run->total;
	double wall = t->wall > 0 ? (double)t->wall / 100 : 1;
	char text[REPORT_TEXT];

	page_begin(p, "client");
	page_say(p, "cpu %.0f%% of 1 core (user %.0f sys %.0f spinning %.0f, all processes)",
	    r->verdict.cpu * 100, (double)t->user / wall, (double)t->system / wall,
	    (double)t->spun / wall);
	if (r->run->config->rate > 0) {
		report_print_figure(text, at(r->run, CLOCK_LAG, 99));
		page_say(p, ", lag p99 %s, over 1 ms late %" PRIu64, text, t->missed);
	}
	report_print_figure(text, at(r->run, CLOCK_DISPATCH, 99));
	if (r->verdict.waiting >= 0.005) /* it would be 0% */
		page_say(p, ", waiting for one %.0f%%", r->verdict.waiting * 100);
	page_say(p, ", dispatch p99 %s, steal %.1f%%, throttled %" PRIu64 "  -> ", text,
	    r->machine->steal * 100, r->machine->throttled);
	if (r->verdict.trustworthy)
		page_paint(p, PAGE_GOOD, "trustworthy");
	else
		page_paint(p, PAGE_BAD, "not trustworthy");
}

static void
print_warnings(struct page *p, const struct report *r)
{
	const struct verdict *v = &r->verdict;
	unsigned i;

	for (i = 0; i < v->n; i++) {
		page_begin(p, v->warnings[i].serious ? "warning" : "note");
		page_paint(
		    p, v->warnings[i].serious ? PAGE_BAD : PAGE_WARN, "%s", v->warnings[i].code);
		page_say(p, " %s", v->warnings[i].text);
	}
}

static void
print_actual(char text[REPORT_TEXT], const struct expectation *e)
{
	switch (e->unit) {
	case EXPECT_TIME:
		report_print_figure(
		    text, (struct figure){ (uint64_t)e->actual, true, e->at_least });
		break;
	case EXPECT_SHARE: snprintf(text, REPORT_TEXT, "%.4g", e->actual); break;
	default: report_print_count(text, e->actual);
	}
}

static void
print_expectations(struct page *p, const struct report *r)
{
	char text[REPORT_TEXT];
	unsigned i;

	for (i = 0; i < r->nexpectations; i++) {
		const struct expectation *e = &r->expectations[i];

		if (i == 0)
			page_begin(p, "assert");
		page_say(p, i == 0 ? "%s " : "   %s ", e->text);
		page_paint(p, e->pass ? PAGE_GOOD : PAGE_BAD, e->pass ? "PASS" : "FAIL");
		print_actual(text, e);
		if (e->known)
			page_say(p, " (%s)", text);
		else
			page_say(p, " (too few samples)");
	}
}

static void
print_reason(struct page *p, const char **comma, uint64_t n, const char *what)
{
	if (n == 0)
		return;
	page_paint(p, PAGE_BAD, "%s%" PRIu64 " %s%s", *comma, n, what, plural(n));
	*comma = ", ";
}

/* The last line tells why the exit code is not 0. */
static void
print_result(struct page *p, const struct report *r)
{
	const char *comma = "";
	uint64_t failed = 0;
	unsigned i;

	if (r->exit_code == 0)
		return;
	for (i = 0; i < r->nexpectations; i++)
		failed += !r->expectations[i].pass;
	page_begin(p, "result");
	if (figures_is_barren(r->run)) {
		page_paint(p, PAGE_BAD, "nothing came back");
		comma = ", ";
	}
	print_reason(p, &comma, figures_violations(r->run), "violation");
	print_reason(p, &comma, figures_errors(r->run), "error");
	print_reason(p, &comma, failed, "failed assertion");
	if (!r->verdict.trustworthy)
		page_paint(p, PAGE_BAD, "%snot trustworthy", comma);
	page_say(p, "%sexit %d: ", comma[0] != '\0' || !r->verdict.trustworthy ? "; " : "",
	    r->exit_code);
	page_paint(p, PAGE_BAD, "%s", report_exit_words(r->exit_code));
}

void
report_text(const struct report *r, FILE *f, bool colour)
{
	struct page p = { .f = f, .colour = colour };

	print_header(&p, r);
	print_tables(&p, r);
	print_time_weighted(&p, r);
	print_throughput(&p, r);
	print_evenness(&p, r);
	print_requests(&p, r);
	print_errors(&p, r);
	print_integrity(&p, r);
	print_tls(&p, r);
	print_tcp(&p, r);
	print_client(&p, r);
	print_warnings(&p, r);
	print_expectations(&p, r);
	print_result(&p, r);
	page_end(&p);
}
