/* SPDX-License-Identifier: ISC */
/*
 * subcommands.c -- see subcommands.h.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "merge.h"
#include "plots.h"
#include "report_html.h"
#include "saved.h"
#include "subcommands.h"

#define RUNS_MAX 256

enum { EXIT_GOOD = 0, EXIT_CANNOT = 1, EXIT_USAGE = 2 };

struct input {
	struct saved *runs;
	const char *const *paths;
	unsigned n, loaded;
};

static int
complain(const char *what)
{
	fprintf(stderr, "echoload: %s\n", what);
	return EXIT_CANNOT;
}

static void
input_close(struct input *in)
{
	unsigned i;

	for (i = 0; i < in->loaded; i++)
		saved_close(&in->runs[i]);
	free(in->runs);
}

static int
input_open(struct input *in, char *const *paths, unsigned n)
{
	char why[SAVED_WHY];

	*in = (struct input){ .paths = (const char *const *)paths, .n = n };
	if ((in->runs = calloc(n, sizeof(*in->runs))) == NULL)
		return complain("out of memory");
	for (; in->loaded < n; in->loaded++)
		if (saved_load(&in->runs[in->loaded], paths[in->loaded], why) < 0) {
			input_close(in);
			return complain(why);
		}
	return EXIT_GOOD;
}

/* The options of both: one letter for the output, and --help. */
static int
read_options(
    int argc, char **argv, char letter, const char *usage, unsigned most, const char **output)
{
	static const struct option names[] = { { "output", required_argument, NULL, 'o' },
		{ "json", required_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 } };
	int c;

	optind = 0; /* GNU's: begin anew, with other arguments */
	while ((c = getopt_long(argc, argv, "o:j:h", names, NULL)) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return EXIT_GOOD;
		}
		if (c != letter) {
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
		*output = optarg;
	}
	if (*output == NULL || optind == argc || (unsigned)(argc - optind) > most) {
		if (*output != NULL && optind < argc)
			fprintf(stderr, "echoload %s: at most %u runs\n", argv[0], most);
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static FILE *
open_output(const char *path)
{
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");

	if (out == NULL)
		fprintf(stderr, "echoload: %s: %s\n", path, strerror(errno));
	return out;
}

static int
close_output(FILE *out, const char *path, int rc)
{
	if ((out == stdout ? fflush(out) : fclose(out)) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0)
		return EXIT_GOOD;
	fprintf(stderr, "echoload: %s: %s\n", path, strerror(-rc));
	return EXIT_CANNOT;
}

/* "before" of "runs/before.json" */
static char *
short_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = strdup(slash != NULL ? slash + 1 : path), *dot;

	if (name != NULL && (dot = strrchr(name, '.')) != NULL && strcmp(dot, ".json") == 0)
		*dot = '\0';
	return name;
}

static int
write_page(const struct input *in, const char *path)
{
	const struct report *reports[PLOTS_RUNS];
	char *names[PLOTS_RUNS] = { NULL };
	FILE *out = open_output(path);
	unsigned i;
	int rc = 0;

	if (out == NULL)
		return EXIT_CANNOT;
	for (i = 0; i < in->n; i++) {
		reports[i] = &in->runs[i].report;
		if ((names[i] = short_name(in->paths[i])) == NULL)
			rc = -ENOMEM;
	}
	if (rc == 0)
		rc = report_html_of(reports, (const char *const *)names, in->n, out);
	for (i = 0; i < in->n; i++)
		free(names[i]);
	return close_output(out, path, rc);
}

int
report_main(int argc, char **argv)
{
	const char *output = NULL;
	struct input in;
	int rc;

	if ((rc = read_options(argc, argv, 'o', "Usage: echoload report RUN.json... -o OUT.html\n",
		 PLOTS_RUNS, &output)) >= 0)
		return rc;
	if ((rc = input_open(&in, argv + optind, (unsigned)(argc - optind))) != EXIT_GOOD)
		return rc;
	rc = write_page(&in, output);
	input_close(&in);
	return rc;
}

static int
write_merged(const struct input *in, const char *path, int argc, char **argv)
{
	char why[MERGE_WHY];
	struct saved all;
	FILE *out;
	int rc;

	if (merge(&all, in->runs, in->paths, in->n, why) < 0)
		return complain(why);
	/* How it was made: there was no one command that made the load. */
	if ((all.argv = calloc((size_t)argc + 2, sizeof(*all.argv))) != NULL) {
		all.argv[0] = "echoload";
		memcpy(all.argv + 1, argv, (size_t)argc * sizeof(*argv));
		all.config.argv = all.argv;
		all.config.argc = argc + 1;
	}
	out = open_output(path);
	rc = out == NULL ? EXIT_CANNOT : close_output(out, path, report_json(&all.report, out));
	saved_close(&all);
	return rc;
}

int
merge_main(int argc, char **argv)
{
	const char *output = NULL;
	struct input in;
	int rc;

	if ((rc = read_options(argc, argv, 'j',
		 "Usage: echoload merge RUN.json RUN.json... -j OUT.json\n", RUNS_MAX, &output)) >=
	    0)
		return rc;
	if ((rc = input_open(&in, argv + optind, (unsigned)(argc - optind))) != EXIT_GOOD)
		return rc;
	rc = write_merged(&in, output, argc, argv);
	input_close(&in);
	return rc;
}

int
compare_with(struct comparison *c, const struct report *now, const char *path, double max_regress)
{
	struct saved before;
	char why[SAVED_WHY];
	int rc;

	if ((rc = saved_load(&before, path, why)) == 0) {
		rc = compare(c, &before.report, now, max_regress, why);
		saved_close(&before);
	}
	if (rc < 0)
		complain(why);
	return rc;
}
