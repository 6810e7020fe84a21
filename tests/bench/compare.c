/* SPDX-License-Identifier: ISC */
/*
 * compare.c -- what bench.sh has measured: as a table, as a page, as verdicts.
 *
 *	compare [-q] [-o PAGE.html] [-v CASE/SUBJECT]... RESULTS
 *
 * With -q there is no table.  For each -v it prints PASS or FAIL, as the rate is at
 * least the bar of its case or is not, and exits 1 after a FAIL.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare.h"
#include "report.h"

void
compare_print_interval(char text[COMPARE_TEXT], const struct spread *s)
{
	if (s->n == 0)
		snprintf(text, COMPARE_TEXT, "-");
	else
		snprintf(text, COMPARE_TEXT, "%.3f - %.3f", s->low, s->high);
}

void
compare_print_ratio(char text[COMPARE_TEXT], const struct spread *s)
{
	if (s->n == 0)
		snprintf(text, COMPARE_TEXT, "-");
	else
		snprintf(text, COMPARE_TEXT, "%.3f", s->median);
}

void
compare_print_rate(char text[COMPARE_TEXT], const struct spread *s)
{
	char count[REPORT_TEXT] = "-";

	if (s->n > 0)
		report_print_count(count, s->median);
	snprintf(text, COMPARE_TEXT, "%s", count);
}

void
compare_print_time(char text[COMPARE_TEXT], const struct spread *s)
{
	char time[REPORT_TEXT] = "-";

	if (s->n > 0)
		report_print_time(time, (uint64_t)llround(s->median));
	snprintf(text, COMPARE_TEXT, "%s", time);
}

void
compare_print_share(char text[COMPARE_TEXT], double share)
{
	if (isfinite(share))
		snprintf(text, COMPARE_TEXT, "%.0f%%", 100 * share);
	else
		snprintf(text, COMPARE_TEXT, "-");
}

/* Subjects that were out for some rounds have fewer: the least sure of them. */
void
compare_interval_words(char text[COMPARE_TEXT], const struct results *r, const struct bench_case *c)
{
	double least = 1;
	size_t i;

	for (i = 0; i < r->nsubjects; i++) {
		struct cell cell;

		if (!results_is_row(c, &r->subjects[i]))
			continue;
		cell = results_cell(r, c, &r->subjects[i]);
		if (cell.rate_ratio.n > 0)
			least = fmin(least, cell.rate_ratio.coverage);
		free(cell.ratios);
	}
	snprintf(text, COMPARE_TEXT, "%.1f%% interval", floor(1000 * least) / 10);
}

/* -1: there is nothing to judge. */
static int
judge(const struct results *r, const char *what)
{
	const struct bench_case *c = r->cases;
	const struct bench_subject *s = r->subjects;
	char label[160], ratio[COMPARE_TEXT], interval[COMPARE_TEXT];
	struct cell cell;
	int passed;

	while (c < r->cases + r->ncases &&
	    (strncmp(c->name, what, strlen(c->name)) != 0 || what[strlen(c->name)] != '/'))
		c++;
	if (c == r->cases + r->ncases)
		return -1;
	while (s < r->subjects + r->nsubjects && strcmp(s->name, what + strlen(c->name) + 1) != 0)
		s++;
	if (s == r->subjects + r->nsubjects)
		return -1;
	cell = results_cell(r, c, s);
	free(cell.ratios);
	if (cell.rate_ratio.n == 0)
		return -1;
	compare_print_ratio(ratio, &cell.rate_ratio);
	compare_print_interval(interval, &cell.rate_ratio);
	passed = cell.rate_ratio.median >= c->bar;
	snprintf(label, sizeof(label), "%s: %s", s->text, c->text);
	printf("%s  %-58s %10s  (>= %.2f; %s)\n", passed ? "PASS" : "FAIL", label, ratio, c->bar,
	    interval);
	return passed;
}

static int
write_page(const struct results *r, const char *path)
{
	FILE *out = fopen(path, "we");

	if (out != NULL) {
		compare_html(out, r);
		if ((fflush(out) != 0 || ferror(out)) + (fclose(out) != 0) == 0)
			return 0;
	}
	fprintf(stderr, "compare: %s: %s\n", path, strerror(errno));
	return -1;
}

int
main(int argc, char **argv)
{
	const char *page = NULL, *to_judge[RESULTS_MOST];
	struct results r = { 0 };
	int c, quiet = 0, status = 0, n = 0, i;

	while ((c = getopt(argc, argv, "qo:v:")) != -1) {
		switch (c) {
		case 'q': quiet = 1; break;
		case 'o': page = optarg; break;
		case 'v':
			if (n < RESULTS_MOST)
				to_judge[n++] = optarg;
			break;
		default: return 2;
		}
	}
	if (optind != argc - 1) {
		fputs("usage: compare [-q] [-o PAGE.html] [-v CASE/SUBJECT]... RESULTS\n", stderr);
		return 2;
	}
	if (results_load(&r, argv[optind]) < 0) {
		results_close(&r);
		return 2;
	}
	if (!quiet)
		compare_table(stdout, &r);
	if (page != NULL && write_page(&r, page) < 0)
		status = 2;
	for (i = 0; i < n; i++) {
		int passed = judge(&r, to_judge[i]);

		if (passed < 0)
			printf("FAIL  %s was not measured\n", to_judge[i]);
		if (passed <= 0 && status == 0)
			status = 1;
	}
	results_close(&r);
	return status;
}
