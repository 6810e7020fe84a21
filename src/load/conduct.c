/* SPDX-License-Identifier: ISC */
/*
 * conduct.c -- see conduct.h.
 */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "conduct.h"

#define BEAT_NS 250000000u      /* between two looks at what is going on */
#define HEAD_START_NS 30000000u /* for the news to reach all processes */
#define FAR (UINT64_MAX / 2)

struct state {
	struct conductor *c;
	pid_t *pids;
	unsigned alive;
	enum conduct_phase phase;
	uint64_t began; /* of the phase */
	int signal;     /* that asked to stop */
	sigset_t signals;
};

static uint64_t
ns(double seconds)
{
	return (uint64_t)(seconds * 1e9);
}

static _Noreturn void
be_load(const struct conductor *c, unsigned process, const sigset_t *old)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The conductor decides, also when a whole process group is told. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	sigprocmask(SIG_SETMASK, old, NULL);
	exit(load_run(c->plan, process) < 0);
}

static int
start(struct state *s, const sigset_t *old)
{
	unsigned p, n = s->c->run->config->processes;

	fflush(NULL); /* what is buffered is to be written once */
	for (p = 0; p < n; p++) {
		if ((s->pids[p] = fork()) == -1)
			return -errno;
		if (s->pids[p] == 0)
			be_load(s->c, p, old);
		s->alive++;
	}
	return 0;
}

/* Its part is ours now. */
static void
explain_death(struct run_part *part, unsigned process, int status)
{
	if (WIFSIGNALED(status))
		snprintf(part->error_text, sizeof(part->error_text),
		    "load process %u was killed by signal %d (%s)", process, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(part->error_text, sizeof(part->error_text),
		    "load process %u ended with status %d before the run was over", process,
		    WEXITSTATUS(status));
}

/* One that dies before it has said how it went has failed the run. */
static int
reap(struct state *s)
{
	const struct run *run = s->c->run;
	unsigned p, n = run->config->processes;
	int status, rc = 0;
	pid_t pid;

	while (s->alive > 0 && (pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (p = 0; p < n; p++)
			if (s->pids[p] == pid) {
				struct run_part *part = run_part(run, p);

				s->pids[p] = 0;
				s->alive--;
				if (part->state < RUN_DONE)
					explain_death(part, p, status);
			}
	for (p = 0; p < n; p++) {
		const struct run_part *part = run_part(run, p);

		if (part->state == RUN_FAILED)
			rc = part->error;
		else if (s->pids[p] == 0 && part->state != RUN_DONE)
			rc = -ECHILD;
	}
	return rc;
}

static bool
all_ready(const struct run *run)
{
	unsigned p;

	for (p = 0; p < run->config->processes; p++)
		if (run_part(run, p)->state == RUN_RAMPING)
			return false;
	return true;
}

static unsigned
connections(const struct run *run)
{
	unsigned p, n = 0;

	for (p = 0; p < run->config->processes; p++)
		n += (unsigned)run_part(run, p)->connections;
	return n;
}

static void
tell(struct state *s, uint64_t now)
{
	const struct run_config *config = s->c->run->config;
	struct conduct_news news = {
		.phase = s->phase,
		.elapsed = (double)(now - s->began) / 1e9,
		.connections = connections(s->c->run),
	};

	if (s->phase >= PHASE_MEASURE && news.elapsed >= config->interval) {
		news.has_interval = true;
		news.interval = (unsigned)(news.elapsed / config->interval) - 1;
		if (news.interval >= s->c->run->nintervals)
			news.interval = s->c->run->nintervals - 1;
	}
	if (s->c->on_news != NULL)
		s->c->on_news(s->c, &news);
}

static void
enter(struct state *s, enum conduct_phase phase, uint64_t at)
{
	s->phase = phase;
	s->began = at;
}

/* The times of all phases are set at once, when all are ready. */
static void
set_times(struct state *s, uint64_t now)
{
	const struct run_config *config = s->c->run->config;
	struct run_control *t = s->c->run->control;

	now += HEAD_START_NS;
	t->measure_begin = now + ns(config->warmup);
	t->measure_end = config->duration > 0 ? t->measure_begin + ns(config->duration) : FAR;
	t->drain_end = t->measure_end + ns(config->drain);
	t->warm_begin = now; /* last: it is what the processes wait for */
	enter(s, PHASE_WARMUP, now);
}

static void
stop_early(struct state *s, int signal, uint64_t now)
{
	struct run_control *t = s->c->run->control;

	if (s->signal != 0 || t->measure_begin == 0 || now < t->measure_begin) {
		t->stop = true;
	} else if (now < t->measure_end) {
		t->drain_end = now + ns(s->c->run->config->drain);
		t->measure_end = now;
	}
	s->signal = signal;
}

static void
step(struct state *s, uint64_t now)
{
	const struct run_control *t = s->c->run->control;

	if (s->phase == PHASE_RAMP && all_ready(s->c->run))
		set_times(s, now);
	if (s->phase == PHASE_WARMUP && now >= t->measure_begin)
		enter(s, PHASE_MEASURE, t->measure_begin);
	if (s->phase == PHASE_MEASURE && now >= t->measure_end)
		s->phase = PHASE_DRAIN;
}

/* Sleep until a signal comes, or for a beat. */
static int
wait_a_beat(const struct state *s)
{
	struct timespec beat = { .tv_nsec = s->phase == PHASE_RAMP ? BEAT_NS / 50 : BEAT_NS };
	int sig = sigtimedwait(&s->signals, NULL, &beat);

	return sig > 0 ? sig : 0;
}

static int
run_all(struct state *s)
{
	uint64_t now = client_clock(), told = now;
	int rc = 0, sig;

	enter(s, PHASE_RAMP, now);
	while (s->alive > 0) {
		sig = wait_a_beat(s);
		now = client_clock();
		if (sig == SIGINT || sig == SIGTERM)
			stop_early(s, sig, now);
		if ((rc = reap(s)) < 0)
			break;
		step(s, now);
		if (now - told >= BEAT_NS) {
			tell(s, now);
			told = now;
		}
	}
	if (rc == 0 && s->phase >= PHASE_MEASURE)
		tell(s, client_clock()); /* of the last interval */
	return rc;
}

static void
end_all(struct state *s)
{
	unsigned p, n = s->c->run->config->processes;

	for (p = 0; p < n; p++)
		if (s->pids[p] > 0) {
			kill(s->pids[p], SIGKILL);
			waitpid(s->pids[p], NULL, 0);
		}
}

int
conduct(struct conductor *c)
{
	struct state s = { .c = c };
	sigset_t old;
	int rc;

	if ((s.pids = calloc(c->run->config->processes, sizeof(*s.pids))) == NULL)
		return -ENOMEM;
	sigemptyset(&s.signals);
	sigaddset(&s.signals, SIGINT);
	sigaddset(&s.signals, SIGTERM);
	sigaddset(&s.signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &s.signals, &old);
	if ((rc = start(&s, &old)) == 0)
		rc = run_all(&s);
	end_all(&s);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(s.pids);
	if (rc < 0)
		return rc;
	return s.signal;
}
