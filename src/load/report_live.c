/* SPDX-License-Identifier: ISC */
/*
 * report_live.c -- how a run goes on, in one line: see report.h.
 *
 * It looks at what the load processes are still writing: a number may be a
 * message old, and is never waited for.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "macros.h"
#include "report.h"

/* Add a piece, or leave it out where it does not fit. */
static printflike(3, 4) void add(char *line, size_t size, const char *fmt, ...)
{
	size_t len = strlen(line), n;
	const char *space = len > 0 ? "  " : "";
	char piece[80];
	va_list ap;

	va_start(ap, fmt);
	n = (size_t)vsnprintf(piece, sizeof(piece), fmt, ap);
	va_end(ap);
	if (len + strlen(space) + n < size)
		snprintf(line + len, size - len, "%s%s", space, piece);
}

/* One interval of all processes. */
struct sum {
	uint64_t messages, bytes, errors, cpu, max, lag_max;
	struct hist *strip;
};

static void
sum_up(struct sum *s, const struct run *run, unsigned interval)
{
	unsigned p;

	*s = (struct sum){ .strip = hist_new(RUN_STRIP_BITS) };
	for (p = 0; p < run->config->processes; p++) {
		struct run_interval *i = run_interval(run, p, interval);

		s->messages += i->messages;
		s->bytes += i->bytes;
		s->errors += i->errors;
		s->cpu += i->cpu;
		s->max = i->max > s->max ? i->max : s->max;
		s->lag_max = i->lag_max > s->lag_max ? i->lag_max : s->lag_max;
		if (s->strip != NULL)
			hist_merge(s->strip, run_strip(i));
	}
}

static void
print_quantile(char text[REPORT_TEXT], const struct hist *h, double q)
{
	if (h == NULL || hist_beyond(h, q) < REPORT_MIN_BEYOND)
		snprintf(text, REPORT_TEXT, "-");
	else
		report_print_time(text, hist_quantile(h, q));
}

/* The most telling first: what does not fit is left out. */
static void
add_interval(char *line, size_t size, const struct run *run, unsigned interval)
{
	const struct run_config *config = run->config;
	double seconds = config->interval;
	char rate[REPORT_TEXT], asked[REPORT_TEXT], p50[REPORT_TEXT], p99[REPORT_TEXT],
	    max[REPORT_TEXT], lag[REPORT_TEXT];
	struct sum s;

	sum_up(&s, run, interval);
	report_print_count(rate, (double)s.messages / seconds);
	report_print_count(asked, config->rate);
	print_quantile(p50, s.strip, 0.5);
	print_quantile(p99, s.strip, 0.99);
	report_print_time(max, s.max);
	report_print_time(lag, s.lag_max);
	if (config->rate > 0)
		add(line, size, "%s/%s msg/s", rate, asked);
	else
		add(line, size, "%s msg/s", rate);
	add(line, size, "p50 %s p99 %s max %s", p50, p99, max);
	add(line, size, "err %llu", (unsigned long long)s.errors);
	if (config->rate > 0)
		add(line, size, "lag %s", lag);
	add(line, size, "cpu %.0f%%", (double)s.cpu / 1e7 / seconds);
	if (s.bytes > 0)
		add(line, size, "%.3g MB/s", (double)s.bytes / 1e6 / seconds);
	free(s.strip);
}

/* In the drain, the last one that is complete may be one of the drain. */
static bool
is_measured(const struct run_config *config, unsigned interval)
{
	return config->duration <= 0 ||
	    (interval + 1) * config->interval < config->duration + config->interval / 2;
}

void
report_live(char *line, size_t size, const struct run *run, const struct conduct_news *news)
{
	static const char *const phases[] = { "ramp", "warm-up", "measure", "drain" };
	const struct run_config *config = run->config;

	line[0] = '\0';
	switch (news->phase) {
	case PHASE_RAMP:
		add(line, size, "%s %.1fs", phases[news->phase], news->elapsed);
		add(line, size, "%u/%u conn", news->connections, config->connections);
		return;
	case PHASE_WARMUP:
		add(line, size, "%s %.1f/%gs", phases[news->phase], news->elapsed, config->warmup);
		break;
	case PHASE_MEASURE:
		if (config->duration > 0)
			add(line, size, "%.1f/%gs", news->elapsed, config->duration);
		else
			add(line, size, "%.1fs", news->elapsed);
		break;
	default: add(line, size, "%s", news->connections > 0 ? phases[news->phase] : "end");
	}
	if (news->phase != PHASE_DRAIN || news->connections > 0)
		add(line, size, "%u conn", news->connections);
	if (news->has_interval && is_measured(config, news->interval))
		add_interval(line, size, run, news->interval);
}
