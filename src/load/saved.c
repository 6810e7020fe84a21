/* SPDX-License-Identifier: ISC */
/*
 * saved.c -- see saved.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hist_json.h"
#include "macros.h"
#include "run_fields.h"
#include "saved.h"

static int
wrong(char why[FIELDS_WHY], const char *what)
{
	snprintf(why, FIELDS_WHY, "%s", what);
	return -EINVAL;
}

/* The same places that run_base() gives for writing. */
static void *
place(struct saved *s, enum run_base base)
{
	switch (base) {
	case BASE_CONFIG: return &s->config;
	case BASE_TOTAL: return &s->run.total;
	case BASE_RUN: return &s->run;
	case BASE_MACHINE: return &s->machine;
	case BASE_VERDICT: return &s->report.verdict;
	case BASE_REPORT: return &s->report;
	}
	return NULL;
}

static int
load_sections(struct saved *s, bool config, char why[FIELDS_WHY])
{
	size_t i;
	int rc;

	for (i = 0; i < run_nsections; i++) {
		const struct run_section *section = &run_sections[i];
		const json_t *o;

		if ((section->base == BASE_CONFIG) != config)
			continue;
		if ((o = fields_object(s->document, section->name, why)) == NULL)
			return -EINVAL;
		if ((rc = fields_load(o, section->name, section->fields, section->n,
			 place(s, section->base), why)) < 0)
			return rc;
	}
	return 0;
}

static int
load_tls(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *o = json_object_get(s->document, "tls");

	if (json_is_null(o))
		return 0;
	if ((o = fields_object(s->document, "tls", why)) == NULL)
		return -EINVAL;
	return fields_load(o, "tls", run_tls_fields, run_ntls_fields, &s->run.total, why);
}

/* A list of texts that live as long as the document; NULL: it is none. */
static const char **
load_texts(const json_t *array)
{
	const char **texts = calloc(json_array_size(array) + 1, sizeof(*texts));
	const json_t *text;
	size_t i;

	if (texts == NULL || !json_is_array(array)) {
		free(texts);
		return NULL;
	}
	json_array_foreach(array, i, text)
	    texts[i] = json_is_string(text) ? json_string_value(text) : "";
	return texts;
}

static int
load_config(struct saved *s, char why[FIELDS_WHY])
{
	struct run_config *c = &s->config;
	const json_t *o, *targets, *argv;
	int rc;

	if ((rc = load_sections(s, true, why)) < 0)
		return rc;
	o = json_object_get(s->document, "config");
	if ((targets = fields_array(o, "targets", why)) == NULL ||
	    (argv = fields_array(o, "argv", why)) == NULL)
		return -EINVAL;
	if (c->connections == 0 || c->connections > SAVED_CONNECTIONS || c->processes == 0 ||
	    c->processes > SAVED_PROCESSES || c->interval <= 0)
		return wrong(why, "config: connections, processes or interval_ns out of range");
	if ((s->targets = load_texts(targets)) == NULL || (s->argv = load_texts(argv)) == NULL)
		return wrong(why, "out of memory");
	c->targets = s->targets;
	c->ntargets = (unsigned)json_array_size(targets);
	c->argv = s->argv;
	c->argc = (int)json_array_size(argv);
	return 0;
}

static int
load_intervals(struct saved *s, const json_t *array, char why[FIELDS_WHY])
{
	const json_t *one;
	char name[64];
	size_t i;
	int rc;

	json_array_foreach(array, i, one)
	{
		struct run_interval *to = run_interval(&s->run, 0, (unsigned)i);

		snprintf(name, sizeof(name), "intervals[%zu]", i);
		if ((rc = fields_load(
			 one, name, run_interval_fields, run_ninterval_fields, to, why)) < 0)
			return rc;
		snprintf(name, sizeof(name), "intervals[%zu].histogram", i);
		if ((rc = hist_load(run_strip(to), json_object_get(one, "histogram"), name, why)) <
		    0)
			return rc;
	}
	return 0;
}

/* One of the histograms of a clock. */
static struct hist *
load_clock(const json_t *clock, const char *name, const char *key, char why[FIELDS_WHY])
{
	struct hist *h = hist_new(RUN_BITS);
	char path[64];

	snprintf(path, sizeof(path), "latency.%s.%s", name, key);
	if (h == NULL)
		wrong(why, "out of memory");
	else if (hist_load(h, json_object_get(clock, key), path, why) == 0)
		return h;
	free(h);
	return NULL;
}

static int
load_clocks(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *latency = fields_object(s->document, "latency", why), *o;
	int i;

	if (latency == NULL)
		return -EINVAL;
	for (i = 0; i < CLOCKS; i++) {
		if ((o = fields_object(latency, run_clocks[i], why)) == NULL)
			return -EINVAL;
		s->run.clocks[i] = load_clock(o, run_clocks[i], "histogram", why);
		if (s->run.clocks[i] == NULL)
			return -EINVAL;
		s->run.censored[i] = load_clock(o, run_clocks[i], "censored_histogram", why);
		if (s->run.censored[i] == NULL)
			return -EINVAL;
	}
	return 0;
}

/* Those asked for stand as the keys of each clock. */
static int
load_percentiles(struct saved *s, char why[FIELDS_WHY])
{
	json_t *o = json_object_get(json_object_get(s->document, "latency"), "service");
	const char *key;
	json_t *value;

	o = json_object_get(o, "percentiles");
	if (!json_is_object(o) || json_object_size(o) > REPORT_PERCENTILES)
		return wrong(why, "latency.service.percentiles is missing or too long");
	json_object_foreach(o, key, value)
	    s->report.percentiles[s->report.npercentiles++] = strtod(key, NULL);
	return 0;
}

/* Of many connections only some are kept: the others are as the one before. */
static int
load_messages(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *o = json_object_get(s->document, "fairness"), *kept;
	uint64_t n = s->config.connections, i, k = 0, nkept;

	if ((kept = fields_array(o, "msgs_sorted", why)) == NULL)
		return -EINVAL;
	nkept = json_array_size(kept);
	if (nkept != (n < RUN_MSGS_MAX ? n : RUN_MSGS_MAX) || s->run.nconnections != n)
		return wrong(why, "fairness.msgs_sorted does not fit to config.connections");
	if ((s->run.messages = calloc(n, sizeof(*s->run.messages))) == NULL)
		return wrong(why, "out of memory");
	for (i = 0; i < n; i++) {
		while (k + 1 < nkept && (k + 1) * (n - 1) / (nkept - 1) <= i)
			k++;
		s->run.messages[i] = (uint64_t)json_integer_value(json_array_get(kept, k));
	}
	return 0;
}

static void
load_kinds(uint64_t *counts, const char *const *names, const json_t *from)
{
	const json_t *kinds = json_object_get(from, "by_kind");
	int i;

	for (i = 0; names[i] != NULL; i++)
		counts[i] = (uint64_t)json_integer_value(json_object_get(kinds, names[i]));
}

static unsigned
load_examples(char to[][RUN_EXAMPLE_TEXT], const json_t *from)
{
	const json_t *one;
	unsigned n = 0;
	size_t i;

	json_array_foreach(json_object_get(from, "examples"), i, one) if (n < RUN_EXAMPLES &&
	    json_is_string(one)) snprintf(to[n++], RUN_EXAMPLE_TEXT, "%s", json_string_value(one));
	return n;
}

static int
load_troubles(struct saved *s, char why[FIELDS_WHY])
{
	struct run_part *t = &s->run.total;
	const json_t *errors = fields_object(s->document, "errors", why);
	const json_t *integrity = fields_object(s->document, "integrity", why);

	if (errors == NULL || integrity == NULL)
		return -EINVAL;
	load_kinds(t->failures, run_failures, errors);
	load_kinds(t->violations, run_violations, integrity);
	t->nfailure_texts = load_examples(t->failure_text, errors);
	t->nviolation_texts = load_examples(t->violation_text, integrity);
	return 0;
}

static int
load_verdict(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *warnings = fields_array(s->document, "warnings", why), *one;
	struct verdict *v = &s->report.verdict;
	size_t i;

	if (warnings == NULL)
		return -EINVAL;
	v->trustworthy = json_is_true(json_object_get(s->document, "trustworthy"));
	json_array_foreach(warnings, i, one)
	{
		const char *code = json_string_value(json_object_get(one, "code"));
		const char *text = json_string_value(json_object_get(one, "text"));

		if (i >= VERDICT_WARNINGS || code == NULL || text == NULL)
			return wrong(why, "warnings: too many, or one without code or text");
		v->warnings[i].code = code;
		v->warnings[i].serious = json_is_true(json_object_get(one, "serious"));
		snprintf(v->warnings[i].text, VERDICT_TEXT, "%s", text);
		v->n++;
	}
	return 0;
}

static int
load_assertions(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *all = fields_array(s->document, "assertions", why), *one;
	struct expectation *e;
	size_t i;
	int rc;

	if (all == NULL)
		return -EINVAL;
	if ((e = calloc(json_array_size(all) + 1, sizeof(*e))) == NULL)
		return wrong(why, "out of memory");
	s->report.expectations = e;
	json_array_foreach(all, i, one)
	{
		if ((rc = fields_load(one, "assertions", run_assertion_fields,
			 run_nassertion_fields, &e[i], why)) < 0)
			return rc;
		e[i].value = json_number_value(
		    json_object_get(one, e[i].is_time ? "limit_ns" : "limit"));
		e[i].actual = json_number_value(
		    json_object_get(one, e[i].is_time ? "actual_ns" : "actual"));
		s->report.nexpectations++;
	}
	return 0;
}

static int
load_labels(struct saved *s, char why[FIELDS_WHY])
{
	json_t *labels = json_object_get(s->document, "labels"), *value;
	struct report *r = &s->report;
	const char *key;

	if (!json_is_object(labels) || json_object_size(labels) > REPORT_LABELS)
		return wrong(why, "labels is missing or too long");
	json_object_foreach(labels, key, value)
	{
		const char *text = json_string_value(value);
		size_t room = strlen(key) + strlen(text != NULL ? text : "") + 2;

		if (text == NULL || (s->labels[r->nlabels] = malloc(room)) == NULL)
			return wrong(why, "labels: one is not text");
		snprintf(s->labels[r->nlabels], room, "%s=%s", key, text);
		r->labels[r->nlabels] = s->labels[r->nlabels];
		r->nlabels++;
	}
	return 0;
}

static int
load_ends(struct saved *s, char why[FIELDS_WHY])
{
	const char *at = json_string_value(json_object_get(s->document, "started_at"));
	const json_t *exit_code = json_object_get(s->document, "exit_code");
	struct tm tm = { 0 };
	const char *rest;

	if (at == NULL || (rest = strptime(at, "%Y-%m-%dT%H:%M:%S", &tm)) == NULL)
		return wrong(why, "started_at is missing or not a time");
	if (!json_is_integer(exit_code))
		return wrong(why, "exit_code is missing or not a whole number");
	s->report.started_at = (double)timegm(&tm) + (*rest == '.' ? strtod(rest, NULL) : 0);
	s->report.exit_code = (int)json_integer_value(exit_code);
	s->report.interrupted = json_is_true(json_object_get(s->document, "interrupted"));
	return 0;
}

static int
load(struct saved *s, char why[FIELDS_WHY])
{
	const json_t *version = json_object_get(s->document, "version"), *intervals;
	size_t n;
	int rc;

	if (!json_is_integer(version))
		return wrong(why, "not the JSON of an echoload run");
	if (json_integer_value(version) != 1)
		return wrong(why, "a version of the format that this echoload does not know");
	if ((rc = load_config(s, why)) < 0)
		return rc;
	if ((intervals = fields_array(s->document, "intervals", why)) == NULL)
		return -EINVAL;
	if ((n = json_array_size(intervals)) > SAVED_INTERVALS)
		return wrong(why, "too many intervals");
	if (run_open(&s->run, &s->config, (unsigned)n) < 0)
		return wrong(why, "out of memory");
	s->report.run = &s->run;
	s->report.machine = &s->machine;
	if ((rc = load_sections(s, false, why)) < 0 || (rc = load_tls(s, why)) < 0 ||
	    (rc = load_intervals(s, intervals, why)) < 0 || (rc = load_clocks(s, why)) < 0 ||
	    (rc = load_percentiles(s, why)) < 0 || (rc = load_messages(s, why)) < 0 ||
	    (rc = load_troubles(s, why)) < 0 || (rc = load_verdict(s, why)) < 0 ||
	    (rc = load_assertions(s, why)) < 0 || (rc = load_labels(s, why)) < 0)
		return rc;
	return load_ends(s, why);
}

int
saved_load(struct saved *s, const char *path, char why[SAVED_WHY])
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char what[FIELDS_WHY];
	json_error_t error;
	int rc;

	*s = (struct saved){ 0 };
	if (in == NULL) {
		rc = -errno;
		snprintf(why, SAVED_WHY, "%s: %s", path, strerror(-rc));
		return rc;
	}
	s->document = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
	if (in != stdin)
		fclose(in);
	if (s->document == NULL) {
		snprintf(why, SAVED_WHY, "%s:%d: %s", path, error.line, error.text);
		return -EINVAL;
	}
	if ((rc = load(s, what)) < 0) {
		snprintf(why, SAVED_WHY, "%s: %s", path, what);
		saved_close(s);
	}
	return rc;
}

void
saved_close(struct saved *s)
{
	unsigned i;

	run_close(&s->run);
	json_decref(s->document);
	free(s->targets);
	free(s->argv);
	free(s->report.expectations);
	for (i = 0; i < REPORT_LABELS; i++)
		free(s->labels[i]);
	*s = (struct saved){ 0 };
}
