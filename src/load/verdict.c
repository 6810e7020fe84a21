/* SPDX-License-Identifier: ISC */
/*
 * verdict.c -- see verdict.h.
 *
 * Each rule has a threshold on what is measured and, where chance could cross
 * it, a floor under how much was measured.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "figures.h"
#include "macros.h"
#include "verdict.h"

/* In less than a second the processor time of a few ticks decides. */
#define MIN_SECONDS 1.0
/* Above it a process waits for nothing but itself. */
#define CPU_FULL 0.90
/* Of the time, what it may spend without a processor though it is ready to run. */
#define WAITING_SHOWN 0.10
#define WAITING_SERIOUS 0.25
/* Lag below what the timers of a busy kernel are off by hurts nobody ... */
#define LAG_FLOOR 100000u /* ns */
/* ... unless it is a part of the response that can be seen. */
#define LAG_SHARE 0.10
/* A rate less than 98 % of what was asked is another experiment. */
#define RATE_SHARE 0.98
/* Of the schedule; more than that late by over a millisecond: the client's fault. */
#define MISSED_SHARE 0.01
/* A wait to be looked at is part of the latency; under 50 us (the slack of timers) let it be. */
#define DISPATCH_FLOOR 50000u /* ns */
#define DISPATCH_SHARE 0.20
#define DISPATCH_SERIOUS 0.50 /* from there on most of the latency is its own */
/* Halves of fewer intervals differ by chance ... */
#define MIN_INTERVALS 10
#define DRIFT 0.02
/* ... but not by that much, if there are enough messages to say. */
#define FEW_INTERVALS 4
#define FEW_DRIFT 0.25
#define DRIFT_ERRORS 3.0 /* standard errors, for a drift that is not chance */
#define MIN_R2 0.99
/* Of all processors' time: from here it shows, and from there it rules the tail. */
#define STEAL_SHOWN 0.01
#define STEAL_SERIOUS 0.05
/* A look at the clock that costs this is a system call. */
#define CLOCK_DEAR 200u /* ns */
/* Messages a connection, on average, before one with none or few is no chance. */
#define MIN_SHARE 20
#define FAIR 0.9
/* A delayed acknowledgement waits for 40 ms. */
#define NAGLE_LOW 39000000u /* ns */
#define NAGLE_HIGH 45000000u
#define NAGLE_PEAK 3 /* times as many as in as much time around it */
/* Stalls of a closed loop that its percentiles hide. */
#define STALL_GAP 10 /* times the mean */
#define STALL_TIME 5 /* times the median, where half of the time is spent */

static printflike(4, 5) void warn(
    struct verdict *v, const char *code, bool serious, const char *fmt, ...)
{
	va_list ap;

	if (serious)
		v->trustworthy = false;
	if (v->n == VERDICT_WARNINGS)
		return;
	v->warnings[v->n].code = code;
	v->warnings[v->n].serious = serious;
	va_start(ap, fmt);
	vsnprintf(v->warnings[v->n].text, VERDICT_TEXT, fmt, ap);
	va_end(ap);
	v->n++;
}

bool
verdict_has(const struct verdict *v, const char *code)
{
	unsigned i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->warnings[i].code, code) == 0)
			return true;
	return false;
}

static double
cpu_of(const struct run_part *p)
{
	uint64_t used = p->user + p->system;

	return p->wall > 0 && used > p->spun ? (double)(used - p->spun) / (double)p->wall : 0;
}

static double
waiting_of(const struct run_part *p)
{
	return p->wall > 0 ? (double)p->waited / (double)p->wall : 0;
}

/* The process that has most of it. */
static double
worst(const struct run *run, double (*of)(const struct run_part *))
{
	double most = 0;
	unsigned p;

	if (run->memory == NULL)
		return of(&run->total) / run->config->processes;
	for (p = 0; p < run->config->processes; p++)
		most = fmax(most, of(run_part(run, p)));
	return most;
}

/*
 * What is missing to the rate asked for, beyond what is under way at the end and
 * what chance makes of a schedule.
 */
static bool
is_rate_missed(const struct run *run)
{
	const struct run_config *config = run->config;
	double asked = config->rate * figures_seconds(run);
	double slack = asked * (1 - RATE_SHARE) + FIGURES_MIN_BEYOND;

	/* The least of those that never came back is how long they were waited for. */
	if (run->total.inside > 0)
		slack += config->rate * (double)figures_min(run, CLOCK_RESPONSE).ns / 1e9;
	if (config->arrival == ARRIVAL_POISSON)
		slack += 3 * sqrt(asked);
	if (config->arrival == ARRIVAL_BURST)
		slack += config->burst * (double)config->processes;
	return (double)run->total.inside < asked - slack;
}

#define CLIENTS_NUMBERS \
	"the numbers describe echoload, not the server; use more processes (-t), a lower " \
	"rate (-r) or another machine"

/* Whose fault it is that less came back than was asked for. */
static const char *
why_missed(const struct run *run, bool full, bool late)
{
	const struct run_part *t = &run->total;
	double few = MISSED_SHARE * (double)t->scheduled;

	if (full || (double)(t->never_sent - t->held_back) > few)
		return "echoload could not send them in time";
	if ((double)t->held_back > few)
		return run->config->max_inflight > 0 ?
		    "others were held back by --max-inflight, for the server had not "
		    "answered those before them" :
		    "others had no connection to be sent on";
	if (late || (double)t->missed > few)
		return "echoload could not send them in time";
	return "all were sent in time, so the server is at its limit";
}

static void
judge_client(struct verdict *v, const struct run *run)
{
	const struct run_part *t = &run->total;
	struct figure lag = figures_quantile(run, CLOCK_LAG, 0.99);
	struct figure p50 = figures_quantile(run, CLOCK_RESPONSE, 0.5);
	double asked = run->config->rate, allowed = fmax(LAG_FLOOR, LAG_SHARE * (double)p50.ns);
	bool open_loop = asked > 0, late = open_loop && lag.known && (double)lag.ns > allowed;
	bool full = v->cpu > CPU_FULL && figures_seconds(run) >= MIN_SECONDS;
	bool missed = open_loop &&
	    (is_rate_missed(run) ||
		(double)t->never_sent > (1 - RATE_SHARE) * (double)t->scheduled);
	char text[FIGURES_TEXT];

	if (open_loop && figures_seconds(run) > 0)
		v->achieved = figures_rate(run) / asked;
	v->saturated = full || (late && missed);
	figures_print_time(text, lag.ns);
	if (full)
		warn(v, "W_CLIENT_SATURATED", true,
		    "a load process uses %.0f%% of a processor: " CLIENTS_NUMBERS, v->cpu * 100);
	else if (v->saturated)
		warn(v, "W_CLIENT_SATURATED", true,
		    "messages are sent late (lag p99 %s): " CLIENTS_NUMBERS, text);
	else if (late)
		warn(v, "W_LAG", true,
		    "1%% of the messages were sent more than %s late, though echoload was not "
		    "busy: something else has its processor (%llu involuntary switches)",
		    text, (unsigned long long)t->preempted);
	if (missed)
		warn(v, "W_RATE_NOT_ACHIEVED", true,
		    "%.1f%% of the %.6g msg/s asked for came back; %s", v->achieved * 100, asked,
		    why_missed(run, full, late));
}

/* In a short run a few slices of time decide. */
static void
judge_waiting(struct verdict *v, const struct run *run)
{
	if (v->waiting > WAITING_SHOWN && figures_seconds(run) >= MIN_SECONDS)
		warn(v, "W_NO_PROCESSOR", v->waiting > WAITING_SERIOUS,
		    "a load process was ready to run, and waited for a processor, for %.0f%% of "
		    "the time: others had it, and what they took is in the latencies",
		    v->waiting * 100);
}

static void
judge_dispatch(struct verdict *v, const struct run *run)
{
	struct figure p99 = figures_quantile(run, CLOCK_DISPATCH, 0.99);
	struct figure p50 = figures_quantile(run, figures_headline(run), 0.5);
	char text[FIGURES_TEXT];

	figures_print_time(text, p99.ns);
	if (p99.known && p50.known && p99.ns > DISPATCH_FLOOR &&
	    (double)p99.ns > DISPATCH_SHARE * (double)p50.ns)
		warn(v, "W_DISPATCH", (double)p99.ns > DISPATCH_SERIOUS * (double)p50.ns,
		    "1%% of the echoes waited more than %s in echoload until it looked at "
		    "them; more processes (-t) or fewer connections tell more of the server",
		    text);
}

static void
warn_drift(struct verdict *v)
{
	warn(v, "W_UNSTEADY", true,
	    "the second half's throughput is %+.1f%% against the first one's: warm up longer "
	    "(-w), or find out what changed",
	    v->drift * 100);
}

/* Of so many messages in either half chance makes their square root. */
static bool
is_drift_great(double first, double second)
{
	double difference = fabs(second - first);

	return difference > FEW_DRIFT * first && difference > DRIFT_ERRORS * sqrt(first + second);
}

/* Whether progress was even; its intervals' counts are samples of the rate. */
static void
judge_progress(struct verdict *v, const struct run *run)
{
	unsigned i, n = figures_intervals(run), half = n / 2;
	double sum[2] = { 0 }, squares[2] = { 0 }, total = 0, error;
	double x = 0, y = 0, xx = 0, yy = 0, xy = 0;

	for (i = 0; i < n; i++) {
		double messages = (double)figures_messages(run, i), at = i + 1;

		total += messages;
		x += at, y += total;
		xx += at * at, yy += total * total, xy += at * total;
		if (i < half || i >= n - half) { /* an odd one in the middle is of neither */
			sum[i >= half] += messages;
			squares[i >= half] += messages * messages;
		}
	}
	v->r2 = 1;
	if (n >= 3 && total > 0)
		v->r2 = pow(n * xy - x * y, 2) / ((n * xx - x * x) * (n * yy - y * y));
	if (half > 0 && sum[0] > 0)
		v->drift = sum[1] / sum[0] - 1;
	else if (half > 0 && sum[1] > 0)
		v->drift = sum[1]; /* as if there had been one */
	if (n < MIN_INTERVALS) {
		if (n >= FEW_INTERVALS && is_drift_great(sum[0], sum[1]))
			warn_drift(v);
		return;
	}
	/* Of the difference between the sums of the halves. */
	error = sqrt(fmax(0, squares[0] - sum[0] * sum[0] / half) +
	    fmax(0, squares[1] - sum[1] * sum[1] / half));
	if (v->r2 < MIN_R2)
		warn(v, "W_UNSTEADY", true,
		    "progress was not even (r2 %.4f): look at the intervals (-i, --csv)", v->r2);
	else if (fabs(v->drift) > DRIFT && fabs(sum[1] - sum[0]) > DRIFT_ERRORS * error)
		warn_drift(v);
}

static void
judge_machine(struct verdict *v, const struct machine *m)
{
	if (m->steal > STEAL_SHOWN)
		warn(v, "W_STEAL", m->steal > STEAL_SERIOUS,
		    "the hypervisor gave %.1f%% of the processors' time to others", m->steal * 100);
	if (m->throttled > 0)
		warn(v, "W_THROTTLED", true,
		    "the control group was held up in %llu periods: its processor quota is too "
		    "small for this load",
		    (unsigned long long)m->throttled);
	if (m->clock_cost > CLOCK_DEAR)
		warn(v, "W_CLOCK", false,
		    "a look at the clock costs %u ns (clock source %s): short latencies are too "
		    "long by that",
		    m->clock_cost, m->clocksource[0] ? m->clocksource : "unknown");
	if (m->governor[0] != '\0' && strcmp(m->governor, "performance") != 0)
		warn(v, "W_GOVERNOR", false,
		    "the processors' frequency is governed by \"%s\": at low rates they are slow",
		    m->governor);
	if (m->loopback)
		warn(v, "W_LOOPBACK", false,
		    "client and server share this host and its %u processor%s, and there is no "
		    "network between them",
		    m->cpus, m->cpus == 1 ? "" : "s");
}

static void
judge_fairness(struct verdict *v, const struct run *run)
{
	if (run->nconnections == 0 || run->total.verified / run->nconnections < MIN_SHARE)
		return;
	if (run->starved > 0)
		warn(v, "W_UNFAIR", true,
		    "%llu of %u connections got no echo at all: the percentiles are of the others",
		    (unsigned long long)run->starved, run->nconnections);
	else if (run->jain < FAIR)
		warn(v, "W_UNFAIR", false,
		    "connections are served unequally (Jain %.3f): from %llu to %llu messages",
		    run->jain, (unsigned long long)run->least, (unsigned long long)run->most);
}

static uint64_t
count_between(const struct hist *h, uint64_t low, uint64_t high)
{
	size_t i, end = hist_index(h->bits, high);
	uint64_t n = 0;

	for (i = hist_index(h->bits, low); i < end; i++)
		n += h->counts[i];
	return n;
}

/* A server that adds a delay of its own anywhere has no peak just there. */
static void
judge_nagle(struct verdict *v, const struct run *run)
{
	const struct hist *h = run->clocks[CLOCK_SERVICE];
	uint64_t side = (NAGLE_HIGH - NAGLE_LOW) / 2;
	uint64_t inside = count_between(h, NAGLE_LOW, NAGLE_HIGH);
	uint64_t around = count_between(h, NAGLE_LOW - side, NAGLE_LOW) +
	    count_between(h, NAGLE_HIGH, NAGLE_HIGH + side);

	if (inside >= FIGURES_MIN_BEYOND && inside > NAGLE_PEAK * around)
		warn(v, "W_NAGLE", false,
		    "%llu messages took 39 to 45 ms: a delayed acknowledgement waits that long "
		    "for a sender without TCP_NODELAY",
		    (unsigned long long)inside);
}

/* An unanswered SYN is sent again after 1 s, then 2 s, then 4 s. */
static void
judge_connects(struct verdict *v, const struct run *run)
{
	static const uint64_t at[] = { 1000000000u, 3000000000u, 7000000000u };
	const struct hist *h = run->clocks[CLOCK_CONNECT];
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < countof(at); i++)
		n += count_between(h, at[i] - at[i] / 100, at[i] + at[i] / 10);
	if (n > 0 && hist_quantile(h, 0.5) < at[0] / 2)
		warn(v, "W_SYN_DROP", false,
		    "%llu of %llu connects took about 1, 3 or 7 s: the server's listen queue "
		    "overflowed (a larger backlog there, or a lower --connect-rate)",
		    (unsigned long long)n, (unsigned long long)h->count);
}

static void
judge_stalls(struct verdict *v, const struct run *run)
{
	const struct hist *h = run->clocks[CLOCK_SERVICE];
	uint64_t p50 = hist_quantile(h, 0.5), met = hist_time_quantile(h, 0.5);
	char text[FIGURES_TEXT];

	figures_print_time(text, run->total.longest_gap);
	if (run->config->rate > 0 || h->count < 2 * FIGURES_MIN_BEYOND)
		return;
	if ((double)run->total.longest_gap > STALL_GAP * hist_mean(h) && met > STALL_TIME * p50)
		warn(v, "W_COORDINATED_OMISSION", false,
		    "stalls of up to %s held up the sending too, and so hardly show in the "
		    "percentiles; measure with -r %.0f (70%% of this rate)",
		    text, 0.7 * figures_rate(run));
}

static void
judge_amount(struct verdict *v, const struct run *run)
{
	uint64_t censored = figures_censored(run, figures_headline(run));

	if (figures_is_barren(run))
		warn(v, "W_NO_ECHO", true, "not one request came back: there is nothing to trust");
	if (censored > 0)
		warn(v, "W_CENSORED", false,
		    "%llu requests never came back and count as old as they were then: what they "
		    "touch is marked \u2265",
		    (unsigned long long)censored);
	if (!figures_quantile(run, figures_headline(run), 0.99).known)
		warn(v, "W_TOO_SHORT", false, "%llu samples are too few for a p99",
		    (unsigned long long)run->clocks[figures_headline(run)]->count);
}

void
verdict_reach(struct verdict *v, const struct run *run, const struct machine *m)
{
	*v = (struct verdict){ .trustworthy = true, .achieved = 1 };
	v->cpu = worst(run, cpu_of);
	v->waiting = worst(run, waiting_of);
	judge_client(v, run);
	judge_waiting(v, run);
	judge_progress(v, run);
	judge_machine(v, m);
	judge_fairness(v, run);
	judge_amount(v, run);
	judge_stalls(v, run);
	judge_dispatch(v, run);
	judge_nagle(v, run);
	judge_connects(v, run);
}
