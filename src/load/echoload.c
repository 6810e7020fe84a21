/* SPDX-License-Identifier: ISC */
/*
 * echoload.c -- the load client: read the command line, run, report, and judge.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "figures.h"
#include "load_options.h"
#include "macros.h"
#include "proc.h"
#include "report.h"
#include "subcommands.h"

/* Which of them it is when several hold: see judge(). */
enum {
	EXIT_GOOD = 0,
	EXIT_NOT_RUN = 1,
	EXIT_WRONG_BYTES = 3,
	EXIT_FAILED = 4,
	EXIT_NOT_TRUSTED = 5,
	EXIT_SIGNAL = 128,
};

#define OWN_DESCRIPTORS 32 /* of each process, besides its connections */
#define MAX_INTERVALS 100000
#define LINE_SIZE 120 /* of progress */

/* A run with the options that it was made from. */
struct session {
	struct conductor conductor; /* first: how news find their session */
	bool terminal;              /* progress is one line that changes */
	unsigned reported;          /* intervals that have been told */
	double began, told;         /* the last line, if it is not one line */
};

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Where there is no terminal: a line for each interval, also of the time before. */
static bool
is_worth_a_line(const struct session *s, const struct conduct_news *news, double now)
{
	if (news->phase < PHASE_MEASURE)
		return now - s->told >= s->conductor.run->config->interval;
	return news->has_interval && news->interval + 1 != s->reported;
}

/* Columns of the terminal, but for the last one, in which the cursor stays. */
static unsigned
columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 20)
		return 79;
	return w.ws_col < LINE_SIZE ? w.ws_col - 1u : LINE_SIZE - 1;
}

/* On a terminal, one line that is written over. */
static void
on_news(struct conductor *c, const struct conduct_news *news)
{
	struct session *s = container_of(c, struct session, conductor);
	double now = seconds(CLOCK_MONOTONIC);
	unsigned width = s->terminal ? columns() : LINE_SIZE - 1;
	char line[LINE_SIZE];

	if (!s->terminal && !is_worth_a_line(s, news, now))
		return;
	report_live(line, width + 1, c->run, news);
	if (s->terminal) {
		fprintf(stderr, "\r%-*s", (int)width, line);
	} else {
		fprintf(stderr, "%7.1fs  %s\n", now - s->began, line);
		s->told = now;
		s->reported = news->has_interval ? news->interval + 1 : 0;
	}
	fflush(stderr);
}

static unsigned
count_intervals(const struct run_config *f)
{
	double n = f->duration > 0 ? f->duration / f->interval + 2 : 3600;

	return n < MAX_INTERVALS ? (unsigned)n : MAX_INTERVALS;
}

static int
raise_limit(const struct run_config *f)
{
	unsigned wanted = f->connections / f->processes + 1 + OWN_DESCRIPTORS;
	unsigned limit = proc_raise_files(wanted, true);

	if (limit >= wanted)
		return 0;
	fprintf(stderr,
	    "echoload: %u connections in %u process%s need %u descriptors%s, and the limit is "
	    "%u; raise it (ulimit -n), or use more processes (-t)\n",
	    f->connections, f->processes, f->processes == 1 ? "" : "es", wanted,
	    f->processes == 1 ? "" : " each", limit);
	return -EMFILE;
}

/* Why the run did not come about: in the words of the process that failed first. */
static int
explain(const struct run *run, int rc)
{
	const char *why = strerror(-rc);
	unsigned p;

	for (p = 0; p < run->config->processes; p++)
		if (run_part(run, p)->error_text[0] != '\0') {
			why = run_part(run, p)->error_text;
			break;
		}
	if (run->config->ntargets == 1)
		fprintf(stderr, "echoload: could not run: %s: %s\n", run->config->targets[0], why);
	else
		fprintf(stderr, "echoload: could not run: %s\n", why);
	return EXIT_NOT_RUN;
}

/* What came of --compare. */
struct outcome {
	struct comparison comparison;
	bool made, refused;
};

static bool
too_many_errors(const struct load_options *o, const struct run *run)
{
	if (o->max_error_share > 0)
		return (double)figures_errors(run) >
		    o->max_error_share * (double)run->total.scheduled;
	return figures_errors(run) > o->max_errors;
}

/* Of all that there is to say, what counts most. */
static int
judge(const struct report *r, const struct load_options *o, int signal, const struct outcome *c)
{
	unsigned i;

	if (!figures_balance(r->run))
		return EXIT_NOT_RUN;
	if (figures_violations(r->run) > 0)
		return EXIT_WRONG_BYTES;
	if (signal != 0)
		return EXIT_SIGNAL + signal;
	if (figures_is_barren(r->run) || c->refused)
		return EXIT_NOT_RUN;
	if (too_many_errors(o, r->run) || c->comparison.regressed)
		return EXIT_FAILED;
	for (i = 0; i < r->nexpectations; i++)
		if (!r->expectations[i].pass)
			return EXIT_FAILED;
	if (o->strict && !r->verdict.trustworthy)
		return EXIT_NOT_TRUSTED;
	return EXIT_GOOD;
}

static int
write_hgrm(const struct report *r, FILE *f)
{
	return report_hgrm(r, report_headline(r), f);
}

/* Into a file, or on stdout for "-".  Returns 0, or says what went wrong. */
static int
write_report(const char *path, int (*write)(const struct report *, FILE *), const struct report *r)
{
	FILE *f;
	int rc;

	if (path == NULL)
		return 0;
	if (strcmp(path, "-") == 0) {
		rc = write(r, stdout);
		if (fflush(stdout) != 0)
			rc = -errno;
	} else if ((f = fopen(path, "we")) == NULL) {
		rc = -errno;
	} else {
		rc = write(r, f);
		if (fclose(f) != 0 && rc == 0)
			rc = -errno;
	}
	if (rc < 0)
		fprintf(stderr, "echoload: cannot write %s: %s\n", path, strerror(-rc));
	return rc;
}

static bool
wants_colour(const struct load_options *o)
{
	if (o->colour != COLOUR_AUTO)
		return o->colour == COLOUR_ALWAYS;
	return isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
}

/* stdout is for one thing at a time. */
static bool
stdout_is_taken(const struct load_options *o)
{
	const char *const paths[] = { o->json, o->csv, o->hgrm, o->html };
	size_t i;

	for (i = 0; i < countof(paths); i++)
		if (paths[i] != NULL && strcmp(paths[i], "-") == 0)
			return true;
	return false;
}

/* A report that could not be written counts more than what would have stood in it. */
static void
miss(struct report *r, int rc)
{
	if (rc < 0 && r->exit_code != EXIT_WRONG_BYTES && r->exit_code < EXIT_SIGNAL)
		r->exit_code = EXIT_NOT_RUN;
}

/* The JSON at last: its exit code is that of all that could go wrong before. */
static void
publish(struct report *r, const struct load_options *o)
{
	int rc = 0;

	rc |= write_report(o->csv, report_csv, r);
	rc |= write_report(o->hgrm, write_hgrm, r);
	rc |= write_report(o->html, report_html, r);
	miss(r, rc);
	miss(r, write_report(o->json, report_json, r));
}

static void
set_phases(struct report *r, uint64_t ramp_began, uint64_t ended)
{
	const struct run_control *t = r->run->control;
	uint64_t end = t->measure_end < ended ? t->measure_end : ended;

	if (t->warm_begin == 0)
		return;
	r->ramp_ns = t->warm_begin - ramp_began;
	if (ended <= t->measure_begin)
		return;
	r->warmup_ns = t->measure_begin - t->warm_begin;
	/* A run of so many requests is over with the last of them. */
	if (t->measure_end >= ended && r->run->total.last > t->measure_begin)
		end = r->run->total.last;
	r->measured_ns = end - t->measure_begin;
	r->drain_ns = ended - end;
}

static uint64_t
monotonic(void)
{
	return (uint64_t)(seconds(CLOCK_MONOTONIC) * 1e9);
}

/* The run is over: add up, judge, report. */
static int
conclude(struct run *run, struct load_options *o, struct report *r, int signal)
{
	FILE *out = stdout_is_taken(o) ? stderr : stdout;
	struct outcome c = { 0 };
	unsigned i;

	verdict_reach(&r->verdict, run, r->machine);
	for (i = 0; i < o->nexpectations; i++)
		expect_judge(&o->expectations[i], run, &r->verdict);
	r->expectations = o->expectations;
	r->nexpectations = o->nexpectations;
	memcpy(r->percentiles, o->percentiles, sizeof(r->percentiles));
	r->npercentiles = o->npercentiles;
	memcpy(r->labels, o->labels, sizeof(r->labels));
	r->nlabels = o->nlabels;
	r->interrupted = signal != 0;
	if (o->compare != NULL) {
		c.refused = compare_with(&c.comparison, r, o->compare, o->max_regress) < 0;
		c.made = !c.refused;
	}
	r->exit_code = judge(r, o, signal, &c);
	publish(r, o);
	if (!o->quiet)
		report_text(r, out, wants_colour(o));
	if (c.made)
		compare_print(&c.comparison, o->max_regress, o->quiet ? stderr : out);
	return r->exit_code;
}

static bool
is_local(const struct net_addr *addr)
{
	switch (addr->sa.sa_family) {
	case AF_INET: return ntohl(addr->in.sin_addr.s_addr) >> 24 == 127;
	case AF_INET6: return IN6_IS_ADDR_LOOPBACK(&addr->in6.sin6_addr);
	default: return true;
	}
}

static int
run_once(struct load_options *o, struct run *run, const struct payload *payload,
    struct tls_connector *connector)
{
	struct load_plan plan = {
		.run = run,
		.targets = o->targets,
		.ntargets = o->config.ntargets,
		.sources = o->sources,
		.nsources = o->nsources,
		.options = o->net,
		.payload = payload,
		.sizes = &o->sizes,
		.places = o->tls.places,
		.connector = connector,
		.max_errors = o->max_errors,
		.max_error_share = o->max_error_share,
	};
	struct session s = {
		.conductor = { .plan = &plan, .run = run, .on_news = o->progress ? on_news : NULL },
		.terminal = isatty(STDERR_FILENO),
		.began = seconds(CLOCK_MONOTONIC),
		.told = seconds(CLOCK_MONOTONIC),
	};
	struct machine machine = { .loopback = is_local(&o->targets[0]) };
	struct report r = {
		.run = run, .machine = &machine, .started_at = seconds(CLOCK_REALTIME)
	};
	uint64_t began = monotonic();
	int rc;

	machine_begin(&machine);
	rc = conduct(&s.conductor);
	machine_end(&machine);
	if (s.terminal && o->progress)
		fprintf(stderr, "\r%*s\r", (int)columns(), "");
	if (rc < 0)
		return explain(run, rc);
	if (run_sum(run) < 0) {
		fputs("echoload: no memory to add it all up\n", stderr);
		return EXIT_NOT_RUN;
	}
	set_phases(&r, began, monotonic());
	return conclude(run, o, &r, rc);
}

static int
run_load(struct load_options *o)
{
	struct tls_connector *connector = NULL;
	struct payload payload = { 0 };
	struct run run = { 0 };
	int rc;

	if (raise_limit(&o->config) < 0)
		return EXIT_NOT_RUN;
	if (o->tls.any && (connector = load_tls_open(&o->tls)) == NULL)
		return EXIT_NOT_RUN;
	if ((rc = run_open(&run, &o->config, count_intervals(&o->config))) < 0 ||
	    (rc = payload_open(&payload, o->config.seed)) < 0) {
		fprintf(stderr, "echoload: %s\n", strerror(-rc));
		rc = EXIT_NOT_RUN;
	} else {
		rc = run_once(o, &run, &payload, connector);
	}
	tls_connector_free(connector);
	payload_close(&payload);
	run_close(&run);
	return rc;
}

int
main(int argc, char **argv)
{
	struct load_options o;
	int rc;

	proc_clean(false);
	if (argc > 1 && strcmp(argv[1], "report") == 0)
		return report_main(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "merge") == 0)
		return merge_main(argc - 1, argv + 1);
	if ((rc = load_options_read(&o, argc, argv)) < 0)
		rc = run_load(&o);
	load_options_free(&o);
	return rc;
}
