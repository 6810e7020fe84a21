/* SPDX-License-Identifier: ISC */
/*
 * print_html.c -- results as one page without scripts: what is under the bar, all
 * ratios, a figure and a table for each case, how it was made, and all that was
 * measured.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "html_style.h"
#include "svg.h"

/* What this page has beside what the reports of echoload have. */
static const char style[] =
    ".name{fill:var(--ink)}.round{fill:var(--soft);fill-opacity:.3}\n"
    ".span{stroke-width:3;stroke-linecap:round}.middle{stroke-width:2}\n"
    ".mark.fine .span,.mark.fine .middle{stroke:var(--good)}.mark.fine .middle{fill:var(--good)}\n"
    ".mark.other .span,.mark.other .middle{stroke:var(--c0)}.mark.other .middle{fill:var(--c0)}\n"
    ".mark.unsure .span,.mark.unsure .middle{stroke:var(--c4)}"
    ".mark.unsure .middle{fill:var(--card)}\n"
    ".mark.under .span,.mark.under .middle{stroke:var(--bad)}.mark.under .middle{fill:var(--bad)}\n"
    ".verdict.unsure{background:var(--card);border-color:var(--c4)}.verdict.unsure b{"
    "color:var(--c4)}.verdict p{margin:4px 0}\n"
    "td.under{color:var(--bad);font-weight:650}td.unsure{color:var(--c4)}"
    "td.fine{color:var(--good)}td small{color:var(--soft);font-weight:400}\n"
    "td a{color:inherit;text-decoration:none}td a:hover{text-decoration:underline}\n"
    "figure table{margin-top:8px;font-size:.86rem}figure .scroll{overflow-x:auto}"
    "figure th,figure td{padding:3px 6px}td.why{text-align:left;white-space:normal;"
    "color:var(--soft)}\n"
    "details pre{overflow-x:auto;font-size:.78rem}summary{cursor:pointer}\n";

struct tally {
	unsigned under, unsure, fine;
};

static const char *
class_of(enum standing s)
{
	return s == STANDING_UNDER ? "under" :
	    s == STANDING_UNSURE   ? "unsure" :
	    s == STANDING_GOOD     ? "fine" :
				     "none";
}

static void
element(FILE *out, const char *open, const char *text, const char *close)
{
	fputs(open, out);
	svg_escape(out, text);
	fputs(close, out);
}

static const char *
note_of(const struct results *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->nnotes; i++)
		if (strcmp(r->notes[i].key, key) == 0)
			return r->notes[i].text;
	return "";
}

/* ---- above all: is anything under the bar? ---- */

static struct tally
count_standings(const struct results *r)
{
	struct tally t = { 0 };
	size_t i, k;

	for (k = 0; k < r->ncases; k++)
		for (i = 0; i < r->nsubjects; i++) {
			struct cell cell;

			if (!results_is_row(&r->cases[k], &r->subjects[i]))
				continue;
			cell = results_cell(r, &r->cases[k], &r->subjects[i]);
			switch (results_standing(&r->cases[k], &r->subjects[i], &cell.rate_ratio)) {
			case STANDING_UNDER: t.under++; break;
			case STANDING_UNSURE: t.unsure++; break;
			case STANDING_GOOD: t.fine++; break;
			case STANDING_NONE: break;
			}
			free(cell.ratios);
		}
	return t;
}

static void
verdict(FILE *out, const struct results *r)
{
	struct tally t = count_standings(r);
	unsigned all = t.under + t.unsure + t.fine;
	size_t i;

	fprintf(out, "<section class=\"verdict %s\" id=\"verdict\"><b>",
	    t.under > 0                  ? "bad" :
		t.unsure > 0 || all == 0 ? "unsure" :
					   "good");
	if (all == 0)
		fputs("No server with a bar was measured", out);
	else if (t.under > 0)
		fprintf(out, "\u2717 %u of %u are under their bar", t.under, all);
	else if (t.unsure > 0)
		fprintf(out, "? None of %u is surely under its bar", all);
	else
		fprintf(out, "\u2713 All %u are above their bar", all);
	fputs("</b>", out);
	if (all > 0)
		fprintf(out,
		    "<p>Above it with the whole interval: %u; the interval holds the bar: %u; "
		    "under it with the whole interval: %u.</p>",
		    t.fine, t.unsure, t.under);
	if (isfinite(results_noise(r)))
		fprintf(out,
		    "<p>Noise: the intervals of the control, a second process of the same loop, "
		    "reach up to %.0f%% away from 1.</p>",
		    100 * results_noise(r));
	for (i = 0; i < r->nwarnings; i++)
		element(
		    out, "<p class=\"warning\"><strong>Warning:</strong> ", r->warnings[i], "</p>");
	fputs("</section>\n", out);
}

/* ---- all ratios ---- */

static void
overview_cell(
    FILE *out, const struct results *r, const struct bench_case *c, const struct bench_subject *s)
{
	struct cell cell = results_cell(r, c, s);
	char ratio[COMPARE_TEXT], interval[COMPARE_TEXT];

	compare_print_ratio(ratio, &cell.rate_ratio);
	compare_print_interval(interval, &cell.rate_ratio);
	if (!results_is_row(c, s)) {
		fputs("<td></td>", out);
	} else if (cell.rate_ratio.n == 0) {
		element(out, "<td title=\"", cell.why != NULL ? cell.why : "", "\">-</td>");
	} else {
		fprintf(out, "<td class=\"%s\"><a href=\"#fig-",
		    class_of(results_standing(c, s, &cell.rate_ratio)));
		svg_escape(out, c->name);
		fprintf(out, "\">%s</a><br><small>%s</small></td>", ratio, interval);
	}
	free(cell.ratios);
}

static void
overview(FILE *out, const struct results *r)
{
	size_t i, k;

	fputs("<div class=\"card\"><h2>Rate, as a ratio to the reference</h2>\n"
	      "<p class=\"soft\">The median of the rounds, and its interval. A bar is what a "
	      "server of this project has to reach; peers and the control have none.</p>\n"
	      "<table id=\"overview\"><tr><th></th>",
	    out);
	for (k = 0; k < r->ncases; k++) {
		element(out, "<th title=\"", r->cases[k].text, "\">");
		element(out, "", r->cases[k].name, "</th>");
	}
	fputs("</tr>\n<tr><td class=\"soft\">bar</td>", out);
	for (k = 0; k < r->ncases; k++)
		fprintf(out, "<td class=\"soft\">%.2f</td>", r->cases[k].bar);
	fputs("</tr>\n", out);
	for (i = 0; i < r->nsubjects; i++) {
		if (r->subjects[i].kind == SUBJECT_REFERENCE)
			continue;
		element(out, "<tr><td>", r->subjects[i].text, "</td>");
		for (k = 0; k < r->ncases; k++)
			overview_cell(out, r, &r->cases[k], &r->subjects[i]);
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

/* ---- a case ---- */

static void
row(FILE *out, const struct results *r, const struct bench_case *c, const struct bench_subject *s)
{
	struct cell cell = results_cell(r, c, s);
	char text[6][COMPARE_TEXT];
	size_t i;

	element(out, "<tr><td>", s->text, "</td>");
	if (cell.rate.n > 0) {
		compare_print_rate(text[0], &cell.rate);
		compare_print_time(text[1], &cell.cpu);
		compare_print_time(text[2], &cell.p50);
		compare_print_time(text[3], &cell.p99);
		compare_print_share(text[4], results_server_share(&cell));
		compare_print_share(text[5], cell.client.median / 100);
		for (i = 0; i < 6; i++)
			fprintf(out, "<td>%s</td>", text[i]);
		fputs("</tr>\n", out);
	}
	if (cell.why != NULL) {
		if (cell.rate.n > 0)
			fputs("<tr><td></td>", out);
		element(out, "<td class=\"why\" colspan=\"6\">", cell.why, "</td></tr>\n");
	} else if (cell.rate.n == 0) {
		fputs("<td colspan=\"6\">-</td></tr>\n", out);
	}
	free(cell.ratios);
}

static void
figure(FILE *out, const struct results *r, const struct bench_case *c)
{
	const struct bench_subject *reference = results_reference(r, c);
	char interval[COMPARE_TEXT];
	size_t i;

	if (reference == NULL)
		return;
	compare_interval_words(interval, r, c);
	element(out, "<figure id=\"fig-", c->name, "\">\n");
	element(out, "<h2>", c->text, "</h2>\n");
	element(out, "<p>Ratios to the ", reference->text, "");
	fprintf(out, ": median, %s, rounds; bar at %.2f.</p>\n", interval, c->bar);
	compare_draw(out, r, c);
	fputs("<div class=\"scroll\"><table><tr><th></th><th>echoes/s</th><th>cpu/echo</th>"
	      "<th>p50</th><th>p99</th><th>server</th><th>client</th></tr>\n",
	    out);
	row(out, r, c, reference);
	for (i = 0; i < r->nsubjects; i++)
		if (results_is_row(c, &r->subjects[i]))
			row(out, r, c, &r->subjects[i]);
	fputs("</table></div></figure>\n", out);
}

static void
details(FILE *out, const struct results *r)
{
	size_t i;

	fputs("<div class=\"card\"><h2>How it was made</h2>\n<dl>\n", out);
	for (i = 0; i < r->nnotes; i++) {
		element(out, "<dt>", r->notes[i].key, "</dt>");
		element(out, "<dd>", r->notes[i].text, "</dd>\n");
	}
	fputs("</dl>\n<p class=\"soft\">cpu/echo: processor time of the server for an echo, which "
	      "does not depend on how fast the client is. server, client: how much of a "
	      "processor each was busy. Where the client is at 100% and the server is not, the "
	      "rates tell of the client: look at cpu/echo.</p></div>\n",
	    out);
	element(out,
	    "<details class=\"card\"><summary>All that was measured</summary><pre "
	    "id=\"results\">",
	    r->whole, "</pre></details>\n");
}

void
compare_html(FILE *out, const struct results *r)
{
	size_t i;

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>echod: bench</title>\n<style>\n",
	    out);
	fputs(html_style, out);
	fputs(style, out);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>", out);
	svg_escape(out, note_of(r, "bench"));
	element(out, "</h1>\n<p class=\"soft\">", note_of(r, "date"), "");
	element(out, ", ", note_of(r, "machine"), "</p>\n");
	verdict(out, r);
	overview(out, r);
	fputs("<div class=\"figures\">\n", out);
	for (i = 0; i < r->ncases; i++)
		figure(out, r, &r->cases[i]);
	fputs("</div>\n", out);
	details(out, r);
	fputs("<footer><p>Made by the bench of echod " PACKAGE_VERSION ".</p></footer>\n</main>\n"
	      "</body>\n</html>\n",
	    out);
}
