/* SPDX-License-Identifier: ISC */
/*
 * crew.c -- see crew.h.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "channel.h"
#include "crew.h"
#include "log.h"
#include "sandbox.h"

#define YOUNG_SECONDS 0.15 /* whoever dies so soon after it was ready was never well */
#define MIN_DELAY 0.1      /* seconds, from the second of those on */
#define MAX_DELAY 30.0
#define TICK_SECONDS 1.0
#define HUNG_TICKS 5  /* without a beat of the heart */
#define ABORT_TICKS 2 /* more, from ABRT to KILL */
#define SLOTS (9 * CONF_WORKERS)

static void spawn(struct seat *);

static struct stats_slot *
take_slot(struct crew *c)
{
	size_t i;

	for (i = CONF_WORKERS; i < c->table.n; i++)
		if (!c->table.slots[i].taken) {
			c->table.slots[i].taken = true;
			return &c->table.slots[i];
		}
	return NULL;
}

/* What a process has done goes to those that have died before it in its place. */
static void
fold(struct crew *c, struct process *p)
{
	struct stats *past = &c->table.slots[p->index].stats;
	uint64_t peak;

	if (p->slot == NULL)
		return;
	peak = past->peak > p->slot->stats.peak ? past->peak : p->slot->stats.peak;
	p->slot->stats.active = 0;
	stats_add(past, &p->slot->stats);
	past->peak = peak;
	*p->slot = (struct stats_slot){ 0 };
}

struct stats
crew_stats(const struct crew *c, unsigned index)
{
	struct stats sum = c->table.slots[index].stats;
	const struct process *p;

	TAILQ_FOREACH (p, &c->processes, link)
		if (p->index == index && p->slot != NULL)
			stats_add(&sum, &p->slot->stats);
	return sum;
}

static void
free_generation(struct generation *g)
{
	if (g->owns_conf) {
		conf_free(g->conf);
		free(g->conf);
	}
	free(g->seats);
	free(g);
}

static void
leave_if_over(struct generation *g)
{
	if (g->sockets == NULL && g->nliving == 0)
		free_generation(g);
}

static void
kill_process(struct process *p, int signum)
{
	if (p->pid > 0)
		kill(p->pid, signum);
}

static void
on_message(struct ev_loop *loop, ev_io *io, int revents)
{
	struct process *p = io->data;
	struct generation *g = p->generation;
	struct seat *seat;
	int fd, message = channel_receive(io->fd, &fd);

	(void)revents;
	switch (message) {
	case CHANNEL_READY:
		p->ready = ev_now(loop);
		log_debug("worker %u (process %ld) accepts", p->index, (long)p->pid);
		if (++g->nready < g->nseats || g->complete || g->sockets == NULL)
			break;
		g->complete = true;
		g->crew->on_ready(g);
		break;
	case CHANNEL_DRAINING:
		/* Somebody else has told it; its sockets wait for another. */
		if (p->seat == NULL || p->told)
			break;
		seat = p->seat;
		p->seat = NULL;
		g->nready--;
		spawn(seat);
		break;
	case -EAGAIN:
	case -EINTR: break;
	default: ev_io_stop(loop, io); /* it ends, and SIGCHLD tells how */
	}
}

static struct process *
new_process(struct crew *c, struct seat *seat)
{
	struct process *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->slot = take_slot(c)) == NULL) {
		free(p);
		errno = ENOMEM;
		return NULL;
	}
	p->generation = seat->generation;
	p->seat = seat;
	p->index = seat->index;
	return p;
}

/* In the child: what is the supervisor's is closed, what it was is forgotten. */
static _Noreturn void
be_worker(struct crew *c, struct process *me, int channel)
{
	const struct generation *g = me->generation;
	struct child child = { g->conf, g->sockets, &me->slot->stats, c->limits, me->index,
		g->number, channel, &me->slot->forbidden };
	struct process *p;

	TAILQ_FOREACH (p, &c->processes, link)
		close(p->channel);
	ev_timer_stop(c->loop, &c->tick);
	c->on_fork(c, g);
	sockets_borrow(g->sockets, me->index);
	exit(child_run(&child));
}

/* 0 or -errno; then there is no process. */
static int
fork_process(struct crew *c, struct process *p)
{
	sigset_t all, before;
	int rc, channel;

	if ((rc = channel_open(&p->channel, &channel)) < 0)
		return rc;
	fflush(NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if ((p->pid = fork()) == 0) {
		close(p->channel);
		be_worker(c, p, channel);
	}
	rc = p->pid == -1 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(channel);
	if (rc < 0)
		close(p->channel);
	return rc;
}

static void
try_later(struct seat *seat)
{
	struct crew *c = seat->generation->crew;

	seat->delay = seat->delay < MIN_DELAY ? MIN_DELAY : seat->delay * 2;
	if (seat->delay > MAX_DELAY)
		seat->delay = MAX_DELAY;
	ev_timer_set(&seat->refill, seat->delay, 0);
	ev_timer_start(c->loop, &seat->refill);
}

static void
enlist(struct crew *c, struct process *p)
{
	ev_io_init(&p->io, on_message, p->channel, EV_READ);
	p->io.data = p;
	ev_io_start(c->loop, &p->io);
	TAILQ_INSERT_TAIL(&c->processes, p, link);
	p->generation->nliving++;
}

static void
spawn(struct seat *seat)
{
	struct crew *c = seat->generation->crew;
	struct process *p = new_process(c, seat);
	int rc = p == NULL ? -errno : fork_process(c, p);

	if (rc < 0) {
		log_warn_limited(&c->fork_limit, "cannot start worker %u: %s; trying again",
		    seat->index, strerror(-rc));
		if (p != NULL)
			p->slot->taken = false;
		free(p);
		try_later(seat);
		return;
	}
	enlist(c, p);
}

static void
on_refill(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop, (void)revents;
	spawn(t->data);
}

struct generation *
crew_generation(
    struct crew *c, unsigned number, unsigned nseats, struct conf *conf, struct sockets *sockets)
{
	struct generation *g = calloc(1, sizeof(*g));
	unsigned i;

	if (g == NULL || (g->seats = calloc(nseats + 1, sizeof(*g->seats))) == NULL) {
		free(g);
		return NULL;
	}
	g->crew = c;
	g->number = number;
	g->conf = conf;
	g->sockets = sockets;
	g->nseats = nseats;
	if (c->most < nseats)
		c->most = nseats;
	for (i = 0; i < nseats; i++) {
		struct seat *seat = &g->seats[i];

		seat->generation = g;
		seat->index = i;
		ev_timer_init(&seat->refill, on_refill, 0, 0);
		seat->refill.data = seat;
	}
	return g;
}

struct generation *
crew_start(struct crew *c, unsigned number, struct conf *conf, struct sockets *sockets)
{
	struct generation *g = crew_generation(c, number, conf->nworkers, conf, sockets);
	unsigned i;

	for (i = 0; g != NULL && i < g->nseats; i++)
		spawn(&g->seats[i]);
	return g;
}

int
crew_adopt(struct generation *g, pid_t pid, unsigned index, int channel, unsigned slot, bool told,
    bool ready)
{
	struct crew *c = g->crew;
	struct process *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -ENOMEM;
	p->pid = pid;
	p->channel = channel;
	p->index = index;
	p->generation = g;
	p->told = told;
	p->seat = told || index >= g->nseats ? NULL : &g->seats[index];
	if (slot >= CONF_WORKERS && slot < c->table.n)
		p->slot = &c->table.slots[slot];
	p->ready = ready ? ev_now(c->loop) : 0;
	if (ready && p->seat != NULL)
		g->nready++;
	enlist(c, p);
	return 0;
}

void
crew_refill(struct generation *g)
{
	const struct process *p;
	unsigned i;

	for (i = 0; i < g->nseats; i++) {
		TAILQ_FOREACH (p, &g->crew->processes, link)
			if (p->seat == &g->seats[i])
				break;
		if (p == NULL)
			spawn(&g->seats[i]);
	}
}

void
crew_dismiss(struct generation *g, int signum)
{
	struct process *p;
	unsigned i;

	for (i = 0; i < g->nseats; i++)
		ev_timer_stop(g->crew->loop, &g->seats[i].refill);
	g->sockets = NULL;
	TAILQ_FOREACH (p, &g->crew->processes, link) {
		if (p->generation != g)
			continue;
		p->seat = NULL;
		if (!p->told)
			kill_process(p, signum);
		p->told = true;
	}
	leave_if_over(g);
}

void
crew_tell(struct crew *c, int signum)
{
	struct process *p;

	TAILQ_FOREACH (p, &c->processes, link) {
		kill_process(p, signum);
		p->told = true;
	}
}

void
crew_move_log(struct crew *c, int fd)
{
	struct process *p;

	TAILQ_FOREACH (p, &c->processes, link)
		if (channel_send(p->channel, CHANNEL_LOG, fd) < 0)
			log_warn("worker %u goes on with the old log", p->index);
}

static void
describe_end(char *text, size_t size, const struct process *p, int status)
{
	char call[SANDBOX_TEXT];

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS && p->slot != NULL &&
	    p->slot->forbidden != 0) {
		sandbox_describe(call, p->slot->forbidden);
		snprintf(text, size,
		    "worker %u (process %ld) was killed by its sandbox, signal %d: %s is forbidden",
		    p->index, (long)p->pid, SIGSYS, call);
	} else if (WIFSIGNALED(status))
		snprintf(text, size, "worker %u (process %ld) was killed by signal %d, %s",
		    p->index, (long)p->pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "worker %u (process %ld) ended with status %d", p->index,
		    (long)p->pid, WEXITSTATUS(status));
}

/* Its seat is empty: fill it at once, unless those who have it keep dying young. */
static void
replace(struct process *p)
{
	struct seat *seat = p->seat;
	double now = ev_now(p->generation->crew->loop);

	if (p->ready != 0 && now - p->ready >= YOUNG_SECONDS)
		seat->delay = 0;
	else if (seat->delay > 0) {
		try_later(seat);
		return;
	} else {
		seat->delay = MIN_DELAY / 2; /* the second in a row has to wait */
	}
	spawn(seat);
}

static void
bury(struct crew *c, struct process *p, int status)
{
	struct generation *g = p->generation;
	char text[160];

	describe_end(text, sizeof(text), p, status);
	ev_io_stop(c->loop, &p->io);
	close(p->channel);
	TAILQ_REMOVE(&c->processes, p, link);
	fold(c, p);
	g->nliving--;
	if (p->seat != NULL && p->ready != 0)
		g->nready--;
	if (p->told && status == 0)
		log_debug("%s", text);
	else
		log_warn("%s", text);
	if (p->seat == NULL)
		leave_if_over(g);
	else if (g->complete)
		replace(p);
	else
		c->on_failed(
		    g, WIFEXITED(status) && status != 0 ? WEXITSTATUS(status) : EX_OSERR, text);
	free(p);
	c->on_gone(c);
}

void
crew_reap(struct crew *c)
{
	struct process *p;
	int status;
	pid_t pid;

	/* Others may come to us, too: whoever is process 1 gets all orphans. */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		TAILQ_FOREACH (p, &c->processes, link)
			if (p->pid == pid)
				break;
		if (p != NULL)
			bury(c, p, status);
		else
			c->on_other(c, pid, status);
	}
}

/* Its time is counted in our ticks, so that it is not blamed for a pause of ours. */
static void
feel_pulse(struct process *p)
{
	uint64_t beats;

	if (p->slot == NULL)
		return;
	beats = p->slot->stats.beats;
	if (beats != p->beats) {
		p->beats = beats;
		p->missed = 0;
		return;
	}
	p->missed++;
	if (p->missed == HUNG_TICKS) {
		log_warn("worker %u (process %ld) has not answered for %d seconds; ending it",
		    p->index, (long)p->pid, HUNG_TICKS);
		kill_process(p, SIGABRT);
	} else if (p->missed == HUNG_TICKS + ABORT_TICKS) {
		kill_process(p, SIGKILL);
	}
}

bool
crew_lives(const struct crew *c)
{
	const struct process *p;

	TAILQ_FOREACH (p, &c->processes, link)
		if (p->missed > HUNG_TICKS + ABORT_TICKS)
			return false; /* not even KILL has helped */
	return true;
}

static void
on_tick(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct crew *c = t->data;
	struct process *p;

	(void)loop, (void)revents;
	TAILQ_FOREACH (p, &c->processes, link)
		feel_pulse(p);
}

int
crew_open(struct crew *c, struct ev_loop *loop)
{
	int rc;

	TAILQ_INIT(&c->processes);
	c->loop = loop;
	if ((rc = stats_table_open(&c->table, SLOTS)) < 0)
		return rc;
	c->limits = mmap(
	    NULL, sizeof(*c->limits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->limits == MAP_FAILED) {
		rc = -errno;
		stats_table_close(&c->table);
		return rc;
	}
	ev_timer_init(&c->tick, on_tick, TICK_SECONDS, TICK_SECONDS);
	c->tick.data = c;
	ev_timer_start(loop, &c->tick);
	return 0;
}

void
crew_take_table(struct crew *c, int fd)
{
	struct stats_table table;

	if (stats_table_attach(&table, fd) < 0)
		return;
	stats_table_close(&c->table);
	c->table = table;
}

void
crew_close(struct crew *c)
{
	ev_timer_stop(c->loop, &c->tick);
	munmap(c->limits, sizeof(*c->limits));
	stats_table_close(&c->table);
}
