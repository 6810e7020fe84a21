/* SPDX-License-Identifier: ISC */
/*
 * load_options.c -- see load_options.h.
 */
#include <sys/random.h>
#include <arpa/inet.h>
#include <errno.h>
#include <ev.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "load_options.h"
#include "macros.h"
#include "units.h"

enum { EXIT_NOT_RUN = 1, EXIT_WRONG_USE = 2 };

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
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
    "echoload: load for an echo server, with every byte of the echo checked.\n"
    "\n"
    "Usage: echoload [OPTION]... TARGET...\n"
    "       echoload report RUN.json [RUN.json]... -o OUT.html\n"
    "       echoload merge RUN.json RUN.json... -j OUT.json\n"
    "TARGET: HOST:PORT, HOST (port 7), [IPV6]:PORT, tcp://HOST:PORT or unix:/PATH;\n"
    "        of several, each connection takes the next\n"
    "\n"
    "Load (in brackets what holds without the option)\n"
    "  -c, --connections N       connections at a time [50]\n"
    "  -d, --duration TIME       time to measure, as 500ms, 10s, 5m [10s]\n"
    "  -n, --requests N          stop after N requests; with -d: whichever is first\n"
    "  -w, --warmup TIME         run so long before measuring [1s]\n"
    "  -m, --msg-size SIZE       64, 1k, 1..1500, exp:512, choice:64@90,4k@10 or\n"
    "                            file:PATH with a size a line [64]\n"
    "  -p, --pipeline N          messages under way on a connection [1]\n"
    "  -r, --rate RATE           open loop: messages a second over all connections,\n"
    "                            sent when they are due, whatever the server does;\n"
    "                            time counts from when they were due\n"
    "      --rate-per-conn RATE  the same, for each connection\n"
    "      --arrival KIND        uniform, poisson or burst:N [uniform]\n"
    "      --max-inflight N      open loop: so many under way on a connection; more\n"
    "                            wait, and their waiting counts [no limit]\n"
    "      --requests-per-conn N connect again after N requests [never]\n"
    "      --connect-rate RATE   new connections a second, in the ramp [1000]\n"
    "      --think TIME          closed loop: pause before the next request [0]\n"
    "  -t, --threads N           processes that make the load [1]\n"
    "      --mode MODE           rr         request and response [this]\n"
    "                            crr        connect for each request\n"
    "                            stream     bulk, both ways at once\n"
    "                            idle       hold connections, one echo a --think [1s]\n"
    "                            halfclose  send, end, and want all of it back\n"
    "      --seed N              of payload, arrivals and sizes [by chance, printed]\n"
    "      --verify KIND         full, sample:N (one read in N) or length [full]\n"
    "\n"
    "Network\n"
    "  -4, -6                    only IPv4, only IPv6\n"
    "  -B, --source ADDR[,ADDR]  connect from these in turn; also 127.0.0.0/24\n"
    "      --nagle               leave out TCP_NODELAY\n"
    "      --sndbuf, --rcvbuf N  socket buffers, bytes [the kernel's own tuning]\n"
    "      --close fin|rst       rst leaves no TIME_WAIT, but is abnormal [fin]\n"
    "  -T, --timeout TIME        for a request [5s]\n"
    "      --connect-timeout TIME  [5s]\n"
    "      --drain TIME          wait for what is under way at the end [--timeout]\n"
    "\n"
    "Output\n"
    "  -j, --json FILE           all of it; - is stdout; echoload-run-1.schema.json\n"
    "      --csv FILE            a row an interval\n"
    "      --hgrm FILE           percentiles, as HdrHistogram's plotters read them\n"
    "      --html FILE           one page with figures\n"
    "  -i, --interval TIME       between lines of progress [1s]\n"
    "      --percentiles LIST    [50,90,99,99.9,99.99]\n"
    "  -q, --quiet               no report on stdout, no progress\n"
    "      --no-progress         no lines while it runs\n"
    "      --color WHEN          auto, always or never [auto]\n"
    "      --label KEY=VALUE     copied into the reports; may be repeated\n"
    "\n"
    "For scripts\n"
    "      --assert EXPR         as 'p99<2ms', 'rate>=100k', 'errors==0'; may be\n"
    "                            repeated\n"
    "      --max-errors N|N%     failures that are tolerated [0]\n"
    "      --strict              numbers that are not to be trusted are a failure\n"
    "      --compare RUN.json    with a run of before\n"
    "      --max-regress PCT     worse by more than this is a failure [5%]\n"
    "  -V, --version             version, and what was built in\n"
    "  -h, --help                this text\n"
    "\n"
    "Exit: 0 good, 1 could not run, 2 command line, 3 wrong bytes, 4 errors or a\n"
    "failed assertion, 5 not to be trusted (--strict), 130 interrupted.\n";

static int
wrong(const char *option, const char *value, const char *allowed)
{
	fprintf(stderr, "echoload: %s: \"%.64s\" will not do; want %s\n", option, value, allowed);
	return EXIT_WRONG_USE;
}

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
	return wrong(option, text, allowed);
}

static int
take_time(const char *option, const char *text, double *seconds)
{
	return units_duration(text, seconds) == 0 ? -1 :
						    wrong(option, text, "a time as 500ms, 10s, 5m");
}

static int
take_rate(const char *option, const char *text, double *rate)
{
	return units_rate(text, rate) == 0 && *rate > 0 && *rate <= 1e8 ?
	    -1 :
	    wrong(option, text, "a rate a second as 1000, 10k, 1.5M");
}

static int
take_bytes(const char *option, const char *text, unsigned *bytes)
{
	double value;

	if (units_size(text, &value) < 0 || value < 1 || value > 1 << 30)
		return wrong(option, text, "a size as 4096, 64k, 1M");
	*bytes = (unsigned)value;
	return -1;
}

static int
take_choice(const char *option, const char *text, const char *const *choices, int *choice,
    const char *allowed)
{
	int i;

	for (i = 0; choices[i] != NULL; i++)
		if (strcmp(choices[i], text) == 0) {
			*choice = i;
			return -1;
		}
	return wrong(option, text, allowed);
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
		return wrong("--arrival", text, "how many at a time, as burst:10");
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
		return wrong("--verify", text, "one read in how many, as sample:10");
	if (rc < 0)
		o->config.verify = (enum run_verify)verify;
	return rc;
}

static int
add_source(struct load_options *o, const struct net_addr *addr)
{
	struct net_addr *more;

	if (o->nsources == LOAD_SOURCES)
		return wrong("-B", "more", "4096 addresses at most");
	if ((more = realloc(o->sources, (o->nsources + 1) * sizeof(*more))) == NULL)
		return EXIT_NOT_RUN;
	o->sources = more;
	o->sources[o->nsources++] = *addr;
	return -1;
}

/* "10.0.0.0/24": all hosts of it, without the network's and the broadcast address. */
static int
add_network(struct load_options *o, const char *text, struct in_addr in, unsigned bits)
{
	uint32_t size = 1u << (32 - bits), base = ntohl(in.s_addr) & ~(size - 1), i;
	struct net_addr addr = { .len = sizeof(addr.in) };
	uint32_t ends = size > 2 ? 1 : 0;
	int rc = -1;

	if (size > LOAD_SOURCES)
		return wrong("-B", text, "a network of 4096 addresses at most, /20");
	addr.in.sin_family = AF_INET;
	for (i = ends; i < size - ends && rc < 0; i++) {
		addr.in.sin_addr.s_addr = htonl(base + i);
		rc = add_source(o, &addr);
	}
	return rc;
}

static int
take_source(struct load_options *o, char *item)
{
	struct net_addr addr = { 0 };
	char *slash = strchr(item, '/');
	unsigned bits;

	if (slash != NULL)
		*slash++ = '\0';
	if (inet_pton(AF_INET, item, &addr.in.sin_addr) == 1) {
		if (slash != NULL) {
			if (units_count(slash, 1, 32, &bits) < 0)
				return wrong("-B", slash, "a network as 127.0.0.0/24");
			return add_network(o, item, addr.in.sin_addr, bits);
		}
		addr.in.sin_family = AF_INET;
		addr.len = sizeof(addr.in);
		return add_source(o, &addr);
	}
	if (slash == NULL && inet_pton(AF_INET6, item, &addr.in6.sin6_addr) == 1) {
		addr.in6.sin6_family = AF_INET6;
		addr.len = sizeof(addr.in6);
		return add_source(o, &addr);
	}
	return wrong("-B", item, "addresses of this host, as 127.0.0.2,127.0.0.3");
}

static int
take_sources(struct load_options *o, char *list)
{
	char *item, *rest = NULL;
	int rc = -1;

	for (item = strtok_r(list, ",", &rest); item != NULL && rc < 0;
	     item = strtok_r(NULL, ",", &rest))
		rc = take_source(o, item);
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
			return wrong(
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
		return wrong("--assert", text, "32 of them at most");
	if (expect_parse(&o->expectations[o->nexpectations], text, &why) < 0)
		return wrong("--assert", text, why);
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
		return wrong(option, text, "a percentage as 5%");
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
		return wrong("--max-errors", text, "a number or a percentage");
	o->max_errors = (uint64_t)n;
	return -1;
}

static int
take_label(struct load_options *o, const char *text)
{
	if (strchr(text, '=') == NULL || o->nlabels == REPORT_LABELS)
		return wrong("--label", text, "KEY=VALUE, 16 at most");
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
		return wrong(option, text, "a number as 1000, 10k, 1M");
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
	    wrong("--seed", text, "a number");
}

static void
print_version(void)
{
	printf("echoload %s\nlibev %d.%d\nOpenSSL: not built in (no TLS in this version)\n",
	    VERSION, ev_version_major(), ev_version_minor());
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
	case 'B': return take_sources(o, arg);
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
	case 'V': print_version(); return 0;
	case 'h': fputs(help, stdout); return 0;
	default: fputs("'echoload --help' lists the options\n", stderr); return EXIT_WRONG_USE;
	}
}

/* A name may have several addresses: the first of the family that is wanted. */
static int
take_target(struct load_options *o, const char *text)
{
	struct net_addr addrs[8];
	char with_port[512];
	const char *why, *host = strncmp(text, "tcp://", 6) == 0 ? text + 6 : text;
	const char *bracket = strchr(host, ']');
	int i, n;

	if (strncmp(text, "tls://", 6) == 0)
		return wrong("target", text, "tcp:// (this version has no TLS)");
	if (o->config.ntargets == LOAD_TARGETS)
		return wrong("target", text, "64 of them at most");
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
			return wrong("target", text, "a port from 1 to 65535");
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
			return wrong("-r", "a rate", "none with --mode idle: --think is its rate");
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
	if (f->rate < 0)
		f->rate *= -(double)f->connections;
	if (f->rate > 0 && f->pipeline > 1)
		return wrong("-p", "pipeline", "none with -r, which sends when it is time");
	if (f->rate > 0 && f->think > 0 && f->mode != MODE_IDLE)
		return wrong("--think", "a pause", "none with -r, which sends when it is time");
	if ((rc = set_mode(f)) >= 0)
		return rc;
	if (f->processes > f->connections)
		return wrong("-t", "more", "no more processes than connections");
	if (f->duration < 0)
		f->duration = f->requests > 0 ? 0 : 10;
	else if (f->duration <= 0)
		return wrong("-d", "0", "a time as 500ms, 10s, 5m");
	if (f->interval < 0.1)
		return wrong("-i", "interval", "100ms or more");
	if (f->timeout <= 0 || f->connect_timeout <= 0)
		return wrong("-T", "0", "a time as 500ms, 10s, 5m");
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
	while ((c = getopt_long(argc, argv, "c:d:n:w:m:p:r:t:46B:T:j:i:qVh", long_options, NULL)) !=
	    -1)
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
