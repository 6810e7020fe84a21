/* SPDX-License-Identifier: ISC */
/*
 * print_table.c -- results for a terminal of 80 columns: a table for each case, and
 * one of all ratios.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

#define PER_LINE 7 /* cases beside each other in the table of all */

static char
mark_of(enum standing s)
{
	return s == STANDING_UNDER ? '!' : s == STANDING_UNSURE ? '?' : ' ';
}

/* Words under each other, from column 0 and from indent. */
static void
wrap(FILE *out, const char *head, const char *text)
{
	size_t indent = strlen(head), column = indent, len;

	fputs(head, out);
	for (; *text != '\0'; text += len) {
		text += strspn(text, " ");
		len = strcspn(text, " ");
		if (column > indent && column + 1 + len > 79) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		column += (size_t)fprintf(
		    out, "%s%.*s", column > indent ? " " : "", (int)len, text);
	}
	fputc('\n', out);
}

static void
row(FILE *out, const struct results *r, const struct bench_case *c, const struct bench_subject *s)
{
	struct cell cell = results_cell(r, c, s);
	char ratio[COMPARE_TEXT], interval[COMPARE_TEXT], rate[COMPARE_TEXT], cpu[COMPARE_TEXT],
	    of_cpu[COMPARE_TEXT], p99[COMPARE_TEXT];

	if (cell.rate_ratio.n > 0) {
		compare_print_ratio(ratio, &cell.rate_ratio);
		compare_print_interval(interval, &cell.rate_ratio);
		compare_print_rate(rate, &cell.rate);
		compare_print_time(cpu, &cell.cpu);
		compare_print_ratio(of_cpu, &cell.cpu_ratio);
		compare_print_time(p99, &cell.p99);
		fprintf(out, "%c %-18.18s %6s  %-15s %8s %8s %6s %8s\n",
		    mark_of(results_standing(c, s, &cell.rate_ratio)), s->text, ratio, interval,
		    rate, cpu, of_cpu, p99);
	}
	if (cell.why != NULL) {
		char head[COMPARE_TEXT];

		snprintf(head, sizeof(head), "  %-18.18s ", s->text);
		wrap(out, head, cell.why);
	}
	free(cell.ratios);
}

static void
table_of(FILE *out, const struct results *r, const struct bench_case *c)
{
	const struct bench_subject *reference = results_reference(r, c);
	char rate[COMPARE_TEXT], cpu[COMPARE_TEXT], p99[COMPARE_TEXT], client[COMPARE_TEXT],
	    server[COMPARE_TEXT], interval[COMPARE_TEXT];
	struct cell cell;
	size_t i;

	if (reference == NULL)
		return;
	cell = results_cell(r, c, reference);
	compare_print_rate(rate, &cell.rate);
	compare_print_time(cpu, &cell.cpu);
	compare_print_time(p99, &cell.p99);
	compare_print_share(client, cell.client.median / 100);
	compare_print_share(server, results_server_share(&cell));
	compare_interval_words(interval, r, c);
	fprintf(out, "%s\n", c->text);
	fprintf(out, "  %-18s %6s  %-15s %8s %8s %6s %8s\n", "", "ratio", interval, "echoes/s",
	    "cpu/echo", "ratio", "p99");
	fprintf(out, "  %-18.18s %6s  %-15s %8s %8s %6s %8s\n", reference->text, "1", "", rate, cpu,
	    "1", p99);
	for (i = 0; i < r->nsubjects; i++)
		if (results_is_row(c, &r->subjects[i]))
			row(out, r, c, &r->subjects[i]);
	fprintf(out, "  with %s: server busy %s, client busy %s of a processor\n\n",
	    reference->text, server, client);
	free(cell.ratios);
}

static void
ratio_of(
    FILE *out, const struct results *r, const struct bench_case *c, const struct bench_subject *s)
{
	struct cell cell = results_cell(r, c, s);
	char ratio[COMPARE_TEXT];

	compare_print_ratio(ratio, &cell.rate_ratio);
	fprintf(out, " %6s%c", results_is_row(c, s) ? ratio : "",
	    mark_of(results_standing(c, s, &cell.rate_ratio)));
	free(cell.ratios);
}

static void
all_ratios(FILE *out, const struct results *r, size_t from, size_t to)
{
	size_t i, k;

	fprintf(out, "%-20s", "rate, all cases");
	for (k = from; k < to; k++)
		fprintf(out, " %6.6s ", r->cases[k].name);
	fprintf(out, "\n%-20s", "  bar");
	for (k = from; k < to; k++)
		fprintf(out, " %6.2f ", r->cases[k].bar);
	fputc('\n', out);
	for (i = 0; i < r->nsubjects; i++) {
		if (r->subjects[i].kind == SUBJECT_REFERENCE)
			continue;
		fprintf(out, "  %-18.18s", r->subjects[i].text);
		for (k = from; k < to; k++)
			ratio_of(out, r, &r->cases[k], &r->subjects[i]);
		fputc('\n', out);
	}
	fputc('\n', out);
}

void
compare_table(FILE *out, const struct results *r)
{
	char head[COMPARE_TEXT];
	size_t i, to;

	for (i = 0; i < r->nnotes; i++) {
		snprintf(head, sizeof(head), "%-10s ", r->notes[i].key);
		wrap(out, head, r->notes[i].text);
	}
	fputc('\n', out);
	for (i = 0; i < r->ncases; i++)
		table_of(out, r, &r->cases[i]);
	for (i = 0; i < r->ncases; i = to) {
		to = i + PER_LINE < r->ncases ? i + PER_LINE : r->ncases;
		all_ratios(out, r, i, to);
	}
	fputs("! under the bar, with all of its interval; ? its interval holds the bar.\n", out);
	if (isfinite(results_noise(r)))
		fprintf(out,
		    "Noise: the intervals of the control reach up to %.0f%% away from 1.\n",
		    100 * results_noise(r));
	for (i = 0; i < r->nwarnings; i++)
		wrap(out, "WARNING: ", r->warnings[i]);
}
