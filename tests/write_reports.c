/* SPDX-License-Identifier: ISC */
/*
 * write_reports.c -- the JSON and HTML reports of runs that never were, one pair
 * of files for each kind of run that a report could stumble over; and one page of
 * two runs.
 *
 * Usage: write_reports DIRECTORY
 */
#include <stdio.h>
#include <string.h>

#include "fake_run.h"
#include "macros.h"
#include "report_html.h"

static const struct {
	const char *name;
	struct fake_plan plan;
} plans[] = {
	{ "open", { .connections = 50, .processes = 2, .seconds = 30, .rate = 20000, .seed = 42 } },
	{ "closed", { .connections = 16, .processes = 1, .seconds = 10, .seed = 7 } },
	{ "stall",
	    { .connections = 8, .processes = 1, .seconds = 20, .rate = 5000, .stall_at = 9 } },
	{ "nothing", { .connections = 4, .processes = 1, .seconds = 0, .rate = 100 } },
	{ "one-sample", { .connections = 1, .processes = 1, .seconds = 1, .messages = 1 } },
	{ "one-interval", { .connections = 1, .processes = 1, .seconds = 1, .messages = 5000 } },
	{ "outlier",
	    { .connections = 10, .processes = 1, .seconds = 10, .outlier = 900000000000 } },
	{ "crowd",
	    { .connections = 20000,
		.processes = 4,
		.seconds = 12,
		.rate = 50000,
		.unfair = true } },
	{ "failed",
	    { .connections = 10,
		.processes = 1,
		.seconds = 10,
		.rate = 1000,
		.failed = true,
		.doubtful = true,
		.target = "</script><script>alert(1)</script>",
		.label = "who=\"><img src=x onerror=alert(1)> \xff & co" } },
	{ "slow",
	    { .connections = 50, .processes = 2, .seconds = 30, .rate = 19000, .slow = 1.3 } },
	{ "long", { .connections = 50, .processes = 1, .seconds = 900, .rate = 500, .slow = 1.1 } },
};

typedef int write_report(const struct report *, FILE *);

static int
write_file(const char *directory, const char *name, const char *suffix, const struct report *r,
    write_report *report)
{
	char path[4096];
	FILE *out;
	int rc;

	snprintf(path, sizeof(path), "%s/%s.%s", directory, name, suffix);
	if ((out = fopen(path, "w")) == NULL) {
		perror(path);
		return -1;
	}
	if ((rc = report(r, out)) < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(-rc));
	return fclose(out) != 0 ? -1 : rc;
}

/* The first run and the same, only slower. */
static int
both(const struct report *r, FILE *out)
{
	static struct fake_run slow;
	const struct report *all[] = { r, &slow.report };
	const char *const names[] = { "before", "after <b>&" };
	struct fake_plan plan = plans[0].plan;
	int rc;

	plan.slow = 1.3;
	if ((rc = fake_run_open(&slow, &plan)) < 0)
		return rc;
	rc = report_html_of(all, names, countof(all), out);
	fake_run_close(&slow);
	return rc;
}

int
main(int argc, char **argv)
{
	static struct fake_run run;
	int rc = 0;
	size_t i;

	if (argc != 2) {
		fputs("Usage: write_reports DIRECTORY\n", stderr);
		return 2;
	}
	for (i = 0; i < countof(plans); i++) {
		struct fake_plan plan = plans[i].plan;

		plan.seed += i + 1;
		if (fake_run_open(&run, &plan) < 0)
			return 1;
		rc |= write_file(argv[1], plans[i].name, "json", &run.report, report_json);
		rc |= write_file(argv[1], plans[i].name, "html", &run.report, report_html);
		if (i == 0)
			rc |= write_file(argv[1], "two-runs", "html", &run.report, both);
		fake_run_close(&run);
	}
	return rc < 0;
}
