/* SPDX-License-Identifier: ISC */
/*
 * run.c -- see run.h.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define CACHE_LINE 64 /* no two processes write to the same */

const char *const run_modes[] = { "rr", "crr", "stream", "idle", "halfclose", NULL };
const char *const run_arrivals[] = { "uniform", "poisson", "burst", NULL };
const char *const run_verifies[] = { "full", "sample", "length", NULL };
const char *const run_clocks[] = { "response", "service", "lag", "dispatch", "connect", "tls",
	NULL };
const char *const run_failures[] = { "connect_refused", "connect_timeout", "no_local_port", "reset",
	"early_close", "tls_handshake", "tls_alert", "request_timeout", "unfinished", "other",
	NULL };
const char *const run_violations[] = { "corrupt", "stale", "crosstalk", "surplus", "truncated",
	"late_data", NULL };

static size_t
align(size_t size)
{
	return (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

static size_t
interval_size(void)
{
	return align(sizeof(struct run_interval) + hist_size(RUN_STRIP_BITS));
}

unsigned
run_share(const struct run_config *config, unsigned process, unsigned *first)
{
	unsigned n = config->connections, all = config->processes;

	*first = (unsigned)((uint64_t)n * process / all);
	return (unsigned)((uint64_t)n * (process + 1) / all) - *first;
}

/* A part is followed by its histograms, its intervals, and its connections. */
static size_t
clocks_at(void)
{
	return align(sizeof(struct run_part));
}

static size_t
intervals_at(void)
{
	return clocks_at() + 2 * CLOCKS * align(hist_size(RUN_BITS));
}

static size_t
messages_at(const struct run *run)
{
	return intervals_at() + run->nintervals * interval_size();
}

struct run_part *
run_part(const struct run *run, unsigned process)
{
	return (struct run_part *)((char *)run->memory + align(sizeof(struct run_control)) +
	    process * run->part_size);
}

static struct hist *
hist_at(const struct run *run, unsigned process, size_t i)
{
	return (struct hist *)((char *)run_part(run, process) + clocks_at() +
	    i * align(hist_size(RUN_BITS)));
}

struct hist *
run_clock(const struct run *run, unsigned process, enum run_clock clock)
{
	return hist_at(run, process, clock);
}

struct hist *
run_censored(const struct run *run, unsigned process, enum run_clock clock)
{
	return hist_at(run, process, (size_t)CLOCKS + clock);
}

struct run_interval *
run_interval(const struct run *run, unsigned process, unsigned i)
{
	return (struct run_interval *)((char *)run_part(run, process) + intervals_at() +
	    i * interval_size());
}

struct hist *
run_strip(struct run_interval *interval)
{
	return (struct hist *)(interval + 1);
}

uint64_t *
run_messages(const struct run *run, unsigned process)
{
	return (uint64_t *)((char *)run_part(run, process) + messages_at(run));
}

int
run_open(struct run *run, const struct run_config *config, unsigned nintervals)
{
	unsigned p, i, clients = config->connections / config->processes + 1;

	*run = (struct run){ .config = config, .nintervals = nintervals };
	run->part_size = align(messages_at(run) + clients * sizeof(uint64_t));
	run->memory_size = align(sizeof(struct run_control)) + config->processes * run->part_size;
	run->memory = mmap(NULL, run->memory_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (run->memory == MAP_FAILED) {
		run->memory = NULL;
		return -errno;
	}
	run->control = run->memory;
	for (p = 0; p < config->processes; p++) {
		for (i = 0; i < CLOCKS; i++) {
			hist_init(run_clock(run, p, (enum run_clock)i), RUN_BITS);
			hist_init(run_censored(run, p, (enum run_clock)i), RUN_BITS);
		}
		for (i = 0; i < nintervals; i++)
			hist_init(run_strip(run_interval(run, p, i)), RUN_STRIP_BITS);
	}
	return 0;
}

void
run_close(struct run *run)
{
	int i;

	if (run->memory != NULL)
		munmap(run->memory, run->memory_size);
	for (i = 0; i < CLOCKS; i++) {
		free(run->clocks[i]);
		free(run->censored[i]);
	}
	free(run->messages);
	*run = (struct run){ 0 };
}

static void
add_texts(
    char to[][RUN_EXAMPLE_TEXT], unsigned *nto, const char from[][RUN_EXAMPLE_TEXT], unsigned nfrom)
{
	unsigned i;

	for (i = 0; i < nfrom && *nto < RUN_EXAMPLES; i++)
		memcpy(to[(*nto)++], from[i], RUN_EXAMPLE_TEXT);
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a != 0 && (b == 0 || a < b) ? a : b; /* 0: there is none */
}

static uint64_t
most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void
add_part(struct run_part *t, const struct run_part *p)
{
	unsigned i;

	t->scheduled += p->scheduled;
	t->started += p->started;
	t->never_sent += p->never_sent;
	t->held_back += p->held_back;
	t->verified += p->verified;
	t->timeout += p->timeout;
	t->failed += p->failed;
	t->unfinished += p->unfinished;
	t->inside += p->inside;
	t->sent_bytes += p->sent_bytes;
	t->received_bytes += p->received_bytes;
	t->reads += p->reads;
	t->messages_read += p->messages_read;
	t->first = least(t->first, p->first);
	t->last = most(t->last, p->last);
	t->longest_gap = most(t->longest_gap, p->longest_gap);
	t->verified_bytes += p->verified_bytes;
	for (i = 0; i < FAILURES; i++)
		t->failures[i] += p->failures[i];
	for (i = 0; i < VIOLATIONS; i++)
		t->violations[i] += p->violations[i];
	add_texts(t->failure_text, &t->nfailure_texts, p->failure_text, p->nfailure_texts);
	add_texts(t->violation_text, &t->nviolation_texts, p->violation_text, p->nviolation_texts);
	t->connections += p->connections;
	t->established += p->established;
	t->replaced += p->replaced;
	t->tls_full += p->tls_full;
	t->tls_resumed += p->tls_resumed;
	if (t->tls_version[0] == '\0') {
		memcpy(t->tls_version, p->tls_version, sizeof(t->tls_version));
		memcpy(t->tls_cipher, p->tls_cipher, sizeof(t->tls_cipher));
		memcpy(t->tls_group, p->tls_group, sizeof(t->tls_group));
	}
	t->missed += p->missed;
	t->user += p->user;
	t->system += p->system;
	t->spun += p->spun;
	t->wall = most(t->wall, p->wall);
	t->preempted += p->preempted;
	t->waited += p->waited;
	t->retransmits += p->retransmits;
	t->busy += p->busy;
	t->window_limited += p->window_limited;
	t->buffer_limited += p->buffer_limited;
	t->min_rtt = least(t->min_rtt, p->min_rtt);
}

/* Jain's index: the square of the sum by n times the sum of the squares. */
static void
judge_fairness(struct run *run)
{
	double sum = 0, squares = 0;
	unsigned i;

	run->least = UINT64_MAX;
	for (i = 0; i < run->nconnections; i++) {
		uint64_t n = run->messages[i];

		sum += (double)n;
		squares += (double)n * (double)n;
		run->least = n < run->least ? n : run->least;
		run->most = most(run->most, n);
		run->starved += n == 0;
	}
	run->jain = squares > 0 ? sum * sum / (run->nconnections * squares) : 0;
}

int
run_sum(struct run *run)
{
	const struct run_config *config = run->config;
	unsigned p, i;

	run->nconnections = config->connections;
	if ((run->messages = calloc(config->connections, sizeof(*run->messages))) == NULL)
		return -ENOMEM;
	for (i = 0; i < CLOCKS; i++)
		if ((run->clocks[i] = hist_new(RUN_BITS)) == NULL ||
		    (run->censored[i] = hist_new(RUN_BITS)) == NULL)
			return -ENOMEM;
	for (p = 0; p < config->processes; p++) {
		unsigned first, n = run_share(config, p, &first);

		add_part(&run->total, run_part(run, p));
		memcpy(run->messages + first, run_messages(run, p), n * sizeof(*run->messages));
		for (i = 0; i < CLOCKS; i++) {
			hist_merge(run->clocks[i], run_clock(run, p, (enum run_clock)i));
			hist_merge(run->censored[i], run_censored(run, p, (enum run_clock)i));
		}
	}
	judge_fairness(run);
	return 0;
}
