/* SPDX-License-Identifier: ISC */
/*
 * report_json.c -- a run as one JSON document, contrib/schema/ says what is in it.
 *
 * One line for each section, so that it can be read and compared as it is.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hist_json.h"
#include "reactor.h"
#include "report.h"
#include "run_fields.h"
#include "tls.h"
#include "series.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

static json_t *
integer(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static double
percent(uint64_t part, uint64_t all)
{
	return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

/* A percentile with too few samples beyond it is null: it is not known. */
static void
add_percentiles(json_t *to, const struct report *r, enum run_clock clock)
{
	json_t *all = json_object(), *at_least = json_array();
	unsigned i;

	for (i = 0; i < r->npercentiles; i++) {
		struct figure f = figures_quantile(r->run, clock, r->percentiles[i] / 100);
		char key[32];

		snprintf(key, sizeof(key), "%.10g", r->percentiles[i]);
		json_object_set_new(all, key, f.known ? integer(f.ns) : json_null());
		if (f.known && f.at_least)
			json_array_append_new(at_least, json_string(key));
	}
	json_object_set_new(to, "percentiles", all);
	json_object_set_new(to, "at_least", at_least);
}

static json_t *
distribution(const struct report *r, enum run_clock clock)
{
	const struct hist *h = r->run->clocks[clock];
	json_t *d = json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "count", (json_int_t)h->count,
	    "min_ns", h->count > 0 ? (json_int_t)h->min : (json_int_t)0, "mean_ns",
	    (json_int_t)llround(hist_mean(h)), "stddev_ns", (json_int_t)llround(hist_stddev(h)),
	    "max_ns", (json_int_t)h->max, "censored", (json_int_t)figures_censored(r->run, clock),
	    "clamped", (json_int_t)h->clamped);

	add_percentiles(d, r, clock);
	json_object_set_new(d, "time_weighted",
	    json_pack("{s:I,s:I}", "50", (json_int_t)hist_time_quantile(h, 0.5), "99",
		(json_int_t)hist_time_quantile(h, 0.99)));
	json_object_set_new(d, "histogram", hist_save(h));
	json_object_set_new(d, "censored_histogram", hist_save(r->run->censored[clock]));
	return d;
}

static json_t *
latency(const struct report *r)
{
	json_t *all = json_pack("{s:s}", "headline", run_clocks[report_headline(r)]);
	int i;

	for (i = 0; i < CLOCKS; i++)
		json_object_set_new(all, run_clocks[i], distribution(r, (enum run_clock)i));
	return all;
}

static json_t *
texts(const char *const *from, unsigned n)
{
	json_t *all = json_array();
	unsigned i;

	for (i = 0; i < n; i++)
		json_array_append_new(all, fields_text(from[i]));
	return all;
}

static json_t *
examples(const char from[][RUN_EXAMPLE_TEXT], unsigned n)
{
	json_t *all = json_array();
	unsigned i;

	for (i = 0; i < n; i++)
		json_array_append_new(all, fields_text(from[i]));
	return all;
}

/* Add the sum under one key, each kind under "by_kind". */
static void
add_kinds(json_t *to, const char *key, const char *const *names, const uint64_t *counts)
{
	json_t *kinds = json_object();
	uint64_t all = 0;
	unsigned i;

	for (i = 0; names[i] != NULL; i++) {
		json_object_set_new(kinds, names[i], integer(counts[i]));
		all += counts[i];
	}
	json_object_set_new(to, key, integer(all));
	json_object_set_new(to, "by_kind", kinds);
}

static int
ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
add_messages(json_t *fairness, const struct run *run)
{
	uint64_t n = run->nconnections, kept = n < RUN_MSGS_MAX ? n : RUN_MSGS_MAX, i;
	uint64_t *sorted = malloc((n + 1) * sizeof(*sorted));
	json_t *msgs = json_array();

	if (sorted != NULL && n > 0) {
		memcpy(sorted, run->messages, n * sizeof(*sorted));
		qsort(sorted, n, sizeof(*sorted), ascending);
		/* Evenly, the first and the last among them. */
		for (i = 0; i < kept; i++)
			json_array_append_new(
			    msgs, integer(sorted[kept > 1 ? i * (n - 1) / (kept - 1) : 0]));
	}
	free(sorted);
	json_object_set_new(fairness, "sampled", json_boolean(kept < n));
	json_object_set_new(fairness, "msgs_sorted", msgs);
}

static void
add_rates(json_t *throughput, const struct report *r)
{
	const struct run_part *t = &r->run->total;

	json_object_set_new(throughput, "msgs_per_s", fields_real(report_rate(r)));
	json_object_set_new(throughput, "asked_msgs_per_s", fields_real(r->run->config->rate));
	json_object_set_new(throughput, "msgs_per_read",
	    fields_real(t->reads > 0 ? (double)t->messages_read / (double)t->reads : 0));
}

static void
add_client(json_t *client, const struct report *r)
{
	const struct run_part *t = &r->run->total;

	json_object_set_new(client, "user_pct", fields_real(percent(t->user, t->wall)));
	json_object_set_new(client, "sys_pct", fields_real(percent(t->system, t->wall)));
	json_object_set_new(
	    client, "lag_p99_ns", integer(hist_quantile(r->run->clocks[CLOCK_LAG], 0.99)));
	json_object_set_new(client, "dispatch_p99_ns",
	    integer(hist_quantile(r->run->clocks[CLOCK_DISPATCH], 0.99)));
}

static void
add_derived(json_t *document, const struct report *r)
{
	const struct run_part *t = &r->run->total;
	const struct run_config *config = r->run->config;
	json_t *o;

	o = json_object_get(document, "config");
	json_object_set_new(o, "targets", texts(config->targets, config->ntargets));
	json_object_set_new(
	    o, "argv", texts(config->argv, config->argc > 0 ? (unsigned)config->argc : 0));
	add_rates(json_object_get(document, "throughput"), r);
	add_client(json_object_get(document, "client"), r);
	add_messages(json_object_get(document, "fairness"), r->run);
	o = json_object_get(document, "integrity");
	add_kinds(o, "violations", run_violations, t->violations);
	json_object_set_new(o, "examples", examples(t->violation_text, t->nviolation_texts));
	o = json_object_get(document, "tcp");
	json_object_set_new(
	    o, "rwnd_limited_pct", fields_real(percent(t->window_limited, t->busy)));
	json_object_set_new(
	    o, "sndbuf_limited_pct", fields_real(percent(t->buffer_limited, t->busy)));
	o = json_object();
	add_kinds(o, "total", run_failures, t->failures);
	json_object_set_new(o, "examples", examples(t->failure_text, t->nfailure_texts));
	json_object_set_new(document, "errors", o);
	json_object_set_new(document, "latency", latency(r));
}

static json_t *
warnings(const struct verdict *v)
{
	json_t *all = json_array();
	unsigned i;

	for (i = 0; i < v->n; i++)
		json_array_append_new(all,
		    json_pack("{s:o,s:b,s:o}", "code", fields_text(v->warnings[i].code), "serious",
			v->warnings[i].serious, "text", fields_text(v->warnings[i].text)));
	return all;
}

static json_t *
assertions(const struct report *r)
{
	json_t *all = json_array(), *one;
	unsigned i;

	for (i = 0; i < r->nexpectations; i++) {
		const struct expectation *e = &r->expectations[i];
		const char *key = e->is_time ? "actual_ns" : "actual";
		const char *limit = e->is_time ? "limit_ns" : "limit";

		one = json_pack("{s:n,s:n,s:n,s:n}", "actual_ns", "actual", "limit_ns", "limit");
		fields_save(one, run_assertion_fields, run_nassertion_fields, e);
		json_object_set_new(one, limit,
		    e->is_time ? integer((uint64_t)llround(e->value)) : fields_real(e->value));
		if (e->known)
			json_object_set_new(one, key,
			    e->is_time ? integer((uint64_t)llround(e->actual)) :
					 fields_real(e->actual));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *
intervals(const struct series *s)
{
	json_t *all = json_array(), *one;
	unsigned i;

	for (i = 0; i < s->n; i++) {
		const struct series_point *p = &s->points[i];

		one = json_pack("{s:I,s:f,s:f,s:I,s:I}", "t_ns", (json_int_t)p->end, "msgs_per_s",
		    series_rate(p), "cpu_pct", 100 * series_cpu(p), "p50_ns",
		    (json_int_t)hist_quantile(p->strip, 0.5), "p99_ns",
		    (json_int_t)hist_quantile(p->strip, 0.99));
		fields_save(one, run_interval_fields, run_ninterval_fields, &p->sum);
		json_object_set_new(one, "histogram", hist_save(p->strip));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *
labels(const struct report *r)
{
	json_t *all = json_object();
	unsigned i;

	for (i = 0; i < r->nlabels; i++) {
		const char *equals = strchr(r->labels[i], '=');
		char key[256];

		if (equals == NULL)
			equals = r->labels[i] + strlen(r->labels[i]);
		snprintf(key, sizeof(key), "%.*s", (int)(equals - r->labels[i]), r->labels[i]);
		/* A key is text, too, and so has to be made UTF-8. */
		json_t *clean = fields_text(key);
		json_object_set_new(
		    all, json_string_value(clean), fields_text(*equals != '\0' ? equals + 1 : ""));
		json_decref(clean);
	}
	return all;
}

static json_t *
moment(double since_epoch)
{
	long long us = llround(since_epoch * 1e6);
	time_t seconds = (time_t)(us / 1000000);
	char day[32], text[64];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06lldZ", day, us % 1000000);
	return json_string(text);
}

/* What was in use, not what was there when it was built; OpenSSL: null without it. */
static json_t *
generator(void)
{
	char ev[32];

	snprintf(ev, sizeof(ev), "%d.%d", ev_version_major(), ev_version_minor());
	return json_pack("{s:s,s:s,s:s,s:s,s:s?}", "name", "echoload", "version", PACKAGE_VERSION,
	    "libev", ev, "jansson", jansson_version_str(), "openssl",
	    tls_is_built_in() ? tls_version() : NULL);
}

/* null where the connections are in the clear. */
static json_t *
tls(const struct run *run)
{
	json_t *o;

	if (!run->config->tls)
		return json_null();
	o = json_object();
	fields_save(o, run_tls_fields, run_ntls_fields, &run->total);
	return o;
}

static json_t *
document_of(const struct report *r, const struct series *series)
{
	json_t *d = json_pack("{s:s,s:i,s:o,s:o,s:o,s:o}", "schema", "echoload-run-1.schema.json",
	    "version", 1, "generator", generator(), "started_at", moment(r->started_at), "labels",
	    labels(r), "tls", tls(r->run));
	size_t i;

	for (i = 0; i < run_nsections; i++) {
		const struct run_section *s = &run_sections[i];
		json_t *section = json_object_get(d, s->name);

		if (section == NULL) {
			section = json_object();
			json_object_set_new(d, s->name, section);
		}
		fields_save(section, s->fields, s->n, run_base(r, s->base));
	}
	add_derived(d, r);
	json_object_set_new(d, "warnings", warnings(&r->verdict));
	json_object_set_new(d, "trustworthy", json_boolean(r->verdict.trustworthy));
	json_object_set_new(d, "assertions", assertions(r));
	json_object_set_new(d, "intervals", intervals(series));
	json_object_set_new(d, "interrupted", json_boolean(r->interrupted));
	json_object_set_new(d, "exit_code", json_integer(r->exit_code));
	return d;
}

/* One member a line; of an array of objects, one of those a line. */
static int
write_lines(json_t *document, FILE *out)
{
	const char *key, *before = "{\n";
	json_t *value, *one;
	size_t i;
	int rc = 0;

	json_object_foreach(document, key, value)
	{
		fprintf(out, "%s\"%s\":", before, key);
		before = ",\n";
		if (!json_is_array(value)) {
			rc |= json_dumpf(value, out, DUMP_FLAGS);
			continue;
		}
		fputs("[", out);
		json_array_foreach(value, i, one)
		{
			fputs(i > 0 ? ",\n  " : "\n  ", out);
			rc |= json_dumpf(one, out, DUMP_FLAGS);
		}
		fputs("]", out);
	}
	fputs("\n}\n", out);
	return rc < 0 || fflush(out) != 0 || ferror(out) ? -(errno != 0 ? errno : EIO) : 0;
}

int
report_json(const struct report *r, FILE *out)
{
	struct series series;
	json_t *document;
	int rc;

	if ((rc = series_open(&series, r->run, r->measured_ns)) < 0)
		return rc;
	document = document_of(r, &series);
	series_close(&series);
	if (document == NULL)
		return -ENOMEM;
	errno = 0;
	rc = write_lines(document, out);
	json_decref(document);
	return rc;
}
