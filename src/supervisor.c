/* SPDX-License-Identifier: ISC */
/*
 * supervisor.c -- see supervisor.h.
 *
 * It owns every listening socket, and so a worker may come and go and what waits
 * to be accepted does not notice.  It takes no traffic, and waits by poll(2): an
 * epoll set would be shared with all that it forks.
 *
 *	STARTING	the first generation is not ready yet; if that fails, we end
 *	SERVING		there is one generation that accepts, and perhaps others
 *			that drain
 *	RELOADING	the next generation is not ready yet; if that fails, it is
 *			dismissed, and the one that serves does not notice
 *	TRYING		a child sees whether another program could take over
 *	STOPPING	all drain; the last one to leave ends it
 *
 * It ends when it is told to, and never because of a worker.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "crew.h"
#include "log.h"
#include "macros.h"
#include "notify.h"
#include "proc.h"
#include "supervisor.h"
#include "title.h"
#include "upgrade.h"

#define READY_SECONDS 10.0 /* for a generation to become ready */
#define STOP_GRACE 5.0     /* seconds for workers to end, when their time is over */
#define SETTLE_SECONDS (WORKER_RETIRE_SECONDS + 0.5)

enum phase { STARTING, SERVING, RELOADING, TRYING, STOPPING };

struct supervisor {
	struct instance *instance;
	struct ev_loop *loop;
	ev_signal signals[7];
	ev_timer ready_timer, settle_timer, stop_timer;
	struct crew crew;
	struct generation *current, *next;
	unsigned ngenerations;
	struct upgrade upgrade;
	enum phase phase;
	bool again;         /* another reload was asked for meanwhile */
	bool upgrade_later; /* the program is to be replaced when nothing retires */
	int exit_code;
};

static void
start_timer(struct supervisor *s, ev_timer *t, double seconds)
{
	ev_timer_stop(s->loop, t);
	ev_timer_set(t, seconds, 0);
	ev_timer_start(s->loop, t);
}

static void
on_stop_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct supervisor *s = t->data;

	(void)loop, (void)revents;
	log_warn("workers do not end; killing them");
	crew_tell(&s->crew, SIGKILL);
}

static void
say_how_it_is(struct pulse *p, char line[PULSE_TEXT])
{
	static const char *const words[] = {
		[STARTING] = "starting",
		[SERVING] = "serving",
		[RELOADING] = "reloading",
		[TRYING] = "serving",
		[STOPPING] = "stopping",
	};
	const struct supervisor *s = p->owner;
	struct stats one, all = { 0 };
	unsigned i;

	for (i = 0; i < s->crew.most; i++) {
		one = crew_stats(&s->crew, i);
		stats_add(&all, &one);
	}
	snprintf(line, PULSE_TEXT, "%s: generation %u, workers %u, connections %llu, accepted %llu",
	    words[s->phase], s->current != NULL ? s->current->number : s->ngenerations,
	    s->current != NULL ? s->current->nready : 0, (unsigned long long)all.active,
	    (unsigned long long)all.accepted);
}

static bool
lives(struct pulse *p)
{
	const struct supervisor *s = p->owner;

	return crew_lives(&s->crew);
}

static void
end_if_empty(struct supervisor *s)
{
	if (s->phase == STOPPING && crew_is_empty(&s->crew))
		ev_break(s->loop, EVBREAK_ALL);
}

static void
dismiss(struct generation **g, int signum)
{
	if (*g != NULL)
		crew_dismiss(*g, signum);
	*g = NULL;
}

/* The next generation has come to nothing. */
static void
abandon(struct supervisor *s, int exit_code, const char *why)
{
	ev_timer_stop(s->loop, &s->ready_timer);
	dismiss(&s->next, SIGTERM);
	s->phase = SERVING;
	instance_abandon(s->instance, exit_code, why);
}

/*
 * Workers that drain already have their time, and are not told again the first time,
 * since a second TERM would cut it short.
 */
static void
stop(struct supervisor *s, int signum)
{
	bool again = s->phase == STOPPING;
	bool at_once = signum == SIGINT || ev_is_active(&s->stop_timer);
	double limit = at_once ? 0 : s->instance->conf->drain_timeout;

	if (s->phase == RELOADING)
		abandon(s, EX_UNAVAILABLE, "reload: the instance is told to stop");
	if (s->phase == TRYING && s->upgrade.trial > 0)
		kill(s->upgrade.trial, SIGKILL);
	ev_timer_stop(s->loop, &s->ready_timer);
	ev_timer_stop(s->loop, &s->settle_timer);
	s->phase = STOPPING;
	dismiss(&s->current, signum);
	if (again || at_once)
		crew_tell(&s->crew, signum);
	sockets_close(&s->instance->sockets);
	pulse_stopping(&s->instance->pulse);
	if (signum != SIGQUIT)
		start_timer(s, &s->stop_timer, limit + STOP_GRACE);
	end_if_empty(s);
}

static void
fail_start(struct supervisor *s, int exit_code)
{
	s->exit_code = exit_code;
	stop(s, SIGINT);
}

static void
reload(struct supervisor *s)
{
	struct instance *in = s->instance;

	switch (s->phase) {
	case SERVING: break;
	case STOPPING: return; /* its askers read the end of the line */
	default: s->again = true; return;
	}
	/* New sockets among those that retire would be mistaken for them. */
	s->again = ev_is_active(&s->settle_timer);
	if (s->again)
		return;
	if (instance_prepare(in) != 0)
		return;
	s->phase = RELOADING;
	start_timer(s, &s->ready_timer, READY_SECONDS);
	s->next = crew_start(&s->crew, ++s->ngenerations, in->next, &in->next_sockets);
	if (s->next == NULL)
		abandon(s, EX_OSERR, "reload: no memory");
}

static void
reload_if_asked_again(struct supervisor *s)
{
	if (s->phase == SERVING && s->again)
		reload(s);
}

static void
on_ready_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct supervisor *s = t->data;

	(void)loop, (void)revents;
	if (s->phase == TRYING) {
		kill(s->upgrade.trial, SIGKILL);
		return;
	}
	if (s->phase == STARTING) {
		log_error("the workers are not ready after 10 seconds; giving up");
		fail_start(s, EX_OSERR);
		return;
	}
	abandon(s, EX_OSERR, "reload: the new workers are not ready after 10 seconds");
	reload_if_asked_again(s);
}

/* The next generation serves: the one before has to go. */
static void
succeed(struct supervisor *s)
{
	struct instance *in = s->instance;
	struct sockets gone;

	instance_commit(in, &gone, &s->current->conf);
	s->current->owns_conf = true;
	/* Their workers still have them, and accept what is under way. */
	dismiss(&s->current, SIGTERM);
	if (sockets_any_open(&gone))
		start_timer(s, &s->settle_timer, SETTLE_SECONDS);
	sockets_close(&gone);
	s->current = s->next;
	s->current->sockets = &in->sockets;
	s->next = NULL;
	s->phase = SERVING;
	pulse_reloaded(&in->pulse);
	log_info("reloaded: generation %u serves", s->current->number);
	instance_answer(in);
	reload_if_asked_again(s);
}

static void
on_ready(struct generation *g)
{
	struct supervisor *s = g->crew->owner;
	int rc;

	ev_timer_stop(s->loop, &s->ready_timer);
	if (s->phase == RELOADING) {
		succeed(s);
		return;
	}
	s->phase = SERVING;
	if ((rc = instance_ready(s->instance)) != 0)
		fail_start(s, rc);
	else
		pulse_start(&s->instance->pulse, s->loop, say_how_it_is, lives, s);
	reload_if_asked_again(s);
}

static void
on_failed(struct generation *g, int exit_code, const char *why)
{
	struct supervisor *s = g->crew->owner;

	if (s->phase == STARTING) {
		log_error("a worker did not start; giving up");
		fail_start(s, exit_code);
		return;
	}
	abandon(s, exit_code, why);
	reload_if_asked_again(s);
}

static int
collect(struct supervisor *s, struct state *state)
{
	return upgrade_collect(state, s->instance, &s->crew, s->current, s->ngenerations);
}

static void
try_upgrade(struct supervisor *s)
{
	struct state state;
	int rc;

	if (s->phase != SERVING) {
		log_warn(
		    "replacing the program: not now; there is a start, reload or stop under way");
		return;
	}
	/* The new program would not know of sockets that retire. */
	s->upgrade_later = ev_is_active(&s->settle_timer);
	if (s->upgrade_later)
		return;
	if ((rc = collect(s, &state)) == 0) {
		rc = upgrade_try(&s->upgrade, s->instance, &state);
		state_free(&state);
	}
	if (rc < 0) {
		log_error("replacing the program: %s; nothing has changed", strerror(-rc));
		return;
	}
	s->phase = TRYING;
	start_timer(s, &s->ready_timer, READY_SECONDS);
}

static void
on_settle_timer(struct ev_loop *loop, ev_timer *t, int revents)
{
	struct supervisor *s = t->data;

	(void)loop, (void)revents;
	if (s->upgrade_later)
		try_upgrade(s);
	reload_if_asked_again(s);
}

/* Signals that come from now on are for the new program; those that have come, for us. */
static void
hold_signals(struct supervisor *s)
{
	proc_hold_signals();
	ev_run(s->loop, EVRUN_NOWAIT);
}

static void
upgrade(struct supervisor *s)
{
	struct state state;
	int rc;

	hold_signals(s);
	if (s->phase != TRYING) {
		proc_let_signals_in();
		return;
	}
	if ((rc = collect(s, &state)) == 0) {
		log_info("replacing the program by %s", s->instance->program);
		rc = upgrade_exec(s->instance, &state);
		state_free(&state);
	}
	log_error("replacing the program: cannot run %s: %s; nothing has changed",
	    s->instance->program, strerror(-rc));
	proc_let_signals_in();
}

static void
on_other(struct crew *c, pid_t pid, int status)
{
	struct supervisor *s = c->owner;
	char why[128];
	bool good;

	if (pid != s->upgrade.trial)
		return;
	good = upgrade_is_good(&s->upgrade, status, why, sizeof(why));
	upgrade_end_trial(&s->upgrade);
	if (s->phase != TRYING)
		return;
	ev_timer_stop(s->loop, &s->ready_timer);
	if (good)
		upgrade(s);
	else
		log_error("replacing the program: %s is no good: %s; nothing has changed",
		    s->instance->program, why);
	if (s->phase == TRYING)
		s->phase = SERVING;
	reload_if_asked_again(s);
}

static void
on_gone(struct crew *c)
{
	end_if_empty(c->owner);
}

static void
reopen_log(struct supervisor *s)
{
	int rc = instance_reopen_log(s->instance);

	if (rc < 0) {
		log_error("log: cannot open %s again: %s; going on with the old one",
		    s->instance->conf->log, strerror(-rc));
		return;
	}
	if (log_fd() >= 0)
		crew_move_log(&s->crew, log_fd());
	log_info("log: opened again");
}

static void
on_signal(struct ev_loop *loop, ev_signal *w, int revents)
{
	struct supervisor *s = w->data;

	(void)loop, (void)revents;
	switch (w->signum) {
	case SIGCHLD: crew_reap(&s->crew); break;
	case SIGHUP: reload(s); break;
	case SIGUSR1: reopen_log(s); break;
	case SIGUSR2: try_upgrade(s); break;
	default: stop(s, w->signum);
	}
}

static void
on_ask(struct control *c)
{
	reload(c->owner);
}

static void
stop_signals(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < countof(s->signals); i++)
		ev_signal_stop(s->loop, &s->signals[i]);
}

static void
watch_signals(struct supervisor *s)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2,
		SIGCHLD };
	size_t i;

	_Static_assert(countof(signals) == countof(s->signals), "a watcher for each signal");
	for (i = 0; i < countof(signals); i++) {
		ev_signal_init(&s->signals[i], on_signal, signals[i]);
		s->signals[i].data = s;
		ev_signal_start(s->loop, &s->signals[i]);
	}
}

/* In a new worker of that generation. */
static void
on_fork(struct crew *c, const struct generation *g)
{
	struct supervisor *s = c->owner;
	struct instance *in = s->instance;

	/* Not asked of s->next: while its first workers are forked it is not known yet. */
	if (s->phase == RELOADING)
		sockets_drop_others(g == s->current ? &in->next_sockets : &in->sockets, g->sockets);
	control_forget(&in->control);
	pulse_stop(&in->pulse);
	notify_forget();
	if (in->pid_fd >= 0)
		close(in->pid_fd);
	if (in->ready_fd >= 0)
		proc_let_go(in->ready_fd);
	if (in->detached_fd >= 0) {
		close(in->detached_fd);
		proc_leave_terminal();
	}
	stop_signals(s);
	ev_loop_destroy(s->loop);
}

static void
summarize(struct supervisor *s)
{
	struct stats one, all = { 0 };
	uint64_t most = 0;
	char text[STATS_TEXT];
	unsigned i;

	for (i = 0; i < s->crew.most; i++) {
		one = crew_stats(&s->crew, i);
		stats_add(&all, &one);
		if (one.accepted > most)
			most = one.accepted;
		stats_print(text, &one, instance_age(s->instance));
		log_info("worker %u: %s", i, text);
	}
	stats_print(text, &all, instance_age(s->instance));
	log_info("stopped: %s, accept fairness (max/mean) %.2f", text,
	    all.accepted > 0 ? (double)most * s->crew.most / (double)all.accepted : 1.0);
}

static int
open_supervisor(struct supervisor *s)
{
	int rc;

	if ((s->loop = ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV)) == NULL) {
		log_error("cannot begin: libev has no loop for us");
		return EX_OSERR;
	}
	if ((rc = crew_open(&s->crew, s->loop)) < 0) {
		log_error("statistics: %s", strerror(-rc));
		ev_loop_destroy(s->loop);
		return EX_OSERR;
	}
	s->crew.on_ready = on_ready;
	s->crew.on_failed = on_failed;
	s->crew.on_gone = on_gone;
	s->crew.on_other = on_other;
	s->crew.on_fork = on_fork;
	s->crew.owner = s;
	ev_timer_init(&s->ready_timer, on_ready_timer, 0, 0);
	ev_timer_init(&s->settle_timer, on_settle_timer, 0, 0);
	ev_timer_init(&s->stop_timer, on_stop_timer, 0, 0);
	s->ready_timer.data = s->settle_timer.data = s->stop_timer.data = s;
	watch_signals(s);
	control_start(&s->instance->control, s->loop, on_ask, s);
	instance_turn_tickets(s->instance, s->loop);
	return 0;
}

static void
begin(struct supervisor *s)
{
	struct instance *in = s->instance;

	start_timer(s, &s->ready_timer, READY_SECONDS);
	s->current = crew_start(&s->crew, ++s->ngenerations, in->conf, &in->sockets);
	if (s->current != NULL)
		return;
	log_error("no memory for %u workers", in->conf->nworkers);
	s->exit_code = EX_OSERR;
}

/* We are the new program: the old one's workers serve, until ours are ready. */
static void
take_over(struct supervisor *s, const struct state *state)
{
	int rc = upgrade_adopt(&s->crew, s->instance, state, &s->current);

	if (rc < 0) {
		log_error("cannot take over: %s", strerror(-rc));
		s->exit_code = EX_OSERR;
		return;
	}
	log_info("echod %s has taken over", VERSION);
	s->ngenerations = state->generations;
	s->phase = SERVING;
	pulse_start(&s->instance->pulse, s->loop, say_how_it_is, lives, s);
	crew_reap(&s->crew);
	reload(s);
}

int
supervisor_run(struct instance *in)
{
	struct supervisor s = { .instance = in };
	int rc;

	title_set("supervisor");
	if ((rc = open_supervisor(&s)) != 0)
		return rc;
	if (in->state != NULL)
		take_over(&s, in->state);
	else
		begin(&s);
	proc_let_signals_in();
	if (s.current != NULL)
		ev_run(s.loop, 0);
	proc_hold_signals(); /* it ends already */
	control_close(&in->control);
	pulse_stop(&in->pulse);
	summarize(&s);
	stop_signals(&s);
	ev_timer_stop(s.loop, &s.ready_timer);
	ev_timer_stop(s.loop, &s.settle_timer);
	ev_timer_stop(s.loop, &s.stop_timer);
	ev_timer_stop(s.loop, &in->turn_tickets);
	crew_close(&s.crew);
	ev_loop_destroy(s.loop);
	return s.exit_code;
}
