/* SPDX-License-Identifier: ISC */
/*
 * results.c -- see results.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "macros.h"
#include "results.h"

#define FIELDS 9

static char *
read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (f == NULL)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = NULL;
		errno = ferror(f) ? EIO : ENODATA;
	}
	fclose(f);
	return text;
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	return end == text || *end != '\0' ? NAN : value;
}

static bool
take_case(struct results *r, char **f)
{
	if (r->ncases == RESULTS_MOST)
		return false;
	r->cases[r->ncases++] = (struct bench_case){
		.name = f[1], .bar = number(f[2]), .reference = f[3], .text = f[4]
	};
	return true;
}

static bool
take_subject(struct results *r, char **f)
{
	static const char *const kinds[] = { "reference", "control", "ours", "peer" };
	size_t kind = 0;

	while (kind < countof(kinds) && strcmp(f[2], kinds[kind]) != 0)
		kind++;
	if (kind == countof(kinds) || r->nsubjects == RESULTS_MOST)
		return false;
	r->subjects[r->nsubjects++] = (struct bench_subject){
		.name = f[1], .kind = (enum subject_kind)kind, .text = f[3]
	};
	return true;
}

static bool
take_note(struct results *r, char **f)
{
	if (r->nnotes == RESULTS_MOST)
		return false;
	r->notes[r->nnotes++] = (struct bench_note){ f[1], f[2] };
	return true;
}

static bool
take_warning(struct results *r, char **f)
{
	if (r->nwarnings == RESULTS_MOST)
		return false;
	r->warnings[r->nwarnings++] = f[1];
	return true;
}

static bool
take_out(struct results *r, char **f)
{
	r->outs[r->nouts++] = (struct bench_out){ f[1], f[2], f[3] };
	return true;
}

static bool
take_run(struct results *r, char **f)
{
	struct bench_run run = { .in = f[1],
		.subject = f[3],
		.rate = number(f[4]),
		.cpu = number(f[5]),
		.client = number(f[6]),
		.p50 = number(f[7]),
		.p99 = number(f[8]) };

	run.round = (unsigned)strtoul(f[2], NULL, 10);
	if (!(run.rate >= 0))
		return false;
	r->runs[r->nruns++] = run;
	return true;
}

static const struct {
	const char *word;
	size_t fields;
	bool (*take)(struct results *, char **);
} kinds_of_line[] = {
	{ "note", 3, take_note },
	{ "warning", 2, take_warning },
	{ "case", 5, take_case },
	{ "subject", 4, take_subject },
	{ "out", 4, take_out },
	{ "run", 9, take_run },
};

static bool
take_line(struct results *r, char *line)
{
	char *fields[FIELDS] = { NULL }, *field;
	size_t n = 0, i;

	while (n < FIELDS && (field = strsep(&line, "\t")) != NULL)
		fields[n++] = field;
	for (i = 0; i < countof(kinds_of_line); i++)
		if (strcmp(fields[0], kinds_of_line[i].word) == 0)
			return n == kinds_of_line[i].fields && kinds_of_line[i].take(r, fields);
	return false;
}

int
results_load(struct results *r, const char *path)
{
	size_t lines = 1, number_of_line = 0;
	char *rest, *line;
	const char *c;

	*r = (struct results){ .text = read_whole(path) };
	if (r->text == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -EINVAL;
	}
	for (c = r->text; *c != '\0'; c++)
		lines += *c == '\n';
	r->whole = strdup(r->text);
	r->outs = calloc(lines, sizeof(*r->outs));
	r->runs = calloc(lines, sizeof(*r->runs));
	if (r->whole == NULL || r->outs == NULL || r->runs == NULL)
		return -ENOMEM;
	rest = r->text;
	while ((line = strsep(&rest, "\n")) != NULL) {
		number_of_line++;
		if (line[0] != '\0' && !take_line(r, line)) {
			fprintf(stderr, "%s:%zu: cannot be understood\n", path, number_of_line);
			return -EINVAL;
		}
	}
	return 0;
}

void
results_close(struct results *r)
{
	free(r->text);
	free(r->whole);
	free(r->outs);
	free(r->runs);
}

static const struct bench_run *
find_run(const struct results *r, const char *in, unsigned round, const char *subject)
{
	size_t i;

	for (i = 0; i < r->nruns; i++)
		if (r->runs[i].round == round && strcmp(r->runs[i].in, in) == 0 &&
		    strcmp(r->runs[i].subject, subject) == 0)
			return &r->runs[i];
	return NULL;
}

static const char *
why_out(const struct results *r, const char *in, const char *subject)
{
	size_t i;

	for (i = 0; i < r->nouts; i++)
		if (strcmp(r->outs[i].in, in) == 0 &&
		    (strcmp(r->outs[i].subject, subject) == 0 ||
			strcmp(r->outs[i].subject, "-") == 0))
			return r->outs[i].why;
	return NULL;
}

/* One quantity of many runs; those that do not know it are left out. */
struct sample {
	double *values;
	unsigned n;
};

static void
add(struct sample *s, double value)
{
	if (isfinite(value))
		s->values[s->n++] = value;
}

struct cell
results_cell(
    const struct results *r, const struct bench_case *c, const struct bench_subject *subject)
{
	struct cell cell = { .why = why_out(r, c->name, subject->name) };
	enum { RATE, CPU, CLIENT, P50, P99, RATE_RATIO, CPU_RATIO, SAMPLES };
	struct sample s[SAMPLES] = { 0 };
	double *memory = calloc((size_t)SAMPLES * (r->nruns + 1), sizeof(*memory));
	size_t i;

	if (memory == NULL)
		return cell;
	for (i = 0; i < SAMPLES; i++)
		s[i].values = memory + i * (r->nruns + 1);
	for (i = 0; i < r->nruns; i++) {
		const struct bench_run *run = &r->runs[i], *of;

		if (strcmp(run->in, c->name) != 0 || strcmp(run->subject, subject->name) != 0)
			continue;
		add(&s[RATE], run->rate);
		add(&s[CPU], run->cpu);
		add(&s[CLIENT], run->client);
		add(&s[P50], run->p50);
		add(&s[P99], run->p99);
		if ((of = find_run(r, c->name, run->round, c->reference)) == NULL)
			continue;
		add(&s[RATE_RATIO], run->rate / of->rate);
		add(&s[CPU_RATIO], run->cpu / of->cpu);
	}
	cell.rate = spread_of(s[RATE].values, s[RATE].n);
	cell.cpu = spread_of(s[CPU].values, s[CPU].n);
	cell.client = spread_of(s[CLIENT].values, s[CLIENT].n);
	cell.p50 = spread_of(s[P50].values, s[P50].n);
	cell.p99 = spread_of(s[P99].values, s[P99].n);
	cell.rate_ratio = spread_of(s[RATE_RATIO].values, s[RATE_RATIO].n);
	cell.cpu_ratio = spread_of(s[CPU_RATIO].values, s[CPU_RATIO].n);
	cell.ratios = calloc(s[RATE_RATIO].n + 1, sizeof(*cell.ratios));
	if (cell.ratios != NULL)
		memcpy(cell.ratios, s[RATE_RATIO].values, s[RATE_RATIO].n * sizeof(*memory));
	else
		cell.rate_ratio.n = 0;
	free(memory);
	return cell;
}

bool
results_is_row(const struct bench_case *c, const struct bench_subject *s)
{
	return s->kind != SUBJECT_REFERENCE && strcmp(c->reference, s->name) != 0;
}

const struct bench_subject *
results_reference(const struct results *r, const struct bench_case *c)
{
	size_t i;

	for (i = 0; i < r->nsubjects; i++)
		if (strcmp(r->subjects[i].name, c->reference) == 0)
			return &r->subjects[i];
	return NULL;
}

enum standing
results_standing(
    const struct bench_case *c, const struct bench_subject *subject, const struct spread *ratio)
{
	if (ratio->n == 0 || subject->kind != SUBJECT_OURS)
		return STANDING_NONE;
	if (ratio->low >= c->bar)
		return STANDING_GOOD;
	return ratio->high < c->bar ? STANDING_UNDER : STANDING_UNSURE;
}

double
results_noise(const struct results *r)
{
	double noise = NAN;
	size_t i, k;

	for (k = 0; k < r->ncases; k++)
		for (i = 0; i < r->nsubjects; i++) {
			struct cell cell;

			if (r->subjects[i].kind != SUBJECT_CONTROL)
				continue;
			cell = results_cell(r, &r->cases[k], &r->subjects[i]);
			if (cell.rate_ratio.n > 0)
				noise = fmax(
				    noise, fmax(1 - cell.rate_ratio.low, cell.rate_ratio.high - 1));
			free(cell.ratios);
		}
	return noise;
}

double
results_server_share(const struct cell *cell)
{
	return cell->cpu.n > 0 ? cell->cpu.median * cell->rate.median / 1e9 : NAN;
}
