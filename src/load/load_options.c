/* SPDX-License-Identifier: ISC */
/*
 * load_options.c -- see load_options.h.
 */
#include <sys/random.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "load_help.h"
#include "load_options.h"
#include "load_sources.h"
#include "macros.h"
#include "units.h"

/* Options without a letter. */
enum {
	RATE_PER_CONN = 256,
	ARRIVAL,
	MAX_INFLIGHT,
	REQUESTS_PER_CONN,
	CONNECT_RATE,
	THINK,
	SEED,
	MODE,
	VERIFY,
	NAGLE,
	SNDBUF,
	RCVBUF,
	CLOSE,
	CONNECT_TIMEOUT,
	DRAIN,
	CSV,
	HGRM,
	HTML,
	PERCENTILES,
	NO_PROGRESS,
	COLOUR,
	LABEL,
	ASSERT,
	MAX_ERRORS,
	STRICT,
	COMPARE,
	MAX_REGRESS,
	VERSION_OPTION
};

static const struct option long_options[] = {
	{ "connections", required_argument, NULL, 'c' },
	{ "clients", required_argument, NULL, 'c' },
	{ "duration", required_argument, NULL, 'd' },
	{ "time", required_argument, NULL, 'd' },
	{ "requests", required_argument, NULL, 'n' },
	{ "warmup", required_argument, NULL, 'w' },
	{ "msg-size", required_argument, NULL, 'm' },
	{ "length", required_argument, NULL, 'm' },
	{ "pipeline", required_argument, NULL, 'p' },
	{ "rate", required_argument, NULL, 'r' },
	{ "rps", required_argument, NULL, 'r' },
	{ "qps", required_argument, NULL, 'r' },
	{ "rate-per-conn", required_argument, NULL, RATE_PER_CONN },
	{ "arrival", required_argument, NULL, ARRIVAL },
	{ "max-inflight", required_argument, NULL, MAX_INFLIGHT },
	{ "requests-per-conn", required_argument, NULL, REQUESTS_PER_CONN },
	{ "connect-rate", required_argument, NULL, CONNECT_RATE },
	{ "think", required_argument, NULL, THINK },
	{ "threads", required_argument, NULL, 't' },
	{ "seed", required_argument, NULL, SEED },
	{ "mode", required_argument, NULL, MODE },
	{ "verify", required_argument, NULL, VERIFY },
	{ "source", required_argument, NULL, 'B' },
	{ "bind", required_argument, NULL, 'B' },
	{ "nagle", no_argument, NULL, NAGLE },
	{ "sndbuf", required_argument, NULL, SNDBUF },
	{ "rcvbuf", required_argument, NULL, RCVBUF },
	{ "close", required_argument, NULL, CLOSE },
	{ "timeout", required_argument, NULL, 'T' },
	{ "connect-timeout", required_argument, NULL, CONNECT_TIMEOUT },
	{ "drain", required_argument, NULL, DRAIN },
	{ "json", required_argument, NULL, 'j' },
	{ "csv", required_argument, NULL, CSV },
	{ "hgrm", required_argument, NULL, HGRM },
	{ "html", required_argument, NULL, HTML },
	{ "interval", required_argument, NULL, 'i' },
	{ "percentiles", required_argument, NULL, PERCENTILES },
	{ "quiet", no_argument, NULL, 'q' },
	{ "no-progress", no_argument, NULL, NO_PROGRESS },
	{ "color", required_argument, NULL, COLOUR },
	{ "label", required_argument, NULL, LABEL },
	{ "assert", required_argument, NULL, ASSERT },
	{ "max-errors", required_argument, NULL, MAX_ERRORS },
	{ "strict", no_argument, NULL, STRICT },
	{ "compare", required_argument, NULL, COMPARE },
	{ "max-regress", required_argument, NULL, MAX_REGRESS },
	LOAD_TLS_OPTIONS,
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int
take_count(const char *option, const char *text, unsigned min, unsigned max, unsigned *n)
{
	char allowed[64];
	double value;

	if (units_rate(text, &value) == 0 && value >= min && value <= max &&
	    value == (double)(unsigned)value) {
		*n = (unsigned)value;
		return -1;
	}
	snprintf(allowed, sizeof(allowed), "a number from %u to %u", min, max);
	return load_help_wrong(option, text, allowed);
}

static int
take_time(const char *option, const char *text, double *seconds)
{
	return units_duration(text, seconds) == 0 ?
	    -1 :
	    load_help_wrong(option, text, "a time as 500ms, 10s, 5m");
}

static int
take_rate(const char *option, const char *text, double *rate)
{
	return units_rate(text, rate) == 0 && *rate > 0 && *rate <= 1e8 ?
	    -1 :
	    load_help_wrong(option, text, "a rate a second as 1000, 10k, 1.5M");
}

static int
take_bytes(const char *option, const char *text, unsigned *bytes)
{
	double value;

	if (units_size(text, &value) < 0 || value < 1 || value > 1 << 30)
		return load_help_wrong(option, text, "a size as 4096, 64k, 1M");
	*bytes = (unsigned)value;
	return -1;
}

static int
take_choice(const char *option, const char *text, const char *const *choices, int *choice,
    const char *allowed)
{
	int i;

	*choice = 0;
	for (i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0) {
			*choice = i;
			return -1;
		}
	return load_help_wrong(option, text, allowed);
}

static int
take_mode(struct load_options *o, const char *text)
{
	int mode, rc;

	rc = take_choice("--mode", text, run_modes, &mode, "rr, crr, stream, idle or halfclose");
	if (rc < 0)
		o->config.mode = (enum run_mode)mode;
	return rc;
}

static int
take_arrival(struct load_options *o, const char *text)
{
	int arrival, rc;

	if (strncmp(text, "burst:", 6) == 0) {
		o->config.arrival = ARRIVAL_BURST;
		return take_count("--arrival burst", text + 6, 1, 1000000, &o->config.burst);
	}
	rc = take_choice("--arrival", text, run_arrivals, &arrival, "uniform, poisson or burst:N");
	if (rc < 0 && arrival == ARRIVAL_BURST)
		return load_help_wrong("--arrival", text, "how many at a time, as burst:10");
	if (rc < 0)
		o->config.arrival = (enum run_arrival)arrival;
	return rc;
}

static int
take_verify(struct load_options *o, const char *text)
{
	int verify, rc;

	if (strncmp(text, "sample:", 7) == 0) {
		o->config.verify = VERIFY_SAMPLE;
		return take_count("--verify sample", text + 7, 1, 1000000, &o->config.sample);
	}
	rc = take_choice("--verify", text, run_verifies, &verify, "full, sample:N or length");
	if (rc < 0 && verify == VERIFY_SAMPLE)
		return load_help_wrong("--verify", text, "one read in how many, as sample:10");
	if (rc < 0)
		o->config.verify = (enum run_verify)verify;
	return rc;
}

static int
take_percentiles(struct load_options *o, const char *list)
{
	char *end;

	o->npercentiles = 0;
	do {
		double p = strtod(list, &end);

		if (end == list || (*end != ',' && *end != '\0') || !(p >= 0 && p <= 100) ||
		    o->npercentiles == REPORT_PERCENTILES)
			return load_help_wrong(
			    "--percentiles", list, "at most 16 from 0 to 100, as 50,99,99.9");
		o->percentiles[o->npercentiles++] = p;
		list = end + 1;
	} while (*end == ',');
	return -1;
}

static int
take_expectation(struct load_options *o, const char *text)
{
	const char *why;

	if (o->nexpectations == LOAD_EXPECTATIONS)
		return load_help_wrong("--assert", text, "32 of them at most");
	if (expect_parse(&o->expectations[o->nexpectations], text, &why) < 0)
		return load_help_wrong("--assert", text, why);
	o->nexpectations++;
	return -1;
}

/* "5%" or "0.5": a percentage. */
static int
take_percent(const char *option, const char *text, double *share)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || (strcmp(end, "%") != 0 && *end != '\0') || !(n >= 0 && n <= 100))
		return load_help_wrong(option, text, "a percentage as 5%");
	*share = n / 100;
	return -1;
}

static int
take_max_errors(struct load_options *o, const char *text)
{
	double n;

	if (text[0] != '\0' && text[strlen(text) - 1] == '%')
		return take_percent("--max-errors", text, &o->max_error_share);
	if (units_rate(text, &n) < 0)
		return load_help_wrong("--max-errors", text, "a number or a percentage");
	o->max_errors = (uint64_t)n;
	return -1;
}

static int
take_label(struct load_options *o, const char *text)
{
	if (strchr(text, '=') == NULL || o->nlabels == REPORT_LABELS)
		return load_help_wrong("--label", text, "KEY=VALUE, 16 at most");
	o->labels[o->nlabels++] = text;
	return -1;
}

static int
take_colour(struct load_options *o, const char *text)
{
	static const char *const names[] = { "auto", "always", "never", NULL };
	int colour, rc = take_choice("--color", text, names, &colour, "auto, always or never");

	if (rc < 0)
		o->colour = (enum load_colour)colour;
	return rc;
}

static int
take_close(struct load_options *o, const char *text)
{
	static const char *const names[] = { "fin", "rst", NULL };
	int how, rc = take_choice("--close", text, names, &how, "fin or rst");

	if (rc < 0)
		o->config.reset_on_close = how == 1;
	return rc;
}

static int
take_number(const char *option, const char *text, uint64_t *n)
{
	double value;

	if (units_rate(text, &value) < 0 || value < 1 || value > 1e15)
		return load_help_wrong(option, text, "a number as 1000, 10k, 1M");
	*n = (uint64_t)value;
	return -1;
}

static int
take_seed(struct load_options *o, const char *text)
{
	char *end;

	errno = 0;
	o->config.seed = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 ?
	    -1 :
	    load_help_wrong("--seed", text, "a number");
}

/* -1: go on; else the code to exit with. */
static int
take_option(struct load_options *o, int c, char *arg)
{
	struct run_config *f = &o->config;
	double per_conn;
	int rc;

	switch (c) {
	case 'c': return take_count("-c", arg, 1, 1000000, &f->connections);
	case 'd': return take_time("-d", arg, &f->duration);
	case 'n': return take_number("-n", arg, &f->requests);
	case 'w': return take_time("-w", arg, &f->warmup);
	case 'm': f->size_text = arg; return -1;
	case 'p': return take_count("-p", arg, 1, 65536, &f->pipeline);
	case 'r': return take_rate("-r", arg, &f->rate);
	case RATE_PER_CONN:
		if ((rc = take_rate("--rate-per-conn", arg, &per_conn)) < 0)
			f->rate = -per_conn; /* times the connections, when they are known */
		return rc;
	case ARRIVAL: return take_arrival(o, arg);
	case MAX_INFLIGHT: return take_count("--max-inflight", arg, 0, 65536, &f->max_inflight);
	case REQUESTS_PER_CONN:
		return take_count("--requests-per-conn", arg, 0, 1u << 31, &f->requests_per_conn);
	case CONNECT_RATE: return take_rate("--connect-rate", arg, &f->connect_rate);
	case THINK: return take_time("--think", arg, &f->think);
	case 't': return take_count("-t", arg, 1, 256, &f->processes);
	case SEED: return take_seed(o, arg);
	case MODE: return take_mode(o, arg);
	case VERIFY: return take_verify(o, arg);
	case '4': o->family = AF_INET; return -1;
	case '6': o->family = AF_INET6; return -1;
	case 'B': return load_sources_add(o, arg);
	case NAGLE: o->net.nagle = f->nagle = true; return -1;
	case SNDBUF: return take_bytes("--sndbuf", arg, &o->net.sndbuf);
	case RCVBUF: return take_bytes("--rcvbuf", arg, &o->net.rcvbuf);
	case CLOSE: return take_close(o, arg);
	case 'T': return take_time("-T", arg, &f->timeout);
	case CONNECT_TIMEOUT: return take_time("--connect-timeout", arg, &f->connect_timeout);
	case DRAIN: return take_time("--drain", arg, &f->drain);
	case 'j': o->json = arg; return -1;
	case CSV: o->csv = arg; return -1;
	case HGRM: o->hgrm = arg; return -1;
	case HTML: o->html = arg; return -1;
	case 'i': return take_time("-i", arg, &f->interval);
	case PERCENTILES: return take_percentiles(o, arg);
	case 'q':
		o->quiet = true;
		o->progress = false;
		return -1;
	case NO_PROGRESS: o->progress = false; return -1;
	case COLOUR: return take_colour(o, arg);
	case LABEL: return take_label(o, arg);
	case ASSERT: return take_expectation(o, arg);
	case MAX_ERRORS: return take_max_errors(o, arg);
	case STRICT: o->strict = true; return -1;
	case COMPARE: o->compare = arg; return -1;
	case MAX_REGRESS: return take_percent("--max-regress", arg, &o->max_regress);
	case 'V': load_help_version(); return 0;
	case 'h': load_help_print(); return 0;
	default:
		if (c >= LOAD_TLS_ALL || c == LOAD_TLS_INSECURE)
			return load_tls_take(&o->tls, c, arg);
		fputs("'echoload --help' lists the options\n", stderr);
		return EXIT_WRONG_USE;
	}
}

/* A name may have several addresses: the first of the family that is wanted. */
static int
take_target(struct load_options *o, const char *text)
{
	struct net_addr addrs[8];
	char with_port[512];
	bool tls = strncmp(text, "tls://", 6) == 0;
	const char *why, *host = tls || strncmp(text, "tcp://", 6) == 0 ? text + 6 : text;
	const char *bracket = strchr(host, ']');
	int i, n;

	if (tls && !tls_is_built_in())
		return load_help_wrong("target", text, "tcp:// (built without OpenSSL)");
	if (o->config.ntargets == LOAD_TARGETS)
		return load_help_wrong("target", text, "64 of them at most");
	snprintf(with_port, sizeof(with_port), "%s%s", host,
	    strchr(bracket != NULL ? bracket : host, ':') == NULL ? ":7" : "");
	if ((n = net_parse(with_port, addrs, countof(addrs), &why)) < 0) {
		fprintf(stderr, "echoload: target \"%.64s\": %s\n", text, why);
		return n == -EADDRNOTAVAIL ? EXIT_NOT_RUN : EXIT_WRONG_USE;
	}
	for (i = 0; i < n; i++) {
		int family = addrs[i].sa.sa_family;

		if (o->family != AF_UNSPEC && family != AF_UNIX && family != o->family)
			continue;
		if (family != AF_UNIX && net_port(&addrs[i]) == 0)
			return load_help_wrong("target", text, "a port from 1 to 65535");
		load_tls_target(&o->tls, o->config.ntargets, with_port, tls);
		o->target_texts[o->config.ntargets] = text;
		o->targets[o->config.ntargets++] = addrs[i];
		return -1;
	}
	fprintf(stderr, "echoload: target \"%.64s\": has no IPv%d address\n", text,
	    o->family == AF_INET ? 4 : 6);
	return EXIT_NOT_RUN;
}

static int
complain_size(const char *text, const char *why)
{
	fprintf(stderr, "echoload: -m: \"%.64s\" will not do: %s\n", text, why);
	return EXIT_WRONG_USE;
}

static int
set_mode(struct run_config *f)
{
	bool rated = f->rate > 0;

	switch (f->mode) {
	case MODE_CRR:
		if (f->requests_per_conn == 0)
			f->requests_per_conn = 1;
		break;
	case MODE_HALFCLOSE: f->requests_per_conn = 1; break;
	case MODE_STREAM:
		if (f->size_text == NULL)
			f->size_text = "64k";
		if (f->pipeline == 1)
			f->pipeline = 16;
		break;
	case MODE_IDLE:
		if (rated)
			return load_help_wrong(
			    "-r", "a rate", "none with --mode idle: --think is its rate");
		f->rate = f->connections / (f->think > 0 ? f->think : 1);
		f->think = 0;
		f->max_inflight = 1;
		break;
	default: break;
	}
	if (f->pipeline > 1 && f->requests_per_conn != 0 && f->pipeline > f->requests_per_conn)
		f->pipeline = f->requests_per_conn;
	return -1;
}

/* A value that was well written, but does not fit to the rest. */
static int
does_not_fit(const char *option, double value, const char *unit, const char *allowed)
{
	char text[48];

	snprintf(text, sizeof(text), "%.10g%s", value, unit);
	return load_help_wrong(option, text, allowed);
}

/* What follows from the rest, and what does not go together. */
static int
complete(struct load_options *o)
{
	struct run_config *f = &o->config;
	const char *why;
	int rc;

	if (f->ntargets == 0) {
		fputs("echoload: which server? Give a TARGET, as localhost:7007; 'echoload --help' "
		      "tells more\n",
		    stderr);
		return EXIT_WRONG_USE;
	}
	if ((rc = load_tls_complete(&o->tls, f->ntargets)) >= 0)
		return rc;
	f->tls = o->tls.any;
	f->tls_resume = o->tls.resume;
	if (f->rate < 0)
		f->rate *= -(double)f->connections;
	if (f->rate > 0 && f->pipeline > 1)
		return does_not_fit(
		    "-p", f->pipeline, "", "none with -r, which sends when it is time");
	if (f->rate > 0 && f->think > 0 && f->mode != MODE_IDLE)
		return does_not_fit(
		    "--think", f->think, "s", "none with -r, which sends when it is time");
	if (f->rate <= 0 && f->mode != MODE_IDLE && f->max_inflight > 0)
		return does_not_fit(
		    "--max-inflight", f->max_inflight, "", "it only with -r; see -p");
	if (f->rate <= 0 && f->mode != MODE_IDLE && f->arrival != ARRIVAL_UNIFORM)
		return load_help_wrong("--arrival", run_arrivals[f->arrival],
		    "it only with -r, which is what gives messages a time");
	if ((rc = set_mode(f)) >= 0)
		return rc;
	if (f->processes > f->connections)
		return does_not_fit("-t", f->processes, "", "no more processes than connections");
	if (f->duration < 0)
		f->duration = f->requests > 0 ? 0 : 10;
	else if (f->duration <= 0)
		return load_help_wrong("-d", "0", "a time as 500ms, 10s, 5m");
	if (f->interval < 0.1)
		return does_not_fit("-i", f->interval, "s", "100ms or more");
	if (f->timeout <= 0)
		return load_help_wrong("-T", "0", "a time as 500ms, 10s, 5m");
	if (f->connect_timeout <= 0)
		return load_help_wrong("--connect-timeout", "0", "a time as 500ms, 10s, 5m");
	if (f->drain < 0)
		f->drain = f->timeout;
	if (f->size_text == NULL)
		f->size_text = "64";
	if (sizes_parse(&o->sizes, f->size_text, &why) < 0)
		return complain_size(f->size_text, why);
	f->targets = o->target_texts;
	f->sndbuf = o->net.sndbuf;
	f->rcvbuf = o->net.rcvbuf;
	return -1;
}

static void
set_defaults(struct load_options *o)
{
	static const double percentiles[] = { 50, 90, 99, 99.9, 99.99 };

	*o = (struct load_options){
		.config = {
			.connections = 50, .processes = 1, .pipeline = 1, .duration = -1,
			.warmup = 1, .interval = 1, .timeout = 5, .connect_timeout = 5,
			.drain = -1, .connect_rate = 1000, .burst = 1, .sample = 1,
		},
		.progress = true, .max_regress = 0.05, .npercentiles = countof(percentiles),
	};
	memcpy(o->percentiles, percentiles, sizeof(percentiles));
	if (getrandom(&o->config.seed, sizeof(o->config.seed), 0) < 0)
		o->config.seed = 1;
	o->config.seed %= 1000000; /* short enough to type again */
}

int
load_options_read(struct load_options *o, int argc, char **argv)
{
	int c, rc;

	set_defaults(o);
	o->config.argc = argc;
	o->config.argv = (const char *const *)argv;
	while ((c = getopt_long(
		    argc, argv, "c:d:n:w:m:p:r:t:46B:T:j:i:kqVh", long_options, NULL)) != -1)
		if ((rc = take_option(o, c, optarg)) >= 0)
			return rc;
	for (; optind < argc; optind++)
		if ((rc = take_target(o, argv[optind])) >= 0)
			return rc;
	return complete(o);
}

void
load_options_free(struct load_options *o)
{
	sizes_free(&o->sizes);
	free(o->sources);
	o->sources = NULL;
}
