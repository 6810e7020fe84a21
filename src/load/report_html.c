/* SPDX-License-Identifier: ISC */
/*
 * report_html.c -- one page without scripts and without a network: what was found
 * in words, in figures, and as data, for the JSON of each run is in it.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "html_style.h"
#include "html_summary.h"
#include "plots.h"
#include "report_html.h"

/* In a script "<" is what could end it; in JSON it stands in strings only. */
static void
write_harmless(FILE *out, const char *json, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (json[i] == '<')
			fputs("\\u003c", out);
		else
			fputc(json[i], out);
}

static int
embed(FILE *out, const struct report *r, unsigned index)
{
	char *json = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&json, &len);
	int rc;

	if (memory == NULL)
		return -errno;
	rc = report_json(r, memory);
	if (fclose(memory) != 0 && rc == 0)
		rc = -errno;
	fputs("<script type=\"application/json\" id=\"run", out);
	if (index > 0)
		fprintf(out, "-%u", index + 1);
	fputs("\">\n", out);
	if (rc == 0)
		write_harmless(out, json, len);
	fputs("</script>\n", out);
	free(json);
	return rc;
}

static void
head(FILE *out, const struct report *const *all, unsigned n)
{
	const struct run_config *config = all[0]->run->config;
	const char *target = config->ntargets > 0 ? config->targets[0] : "";
	time_t at = (time_t)all[0]->started_at;
	char day[64];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S UTC", &tm);
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<link rel=\"icon\" href=\"data:,\">\n<title>echoload ",
	    out);
	svg_escape(out, target);
	fputs("</title>\n<style>\n", out);
	fputs(html_style, out);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>", out);
	if (n == 1) {
		fputs("echoload ", out);
		svg_escape(out, target);
		if (config->ntargets > 1)
			fprintf(out, " and %u more", config->ntargets - 1);
	} else {
		fprintf(out, "echoload: %u runs", n);
	}
	fprintf(out, "</h1>\n<p class=\"soft\">%s</p>\n", day);
}

static void
figures(FILE *out, const struct plot_run *runs, unsigned n)
{
	fputs("<div class=\"figures\">\n", out);
	plot_percentiles(out, runs, n);
	plot_throughput(out, runs, n);
	plot_heat(out, runs, n);
	plot_latency(out, runs, n);
	plot_fairness(out, runs, n);
	plot_client(out, runs, n);
	fputs("</div>\n", out);
}

static int
page(const struct plot_run *runs, const struct report *const *all, const char *const *names,
    unsigned n, FILE *out)
{
	unsigned i;
	int rc = 0;

	head(out, all, n);
	if (n == 1)
		html_summary(out, all[0]);
	else
		html_table(out, all, names, n);
	figures(out, runs, n);
	if (n == 1)
		html_details(out, all[0]);
	fputs("<footer><p>Made by echoload " PACKAGE_VERSION
	      ". The data of this page are in it as JSON, in the element with the id "
	      "<code>run</code>.</p></footer>\n</main>\n",
	    out);
	for (i = 0; i < n && rc == 0; i++)
		rc = embed(out, all[i], i);
	fputs("</body>\n</html>\n", out);
	if (rc == 0 && (fflush(out) != 0 || ferror(out)))
		rc = errno != 0 ? -errno : -EIO;
	return rc;
}

int
report_html_of(const struct report *const *all, const char *const *names, unsigned n, FILE *out)
{
	struct plot_run runs[PLOTS_RUNS];
	struct series series[PLOTS_RUNS] = { 0 };
	unsigned i;
	int rc = 0;

	if (n == 0 || n > PLOTS_RUNS)
		return -E2BIG;
	for (i = 0; i < n && rc == 0; i++) {
		rc = series_open(&series[i], all[i]->run, all[i]->measured_ns);
		runs[i] = (struct plot_run){ all[i], &series[i], names[i] };
	}
	if (rc == 0)
		rc = page(runs, all, names, n, out);
	for (i = 0; i < n; i++)
		series_close(&series[i]);
	return rc;
}

int
report_html(const struct report *r, FILE *out)
{
	const char *name = "";

	return report_html_of(&r, &name, 1, out);
}
