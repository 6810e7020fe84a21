/* SPDX-License-Identifier: ISC */
/*
 * single.c -- see single.h.
 *
 * A reload happens in place: those connected stay, and go on by the new settings.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include "log.h"
#include "single.h"
#include "worker.h"

struct single {
	struct instance *instance;
	struct worker worker;
	struct stats stats;
	struct worker_limits limits;
	struct conf *before; /* whose sockets may still be retiring */
	bool again;          /* another reload was asked for meanwhile */
	unsigned generation; /* of the settings: 1, and one more with each reload */
};

static void
say_how_it_is(struct pulse *p, char line[PULSE_TEXT])
{
	const struct single *s = p->owner;

	snprintf(line, PULSE_TEXT, "%s: generation %u, connections %llu of %u, accepted %llu",
	    s->worker.draining ? "draining" : "serving", s->generation,
	    (unsigned long long)s->stats.active, s->instance->conf->room,
	    (unsigned long long)s->stats.accepted);
}

static void
on_drain(struct worker *w)
{
	struct single *s = w->owner;

	pulse_stopping(&s->instance->pulse);
}

static void
reload(struct single *s)
{
	struct instance *in = s->instance;
	struct sockets gone;
	struct conf *old;

	/* An address that retires may be wanted again, and is not free before. */
	s->again = worker_retires(&s->worker);
	if (s->again || instance_prepare(in) != 0)
		return;
	if (worker_prepare(&s->worker, in->next_sockets.n, in->sockets.n) < 0) {
		instance_abandon(in, EX_OSERR, "reload: no memory");
		return;
	}
	instance_commit(in, &gone, &old);
	worker_adopt(&s->worker, in->conf, &in->sockets, &gone);
	instance_free_conf(s->before);
	s->before = old;
	s->generation++;
	pulse_reloaded(&in->pulse);
	log_info("reloaded: generation %u, at most %u connections", s->generation, in->conf->room);
	instance_answer(in);
}

static void
on_settled(struct worker *w)
{
	struct single *s = w->owner;

	if (s->again)
		reload(s);
}

static void
on_signal(struct worker *w, int signum)
{
	struct single *s = w->owner;
	int rc;

	switch (signum) {
	case SIGUSR1:
		if ((rc = instance_reopen_log(s->instance)) < 0)
			log_error("log: cannot open %s again: %s; going on with the old one",
			    s->instance->conf->log, strerror(-rc));
		else
			log_info("log: opened again");
		break;
	case SIGHUP: reload(s); break;
	default:
		log_warn("a process alone cannot be replaced (USR2) without losing its "
			 "connections; with workers it can");
	}
}

static void
on_ask(struct control *c)
{
	reload(c->owner);
}

int
single_run(struct instance *in)
{
	struct single s = { .instance = in, .generation = 1 };
	char summary[STATS_TEXT];
	int rc;

	if ((rc = worker_open(
		 &s.worker, in->conf, &in->sockets, &s.stats, &s.limits, on_signal, &s)) != 0)
		return rc;
	s.worker.on_settled = on_settled;
	instance_turn_tickets(in, s.worker.reactor.loop);
	control_start(&in->control, s.worker.reactor.loop, on_ask, &s);
	s.worker.on_drain = on_drain;
	if ((rc = instance_ready(in)) == 0) {
		pulse_start(&in->pulse, s.worker.reactor.loop, say_how_it_is, NULL, &s);
		rc = worker_run(&s.worker);
	}
	pulse_stop(&in->pulse);
	control_close(&in->control);
	worker_close(&s.worker);
	instance_free_conf(s.before);
	stats_print(summary, &s.stats, instance_age(in));
	log_info("stopped: %s", summary);
	return rc;
}
